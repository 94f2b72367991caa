"""Formulas near the right one: one slip away, another map of the same inputs, or made of the right answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial, reduce
from itertools import combinations_with_replacement, permutations, product

import numpy as np

from grader.core.norms import Array, norm
from grader.findings.diagnosis.candidates.changes import (
    Changed,
    Names,
    changed_formulas,
)
from grader.findings.diagnosis.candidates.derived import right_formulas
from grader.findings.diagnosis.candidates.formulas import ALONG, TRUTH, UNIT, Scene
from grader.findings.diagnosis.candidates.mathematical_slips import ORDER, Slip
from grader.findings.diagnosis.candidates.notation import NoRule
from grader.findings.diagnosis.candidates.trees import EqualFormulas, name, number, op, replace_all, size_of
from grader.findings.diagnosis.candidates.written_sums import is_negative, plus
from grader.findings.diagnosis.part_case import PartCase
from grader.findings.diagnosis.shared_phrases import COUNTED_ONCE
from grader.problems.language import Name, Node, Operation
from grader.problems.problem import Problem

_MOST = 2500
"""The most formulas that are tried."""
_SAME = 1e-6
"""The relative difference up to which a formula has the truth's values."""

_RIGHT = name(TRUTH)
_WHOLE = "Look for `astype(int)`, `//`, or an integer array: values stored in it are truncated."
_REAL = "Look for `real`, or a real array: give it the dtype of the input."
_SIGNS = "Keep the sign: look for `abs`, a square root, or a sign that was dropped."
_ENTRIES = "Check what your function does to the result before it returns it."
_SYMMETRY = "The answer need not be symmetric: do not symmetrize it."
_TURNED = "Test with a matrix that is not symmetric: where are rows and columns swapped?"
_CONJUGATED = "Test with 1×1 matrices: which factor must not be conjugated?"
_SHAPED: Sequence[tuple[str, Slip]] = (
    ("real", Slip("real-parts", "without its imaginary parts", _REAL)),
    ("truncated", Slip("whole-numbers", "truncated to integers", _WHOLE)),
    ("abs", Slip("absolute-value", "without its signs", _SIGNS)),
    ("tril", Slip("one-row", "with zeros above its diagonal", _ENTRIES)),
    ("triu", Slip("one-row", "with zeros below its diagonal", _ENTRIES)),
    ("diagonal", Slip("one-row", "with zeros off its diagonal", _ENTRIES)),
    (
        "symmetric part",
        Slip("wrong-projection", "symmetrized: the mean of it and its transpose", _SYMMETRY),
    ),
    ("hermitian part", Slip("wrong-projection", "made Hermitian: the mean of it and its adjoint", _SYMMETRY)),
    ("with transpose", Slip("wrong-projection", "plus its transpose", _SYMMETRY)),
    (
        "both triangles",
        Slip("off-diagonal-doubled", "plus its transpose, the diagonal counted once", COUNTED_ONCE),
    ),
    ("square", Slip("wrong-power", "squared", "Look for an extra square.")),
    ("sqrt", Slip("wrong-power", "under a square root", "Look for an extra square root.")),
    ("reciprocal", Slip("wrong-power", "inverted, 1/x", "Check which one divides the other.")),
    ("inv", Slip("wrong-power", "inverted", "Look for an extra inverse.")),
    (".T", Slip("transpose", "transposed", _TURNED)),
    (".C", Slip("conjugate", "conjugated", _CONJUGATED)),
)
"""What may be done to the right answer as a whole."""
_COMMUTED = ORDER._replace(difference="the rule for numbers, as if matrices commuted", cost=2)
CONSTANT_FACTOR = Slip(
    "constant-factor", "", "Find the step in your derivation where that factor appeared or was lost."
)
_TRACE = Slip("wrong-projection", "as its trace times the identity", _ENTRIES)
EXTRA_FACTOR = Slip("extra-factor", "an extra factor", "Trace that factor through your derivation.", 2)
OTHER_MAP = Slip(
    "other-formula", "", "Compare it with your derivation, starting from what the problem asks for.", 2
)


class NearFormulas:
    """The formulas near the right answer to one part of a problem, whatever the cases are."""

    def __init__(self, problem: Problem, part: int) -> None:
        self.problem = problem
        self.part = part
        # A scene evaluates each formula once, and two of three are there already.
        self._equal = EqualFormulas()

    @cached_property
    def right(self) -> tuple[Node, ...]:
        """The right answer as formulas."""
        return tuple(map(self._equal.merge, right_formulas(self.problem, self.part)))

    @cached_property
    def formulas(self) -> list[Changed]:
        """What may stand in the place of the right answer, the most likely first."""
        found = [Changed(op(way, _RIGHT), slip) for way, slip in _SHAPED]
        found.append(Changed(op("*", _RIGHT, number(1.0)), CONSTANT_FACTOR))
        found.append(Changed(op("*", op("trace", _RIGHT), op("identity", _RIGHT)), _TRACE))

        for formula in self.right:
            found += changed_formulas(formula, self._alike)
            found += self._commuted(formula)
        found += [Changed(node, EXTRA_FACTOR) for node in self._multiplied()]
        found += [Changed(node, OTHER_MAP) for node in (*self.maps, *self._pairs())]

        formulas = [changed for changed in found if _is_map(changed.node)]
        formulas.sort(key=lambda changed: (changed.slip.cost, size_of(changed.node)))
        return [changed._replace(node=self._equal.merge(changed.node)) for changed in formulas[:_MOST]]

    def _commuted(self, formula: Node) -> Iterator[Changed]:
        """The formula as if matrices commuted, as it is and with one more slip."""
        for commuted in _as_if_commuting(formula):
            yield Changed(commuted, _COMMUTED)
            for node, slip in changed_formulas(commuted, self._alike):
                yield Changed(node, slip._replace(cost=slip.cost + _COMMUTED.cost))

    @cached_property
    def costs(self) -> list[int]:
        """How unlikely each of the formulas is."""
        return [changed.slip.cost for changed in self.formulas]

    @cached_property
    def terms(self) -> list[Node]:
        """What may be added to the right answer, the most likely first."""
        problem = self.problem
        inputs = list(map(name, problem.continuous))
        plain = [*inputs, *self.maps, number(1.0), *map(name, problem.sizes)]
        entries = [op("everywhere", number(1.0), _RIGHT), op("identity", _RIGHT)]
        transposed = [op(".T", term) for term in (*inputs, *self.maps)]
        numbers = [op(way, A) for A in inputs for way in ("det", "trace", "sum")]
        spread = [op("everywhere", term, _RIGHT) for term in (*plain, *numbers)]

        terms = [*plain, *entries, *transposed, *spread, *numbers]
        for formula in self.right:
            terms += _summands_and_changes(formula, self._alike)
        positive = [term for term in terms if not is_negative(term)]
        return list(map(self._equal.merge, positive[:_MOST]))

    @cached_property
    def maps(self) -> list[Node]:
        """Other maps of the same inputs: f itself, at other points, its increments, and lower derivatives."""
        problem = self.problem
        f = problem.f.tree
        if f is None:
            return []

        found: list[Node] = [f] if problem.order else []
        for order in range(problem.definition.directions):
            along = {key: name(word) for key, word in problem.directions_of_order(order).items()}
            moved = _moved(f, along)
            found += [moved, op("-", moved, f), _at(f, along), *self._differentials(along)]
            found += [_at(f, {**along, text: op("abs", name(text))}) for text in self._numbers_as_parameters]

        if problem.definition.directions > 1:
            found += self._maps_along_sum(f)
        return found

    def _maps_along_sum(self, f: Node) -> Iterator[Node]:
        """What is asked, and other maps, with the sum of both directions in their place."""
        directions = [self.problem.directions_of_order(order) for order in (0, 1)]
        first, second = directions
        sums = {key: op("+", name(first[key]), name(second[key])) for key in first}
        words = {word: sums[key] for direction in directions for key, word in direction.items()}

        for formula in self.right:
            yield _at(formula, words)
        yield _moved(f, sums)
        yield from self._differentials(sums)

    @cached_property
    def _numbers_as_parameters(self) -> list[str]:
        """The parameters that are numbers."""
        return [parameter.name for parameter in self.problem.parameters if not parameter.has_words]

    def _differentials(self, along: Mapping[str, Node]) -> list[Node]:
        """The first differential, for a problem that asks for the second."""
        if self.problem.order < 2:
            return []
        directions = {f"d{key}": V for key, V in along.items()}
        return [_at(formula, directions) for formula in first_differential(self.problem)]

    def _pairs(self) -> Iterator[Node]:
        """Sums, differences and products of two other maps."""
        for A, B in combinations_with_replacement(self.maps, 2):
            yield from (op(sign, A, B) for sign in "+-*@")
        for A, B in product(self.maps, map(name, self.problem.continuous)):
            yield from (op("*", A, B), op("@", A, B), op("@", B, A))

    def _multiplied(self) -> Iterator[Node]:
        """The right answer times a number, or times an argument in some form."""
        problem = self.problem
        numbers: list[Node] = []
        matrices: list[Node] = []
        if problem.f.tree is not None:
            values_of_f = matrices if problem.output else numbers
            values_of_f.append(problem.f.tree)

        for A in map(name, problem.continuous):
            matrices += [A, op(".T", A), op("inv", A)]
            numbers += [A, *(op("norm", A, kind=kind) for kind in ("fro", "2", "nuc"))]
            numbers += [op(way, A) for way in ("det", "trace", "sum", "sum of sizes", "largest entry")]
        numbers += map(name, self._numbers_as_parameters)

        for factor in (*numbers, *map(name, problem.sizes)):
            square = op("square", factor)
            yield from (op("*", _RIGHT, factor), op("/", _RIGHT, factor))
            yield from (op("*", _RIGHT, square), op("/", _RIGHT, square))
        for factor in numbers:
            yield op("*", _RIGHT, op("abs", factor))
            yield op("*", _RIGHT, op("sign", factor))

        yield op("/", _RIGHT, op("log", number(10.0)))
        for X in matrices:
            yield from (op("@", _RIGHT, X), op("@", X, _RIGHT), op("*", _RIGHT, X), op("/", _RIGHT, X))
        for word in problem.linear_arguments:
            yield op("*", _RIGHT, op("reciprocal", op("square", name(word))))

    @cached_property
    def _alike(self) -> Names:
        """For each argument and size, the other arguments that may stand in its place."""
        problem = self.problem
        shapes = {argument.name: tuple(argument.shape) for argument in problem.inputs}
        shapes |= {word: shapes[of] for word, of in problem.directions.items()}
        if problem.cotangent is not None:
            shapes[problem.cotangent] = tuple(problem.output)

        groups = {text: str(shape) for text, shape in shapes.items()}
        groups |= dict.fromkeys(problem.sizes, "size")
        for parameter in problem.parameters:
            groups[parameter.name] = "word" if parameter.has_words else "()"

        alike: dict[str, list[str]] = {text: [] for text in groups}
        for text, other in permutations(groups, 2):
            if groups[text] == groups[other]:
                alike[text].append(other)
        numbers = [text for text, group in groups.items() if group in ("()", "size")]
        return Names(alike, frozenset(numbers))


class Neighbours:
    """The same formulas with their values at the cases where they are needed."""

    def __init__(self, near: NearFormulas) -> None:
        self.near = near
        self._values: dict[int, Array] = {}
        self._extra: dict[int, Array] = {}
        self._scenes: dict[int, Scene] = {}

    def scene(self, at: PartCase) -> Scene:
        """The values of formulas at a case; of an answer to it nothing is kept."""
        index = at.case.index
        if index not in self._scenes:
            self._scenes[index] = Scene(PartCase(at.problem, at.part, at.case, at.whole_truth))
        return self._scenes[index]

    def values(self, at: PartCase) -> Array:
        """The values of all formulas at a case, one row each; NaN where there is none."""
        index = at.case.index
        if index not in self._values:
            self._values[index] = self._rows(at, [changed.node for changed in self.near.formulas])
        return self._values[index]

    def extra_values(self, at: PartCase) -> Array:
        """The values of all terms at a case, one row each; NaN where there is none."""
        index = at.case.index
        if index not in self._extra:
            self._extra[index] = self._rows(at, self.near.terms)
        return self._extra[index]

    def _rows(self, at: PartCase, nodes: Sequence[Node]) -> Array:
        size = at.truth.size
        nothing = np.full(size, np.nan)
        values = map(self.scene(at).value, nodes)
        rows = [nothing if value is None else np.ravel(value) for value in values]
        return np.array(rows).reshape(-1, size)

    def says_something(self, at: PartCase) -> bool:
        """Is the right formula right here, so that a changed one has the value that a student gets?"""
        allowed = _SAME * norm(at.truth) + 4 * at.tolerance
        values = map(self.scene(at).value, self.near.right)
        return all(value is not None and norm(value - at.truth) <= allowed for value in values)

    def share_right(self, at: PartCase) -> float:
        """The part of the formulas near the right one that have its value here."""
        rows, right = self.values(at), np.ravel(at.truth)
        gaps = np.linalg.norm(rows - right, axis=1)
        defined = np.isfinite(gaps)
        same = gaps[defined] <= 1e-9 * norm(at.truth) + at.tolerance
        return float(np.mean(same)) if same.size else 1.0


def _as_if_commuting(formula: Node) -> Iterator[Node]:
    """The derivative of a power by the rule for numbers, k·Aᵏ⁻¹·V, on either side of V or on both."""
    for sides in (["left"], ["right"], ["left", "right"]):
        changed = replace_all(formula, partial(_rule_for_numbers, sides))
        if changed is not formula:
            yield changed


def _rule_for_numbers(sides: Sequence[str], node: Node) -> Node | None:
    if not isinstance(node, Operation) or node.name != "power rule":
        return None
    A, k, V = node.arguments
    lower = op("power", A, op("-", k, number(1.0)))
    terms: dict[str, Node] = {"left": op("*", k, op("@", lower, V)), "right": op("*", k, op("@", V, lower))}
    return reduce(plus, [terms[side] for side in sides])


def _moved(f: Node, along: Mapping[str, Node]) -> Node:
    """f(A + V), V for each input A."""
    return _at(f, {key: op("+", name(key), V) for key, V in along.items()})


def _at(formula: Node, point: Mapping[str, Node]) -> Node:
    """A formula with other values of its names."""
    return replace_all(formula, lambda node: point.get(node.name) if isinstance(node, Name) else None)


def first_differential(problem: Problem) -> tuple[Node, ...]:
    """The first differential, along `dA` for each input A."""
    words = {f"d{key}": key for key in problem.wrt}
    try:
        return right_formulas(replace(problem, ask="differential", directions=words, cotangent=None), 0)
    except NoRule:
        return ()


def _summands_and_changes(formula: Node, names: Names) -> Iterator[Node]:
    """The terms of a sum, each as it is and with one slip; of what is no sum, the changed formula alone."""
    if isinstance(formula, Operation) and formula.name == ALONG:
        for term in _summands_and_changes(formula.arguments[0], names):
            yield op(ALONG, term, formula.arguments[1])
        return
    if isinstance(formula, Operation) and formula.name in ("+", "-"):
        for argument in formula.arguments:
            yield argument
            yield from _summands_and_changes(argument, names)
        return
    yield from (changed.node for changed in changed_formulas(formula, names))


def _is_map(node: Node) -> bool:
    """Is it a formula, and if it is the Jacobian of a map of E, is that linear in E?"""
    if not isinstance(node, Operation):
        return False
    return node.name != ALONG or _degree(node.arguments[0]) == 1


def _degree(node: Node) -> int:
    """How often E stands in a product."""
    if isinstance(node, Name):
        return int(node.name == UNIT)
    if not isinstance(node, Operation):
        return 0
    degrees = [_degree(argument) for argument in node.arguments]
    return max(degrees, default=0) if node.name in ("+", "-") else sum(degrees)
