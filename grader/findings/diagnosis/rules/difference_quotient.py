"""Difference quotients of f, in double precision as a student computes them: which, and with which step."""

from __future__ import annotations

from itertools import product

import numpy as np

from grader.cases.asked_map import in_doubles
from grader.cases.differences import SCHEMES, difference_quotient
from grader.core.norms import UNIT, norm
from grader.findings.diagnosis.agreement import PartAnswer, is_conclusive
from grader.findings.diagnosis.candidates.dictionary import PILOTS
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import ask_noun, precision, relation
from grader.problems.expression import ExpressionError
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

STEPS = (1.0, 0.5, *(10.0**-k for k in range(1, 13)), *(UNIT * 2) ** np.array([1 / 2, 1 / 3, 1 / 4]))
MOST = 0.6
"""The part of the ordinary cases that must be answered; a difference of f may step on a singular matrix."""
FEW = 6
"""So many cases are differenced."""
SAME = 1e-3
"""An answer is a quotient if it has the same error but for this part of it, rounding included."""


def name_quotient(view: PartContext) -> Diagnosis | None:
    """Say which difference of f the answer is, if its step shows."""
    pilots = [item for item in view.seen if item.case.family in PILOTS and item.case.combination_of is None]
    pilots = [item for item in pilots if max(item.sizes, default=2) > 1]
    pilots = sorted(pilots, key=lambda item: (max(item.sizes, default=1), item.case.family == "integer"))
    answered = [item for item in pilots if item.answer is not None]
    if len(answered) < max(3, MOST * len(pilots)) or not _is_plain(view.problem, view.part):
        return None
    pilots = answered
    first = next((item for item in pilots if not item.right), None)
    if first is None:
        return None
    chosen = [next(item for item in pilots if item.sizes == size) for size in {item.sizes for item in pilots}]
    chosen += [item for item in pilots if item not in chosen][: max(0, FEW - len(chosen))]
    wrong = [item for item in chosen if not item.right]
    with np.errstate(all="ignore"):
        for scheme, h in product(SCHEMES, STEPS):
            if _is(view, first, scheme, h) and all(_is(view, item, scheme, h) for item in chosen):
                return _say(view, scheme, h) if is_conclusive(wrong, view.seen) else None
    return None


def _is_plain(problem: Problem, part: int) -> bool:
    """Whether differences along unit matrices tend to the truth: not on a subspace or with another inner product."""
    if problem.form in ("value", "along"):
        return problem.form == "along"
    return problem.weight is None and problem.input(problem.wrt[part]).space == "general"


def _is(view: PartContext, item: PartAnswer, scheme: str, h: float) -> bool:
    """Whether the answer is this quotient, and its truncation error stands out from rounding."""
    try:
        asked = in_doubles(view.problem, item.case)
        value = difference_quotient(asked, view.part, scheme, float(h))
    except (np.linalg.LinAlgError, ExpressionError, ValueError):
        return False
    assert item.answer is not None
    error, gap = norm(value - item.truth), norm(item.answer - value)
    return gap <= item.tolerance if item.right else gap <= SAME * error


def _say(view: PartContext, scheme: str, h: float) -> Diagnosis:
    name = ask_noun(view.problem)
    if h in (1.0, 0.5) and scheme in ("forward", "backward", "central"):
        lead = f"you returned a difference of values of f, not the {name}"
        step = "Keep only the part of the difference that is linear in the direction."
        return relation("function-difference", lead, step)
    lead = f"your answer is a {scheme} difference quotient with the step h = {h:.3g}"
    return precision("finite-differences", lead, f"Find the formula for the {name} and return that.")
