"""Terms that an answer may be a multiple of: relations to the truth, and products of matrices and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np

from grader.cases.difference_quotients import in_doubles
from grader.core.norms import Array
from grader.findings.diagnosis.candidates.bases import BASES
from grader.findings.diagnosis.candidates.words import (
    Form,
    Letter,
    Word,
    conjugated,
    evaluate_word,
    matrix,
    write_word,
)
from grader.findings.diagnosis.part_case import PartCase
from grader.problems.language import ExpressionError
from grader.problems.problem import Problem
from grader.problems.sides import is_square


class NumberFactor(NamedTuple):
    """A factor that is a number, such as det A; `kind` is one of `_NUMBERS`."""

    kind: str
    name: str


class NumberKind(NamedTuple):
    """The way to evaluate and to write a number.

    Args:
        evaluate: in a case, given the name of an argument or of a size.
        symbol: has the name in it.
        is_real: it has no conjugate of its own.
    """

    evaluate: Callable[[PartCase, str], Any]
    symbol: str
    is_real: bool = False


def _of_determinant(function: Callable[[Any], Any]) -> Callable[[PartCase, str], Any]:
    return lambda at, name: function(np.linalg.det(matrix(at.case, name)))


def _one_over_size(at: PartCase, name: str) -> float:
    return 1 / at.case.sizes[name] if at.case.sizes[name] else np.inf


DETERMINANTS: Mapping[str, NumberKind] = {
    "det": NumberKind(_of_determinant(lambda det: det), "det {}"),
    "1/det": NumberKind(_of_determinant(lambda det: 1 / det), "1/det {}"),
    "|det|": NumberKind(_of_determinant(np.abs), "|det {}|", is_real=True),
    "1/|det|": NumberKind(_of_determinant(lambda det: 1 / np.abs(det)), "1/|det {}|", is_real=True),
    "sign det": NumberKind(lambda at, name: np.linalg.slogdet(matrix(at.case, name))[0], "sign(det {})"),
}
_NUMBERS: Mapping[str, NumberKind] = {
    **DETERMINANTS,
    "argument": NumberKind(lambda at, name: matrix(at.case, name), "{}"),
    "f": NumberKind(lambda at, name: in_doubles(at.problem, at.case).value, "{}"),
    "size": NumberKind(lambda at, name: float(at.case.sizes[name]), "{}"),
    "1/size": NumberKind(_one_over_size, "1/{}"),
}

Scalar = tuple[NumberFactor, ...]
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
    def forms(self) -> tuple[Form, ...]:
        """The forms of all letters."""
        return tuple(letter.form for letter in self.letters)

    @property
    def has_star(self) -> bool:
        """Are some letters multiplied entry by entry?"""
        return any("*" in word.signs for word in self.all_words)

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
        forms = self.forms
        plain, transposed = forms.count(Form()), sum(form.transposed for form in forms)
        return len(self.scalar) + len(self.traces) + len(forms), len(forms) - plain, transposed


@dataclass(frozen=True, slots=True)
class SumOfTerms:
    """A sum of multiples of terms; `flags` say which factors of each are conjugated."""

    factors: tuple[Fraction | float, ...]
    terms: tuple[Term, ...]
    flags: tuple[Flags, ...]


def plain_formula(factors: Sequence[Fraction | float], terms: Sequence[Term]) -> SumOfTerms:
    """The formula without conjugates."""
    return SumOfTerms(tuple(factors), tuple(terms), tuple(term.plain for term in terms))


def evaluate_formula(formula: SumOfTerms, at: PartCase) -> Array | None:
    """The value of a formula in a case, in the shape of the truth; None where it fails."""
    rows = zip(formula.factors, formula.terms, formula.flags, strict=True)
    try:
        total = sum(float(factor) * evaluate_term(term, at, flags) for factor, term, flags in rows)
        return np.asarray(total).reshape(at.truth.shape)
    except (np.linalg.LinAlgError, ExpressionError, ValueError):
        return None


def evaluate_term(term: Term, at: PartCase, flags: Flags) -> Array:
    """The value of a term in a case; raises where a factor has none."""
    remaining = iter(flags)
    number: Array = np.asarray(1.0)
    for scalar in term.scalar:
        number = number * conjugated(evaluate_number(scalar, at), next(remaining))
    for word in term.traces:
        number = number * np.trace(evaluate_word(at.case, word, remaining))

    values = [evaluate_word(at.case, word, remaining) for word in term.words]
    if term.base:
        values.append(conjugated(BASES[term.base].evaluate(at), next(remaining)))
    if not values:
        return number
    return np.asarray(number * (np.kron(*values) if len(values) == 2 else values[0]))


def evaluate_number(number: NumberFactor, at: PartCase) -> Array:
    """`det A`, a scalar argument, or the value of f."""
    return np.asarray(_NUMBERS[number.kind].evaluate(at, number.name))


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


def scalars_of(problem: Problem, shapes: Mapping[str, tuple[Any, ...]]) -> list[Scalar]:
    """Numbers that a formula may contain as a factor, none first."""
    matrices = [name for name, shape in shapes.items() if is_square(shape)]
    squares = [name for name in matrices if name not in problem.linear_arguments]
    scalars: list[Scalar] = [(), *[(NumberFactor(kind, name),) for name in squares for kind in DETERMINANTS]]
    if not problem.output and not squares:
        text = "f" if problem.f.body else problem.f.text
        scalars.append((NumberFactor("f", text),))

    for name, shape in shapes.items():
        if not shape:
            multiplied = [(NumberFactor("argument", name), *scalar) for scalar in scalars]
            scalars = [*multiplied, *scalars]
    return scalars


def write_formula(formula: SumOfTerms) -> str:
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


def _write_number(number: NumberFactor, flag: bool) -> str:
    kind = _NUMBERS[number.kind]
    text = kind.symbol.format(number.name)
    return f"conj({text})" if flag and not kind.is_real else text
