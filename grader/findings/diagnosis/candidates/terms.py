"""Terms: what an answer may be a multiple of — a relation to the truth, or a product of matrices and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np

from grader.cases.asked_map import in_doubles
from grader.cases.case import Case
from grader.core.norms import Array
from grader.findings.diagnosis.candidates.words import (
    Letter,
    Word,
    conjugated,
    evaluate_word,
    matrix,
    write_word,
)
from grader.problems.expression import ExpressionError
from grader.problems.problem import Problem


class Number(NamedTuple):
    """A factor that is a number, such as det A; `kind` is one of `NUMBERS`."""

    kind: str
    name: str


class NumberKind(NamedTuple):
    """How a number is evaluated and written.

    Args:
        evaluate: of the problem, a case and the name of an argument, or of a size.
        symbol: has the name in it.
        is_real: it has no conjugate of its own.
    """

    evaluate: Callable[[Problem, Case, str], Any]
    symbol: str
    is_real: bool = False


def _of_determinant(function: Callable[[Any], Any]) -> Callable[[Problem, Case, str], Any]:
    return lambda problem, case, name: function(np.linalg.det(matrix(case, name)))


def _one_over_size(problem: Problem, case: Case, name: str) -> float:
    return 1 / case.sizes[name] if case.sizes[name] else np.inf


DETERMINANTS: Mapping[str, NumberKind] = {
    "det": NumberKind(_of_determinant(lambda det: det), "det {}"),
    "1/det": NumberKind(_of_determinant(lambda det: 1 / det), "1/det {}"),
    "|det|": NumberKind(_of_determinant(np.abs), "|det {}|", is_real=True),
    "1/|det|": NumberKind(_of_determinant(lambda det: 1 / np.abs(det)), "1/|det {}|", is_real=True),
    "sign det": NumberKind(
        lambda problem, case, name: np.linalg.slogdet(matrix(case, name))[0], "sign(det {})"
    ),
}
NUMBERS: Mapping[str, NumberKind] = {
    **DETERMINANTS,
    "argument": NumberKind(lambda problem, case, name: matrix(case, name), "{}"),
    "f": NumberKind(lambda problem, case, name: in_doubles(problem, case).value, "{}"),
    "size": NumberKind(lambda problem, case, name: float(case.sizes[name]), "{}"),
    "1/size": NumberKind(_one_over_size, "1/{}"),
}

Scalar = tuple[Number, ...]
"""The product of some numbers."""
Flags = tuple[bool, ...]
"""Which factors of a term are conjugated: its numbers, then its letters, then what is made of the truth."""


class Term(NamedTuple):
    """A product of numbers, traces, and one word, a Kronecker product of two, or what `base` makes of the truth."""

    scalar: Scalar = ()
    traces: tuple[Word, ...] = ()
    words: tuple[Word, ...] = ()
    base: str = ""

    @property
    def all_words(self) -> tuple[Word, ...]:
        """Those in traces, then those outside."""
        return self.traces + self.words

    @property
    def letters(self) -> tuple[Letter, ...]:
        """All letters of its words, from the left."""
        return tuple(chain.from_iterable(word.letters for word in self.all_words))

    @property
    def degree(self) -> int:
        """In how many letters the answer is linear."""
        return sum(letter.is_linear for letter in self.letters)

    @property
    def factors(self) -> int:
        """How many factors may be conjugated."""
        return len(self.scalar) + len(self.letters) + bool(self.base)

    @property
    def plain(self) -> Flags:
        """The flags without any conjugate."""
        return (False,) * self.factors

    @property
    def cost(self) -> tuple[int, int, int]:
        """Sorts terms from the simplest."""
        forms = [letter.form for letter in self.letters]
        unlike = sum(form.kind != "itself" or form.transposed for form in forms)
        transposed = sum(form.transposed for form in forms)
        return len(self.scalar) + len(self.traces) + len(forms), unlike, transposed


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of multiples of terms; `flags` say which factors of each are conjugated."""

    factors: tuple[Fraction | float, ...]
    terms: tuple[Term, ...]
    flags: tuple[Flags, ...]


def plain_formula(factors: Sequence[Fraction | float], terms: Sequence[Term]) -> Formula:
    """The formula without conjugates."""
    return Formula(tuple(factors), tuple(terms), tuple(term.plain for term in terms))


def evaluate_formula(formula: Formula, problem: Problem, case: Case, truth: Array) -> Array | None:
    """The value of a formula for a case in the shape of the truth; None where it fails."""
    rows = zip(formula.factors, formula.terms, formula.flags, strict=True)
    try:
        total = sum(
            float(factor) * evaluate_term(term, problem, case, truth, flags) for factor, term, flags in rows
        )
        return np.asarray(total).reshape(truth.shape)
    except (np.linalg.LinAlgError, ExpressionError, ValueError):
        return None


def evaluate_term(term: Term, problem: Problem, case: Case, truth: Array, flags: Flags) -> Array:
    """The value of a term; raises where a factor has none."""
    remaining = iter(flags)
    number: Array = np.asarray(1.0)
    for scalar in term.scalar:
        number = number * conjugated(evaluate_number(scalar, problem, case), next(remaining))
    for word in term.traces:
        number = number * np.trace(evaluate_word(case, word, remaining))

    values = [evaluate_word(case, word, remaining) for word in term.words]
    if term.base:
        values.append(conjugated(BASES[term.base](problem, case, truth), next(remaining)))
    if not values:
        return number
    return np.asarray(number * (np.kron(*values) if len(values) == 2 else values[0]))


def evaluate_number(number: Number, problem: Problem, case: Case) -> Array:
    """`det A`, a scalar argument, or the value of f."""
    return np.asarray(NUMBERS[number.kind].evaluate(problem, case, number.name))


def conjugations(term: Term) -> list[Flags]:
    """Which factors may be conjugated, the natural ways first: none, every transpose, everything."""
    transposes = tuple(letter.form.transposed for letter in term.letters) + (True,) * bool(term.base)
    numbers = len(term.scalar)
    natural = [
        term.plain,
        (False,) * numbers + transposes,
        (True,) * numbers + transposes,
        (True,) * term.factors,
    ]

    every = product((False, True), repeat=term.factors) if term.factors <= 6 else ()
    return list(dict.fromkeys([*natural, *every]))


def _reordered(*, rows: bool, columns: bool) -> Callable[[Problem, Case, Array], Array]:
    def reorder(problem: Problem, case: Case, J: Array) -> Array:
        inside = np.asarray(case.values[problem.wrt[0]]).shape
        outside = tuple(case.sizes[side] if isinstance(side, str) else side for side in problem.output)
        J = J[_row_major(outside)] if rows else J
        return J[:, _row_major(inside)] if columns else J

    return reorder


def _row_major(shape: tuple[int, ...]) -> Array:
    """The place in column-major order of each entry in row-major order."""
    return np.arange(int(np.prod(shape))).reshape(shape, order="F").ravel()


_row_major_both = _reordered(rows=True, columns=True)

BASES: Mapping[str, Callable[[Problem, Case, Array], Array]] = {
    "same": lambda problem, case, T: T,
    "transpose": lambda problem, case, T: T.T,
    "checkerboard": lambda problem, case, T: np.fromfunction(lambda i, j: (-1.0) ** (i + j), T.shape) * T,
    "absolute": lambda problem, case, T: np.abs(T),
    "off-diagonal": lambda problem, case, T: 2 * T - np.diag(np.diag(T)),
    "row-major": _row_major_both,
    "row-major rows": _reordered(rows=True, columns=False),
    "row-major columns": _reordered(rows=False, columns=True),
    "row-major transpose": lambda problem, case, T: _row_major_both(problem, case, T).T,
}
"""What may have become of the truth T."""


def bases_of(problem: Problem, shape: tuple[object, ...]) -> tuple[str, ...]:
    """The relations that make sense for a truth of a symbolic shape."""
    if problem.form == "matrix":
        return tuple(_bases_of_jacobian(problem))
    if len(shape) != 2 or shape[0] != shape[1]:
        return ("same", "absolute")
    symmetric = ("off-diagonal",) if problem.definition.scalar_only else ()
    return ("same", "transpose", "checkerboard", "absolute", *symmetric)


def _bases_of_jacobian(problem: Problem) -> Iterator[str]:
    inside, outside = problem.input(problem.wrt[0]).shape, problem.output
    yield "same"
    if inside == outside:
        yield "transpose"
    if len(inside) == len(outside) == 2:
        yield from ("row-major", "row-major rows", "row-major columns")
    if len(inside) == 2 and inside == outside:
        yield "row-major transpose"


def scalars_of(
    problem: Problem, shapes: Mapping[str, tuple[object, ...]], linear: frozenset[str]
) -> list[Scalar]:
    """Numbers that a formula may contain as a factor, none first."""
    squares = [n for n, s in shapes.items() if len(s) == 2 and s[0] == s[1] and n not in linear]
    scalars: list[Scalar] = [(), *[(Number(kind, name),) for name in squares for kind in DETERMINANTS]]
    if not problem.output and not squares:
        scalars.append((Number("f", problem.f.text),))

    for name, shape in shapes.items():
        if not shape:
            scalars = [*[(Number("argument", name), *scalar) for scalar in scalars], *scalars]
    return scalars


def write_formula(formula: Formula) -> str:
    """`−A⁻¹·dA·A⁻¹ + 2·…`."""
    text = ""
    for factor, term, flags in zip(formula.factors, formula.terms, formula.flags, strict=True):
        sign = "−" if factor < 0 else "+"
        text += f" {sign} " if text else sign.strip("+")
        text += _write_size(abs(factor)) + write_term(term, flags)
    return text


def _write_size(size: Any) -> str:
    """`3/2·`; nothing for 1."""
    if size == 1:
        return ""
    return f"{size}·" if isinstance(size, Fraction) else f"{size:.6g}·"


def write_term(term: Term, flags: Flags) -> str:
    """`det A·tr(A⁻¹·dA)`."""
    remaining = iter(flags)
    factors = [_write_number(number, next(remaining)) for number in term.scalar]
    factors += [f"tr({write_word(word, remaining)})" for word in term.traces]
    if term.words:
        factors.append(" ⊗ ".join(write_word(word, remaining) for word in term.words))
    return "·".join(factors)


def _write_number(number: Number, flag: bool) -> str:
    kind = NUMBERS[number.kind]
    text = kind.symbol.format(number.name)
    return f"conj({text})" if flag and not kind.is_real else text
