"""Draw the definition of the derivative: how the remainder of an answer falls, beside the derivative's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from grader.cases.asked_map import norm_along
from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, read_along
from grader.problems.problem import Problem
from grader.reports.report import Remainder
from grader.truths.remainder import RemainderCurve

FIRST, LAST = 1.01e-2, 0.99e-4
"""Between these h slopes are measured: small enough for the next order, large enough to be before a bend."""
DIGITS = 4
"""Digits kept of each number, which is only drawn."""


def draw_right_remainder(curve: RemainderCurve) -> Remainder:
    """Draw the remainder of the derivative alone: it is the same for the whole class."""
    return Remainder(
        case=curve.solved.case.index,
        family=curve.solved.case.family,
        h=_round(curve.h),
        distance=_round(curve.distance),
        yours=None,
        right=_round(curve.sizes),
        slope_yours=None,
        slope_right=_slope(curve.h, curve.sizes),
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

    yours: tuple[float, ...] | None = None
    bend: float | None = None
    defect = _defect_along(problem, judged)
    if defect is not None and np.isfinite(defect).all():
        rows = zip(curve.h, curve.remainders, strict=True)
        with np.errstate(all="ignore"):
            yours = tuple(norm(np.asarray(own + h * defect), norm_name) for h, own in rows)
        bend = _bend(curve.h, curve.sizes, norm(defect, norm_name))

    return replace(
        right,
        yours=_round(yours) if yours else None,
        slope_yours=_slope(curve.h, yours) if yours else None,
        bends_at=bend,
        agrees=judged.is_right,
    )


def _defect_along(problem: Problem, judged: JudgedAnswer) -> Array | None:
    """f′(A)[V] − L(V) for the direction V of the curve; None without a comparable answer."""
    if not judged.defects or judged.truth.probe is None:
        return None
    return read_along(problem, judged.defects, judged.truth.probe)


def _slope(h: Sequence[float], sizes: Sequence[float]) -> float | None:
    """The exponent p in size ~ hᵖ."""
    points = [(k, x) for k, x in zip(h, sizes, strict=True) if FIRST >= k >= LAST and 0 < x < math.inf]
    if len(points) < 2:
        return None
    (k, large), (m, small) = points[0], points[-1]
    return round(math.log(large / small) / math.log(k / m), DIGITS)


def _bend(h: Sequence[float], right: Sequence[float], defect: float) -> float | None:
    """The h from which the error h·‖f′(A)[V] − L(V)‖ exceeds the remainder of the derivative for good."""
    if defect == 0:
        return None

    leads = []
    for k, size in zip(h, right, strict=True):
        if size > 0:
            x = math.log(k)
            leads.append((x, math.log(size) - x - math.log(defect)))

    bend = math.inf
    for (x, ahead), (y, behind) in pairwise(leads):
        if behind <= 0 < ahead:
            bend = math.exp(x + (y - x) * ahead / (ahead - behind))
    return float(f"{bend:.2g}") if bend <= FIRST else None


def _round(numbers: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(f"{x:.{DIGITS}g}") for x in numbers)
