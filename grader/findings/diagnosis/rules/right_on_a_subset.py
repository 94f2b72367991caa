"""Right only for some inputs: symmetric A, small n, det A > 0, real or nonsingular A."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple

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
from grader.findings.diagnosis.wording import relation
from grader.problems.problem import Input, Problem
from grader.problems.shapes import is_square
from grader.reports.report import Diagnosis

ENOUGH = 6
"""The least number of cases inside and outside together."""
FEW = 3
"""The inputs at which formulas are compared."""
FAVOURED = 2.5
"""So many times more formulas are right where being right says nothing."""
LARGE = 16.0
"""A direction is large if an entry is larger, and small if none is larger than its inverse."""
CLEAR = 100.0
"""Wrong answers must be so many times further from the truth than right ones, in tolerances: it is not the tolerance
that divides them."""

Row = tuple[str, list[bool]]
"""A set of inputs in words, and which answers are to a case in it."""


class Domain(NamedTuple):
    """A set of inputs.

    Args:
        id: empty if it is only there to show that a pattern has another explanation.
        pattern: whether each answer is to a case inside; None where the question makes no sense.
        words: `for symmetric A only`; step: what to do about it.
    """

    id: str
    pattern: tuple[bool | None, ...]
    words: str = ""
    step: str = ""


def name_subset(context: PartContext) -> Diagnosis | None:
    """Name the set of inputs at which the answers are right, if there is just one that explains it.

    Inside of it every answer must be right, and few formulas near the right one: where nearly all of them agree, as
    for n = 1, being right there says nothing.
    """
    domains = find_domains(context)
    domain = next((domain for domain in domains if _is_right_all_over(domain, context.part_answers)), None)
    if domain is None or _says_nothing(context, domain):
        return None
    wrong = context.part_answers.wrong
    otherwise = "wrong otherwise" if wrong.given else "otherwise it is missing or not finite"
    return relation(domain.id, f"your answer is right {domain.words}, and {otherwise}", domain.step)


def find_domains(context: PartContext) -> Sequence[Domain]:
    """Find the sets of inputs that divide right answers from wrong ones, if they do so in one way."""
    answers = context.part_answers
    telling = answers.where(lambda answer: not _says_little(answer))
    right, wrong = telling.right, telling.wrong
    if not right or not wrong or not _is_clear(right, wrong):
        return ()
    if any(answer.value is None and answer.judged.is_finite for answer in telling):
        return ()  # the shape is wrong, which is what should be said

    places = [k for k, answer in enumerate(answers) if not _says_little(answer)]
    fitting: dict[tuple[bool | None, ...], list[Domain]] = {}
    for domain in domains_of(context.problem, answers):
        pattern = tuple(domain.pattern[k] for k in places)
        if _explains(pattern, telling):
            if not domain.id:
                return ()
            fitting.setdefault(pattern, []).append(domain)
    return next(iter(fitting.values())) if len(fitting) == 1 else ()


def inputs_with_errors(context: PartContext) -> Iterator[tuple[str, tuple[bool, ...]]]:
    """Sets of inputs outside of which every answer is right: in words, and which answers they contain."""
    answers = context.part_answers
    for rows_of in (_by_kind, _by_size_of_entries, _by_sizes, _by_parameters):
        for words, pattern in rows_of(context):
            outside = [answer for is_inside, answer in zip(pattern, answers, strict=True) if not is_inside]
            if outside and all(answer.is_right for answer in outside):
                yield words, tuple(pattern)


def _by_kind(context: PartContext) -> Iterator[Row]:
    """Complex inputs, and matrices that are singular or triangular."""
    answers = context.part_answers
    yield "for complex inputs", [answer.is_complex for answer in answers]
    for argument in context.problem.inputs:
        if not is_square(argument.shape):
            continue
        matrices = [np.asarray(answer.case.values[argument.name]) for answer in answers]
        yield f"for singular {argument.name}", [is_singular(A) for A in matrices]
        if not _is_always_triangular(argument):
            yield f"for upper triangular {argument.name}", [_is_upper_triangular(A) for A in matrices]
            yield f"for lower triangular {argument.name}", [_is_upper_triangular(A.T) for A in matrices]


def _by_size_of_entries(context: PartContext) -> Iterator[Row]:
    for name in _free_names(context):
        arrays = [np.asarray(answer.case.values[name]) for answer in context.part_answers]
        largest = [np.max(np.abs(x), initial=0.0) for x in arrays]
        yield f"for {name} = 0", [size == 0 for size in largest]
        yield f"for large {name}", [size > LARGE for size in largest]
        yield f"for small {name}", [0 < size < 1 / LARGE for size in largest]


def _by_sizes(context: PartContext) -> Iterator[Row]:
    answers = context.part_answers
    for first, second in combinations(sorted(answers[0].case.sizes), 2):
        sizes = [(answer.case.sizes[first], answer.case.sizes[second]) for answer in answers]
        for sign, holds in _ORDERS.items():
            yield f"for {first} {sign} {second}", [holds(*pair) for pair in sizes]


_ORDERS: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "≠": operator.ne,
    "=": operator.eq,
}


def _by_parameters(context: PartContext) -> Iterator[Row]:
    answers = context.part_answers
    for parameter in context.problem.parameters:
        values = [answer.case.values[parameter.name] for answer in answers]
        wrong = {answer.case.values[parameter.name] for answer in answers.wrong}
        for value in wrong:
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


def _is_right_all_over(domain: Domain, answers: PartAnswers) -> bool:
    """Is every answer inside right, also where inputs are ill-conditioned?"""
    pairs = zip(domain.pattern, answers, strict=True)
    return all(answer.is_right for is_inside, answer in pairs if is_inside)


def _says_nothing(context: PartContext, domain: Domain) -> bool:
    """Are many more formulas near the right one right at the inputs inside than at those outside?"""
    pairs = list(zip(domain.pattern, context.part_answers, strict=True))
    inside = [answer for is_inside, answer in pairs if is_inside]
    if all(max(answer.sizes, default=2) <= 1 for answer in inside):
        return True
    if domain.id != "only-parameter":
        return False
    outside = [answer for is_inside, answer in pairs if is_inside is False]
    return _share_right(context, inside) > FAVOURED * _share_right(context, outside)


def _share_right(context: PartContext, answers: Sequence[PartAnswer]) -> float:
    """The part of the formulas near the right one that are right at small ones of these inputs."""
    dense = [answer for answer in answers if answer.can_be_pilot] or answers
    few = sorted(dense, key=lambda answer: answer.truth.size)[:FEW]
    with np.errstate(all="ignore"):
        return float(np.mean([context.neighbours.share_right(answer) for answer in few]))


def _is_clear(right: PartAnswers, wrong: PartAnswers) -> bool:
    """Are right answers far better than wrong ones, and not only where a relative error is 0 of 0?"""
    if not any(norm(answer.truth) for answer in right):
        return not wrong.given
    return min(answer.error for answer in wrong) > CLEAR * max(answer.error for answer in right)


def _says_little(answer: PartAnswer) -> bool:
    """Does being right or wrong here say little of the formula?

    At nearly singular matrices even a wrong answer may be within the tolerance; where the right one is empty, or 0
    since A is singular or the direction is 0, many are right; or an answer is wrong only by rounding.
    """
    family, size = answer.case.family, norm(answer.truth)
    if family in (*INCOMPARABLE, "ill_conditioned", "zero_direction") or not answer.truth.size:
        return True
    if answer.is_right:
        return answer.is_delicate and not np.any(answer.truth)
    if answer.value is None or not (answer.is_delicate or family == "scaled"):
        return False
    return size > 0 and norm(answer.value - answer.truth) < 1e-3 * size


def _explains(pattern: tuple[bool | None, ...], answers: PartAnswers) -> bool:
    """Right inside and wrong outside, with two cases on each side."""
    inside, outside = pattern.count(True), pattern.count(False)
    if inside < 2 or outside < 2 or inside + outside < ENOUGH:
        return False
    pairs = zip(pattern, answers, strict=True)
    return all(is_inside in (None, answer.is_right) for is_inside, answer in pairs)


def domains_of(problem: Problem, answers: PartAnswers) -> Iterator[Domain]:
    """All sets that make sense for a problem, those that are said first."""
    real = tuple(not answer.is_complex for answer in answers)
    step = "For complex ones look at every transpose: must it conjugate as well?"
    yield Domain("only-real", real, "for real inputs only", step)

    for letter in sorted(answers[0].case.sizes):
        yield from _by_size(letter, np.array([answer.case.sizes[letter] for answer in answers]))
    for letters in combinations(sorted(answers[0].case.sizes), 2):
        yield from _by_order(*letters, answers)
    for argument in problem.inputs:
        if len(argument.shape) == 2:
            properties = SQUARE if is_square(argument.shape) else RECTANGULAR
            matrices = [np.asarray(answer.case.values[argument.name]) for answer in answers]
            yield from _by_matrix(argument.name, matrices, properties)
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


def _by_order(first: str, second: str, answers: PartAnswers) -> Iterator[Domain]:
    """Sizes of two letters that are equal, or of which one is larger."""
    pairs = [(answer.case.sizes[first], answer.case.sizes[second]) for answer in answers]
    for sign, holds, other in (("=", operator.eq, "≠"), ("≥", operator.ge, "<"), ("≤", operator.le, ">")):
        step = f"Try a small case with {first} {other} {second} by hand."
        pattern = tuple(holds(*pair) for pair in pairs)
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
    values: list[Any] = [answer.case.values[name] for answer in answers]
    wrong = {answer.case.values[name] for answer in answers.wrong if not _says_little(answer)}
    right = [value for value in dict.fromkeys(values) if value not in wrong]
    if not any(isinstance(value, str) for value in right):
        right = sorted(right)

    words = " or ".join(map(str, right))
    step = f"Try another {name} by hand and see where your formula breaks down."
    pattern = tuple(
        None if answer.is_right and max(answer.sizes, default=2) < 2 else value in right
        for answer, value in zip(answers, values, strict=True)
    )
    return Domain("only-parameter", pattern, f"for {name} = {words} only", step)
