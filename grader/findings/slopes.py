"""How fast a remainder falls, measured on the numbers that are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

FIRST, LAST = 1.01e-2, 0.99e-4
"""Between these h slopes are measured: small enough for the next order, large enough to be before a bend."""
_DIGITS = 4
"""Digits kept of each number, which is only drawn."""


def slope(h: Sequence[float], sizes: Sequence[float]) -> float | None:
    """The exponent p in size ~ hᵖ."""
    points = [(k, x) for k, x in zip(h, sizes, strict=True) if _is_measured(k, x)]
    if len(points) < 2:
        return None
    (k, large), (m, small) = points[0], points[-1]
    return round(math.log(large / small) / math.log(k / m), _DIGITS)


def _is_measured(h: float, size: float) -> bool:
    """Is h in the range, and the size a number that has a logarithm?"""
    return LAST <= h <= FIRST and 0 < size < math.inf


def bend_of(h: Sequence[float], right: Sequence[float], defect: float) -> float | None:
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


def rounded(numbers: Sequence[float]) -> tuple[float, ...]:
    """Numbers with the digits that a drawing needs."""
    return tuple(float(f"{x:.{_DIGITS}g}") for x in numbers)
