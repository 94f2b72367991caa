"""Right only for some inputs: symmetric A, small n, det A > 0, real or nonsingular A."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, combinations, compress, pairwise
from typing import NamedTuple

import numpy as np

from grader.core.norms import Array, norm
from grader.findings.diagnosis.agreement import PartAnswer, PartAnswers
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.part_case import INCOMPARABLE
from grader.findings.diagnosis.rules.matrix_properties import (
    RECTANGULAR,
    SQUARE,
    MatrixProperty,
    is_singular,
)
from grader.findings.diagnosis.shared_phrases import relation
from grader.problems.problem import Input, Problem
from grader.problems.shapes import is_square
from grader.reports.report import Diagnosis

_ENOUGH = 6
"""The least number of cases inside and outside together."""
_FEW = 3
"""The inputs at which formulas are compared."""
FAVOURED = 2.5
"""So many times more formulas are right where being right says nothing."""
LARGE = 16.0
"""A direction is large if an entry is larger, and small if none is larger than its inverse."""
CLEAR = 100.0
"""Wrong answers must be so many times further from the truth than right ones, in tolerances: it is not the tolerance
that divides them."""

_NEAR = 1e-3
"""The relative error below which an answer may be wrong by rounding alone."""

_Row = tuple[str, list[bool]]
"""A set of inputs in words, and which answers are to a case in it."""
Pattern = tuple[bool | None, ...]
"""Whether each answer is to a case in a set of inputs; None where the question makes no sense."""


class Domain(NamedTuple):
    """A set of inputs.

    Args:
        id: empty if it is only there to show that a pattern has another explanation.
        words: `for symmetric A only`; step: what to do about it.
    """

    id: str
    pattern: Pattern
    words: str = ""
    step: str = ""

    def inside(self, answers: PartAnswers) -> PartAnswers:
        """The answers to cases in the set."""
        return PartAnswers(compress(answers, self.pattern))

    def outside(self, answers: PartAnswers) -> PartAnswers:
        """The answers to cases that are surely not in it."""
        return PartAnswers(compress(answers, [is_inside is False for is_inside in self.pattern]))


def name_subset(context: PartContext) -> Diagnosis | None:
    """Name the set of inputs at which the answers are right, if there is just one that explains it.

    Inside of it every answer must be right, and few formulas near the right one: where nearly all of them agree, as
    for n = 1, being right there says nothing.
    """
    answers = context.part_answers
    for domain in find_domains(context):
        inside = domain.inside(answers)
        if inside.wrong:  # perhaps at inputs that are not telling
            continue

        if _says_nothing(context, inside, domain):
            return None
        otherwise = "wrong otherwise" if answers.wrong.given else "otherwise it is missing or not finite"
        return relation(domain.id, f"your answer is right {domain.words}, and {otherwise}", domain.step)
    return None


def find_domains(context: PartContext) -> Sequence[Domain]:
    """Find the sets of inputs that divide right answers from wrong ones, if they do so in one way."""
    answers = context.part_answers
    are_telling = list(map(_is_telling, answers))
    telling = PartAnswers(compress(answers, are_telling))
    if not _is_clear(telling.right, telling.wrong) or any(map(_has_wrong_shape, telling)):
        return ()

    fitting: dict[Pattern, list[Domain]] = {}
    for domain in domains_of(context.problem, answers):
        pattern = tuple(compress(domain.pattern, are_telling))
        if not _explains(pattern, telling):
            continue
        if not domain.id:
            return ()
        fitting.setdefault(pattern, []).append(domain)

    if len(fitting) != 1:
        return ()
    (domains,) = fitting.values()
    return domains


def inputs_with_errors(context: PartContext) -> Iterator[tuple[str, tuple[bool, ...]]]:
    """Sets of inputs outside of which every answer is right: in words, and which answers they contain."""
    answers = context.part_answers
    rows = chain(_by_kind(context), _by_size_of_entries(context), _by_sizes(context), _by_parameters(context))
    for words, pattern in rows:
        pairs = zip(pattern, answers, strict=True)
        has_all_errors = all(is_inside or answer.is_right for is_inside, answer in pairs)
        if has_all_errors and not all(pattern):
            yield words, tuple(pattern)


def _by_kind(context: PartContext) -> Iterator[_Row]:
    """Complex inputs, and matrices that are singular or triangular."""
    answers = context.part_answers
    yield "for complex inputs", [answer.is_complex for answer in answers]
    for argument in context.problem.inputs:
        if not is_square(argument.shape):
            continue

        name, matrices = argument.name, answers.matrices(argument.name)
        yield f"for singular {name}", list(map(is_singular, matrices))
        if not _is_always_triangular(argument):
            yield f"for upper triangular {name}", [_is_upper_triangular(A) for A in matrices]
            yield f"for lower triangular {name}", [_is_upper_triangular(A.T) for A in matrices]


def _by_size_of_entries(context: PartContext) -> Iterator[_Row]:
    for name in _free_names(context):
        largest = [norm(x, "max") for x in context.part_answers.matrices(name)]
        yield f"for {name} = 0", [size == 0 for size in largest]
        yield f"for large {name}", [size > LARGE for size in largest]
        yield f"for small {name}", [0 < size < 1 / LARGE for size in largest]


def _by_sizes(context: PartContext) -> Iterator[_Row]:
    answers = context.part_answers
    for first, second in combinations(sorted(answers[0].case.sizes), 2):
        sizes = answers.sizes(first), answers.sizes(second)
        for sign, holds in _ORDERS.items():
            yield f"for {first} {sign} {second}", list(map(holds, *sizes))


_ORDERS: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "≠": operator.ne,
    "=": operator.eq,
}


def _by_parameters(context: PartContext) -> Iterator[_Row]:
    answers = context.part_answers
    for parameter in context.problem.parameters:
        values = answers.inputs(parameter.name)
        for value in dict.fromkeys(answers.wrong.inputs(parameter.name)):
            yield f"for {parameter.name} = {value}", [other == value for other in values]


def _is_always_triangular(argument: Input) -> bool:
    return argument.space.endswith("triangular")


def _is_upper_triangular(A: Array) -> bool:
    """Zeros below the diagonal, and something above it."""
    return bool(np.any(np.triu(A, 1))) and not np.any(np.tril(A, -1))


def _free_names(context: PartContext) -> list[str]:
    """Directions, the cotangent and numbers: what may be 0, large or small whatever the matrices are."""
    problem = context.problem
    numbers = [argument.name for argument in problem.inputs if not argument.shape]
    return [*numbers, *problem.linear_arguments]


def _says_nothing(context: PartContext, inside: PartAnswers, domain: Domain) -> bool:
    """Are many more formulas near the right one right at the inputs inside than at those outside?"""
    if all(answer.is_one_by_one for answer in inside):
        return True
    if domain.id != "only-parameter":
        return False
    outside = domain.outside(context.part_answers)
    return _share_right(context, inside) > FAVOURED * _share_right(context, outside)


def _share_right(context: PartContext, answers: Sequence[PartAnswer]) -> float:
    """The part of the formulas near the right one that are right at a few of these inputs, small and dense ones."""
    dense = [answer for answer in answers if answer.can_be_pilot] or answers
    few = sorted(dense, key=lambda answer: answer.truth.size)[:_FEW]
    with np.errstate(all="ignore"):
        return float(np.mean([context.neighbours.share_right(answer) for answer in few]))


def _is_clear(right: PartAnswers, wrong: PartAnswers) -> bool:
    """Are right answers far better than wrong ones, and not only where a relative error is 0 of 0?"""
    if not right or not wrong:
        return False
    if not any(norm(answer.truth) for answer in right):
        return not wrong.given
    return min(answer.error for answer in wrong) > CLEAR * max(answer.error for answer in right)


def _has_wrong_shape(answer: PartAnswer) -> bool:
    """Is it finite, but in another shape, which is what should be said?"""
    return answer.value is None and answer.judged.is_finite


_SAY_LITTLE = (*INCOMPARABLE, "ill_conditioned", "zero_direction")
"""Families at which a wrong formula may be right: the tolerance is wide, or the right answer 0."""


def _is_telling(answer: PartAnswer) -> bool:
    """Does being right or wrong here say much of the formula?

    Where the right answer is empty, or 0 at a singular A, many formulas are right. Where inputs are delicate or
    badly scaled, an answer may be wrong by rounding alone.
    """
    if answer.case.family in _SAY_LITTLE or not answer.truth.size:
        return False
    if answer.is_right:
        return not answer.is_delicate or bool(np.any(answer.truth))

    may_be_rounding = answer.is_delicate or answer.case.family == "scaled"
    if answer.value is None or not may_be_rounding:
        return True
    is_near = norm(answer.value - answer.truth) < _NEAR * norm(answer.truth)
    return not is_near


def _explains(pattern: Pattern, answers: PartAnswers) -> bool:
    """Right inside and wrong outside, with two cases on each side."""
    inside, outside = pattern.count(True), pattern.count(False)
    if inside < 2 or outside < 2 or inside + outside < _ENOUGH:
        return False
    pairs = zip(pattern, answers, strict=True)
    return all(is_inside in (None, answer.is_right) for is_inside, answer in pairs)


def domains_of(problem: Problem, answers: PartAnswers) -> Iterator[Domain]:
    """All sets that make sense for a problem, those that are said first."""
    real = tuple(not answer.is_complex for answer in answers)
    letters = sorted(answers[0].case.sizes)
    step = "For complex ones look at every transpose: must it conjugate as well?"
    yield Domain("only-real", real, "for real inputs only", step)

    for letter in letters:
        yield from _by_size(letter, np.array(answers.sizes(letter)))
    for first, second in combinations(letters, 2):
        yield from _by_order(first, second, answers)
    for argument in problem.inputs:
        if len(argument.shape) == 2:
            properties = SQUARE if is_square(argument.shape) else RECTANGULAR
            yield from _by_matrix(argument.name, answers.matrices(argument.name), properties)
    for parameter in problem.parameters:
        yield _by_parameter(parameter.name, answers)


def _by_size(letter: str, sizes: Array) -> Iterator[Domain]:
    values = np.unique(sizes).tolist()
    for k, larger in pairwise(values):
        only = f"= {k}" if k == values[0] else f"≤ {k}"
        step = f"Try {letter} = {larger} by hand and see which step needs small matrices."
        yield Domain("only-size", _pattern(sizes <= k), f"for {letter} {only} only", step)
        step = f"Try {letter} = {k} by hand: some step does not work there."
        yield Domain("only-size", _pattern(sizes > k), f"for {letter} ≥ {larger} only", step)
    yield Domain("", _pattern(sizes % 2 == 0))
    yield Domain("", _pattern(sizes % 2 == 1))


_RIGHT_ORDERS: Sequence[tuple[str, Callable[[int, int], bool], str]] = (
    ("=", operator.eq, "≠"),
    ("≥", operator.ge, "<"),
    ("≤", operator.le, ">"),
)
"""A relation of two sizes, and the one to try where it does not hold."""


def _by_order(first: str, second: str, answers: PartAnswers) -> Iterator[Domain]:
    """Sizes of two letters that are equal, or of which one is larger."""
    sizes = answers.sizes(first), answers.sizes(second)
    for sign, holds, other in _RIGHT_ORDERS:
        step = f"Try a small case with {first} {other} {second} by hand."
        pattern = tuple(map(holds, *sizes))
        yield Domain("only-size", pattern, f"for {first} {sign} {second} only", step)


def _pattern(are_inside: Array) -> tuple[bool, ...]:
    return tuple(are_inside.tolist())


def _by_matrix(
    name: str, matrices: Sequence[Array], properties: Sequence[MatrixProperty]
) -> Iterator[Domain]:
    for id, holds, words, step in properties:
        yield Domain(id, tuple(map(holds, matrices)), words.format(name), step.format(name))


def _by_parameter(name: str, answers: PartAnswers) -> Domain:
    """Those values of a parameter at which all answers are right; at n = 1 many are."""
    values = answers.inputs(name)
    wrong = set(answers.wrong.where(_is_telling).inputs(name))
    right = [value for value in dict.fromkeys(values) if value not in wrong]
    if not any(isinstance(value, str) for value in right):
        right = sorted(right)

    words = " or ".join(map(str, right))
    step = f"Try another {name} by hand and see where your formula breaks down."

    def is_inside(answer: PartAnswer) -> bool | None:
        if answer.is_right and answer.is_one_by_one:
            return None
        return answer.case.values[name] in right

    return Domain("only-parameter", tuple(map(is_inside, answers)), f"for {name} = {words} only", step)
