"""Difference quotients of f, in double precision as a student computes them: which, and with which step."""

from __future__ import annotations

from itertools import product

import numpy as np

from grader.cases.lines import SCHEMES
from grader.core.norms import UNIT, norm
from grader.findings.diagnosis.agreement import PartAnswer, PartAnswers, is_conclusive
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import ask_noun, precision, relation
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

_STEPS = (1.0, 0.5, *(10.0**-k for k in range(1, 13)), *(UNIT * 2) ** np.array([1 / 2, 1 / 3, 1 / 4]))
_MOST = 0.6
"""The part of the ordinary cases that must be answered; a difference of f may step on a singular matrix."""
_FEW = 6
"""The number of cases for which quotients are computed."""
_SAME = 1e-3
"""The relative difference up to which an answer has the error of a quotient, rounding included."""


def name_difference_quotient(context: PartContext) -> Diagnosis | None:
    """Say which difference of f the answer is, if its step shows."""
    ordinary = context.part_answers.where(lambda answer: answer.can_be_pilot)
    given = ordinary.given
    are_enough = len(given) >= max(3, _MOST * len(ordinary))
    if not are_enough or not given.wrong or not _is_plain(context.problem, context.part):
        return None

    first = min(given.wrong, key=_simplicity)
    chosen = _choose(given)
    with np.errstate(all="ignore"):
        for scheme, h in product(SCHEMES, map(float, _STEPS)):
            if not all(_is_quotient(context, answer, scheme, h) for answer in (first, *chosen)):
                continue
            if is_conclusive(chosen.wrong, context.part_answers):
                return _describe(context.problem, scheme, h)
            return None
    return None


def _simplicity(answer: PartAnswer) -> tuple[int, bool]:
    return max(answer.sizes, default=1), answer.case.family == "integer"


def _choose(answers: PartAnswers) -> PartAnswers:
    """A few answers, the simplest first, and one of each size among them."""
    simplest = sorted(answers, key=_simplicity)
    by_sizes = {answer.sizes: answer for answer in reversed(simplest)}
    others = [answer for answer in simplest if answer not in by_sizes.values()]
    return PartAnswers([*by_sizes.values(), *others[: max(0, _FEW - len(by_sizes))]])


def _is_plain(problem: Problem, part: int) -> bool:
    """Do differences along unit matrices tend to the truth? Not on a subspace or with another inner product."""
    if problem.form in ("value", "along", "stacked"):
        return problem.form == "along"
    return problem.weight is None and problem.input(problem.wrt[part]).is_free


def _is_quotient(context: PartContext, answer: PartAnswer, scheme: str, h: float) -> bool:
    """Is the answer this quotient, and does its truncation error stand out from rounding?"""
    quotient = context.candidates.quotient(answer.case, context.part, scheme, h)
    if quotient is None:
        return False
    assert answer.value is not None, "only answers that are given are compared"
    allowed = answer.tolerance if answer.is_right else _SAME * norm(quotient - answer.truth)
    return norm(answer.value - quotient) <= allowed


def _describe(problem: Problem, scheme: str, h: float) -> Diagnosis:
    noun = ask_noun(problem)
    if h in (1.0, 0.5) and scheme in ("forward", "backward", "central"):
        lead = f"you returned a difference of values of f, not the {noun}"
        step = "Keep only the part of the difference that is linear in the direction."
        return relation("function-difference", lead, step)
    lead = f"your answer is a {scheme} difference quotient with the step h = {h:.3g}"
    return precision("finite-differences", lead, f"Derive the formula for the {noun} and return its value.")
