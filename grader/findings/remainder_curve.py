"""Draw the definition of the derivative: how the remainder of an answer falls, beside the derivative's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader.cases.asked_map import norm_along
from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, read_along
from grader.findings.slopes import bend_of, rounded, slope
from grader.problems.problem import Problem
from grader.reports.report import Remainder
from grader.truths.remainder import RemainderCurve


def draw_right_remainder(curve: RemainderCurve) -> Remainder:
    """Draw the remainder of the derivative alone: it is the same for the whole class."""
    return Remainder(
        case=curve.solved.case.index,
        family=curve.solved.case.family,
        h=rounded(curve.h),
        distance=rounded(curve.distance),
        yours=None,
        right=rounded(curve.sizes),
        slope_yours=None,
        slope_right=slope(curve.h, curve.sizes),
        bends_at=None,
        agrees=False,
    )


def draw_remainder(curve: RemainderCurve, right: Remainder, answers: JudgedAnswers) -> Remainder:
    """Draw both remainders with their slopes.

    f(A + hV) − f(A) − h·L(V) is the remainder of the derivative plus h times the defect f′(A)[V] − L(V), and
    that is exact: no difference needs to be taken.

    Args:
        right: the remainder of the derivative, drawn before.
    """
    case, problem = curve.solved.case, answers.problem
    judged = answers.first[case.index]
    norm_name = norm_along(problem, curve.remainders[0].ndim)

    drawn = replace(right, agrees=judged.is_right)
    defect = _defect_along(problem, judged)
    if defect is None or not np.isfinite(defect).all():
        return drawn

    rows = zip(curve.h, curve.remainders, strict=True)
    with np.errstate(all="ignore"):
        yours = [norm(np.asarray(own + h * defect), norm_name) for h, own in rows]
    bend = bend_of(curve.h, curve.sizes, norm(defect, norm_name))
    return replace(drawn, yours=rounded(yours), slope_yours=slope(curve.h, yours), bends_at=bend)


def _defect_along(problem: Problem, judged: JudgedAnswer) -> Array | None:
    """f′(A)[V] − L(V) for the direction V of the curve; None without a comparable answer."""
    if not judged.defects or judged.truth.probe is None:
        return None
    return read_along(problem, judged.defects, judged.truth.probe)
