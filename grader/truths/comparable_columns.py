"""Answers whose columns, or rows, are of comparable size, where a relation lets them have any.

Rounding is relative to the largest entry of an array. So beside a column of size 1e200, as a relation like A V = V D
allows, all others would be rounding. Where scaling columns does nothing to the residual but to scale its columns, the
relation says the same of columns of size 1, and is judged there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
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
    for group, axis in product(_groups(point, names), (0, 1)):
        lines = _Lines(group, axis)
        exponents = lines.exponents(point)
        if max(exponents) - min(exponents) < FAR:
            continue

        others = [PROBE * k for k in range(1, len(exponents) + 1)]
        if all(_only_scales(residual, point, lines, tried) for tried in (exponents, others)):
            point = lines.scaled(point, exponents)
    return point


def _groups(point: Point, names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Each matrix that was returned, and those of the same shape together, as singular vectors are."""
    by_shape: dict[tuple[int, ...], list[str]] = {}
    for name in names:
        x = point[name]
        if len(x.shape) == 2 and x.entries():
            by_shape.setdefault(x.shape, []).append(name)
            yield [name]
    yield from (group for group in by_shape.values() if len(group) > 1)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The columns (axis 1) or rows (axis 0) of some answers of one shape."""

    names: Sequence[str]
    axis: int

    def exponents(self, point: Point) -> list[int]:
        """For each column or row, the power of 2 below the largest entry that an answer has there."""
        largest = [0.0] * point[self.names[0]].shape[self.axis]
        for name in self.names:
            for place, entry in _placed(point[name], self.axis):
                largest[place] = max(largest[place], float(abs(entry)))

        known = [math.frexp(size)[1] for size in largest if size > 0]
        usual = max(known, default=0)
        return [math.frexp(size)[1] if size > 0 else usual for size in largest]

    def scaled(self, point: Point, exponents: Sequence[int]) -> Point:
        """The point with columns or rows of the answers times powers of 2."""
        scaled = {name: _scaled(point[name], self.axis, exponents) for name in self.names}
        return {**point, **scaled}


def _placed(x: Ball, axis: int) -> Iterator[tuple[int, Any]]:
    """The entries with their row (axis 0) or column (axis 1)."""
    columns = x.shape[1]
    return ((divmod(k, columns)[axis], entry) for k, entry in enumerate(x.entries()))


def _scaled(x: Ball, axis: int, exponents: Sequence[int]) -> Ball:
    """Rows or columns times powers of 2."""
    entries = [entry * arb(2) ** -exponents[place] for place, entry in _placed(x, axis)]
    return from_entries(entries, x.shape)


def _only_scales(residual: Map, point: Point, lines: _Lines, exponents: Sequence[int]) -> bool:
    """Does scaling answers scale the same rows or columns of the residual, and do nothing else?"""
    before = residual(point)
    if len(before.shape) != 2 or before.shape[lines.axis] != len(exponents):
        return False

    after = residual(lines.scaled(point, exponents))
    expected = _scaled(before, lines.axis, exponents)
    return all((x - y).contains(0) for x, y in zip(after.entries(), expected.entries(), strict=True))
