"""Terms: what an answer may be a multiple of — a relation to the truth, or a product of matrices and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import NamedTuple

import numpy as np

from grader.cases.asked_map import in_doubles
from grader.cases.case import Case
from grader.core.norms import Array
from grader.findings.diagnosis.candidates.words import Word, evaluate_letter, matrix, multiply, write_word
from grader.problems.expression import ExpressionError
from grader.problems.problem import Problem

Scalar = tuple[tuple[str, str], ...]
"""Factors that are numbers: (kind, argument)."""

NUMBERS: Mapping[str, tuple[Callable[[Array], Array], str]] = {
    "det": (lambda M: np.asarray(np.linalg.det(M)), "det {}"),
    "over": (lambda M: np.asarray(1 / np.linalg.det(M)), "1/det {}"),
    "abs": (lambda M: np.abs(np.linalg.det(M)), "|det {}|"),
    "overabs": (lambda M: 1 / np.abs(np.linalg.det(M)), "1/|det {}|"),
    "sign": (lambda M: np.asarray(np.linalg.slogdet(M)[0]), "sign(det {})"),
    "number": (lambda M: M, "{}"),
}


class Term(NamedTuple):
    """A product of numbers, traces, and one word, a Kronecker product of two, or what `base` makes of the truth."""

    scalar: Scalar
    traces: tuple[Word, ...] = ()
    words: tuple[Word, ...] = ()
    base: str = ""

    @property
    def factors(self) -> int:
        """How many factors may be conjugated."""
        return len(self.scalar) + sum(len(w.letters) for w in (*self.traces, *self.words)) + bool(self.base)

    @property
    def cost(self) -> tuple[int, ...]:
        """Sorts terms from the simplest."""
        letters = [letter for word in (*self.traces, *self.words) for letter in word.letters]
        return (
            len(self.scalar) + len(self.traces) + len(letters),
            sum(letter.form != "" for letter in letters),
            sum("T" in letter.form for letter in letters),
        )


Flags = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of multiples of terms; `flags` say which factors of each are conjugated."""

    factors: tuple[Fraction | float, ...]
    terms: tuple[Term, ...]
    flags: tuple[Flags, ...]


def plain_formula(factors: Sequence[Fraction | float], terms: Sequence[Term]) -> Formula:
    """The formula without conjugates."""
    return Formula(tuple(factors), tuple(terms), tuple((False,) * term.factors for term in terms))


def predict(formula: Formula, problem: Problem, case: Case, truth: Array) -> Array | None:
    """What a formula returns for a case in the shape of the truth; None where it fails."""
    try:
        rows = zip(formula.factors, formula.terms, formula.flags, strict=True)
        total = sum(
            float(factor) * evaluate_term(term, problem, case, truth, flags) for factor, term, flags in rows
        )
        value = np.asarray(total)
        return value if value.shape == truth.shape else value.reshape(truth.shape)
    except (np.linalg.LinAlgError, ExpressionError, ValueError):
        return None


def evaluate_term(term: Term, problem: Problem, case: Case, truth: Array, flags: Flags) -> Array:
    """The value of a term; raises where a factor has none."""
    rest = iter(flags)
    number: Array = np.asarray(1.0)
    for kind, name in term.scalar:
        number = number * _conjugate(evaluate_number(kind, name, problem, case), next(rest))
    for word in term.traces:
        number = number * np.trace(_evaluate_word(word, case, rest))
    values = [_evaluate_word(word, case, rest) for word in term.words]
    if term.base:
        values.append(_conjugate(BASES[term.base](problem, case, truth), next(rest)))
    if not values:
        return number
    return np.asarray(number * (np.kron(*values) if len(values) == 2 else values[0]))


def _evaluate_word(word: Word, case: Case, flags: object) -> Array:
    values = [evaluate_letter(case, letter, next(flags)) for letter in word.letters]  # type: ignore[call-overload]
    return multiply(values, word.glue)


def _conjugate(x: Array, flag: bool) -> Array:
    return np.asarray(np.conj(x) if flag else x)


def evaluate_number(kind: str, name: str, problem: Problem, case: Case) -> Array:
    """`det A`, a scalar argument, or the value of f."""
    if kind in ("size", "oversize"):
        side = float(case.sizes[name])
        return np.asarray(side if kind == "size" else 1 / side if side else np.inf)
    if kind == "f":
        return np.asarray(in_doubles(problem, case).value)
    return NUMBERS[kind][0](matrix(case, name))


def conjugations(term: Term) -> list[Flags]:
    """Which factors may be conjugated, the natural ways first: none, every transpose, everything."""
    turned = tuple(
        [True] * len(term.scalar)
        + ["T" in letter.form for word in (*term.traces, *term.words) for letter in word.letters]
        + [True] * bool(term.base)
    )
    half = (False,) * len(term.scalar) + turned[len(term.scalar) :]
    natural = list(dict.fromkeys([(False,) * term.factors, half, turned, (True,) * term.factors]))
    if term.factors > 6:
        return natural
    every = [tuple(flags) for flags in product((False, True), repeat=term.factors)]
    return list(dict.fromkeys(natural + every))


def _permuted(rows: bool, columns: bool) -> Callable[[Problem, Case, Array], Array]:
    def permute(problem: Problem, case: Case, J: Array) -> Array:
        inside = np.asarray(case.values[problem.wrt[0]]).shape
        outside = tuple(case.sizes[side] if isinstance(side, str) else side for side in problem.output)
        J = J[_by_rows(outside)] if rows else J
        return J[:, _by_rows(inside)] if columns else J

    return permute


def _by_rows(shape: tuple[int, ...]) -> Array:
    """The place in column-major order of each entry in row-major order."""
    return np.arange(int(np.prod(shape))).reshape(shape, order="F").ravel()


BASES: Mapping[str, Callable[[Problem, Case, Array], Array]] = {
    "same": lambda problem, case, T: T,
    "transpose": lambda problem, case, T: T.T,
    "checkerboard": lambda problem, case, T: np.fromfunction(lambda i, j: (-1.0) ** (i + j), T.shape) * T,
    "absolute": lambda problem, case, T: np.abs(T),
    "off-diagonal": lambda problem, case, T: 2 * T - np.diag(np.diag(T)),
    "row-major": _permuted(True, True),
    "row-major rows": _permuted(True, False),
    "row-major columns": _permuted(False, True),
    "row-major transpose": lambda problem, case, T: _permuted(True, True)(problem, case, T).T,
}


def bases_of(problem: Problem, shape: tuple[object, ...]) -> tuple[str, ...]:
    """The relations that make sense for a truth of a symbolic shape."""
    if problem.form == "matrix":
        inside, outside = problem.input(problem.wrt[0]).shape, problem.output
        fitting = [base for base in BASES if "transpose" not in base or inside == outside]
        matrices = len(outside) == 2 and len(inside) == 2
        ordered = [base for base in fitting if base.startswith("row-major")] if matrices else []
        return ("same", *(base for base in fitting if base == "transpose"), *ordered)
    if len(shape) == 2 and shape[0] == shape[1]:
        return (
            "same",
            "transpose",
            "checkerboard",
            "absolute",
            *(("off-diagonal",) if problem.definition.scalar_only else ()),
        )
    return ("same", "absolute")


def scalars_of(
    problem: Problem, shapes: Mapping[str, tuple[object, ...]], linear: frozenset[str]
) -> list[Scalar]:
    """Numbers that a formula may contain as a factor, none first."""
    squares = [n for n, s in shapes.items() if len(s) == 2 and s[0] == s[1] and n not in linear]
    found: list[Scalar] = [(), *[((kind, name),) for name in squares for kind in NUMBERS if kind != "number"]]
    if not problem.output and not squares:
        found.append((("f", problem.f.text),))
    for name in (name for name, shape in shapes.items() if not shape):
        found = [*[(("number", name), *scalar) for scalar in found], *found]
    return found


def write_formula(formula: Formula) -> str:
    """`−A⁻¹·dA·A⁻¹ + 2·…`."""
    text = ""
    for factor, term, flags in zip(formula.factors, formula.terms, formula.flags, strict=True):
        sign = "−" if factor < 0 else "+"
        size = abs(factor)
        number = "" if size == 1 else f"{size if isinstance(size, Fraction) else format(size, '.6g')}·"
        text += (f" {sign} " if text else sign.replace("+", "")) + number + write_term(term, flags)
    return text


def write_term(term: Term, flags: Flags) -> str:
    """`det A·tr(A⁻¹·dA)`."""
    position, factors = 0, []
    for kind, name in term.scalar:
        text = {"f": name, "size": name, "oversize": f"1/{name}"}.get(kind) or NUMBERS[kind][1].format(name)
        factors.append(f"conj({text})" if flags[position] and kind not in ("abs", "overabs") else text)
        position += 1
    written = []
    for word in (*term.traces, *term.words):
        written.append(write_word(word, flags[position : position + len(word.letters)]))
        position += len(word.letters)
    count = len(term.traces)
    factors += [f"tr({text})" for text in written[:count]]
    factors += [" ⊗ ".join(written[count:])] if term.words else []
    return "·".join(factors)
