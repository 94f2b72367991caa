"""Answers that were cut to whole numbers, as an array made of whole numbers does."""

from __future__ import annotations

import numpy as np

from grader.findings.diagnosis.agreement import PartAnswer
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import relation
from grader.reports.report import Diagnosis

LARGEST = 1e9
"""Larger numbers may overflow as whole numbers, and say nothing."""
ENOUGH = 3
"""The least number of wrong answers."""


def name_whole_numbers(context: PartContext) -> Diagnosis | None:
    """Name answers that are the right ones without their decimals, and without imaginary parts."""
    usable = context.part_answers.given.where(
        lambda answer: float(np.max(np.abs(answer.truth), initial=0)) < LARGEST
    )
    if len(usable) < len(context.part_answers) / 2 or not all(map(_is_cut, usable)):
        return None
    if len(usable.wrong) < ENOUGH or not any(np.any(answer.value) for answer in usable):
        return None
    lead = "you returned the right answer truncated to integers"
    step = "Look for `astype(int)`, `//`, or an integer array: values stored in it are truncated."
    return relation("whole-numbers", lead, step)


def _is_cut(answer: PartAnswer) -> bool:
    """Is every number whole, and less than 1 away from the right one, towards 0?"""
    value = np.asarray(answer.value)
    right = np.real(answer.truth)
    if np.any(value != np.trunc(np.real(value))):
        return False
    # What is computed a little below a whole number is cut to the next one.
    slack = answer.tolerance + 1e-6
    return bool(np.all(np.abs(value - right) < 1 + slack) and np.all(np.abs(value) <= np.abs(right) + slack))
