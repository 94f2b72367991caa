"""A formula near the right one: one slip away, or the right answer and another term."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from grader.core.norms import Array, norm
from grader.findings.diagnosis.agreement import PartAnswer, PartAnswers, Predict, agrees, distinguishes
from grader.findings.diagnosis.candidates.dictionary import simple_fraction
from grader.findings.diagnosis.candidates.formulas import TRUTH
from grader.findings.diagnosis.candidates.mathematical_slips import Slip
from grader.findings.diagnosis.candidates.neighbours import (
    CONSTANT_FACTOR,
    EXTRA_FACTOR,
    OTHER_MAP,
    Neighbours,
)
from grader.findings.diagnosis.candidates.trees import depends_on, op, replace_all
from grader.findings.diagnosis.candidates.written import write
from grader.findings.diagnosis.candidates.written_sums import minus
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import ask_noun, factor_phrase, relation
from grader.problems.language import Node, Operation
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

PROBES = 3
"""The wrong answers by which formulas are looked up."""
_ALIGNED = 1e-7
"""The relative distance up to which an answer is a multiple of a formula's value."""
_LARGEST = 4
"""The largest numerator and denominator of a factor."""
MOST_CONFIRMED = 40
"""The most formulas that are compared with all answers."""
_ENOUGH = 2
"""The least number of wrong answers that a formula explains; one number may be met by chance."""
_LONGEST = 90
"""The most characters of a formula that is written out."""

Found = tuple[Fraction, int]
"""A factor, and the place of a formula."""


def name_changed_formula(context: PartContext) -> Diagnosis | None:
    """Name the formula near the right one of which the answers are the values, in every case."""
    return _name_changed(context, context.part_answers)


def name_relation_among(context: PartContext, answers: PartAnswers) -> Diagnosis | None:
    """Name what some of the answers make of the right one."""
    return _name_changed(context, answers, of_truth=True)


def _probes(neighbours: Neighbours, answers: PartAnswers, *, of_truth: bool = False) -> PartAnswers:
    """A few wrong answers, small and dense ones first."""
    usable = answers.given.wrong.where(lambda answer: of_truth or neighbours.says_something(answer))
    ordered = sorted(
        usable, key=lambda answer: (not answer.can_be_pilot, answer.is_delicate, answer.truth.size)
    )
    return PartAnswers(ordered[:PROBES])


@np.errstate(all="ignore")
def _name_changed(context: PartContext, answers: PartAnswers, *, of_truth: bool = False) -> Diagnosis | None:
    neighbours = context.neighbours
    probes = _probes(neighbours, answers, of_truth=of_truth)
    if not probes:
        return None

    y = np.concatenate([np.ravel(np.asarray(answer.value)) for answer in probes])
    rows = np.concatenate([neighbours.values(answer) for answer in probes], axis=1)

    def cost(found: Found) -> tuple[int, int]:
        factor, place = found
        return neighbours.near.costs[place] + _penalty(factor), place

    for factor, place in sorted(_multiples(y, rows), key=cost)[:MOST_CONFIRMED]:
        node, slip = neighbours.near.formulas[place]
        if depends_on(node, TRUTH):
            if abs(factor) != 1 and not _may_have_number(slip):
                continue
        elif of_truth:
            continue

        if _explains(neighbours, answers, _scaled(neighbours, factor, node), of_truth=of_truth):
            lead = _describe(factor, _with_numbers(neighbours, probes[0], node), slip)
            return relation(slip.id, lead, slip.step)
    return None


@np.errstate(all="ignore")
def name_extra_term(context: PartContext) -> Diagnosis | None:
    """Name the term that was added to the right answer in every case."""
    neighbours, answers = context.neighbours, context.part_answers
    probes = _probes(neighbours, answers)
    if not probes:
        return None

    y = np.concatenate([-np.ravel(answer.defect) for answer in probes])
    rows = np.concatenate([neighbours.extra_values(answer) for answer in probes], axis=1)
    found = sorted(_multiples(y, rows), key=lambda one: (_penalty(one[0]), one[1]))

    for factor, place in found[:MOST_CONFIRMED]:
        node = neighbours.near.terms[place]
        if _explains(neighbours, answers, _added_to_truth(_scaled(neighbours, factor, node))):
            return _describe_sum(context.problem, factor, _with_numbers(neighbours, probes[0], node))
    return None


def _may_have_number(slip: Slip) -> bool:
    """May a multiple be meant? What else is done to the right answer as a whole brings no number in."""
    return slip in (EXTRA_FACTOR, CONSTANT_FACTOR)


def _scaled(neighbours: Neighbours, factor: Fraction, node: Node) -> Predict:
    """Predict a multiple of a formula's value."""

    def predict(answer: PartAnswer) -> Array | None:
        value = neighbours.scene(answer).value(node)
        return None if value is None else float(factor) * value

    return predict


def _added_to_truth(term: Predict) -> Predict:
    """Predict the right answer and a term."""

    def predict(answer: PartAnswer) -> Array | None:
        value = term(answer)
        return None if value is None else answer.truth + value

    return predict


def _penalty(factor: Fraction) -> int:
    """What a factor adds to the cost of a formula."""
    if factor == 1:
        return 0
    return 1 if factor == -1 else 2


def _multiples(y: Array, rows: Array) -> Iterator[Found]:
    """The rows that y is a simple multiple of, with their factors."""
    squares = np.sum(np.abs(rows) ** 2, axis=1)
    factors = rows.conj() @ y / squares
    left = np.linalg.norm(y - factors[:, None] * rows, axis=1)
    for place in np.flatnonzero(left <= _ALIGNED * norm(y)):
        factor = simple_fraction(float(np.real(factors[place])), _LARGEST)
        if factor is not None and abs(np.imag(factors[place])) < _ALIGNED:
            yield factor, int(place)


def _explains(
    neighbours: Neighbours, answers: PartAnswers, predict: Predict, *, of_truth: bool = False
) -> bool:
    """Is every answer as predicted, are enough wrong ones clearly wrong, and is there a value at most inputs?

    A formula that is wrong at nearly singular inputs alone, such as det(Aᵀ)·A⁻¹, equals the right one. That is no
    mistake, unless it is asked what such answers make of the right one.
    """
    decisive: list[PartAnswer] = []
    agreed = silent = 0
    for answer in answers:
        predicted = predict(answer) if of_truth or neighbours.says_something(answer) else None
        if predicted is None or not np.all(np.isfinite(predicted)):
            silent += not answer.is_delicate
            continue

        if not agrees(answer, predicted):
            return False
        agreed += not answer.is_delicate
        if distinguishes(answer, predicted):
            decisive.append(answer)

    wrong = PartAnswers(decisive).given.wrong
    is_another = of_truth or not all(answer.is_delicate for answer in wrong)
    has_values = 3 * silent <= 2 * agreed
    return is_another and has_values and len(wrong) >= _ENOUGH


def _with_numbers(neighbours: Neighbours, at: PartAnswer, node: Node) -> Node:
    """The formula with `·` where a number is multiplied, so that `*` is left for entries."""
    scene = neighbours.scene(at)

    def mark(part: Node) -> Node | None:
        if not isinstance(part, Operation) or part.name != "*":
            return None
        values = [scene.evaluate(argument) for argument in part.arguments]
        return op("·", *part.arguments) if any(np.ndim(value) == 0 for value in values) else None

    return replace_all(node, mark)


def _describe(factor: Fraction, node: Node, slip: Slip) -> str:
    times = "" if factor == 1 else f"{factor_phrase(factor)} ".removeprefix("exactly ")
    if slip is CONSTANT_FACTOR:
        return f"you returned {factor_phrase(factor)} the right answer"
    if depends_on(node, TRUTH) and slip is not EXTRA_FACTOR:
        return f"you returned {times}the right answer {slip.difference}"

    if factor == -1:
        node, times = minus(node), ""
    text = write(node)
    needs_brackets = times and " " in text
    written = f"{times}({text})" if needs_brackets else f"{times}{text}"
    if slip is OTHER_MAP:
        return f"you returned {written}, which is not what the problem asks for"
    if len(text) <= _LONGEST:
        return f"you returned {written}: {slip.difference}"

    also = f", and it is {times}that" if times else ""
    return f"your answer is the right formula with one slip: {slip.difference}{also}"


def _describe_sum(problem: Problem, factor: Fraction, node: Node) -> Diagnosis:
    text = write(node)
    if " " in text and factor != 1:
        text = f"({text})"
    size = "" if abs(factor) == 1 else f"{abs(factor)}·"
    sign = "minus" if factor < 0 else "plus"
    step = f"Look for the line that adds this term: it does not belong to the {ask_noun(problem)}."
    if factor < 0:
        step = "Look for this term in your derivation: is it missing, or subtracted where it does not belong?"
    return relation("extra-term", f"you returned the right answer {sign} {size}{text}", step)
