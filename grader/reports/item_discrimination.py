"""The discrimination of a problem: how well it tells strong students from weak ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import correlation, fmean

_FEWEST = 5
"""Students; a correlation over fewer says nothing."""


def find_discrimination(right: Sequence[bool], others: Sequence[float]) -> float | str:
    """Find the point-biserial correlation of being right with the score on all other problems.

        r = (mean of the others' share, of those who are right − of those who are not) / σ · √(p(1 − p))

    with p the share right and σ the standard deviation of that share. The problem's own points are left out: with
    them a problem would seem to predict what it is a part of.

    Args:
        right: for each student, whether this problem is right; others: the share of all other points.

    Returns:
        r in [−1, 1], or in a few words why there is none.

    Source: F. Lord and M. Novick, Statistical Theories of Mental Test Scores, 1968, §15.3; S. Henrysson,
    "Correction of item-total correlations in item analysis", Psychometrika 28, 1963.
    """
    if len(right) < _FEWEST:
        return "too few students"
    if all(right):
        return "everybody is right"
    if not any(right):
        return "nobody is right"

    middle = fmean(others)
    if all(math.isclose(share, middle, abs_tol=1e-9) for share in others):
        return "all students score the same on the rest"
    return correlation(list(map(float, right)), others)
