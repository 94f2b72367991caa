"""Answers whose columns, or rows, are of comparable size, where a relation lets them have any.

Rounding is relative to the largest entry of an array. So beside a column of size 1e200, as a relation like A V = V D
allows, all others would be rounding. Where scaling columns does nothing to the residual but to scale its columns, the
relation says the same of columns of size 1, and is judged there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flint import arb

from grader.truths.balls import Ball, from_entries

Map = Callable[[Mapping[str, Any]], Ball]
Point = Mapping[str, Any]

FAR = 10
"""Sizes that differ by a smaller power of 2 are comparable."""
PROBE = 17
"""Columns are scaled by other powers of 2 to see what that does."""


def with_comparable_columns(residual: Map, point: Point, names: Sequence[str]) -> Point:
    """The point with answers scaled to columns and rows of size 1, if they are far apart and it is all the same.

    Args:
        residual: what is left of the relation; names: of the answers.
    """
    for group in _groups(point, names):
        for axis in (0, 1):
            exponents = _exponents(point, group, axis)
            if max(exponents) - min(exponents) < FAR:
                continue
            others = [PROBE * k for k in range(1, len(exponents) + 1)]
            if all(_only_scales(residual, point, group, axis, tried) for tried in (exponents, others)):
                point = _scaled_at(point, group, axis, exponents)
    return point


def _groups(point: Point, names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Each matrix that was returned, and those of the same shape together, as singular vectors are."""
    matrices = [name for name in names if len(point[name].shape) == 2 and point[name].entries()]
    yield from ([name] for name in matrices)
    shapes = dict.fromkeys(point[name].shape for name in matrices)
    groups = ([name for name in matrices if point[name].shape == shape] for shape in shapes)
    yield from (group for group in groups if len(group) > 1)


def _exponents(point: Point, group: Sequence[str], axis: int) -> list[int]:
    """For each column (axis 1) or row (axis 0) of the group, the power of 2 below its largest entry."""
    largest = [0.0] * point[group[0]].shape[axis]
    for name in group:
        for place, entry in _placed(point[name], axis):
            largest[place] = max(largest[place], float(abs(entry)))
    known = [math.frexp(size)[1] for size in largest if size > 0]
    usual = max(known, default=0)
    return [math.frexp(size)[1] if size > 0 else usual for size in largest]


def _placed(x: Ball, axis: int) -> Iterator[tuple[int, Any]]:
    """The entries with their row (axis 0) or column (axis 1)."""
    columns = x.shape[1]
    return ((divmod(k, columns)[axis], entry) for k, entry in enumerate(x.entries()))


def _scaled(x: Ball, axis: int, exponents: Sequence[int]) -> Ball:
    """Rows or columns times powers of 2."""
    return from_entries([entry * arb(2) ** -exponents[place] for place, entry in _placed(x, axis)], x.shape)


def _scaled_at(point: Point, group: Sequence[str], axis: int, exponents: Sequence[int]) -> Point:
    return {**point, **{name: _scaled(point[name], axis, exponents) for name in group}}


def _only_scales(
    residual: Map, point: Point, group: Sequence[str], axis: int, exponents: Sequence[int]
) -> bool:
    """Does scaling answers scale the same rows or columns of the residual, and do nothing else?"""
    before = residual(point)
    if len(before.shape) != 2 or before.shape[axis] != len(exponents):
        return False
    after, expected = residual(_scaled_at(point, group, axis, exponents)), _scaled(before, axis, exponents)
    return all((x - y).contains(0) for x, y in zip(after.entries(), expected.entries(), strict=True))
