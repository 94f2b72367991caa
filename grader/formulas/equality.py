"""Compare a formula with the exact answer, in a hundred digits.

The exact answer is a difference quotient of f with a step of 2⁻⁵⁰⁰, so that it is known to some 150 digits. Different
formulas hardly agree by accident: polynomials of degree d whose arguments take 2⁵³ values agree at a random one with
probability at most d/2⁵³, and at several with a power of that.

Source: J. Schwartz, "Fast probabilistic algorithms for verification of polynomial identities", J. ACM 27 (1980).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple

from flint import arb, ctx

from grader.cases.asked_map import asked_map
from grader.cases.case import Case
from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.evaluate import NoValue, as_written, value_of
from grader.problems.language import Algebra, ExpressionError
from grader.problems.problem import Problem
from grader.truths.balls import Ball, NotExactError, magnitude, radius
from grader.truths.derivative import Step, exact

DIGITS = 100
"""In which equal formulas agree."""
INPUTS = 12
"""At which formulas are compared at least, where there are so many."""
_FEWEST = 3
"""Inputs at which formulas that have no value elsewhere must agree."""
_STEP = Step(500, 1800)
_ZERO = 1e-40
"""Numbers are compared relative to this at least: where the answer is 0, a difference quotient is not quite."""


_Parts = tuple[Ball, ...]


class Agreement(NamedTuple):
    """The number of inputs at which a formula was compared, and the digits in which it agrees; None if it does not."""

    inputs: int
    digits: int | None


class Difference(NamedTuple):
    """A case on which a formula differs from the exact answer, and both."""

    case: Case
    parts: tuple[Ball, ...]
    right: tuple[Ball, ...]

    @property
    def relative_error(self) -> float:
        """The largest of the parts, in Frobenius norms; infinite where shapes differ or the exact answer is 0."""
        if [part.shape for part in self.parts] != [part.shape for part in self.right]:
            return math.inf
        pairs = zip(self.parts, self.right, strict=True)
        return max(_relative_error(part, right) for part, right in pairs)


def _relative_error(part: Ball, right: Ball) -> float:
    error, size = magnitude(part - right), magnitude(right)
    return error / size if size else math.inf


class FormulaValues:
    """The values of a formula at cases of a problem, each found when it is first needed."""

    def __init__(self, answer: FormulaAnswer, problem: Problem, formulas: Algebra[Ball]) -> None:
        self._answer, self._problem, self._formulas = answer, problem, formulas
        self._found: dict[int, tuple[Ball, ...] | str] = {}

    def at(self, case: Case) -> tuple[Ball, ...]:
        """The value at a case.

        Raises:
            NoValue: there is none.
        """
        if case.index not in self._found:
            self._found[case.index] = self._find(case)
        found = self._found[case.index]
        if isinstance(found, str):
            raise NoValue(found)
        return found

    def is_defined(self, case: Case) -> bool:
        """Is there a value at a case?"""
        try:
            self.at(case)
        except NoValue:
            return False
        return True

    def _find(self, case: Case) -> tuple[Ball, ...] | str:
        """The value, or why there is none."""
        with _precision(_STEP.bits(self._problem.order)):
            try:
                return _finite_value(self._answer, self._problem, case, self._formulas)
            except NoValue as error:
                return str(error)


class ExactAnswers:
    """The exact answers to some cases of a problem, each found when it is first needed: a class shares them.

    Args:
        cases: those that the oracle can decide; balls: the algebra that evaluates the map and formulas.
        most: at how many of them formulas are compared, if not at one of each size and each family.
    """

    def __init__(
        self, problem: Problem, cases: Iterable[Case], balls: Algebra[Ball], most: int | None = None
    ) -> None:
        self.problem = problem
        self.cases, kinds = _in_turn(cases)
        self.fewest = max(INPUTS, kinds)
        self.most = most or self.fewest
        self._balls, self._formulas = balls, as_written(balls)
        self._found: dict[int, tuple[Ball, ...] | None] = {}

    def values_of(self, answer: FormulaAnswer) -> FormulaValues:
        """The values of a formula for this problem."""
        return FormulaValues(answer, self.problem, self._formulas)

    def compare(self, values: FormulaValues, most: int | None = None) -> Agreement:
        """Compare a formula with the exact answer at some inputs at which it has a value.

        One input at which they differ settles it.
        """
        with _precision(_STEP.bits(self.problem.order)):
            return _count(self._digits(values), most or self.most)

    def agrees(self, values: FormulaValues, case: Case) -> bool:
        """Does a formula equal the exact answer at a case?

        Raises:
            NoValue: it has no value there.
        """
        with _precision(_STEP.bits(self.problem.order)):
            right = self._right(case)
            return right is not None and _digits(values.at(case), right) >= DIGITS

    def find_difference(self, values: FormulaValues) -> Difference | None:
        """The case on which a formula differs from the exact answer that is the easiest to look at."""
        in_order = sorted(self.cases, key=lambda case: (_commutes(case), case.weight))
        with _precision(_STEP.bits(self.problem.order)):
            for case, parts, right in self._both(values, in_order):
                if _digits(parts, right) < DIGITS:
                    return Difference(case, parts, right)
        return None

    def _digits(self, values: FormulaValues) -> Iterator[float]:
        """In how many digits the formula agrees, input by input, where it has a value."""
        for _, parts, right in self._both(values, self.cases):
            yield _digits(parts, right)

    def _both(self, values: FormulaValues, cases: Iterable[Case]) -> Iterator[tuple[Case, _Parts, _Parts]]:
        """The formula's value and the exact answer, at each case that has both."""
        for case in cases:
            right = self._right(case) if values.is_defined(case) else None
            if right is not None:
                yield case, values.at(case), right

    def _right(self, case: Case) -> tuple[Ball, ...] | None:
        if case.index not in self._found:
            self._found[case.index] = self._find(case)
        return self._found[case.index]

    def _find(self, case: Case) -> tuple[Ball, ...] | None:
        """The exact answer in the present precision; None where the oracle has none."""
        asked = asked_map(self.problem, case, self._balls)
        try:
            return exact(asked, _STEP.h(asked))
        except (NotExactError, ZeroDivisionError, ExpressionError):
            return None


def compare_formulas(
    left: FormulaAnswer,
    right: FormulaAnswer,
    problem: Problem,
    cases: Sequence[Case],
    balls: Algebra[Ball],
    most: int = INPUTS,
) -> Agreement:
    """Compare two formulas at some inputs at which both have a value."""
    with _precision(_STEP.precision):
        return _count(_digits_of(left, right, problem, cases, as_written(balls)), most)


def _digits_of(
    left: FormulaAnswer,
    right: FormulaAnswer,
    problem: Problem,
    cases: Sequence[Case],
    algebra: Algebra[Ball],
) -> Iterator[float]:
    for case in cases:
        try:
            parts = (_finite_value(side, problem, case, algebra) for side in (left, right))
            yield _digits(*parts)
        except NoValue:
            continue


def _finite_value(
    answer: FormulaAnswer, problem: Problem, case: Case, algebra: Algebra[Ball]
) -> tuple[Ball, ...]:
    """The value of a formula; a division by what may be 0 gives none, though it raises nothing."""
    parts = value_of(answer, problem, case, algebra)
    entries = chain.from_iterable(part.entries() for part in parts)
    if not all(entry.is_finite() for entry in entries):
        raise NoValue("a division by zero, or a logarithm of 0")
    return parts


def _count(digits: Iterator[float], most: int) -> Agreement:
    """Look at as many inputs as are wanted; one at which the sides differ settles it, and a few agree by accident."""
    compared, least = 0, math.inf
    for here in digits:
        compared, least = compared + 1, min(least, here)
        if compared == most or least < DIGITS:
            break

    agrees = compared >= min(_FEWEST, most) and least >= DIGITS
    return Agreement(compared, DIGITS if agrees else None)


@contextmanager
def _precision(bits: int) -> Iterator[None]:
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


def _in_turn(cases: Iterable[Case]) -> tuple[list[Case], int]:
    """First a case of each size, then one of each family, the smaller first, and their number; then the others.

    Some identities hold at n = 2 alone. Those of size 1, where everything commutes, tell little and come last of these.
    """
    given = sorted(cases, key=lambda case: (_commutes(case), sum(case.sizes.values())))
    of_size = {tuple(case.sizes.items()): case for case in reversed(given)}
    of_family = {case.family: case for case in reversed(given)}

    kinds = {case.index: case for case in [*of_size.values(), *of_family.values()]}
    first = [case for case in given if case.index in kinds]
    first.sort(key=lambda case: (_commutes(case), of_size[tuple(case.sizes.items())] is not case))
    return [*first, *(case for case in given if case.index not in kinds)], len(first)


def _commutes(case: Case) -> bool:
    """Are all its sizes 1?"""
    return max(case.sizes.values(), default=2) < 2


def _digits(parts: Sequence[Ball], right: Sequence[Ball]) -> float:
    """In how many digits the arrays agree, relative to the largest numbers in them."""
    if [part.shape for part in parts] != [part.shape for part in right]:
        return 0.0

    errors = []
    for part, truth in zip(parts, right, strict=True):
        difference = truth - part
        error = magnitude(difference) + radius(difference)
        scale = max(magnitude(truth), magnitude(part), _ZERO)
        if not math.isfinite(error + scale):  # beyond all doubles
            error, scale = float(_largest(difference) / _largest(truth, part)), 1.0
        errors.append(error / scale)

    largest = max(errors, default=0.0)
    return math.inf if largest == 0 else -math.log10(largest)


def _largest(*parts: Ball) -> arb:
    """The largest size of any entry."""
    sizes = [abs(entry).upper() for part in parts for entry in part.entries()]
    largest: arb = sizes[0]
    for size in sizes:
        largest = largest.max(size)
    return largest
