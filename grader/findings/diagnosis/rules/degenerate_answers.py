"""Zeros, NaN, or an answer that does not depend on the inputs."""

from __future__ import annotations

import numpy as np

from grader.core.grouping import group_pairs
from grader.findings.diagnosis.agreement import PartAnswers, is_conclusive
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import case_count_phrase, relation
from grader.reports.report import Diagnosis

_REPEATED = 6
"""The least number of answers that share their shape with another one."""


def name_degenerate_answers(context: PartContext) -> Diagnosis | None:
    """Name zeros, NaN, or the same answer in every case."""
    answers = context.part_answers
    full = answers.where(lambda answer: answer.truth.size > 0)
    if full and all(answer.is_not_finite for answer in full):
        lead = "you returned NaN or infinite numbers in every case"
        step = "Look for a division by zero, or the logarithm of a negative number."
        return relation("not-finite", lead, step)

    given = answers.given
    if len(given) < len(answers) or not is_conclusive(given.wrong, answers):
        return None
    return _name_zeros(given) or _name_constant(given)


def name_gaps(context: PartContext) -> Diagnosis | None:
    """Name NaN or infinite numbers in some cases, beside the right answer in all others."""
    answers = context.part_answers
    gaps = answers.where(lambda answer: answer.is_not_finite)
    others = answers.where(lambda answer: not answer.is_not_finite)
    if not gaps or not others or others.wrong:
        return None

    count = case_count_phrase(len(gaps), len(answers))
    lead = f"you returned NaN or infinite numbers {count}, and everything else is right"
    step = "Go through the smallest such case step by step and find the first number that is NaN or infinite."
    return relation("not-finite", lead, step)


def _name_zeros(given: PartAnswers) -> Diagnosis | None:
    """All answers are 0."""
    if any(np.any(answer.value) for answer in given):
        return None
    zeros = "zeros" if given[0].truth.ndim else "0"
    return relation("zero", f"you returned {zeros} in every case", "Check that you return what you compute.")


def _name_constant(given: PartAnswers) -> Diagnosis | None:
    """All answers of one shape are the same."""
    by_shape = group_pairs((answer.truth.shape, np.asarray(answer.value).tobytes()) for answer in given)
    repeated = [values for values in by_shape.values() if len(values) > 1]
    are_equal = all(len(set(values)) == 1 for values in repeated)
    are_of_two_shapes = len(repeated) >= min(2, len(by_shape))
    are_many = sum(map(len, repeated)) >= _REPEATED
    if not (are_equal and are_of_two_shapes and are_many):
        return None

    size = " of the same size" if len(by_shape) > 1 else ""
    lead = f"your answer does not depend on the inputs: it is the same in every case{size}"
    return relation("constant", lead, "Use the function's arguments, not values from outside.")
