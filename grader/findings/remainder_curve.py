"""The picture of the definition: how the remainder of an answer falls, beside that of the derivative."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from grader.cases.asked_map import norm_along
from grader.core.norms import norm
from grader.findings.compare import JudgedAnswers, read_along
from grader.reports.report import Remainder
from grader.truths.remainder import RemainderCurve

FIRST, LAST = 1.01e-2, 0.99e-4
"""Between these h slopes are measured: small enough for the next order, large enough to be before a bend."""
DIGITS = 4
"""Digits kept of each number; it is a picture."""


def draw_remainder(curve: RemainderCurve, evidence: JudgedAnswers) -> Remainder:
    """Both remainders and their slopes.

    f(A + hV) − f(A) − h·L(V) is the remainder of the derivative plus h times the defect f′(A)[V] − L(V), and
    that is exact: no difference needs to be taken.
    """
    case, problem = curve.solved.case, evidence.problem
    judged = evidence.first[case.index]
    defect = None
    if judged.defects and judged.truth.probe is not None:
        defect = read_along(problem, judged.defects, judged.truth.probe)
    kind = norm_along(problem, curve.remainders[0])
    yours, bend = None, None
    if defect is not None and np.isfinite(defect).all():
        rows = zip(curve.h, curve.remainders, strict=True)
        with np.errstate(all="ignore"):
            yours = tuple(norm(np.asarray(rest + h * defect), kind) for h, rest in rows)
        bend = _bend(curve.h, curve.sizes, norm(defect, kind))
    return Remainder(
        case=case.index,
        family=case.family,
        h=_round_known(curve.h),
        distance=_round_known(curve.distance),
        yours=_round(yours) if yours else None,
        right=_round_known(curve.sizes),
        slope_yours=_slope(curve.h, yours) if yours else None,
        slope_right=_slope(curve.h, curve.sizes),
        bends_at=bend,
        agrees=judged.is_right,
    )


def _slope(h: Sequence[float], sizes: Sequence[float]) -> float | None:
    """The exponent p in size ~ hᵖ."""
    seen = [(k, x) for k, x in zip(h, sizes, strict=True) if FIRST >= k >= LAST and 0 < x < math.inf]
    if len(seen) < 2:
        return None
    (k, large), (m, small) = seen[0], seen[-1]
    return round(math.log(large / small) / math.log(k / m), DIGITS)


def _bend(h: Sequence[float], right: Sequence[float], defect: float) -> float | None:
    """Where the error h·‖f′(A)[V] − L(V)‖ overtakes the remainder of the derivative for good."""
    if defect == 0:
        return None
    ours = math.log(defect)
    leads = [
        (x := math.log(k), math.log(size) - x - ours) for k, size in zip(h, right, strict=True) if size > 0
    ]
    crossings = [
        x + (y - x) * ahead / (ahead - behind)
        for (x, ahead), (y, behind) in pairwise(leads)
        if behind <= 0 < ahead
    ]
    bend = math.exp(crossings[-1]) if crossings else math.inf
    return float(f"{bend:.2g}") if bend <= FIRST else None


def _round(numbers: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(f"{x:.{DIGITS}g}") for x in numbers)


_round_known = lru_cache(maxsize=256)(_round)  # of the true derivative, which is the same for the whole class
