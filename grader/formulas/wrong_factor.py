"""Find the one thing that is wrong with a formula: with it changed, the formula equals the exact answer.

One node of the tree is dropped, transposed, negated, inverted, scaled, or exchanged with its neighbour, each in turn.
If one change makes the formula right, its place is what is wrong. What would be right is not said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import NamedTuple, TypeVar

from grader.cases.case import Case
from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.equality import ExactAnswers, FormulaValues
from grader.formulas.fit import find_misfit, words_among
from grader.formulas.read_back import find_roots
from grader.formulas.show import as_text
from grader.problems.language import Expression, Name, Node, Number, Operation
from grader.problems.language.nodes import Return

_ORDER = (
    "sign",
    "transposed",
    "conjugate",
    "order",
    "entrywise",
    "division",
    "entrywise-power",
    "quotient",
    "inverse",
    "extra",
    "name",
    "number",
    "missing",
)
"""Kinds from the plainest slip on: of several that explain a formula the first is said."""
_OTHER = {"+": "-", "-": "+", "*": "@", "@": "*", ".T": ".H", ".H": ".T"}
"""What may have been meant instead of a sign or a mark."""

_SECONDS = 8.0
"""Of processor time, for all changes; a formula that takes so long to evaluate has more than one thing wrong."""


@dataclass(frozen=True, slots=True)
class WrongFactor:
    """What is wrong with a formula, and the part of it where that is.

    Args:
        kind: `sign`, `transposed`, `conjugate`, `order`, `entrywise`, `division`, `entrywise-power`, `quotient`,
            `inverse`, `extra`, `missing`, `name`, `number`.
    """

    kind: str
    text: str


T = TypeVar("T")
_Sizes = tuple[int, ...]


class _Place(NamedTuple):
    """Where a change makes a formula right, and at how many inputs it then has no value."""

    text: str
    gaps: int


def find_wrong_factor(answer: FormulaAnswer, exact: ExactAnswers) -> WrongFactor | None:
    """Find the only thing that is wrong with a formula; None if there is no such thing."""
    roots = find_roots(answer)
    if roots is None:
        return None

    # What is called, and words such as the name of a norm, are no factors.
    functions = {function.name for function in exact.problem.functions}
    pairs = zip(answer.parameters, exact.problem.arguments, strict=True)
    own_functions = {own for own, name in pairs if name in functions}
    no_factors = own_functions | words_among(answer, exact.problem)
    names = tuple(own for own in answer.parameters if own not in no_factors)

    end = time.process_time() + _SECONDS
    search = partial(_find, answer, exact, roots, end)
    found = search(partial(_changes, names=names)) or search(partial(_additions, names=names))
    if not found:
        return None

    plainest = _plainest(found)
    places = found[plainest]
    # The sign of a product is that of each factor; a transposition belongs to the smallest part that explains it.
    if plainest == "sign":
        return WrongFactor(plainest, places[0].text)
    chosen = min(places, key=lambda place: (place.gaps, len(place.text)))
    return WrongFactor(plainest, chosen.text)


def _plainest(found: Mapping[str, Sequence[_Place]]) -> str:
    """Of several kinds that explain a formula the one that is said."""
    plainest = next(kind for kind in _ORDER if kind in found)
    if plainest != "transposed":
        return plainest
    # The transpose of a number is that number.
    is_of_number = not set(found["transposed"]).isdisjoint(found.get("conjugate", ()))
    return "conjugate" if is_of_number else plainest


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a change must do to explain a wrong formula.

    Args:
        case: one at which what was written is wrong, if it has a value anywhere.
        sizes: at which it has a value.
    """

    case: Case | None
    sizes: Collection[_Sizes]


def _find(
    answer: FormulaAnswer,
    exact: ExactAnswers,
    roots: tuple[Node, ...],
    end: float,
    changes: Callable[[Node], Iterator[tuple[str, Node, Node]]],
) -> dict[str, list[_Place]]:
    """The changes that make a formula right: where they are, by kind; none if there is no time for all."""
    written = exact.values_of(answer)
    difference = exact.find_difference(written)
    case = difference.case if difference else None
    wanted = _Wanted(case, _sizes_with_value(written, exact))

    found: dict[str, list[_Place]] = {}
    for k, root in enumerate(roots):
        for kind, node, changed in changes(root):
            if time.process_time() > end:
                return {}
            values = (*roots[:k], changed, *roots[k + 1 :])
            new = replace(answer, expression=Expression(answer.text, None, (Return(values, 1, 1),)))
            gaps = _count_gaps(new, exact, wanted)
            if gaps is not None:
                found.setdefault(kind, []).append(_Place(as_text(node), gaps))
    return found


def _count_gaps(changed: FormulaAnswer, exact: ExactAnswers, wanted: _Wanted) -> int | None:
    """At how many inputs a changed formula has no value, if it explains what is wrong; None if it does not.

    Most changes are ruled out by their shapes, or at the input at which what was written is wrong. One is no
    explanation if it has no value at all where what was written has one.
    """
    if find_misfit(changed, exact.problem) is not None:
        return None

    values = exact.values_of(changed)
    try:
        if not _explains(values, exact, wanted):
            return None
        return sum(not values.is_defined(case) for case in exact.cases)
    except Exception:  # a change that makes no sense, such as the negative of a word
        return None


def _explains(values: FormulaValues, exact: ExactAnswers, wanted: _Wanted) -> bool:
    """Is a changed formula right, and has it a value wherever it must? What rules out most is tried first."""
    if wanted.case is not None and not exact.agrees(values, wanted.case):
        return False
    if not exact.compare(values, 1).digits or not exact.compare(values, exact.fewest).digits:
        return False
    return _sizes_with_value(values, exact).issuperset(wanted.sizes)


def _sizes_with_value(values: FormulaValues, exact: ExactAnswers) -> set[_Sizes]:
    """The sizes at which a formula has a value for some input."""
    return {tuple(case.sizes.values()) for case in exact.cases if values.is_defined(case)}


def _changes(root: Node, names: tuple[str, ...]) -> Iterator[tuple[str, Node, Node]]:
    """Every formula that differs in one place: the kind of the change, the node that it is at, and the whole."""
    for node, rebuild in _places(root):
        for kind, at, changed in _at(node, names):
            yield kind, at, rebuild(changed)
    for factor in (2.0, 0.5):
        yield "number", root, Operation("*", (Number(factor, 1), root), 1)


def _places(node: Node) -> Iterator[tuple[Node, Callable[[Node], Node]]]:
    """All nodes but conditions, from the whole down, each with what puts another in its place."""
    yield node, lambda new: new
    if not isinstance(node, Operation):
        return
    for k, argument in enumerate(node.arguments):
        is_condition = node.name == "if" and k == 0
        if isinstance(argument, Node) and not is_condition:
            for inner, rebuild in _places(argument):
                yield inner, partial(_rebuild, node, k, rebuild)


def _rebuild(outer: Operation, k: int, rebuild_inner: Callable[[Node], Node], new: Node) -> Node:
    """The operation with another node in the place of one inside its argument number k."""
    arguments = list(outer.arguments)
    arguments[k] = rebuild_inner(new)
    return replace(outer, arguments=tuple(arguments))


def _at(node: Node, names: tuple[str, ...]) -> Iterator[tuple[str, Node, Node]]:
    """What may have been meant instead of a node."""
    yield "sign", node, _op("neg", node)
    yield "transposed", node, _op(".T", node)
    yield "conjugate", node, _op("conj", node)
    yield "inverse", node, _op("inv", node)
    yield "inverse", node, _op(".T", _op("inv", node))

    if isinstance(node, Name):
        others = [name for name in names if name != node.name]
        for name in others:
            yield "name", node, replace(node, name=name)
    elif isinstance(node, Number):
        for value in (node.value + 1, node.value - 1, -node.value):
            yield "number", node, replace(node, value=value)
    else:
        yield from _instead_of(node)


def _additions(root: Node, names: tuple[str, ...]) -> Iterator[tuple[str, Node, Node]]:
    """Every formula that has one factor more, made of one name."""
    for node, rebuild in _places(root):
        for name in names:
            for factor in _made_of(Name(name, 1)):
                yield "missing", node, rebuild(Operation("@", (node, factor), node.column))
                yield "missing", node, rebuild(Operation("@", (factor, node), node.column))


def _made_of(node: Node) -> Iterator[Node]:
    """A name, its inverse and its adjugate, each as it is and transposed."""
    for factor in (node, _op("inv", node), _op("adj", node)):
        yield from (factor, _op(".T", factor), _op(".H", factor))


def _instead_of(node: Operation) -> Iterator[tuple[str, Node, Node]]:
    """What may have been meant instead of an operation."""
    inner = [item for item in node.arguments if isinstance(item, Node)]
    match node.name, inner:
        case ".T" | ".H", [of]:
            yield "transposed", node, of
            yield "conjugate", node, _op(_OTHER[node.name], of)
            yield "inverse", node, _op("inv", of)
        case "neg", [of]:
            yield "sign", node, of
        case "inv", [of]:
            yield "inverse", node, of
        case "+" | "-", [left, right]:
            yield "sign", node, replace(node, name=_OTHER[node.name])
            yield "extra", right, left
            yield "extra", left, right if node.name == "+" else _op("neg", right)
        case "*" | "@", _:
            yield "entrywise", node, replace(node, name=_OTHER[node.name])
            yield from _other_products(node)
        case "/", [above, below]:
            yield "division", node, Operation("@", (above, _op("inv", below)), node.column)
            yield "division", node, Operation("@", (_op("inv", below), above), node.column)
            yield "quotient", node, Operation("@", (above, below), node.column)
            yield "extra", below, above
        case "**", _:
            yield "entrywise-power", node, replace(node, name="power")
        case "solve" | "kron", _:
            yield "order", node, replace(node, arguments=node.arguments[::-1])
        case _, [of] if len(node.arguments) == 1:
            yield "extra", node, of


def _other_products(node: Operation) -> Iterator[tuple[str, Node, Node]]:
    """A product of matrices throughout, one without one factor, and one with two of them exchanged."""
    signs, factors = zip(*_factors(node), strict=True)
    if signs[1:].count("*") > 1:
        yield "entrywise", node, _product(["@"] * len(signs), factors)

    for k, factor in enumerate(factors):
        # What comes first has no sign before it: without it, the sign of the second goes.
        without = _product(_without(signs, max(k, 1)), _without(factors, k))
        yield "extra", factor, without
    for i, j in combinations(range(len(factors)), 2):
        exchanged = list(factors)
        exchanged[i], exchanged[j] = factors[j], factors[i]
        yield "order", node, _product(signs, exchanged)
        moved = [*factors[:i], *factors[i + 1 : j + 1], factors[i], *factors[j + 1 :]]
        yield "order", node, _product(signs, moved)


def _without(items: Sequence[T], k: int) -> list[T]:
    return [*items[:k], *items[k + 1 :]]


def _factors(node: Node, sign: str = "@") -> list[tuple[str, Node]]:
    """The factors of a product from left to right, each with the sign before it."""
    match node:
        case Operation(name="*" | "@", arguments=(left, right)):
            return [*_factors(left, sign), *_factors(right, node.name)]
    return [(sign, node)]


def _product(signs: Sequence[str], factors: Sequence[Node]) -> Node:
    """The product of factors, of which all but the first have their sign before them."""
    product = factors[0]
    for sign, factor in zip(signs[1:], factors[1:], strict=True):
        product = Operation(sign, (product, factor), product.column)
    return product


def _op(name: str, node: Node) -> Operation:
    return Operation(name, (node,), node.column)
