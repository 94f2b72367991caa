"""A log–log chart in plain characters: two curves against the same distances, one mark in each column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.reports.shown_numbers import Point, log_points

_COLUMNS = 51
"""The widest plot; wider adds nothing."""
NARROWEST = 46
"""Below this width there is no chart; with its indent it needs a terminal of 50 columns."""
_ROWS = 12
TICK = 4
"""Decades between the ticks of the distance."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters of a chart: the two curves, both at once, the axes, and how powers of ten are written."""

    first: str
    second: str
    both: str
    side: str
    corner: str
    floor: str
    tick: str
    power: str
    digits: dict[int, int]


MARKS = Marks("●", "○", "◉", "│", "└", "─", "┴", "10{}", str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
ASCII_MARKS = Marks("*", "o", "@", "|", "+", "-", "+", "1e{}", {})


def draw_chart(
    x: Sequence[float], first: Sequence[float], second: Sequence[float], width: int, marks: Marks
) -> list[str]:
    """The lines of a chart, none wider than `width`; empty if that is too narrow or nothing is positive."""
    curves = [log_points(x, y) for y in (first, second)]
    levels = [level for points in curves for _, level in points]
    if width < NARROWEST or not levels:
        return []

    step = max(1, math.ceil((max(levels) - min(levels)) / (_ROWS - 1)))
    top, bottom = round(max(levels) / step), round(min(levels) / step)
    labels = [_power(step * k, marks) if k % 2 == 0 else "" for k in range(top, bottom - 1, -1)]
    margin = max(map(len, labels))
    columns = min(_COLUMNS, width - margin - 3)
    across = np.linspace(math.floor(math.log10(min(x))), math.ceil(math.log10(max(x))), columns)

    grid = [[" "] * columns for _ in labels]
    for points, mark in zip(curves, (marks.first, marks.second), strict=True):
        for column, height in enumerate(_heights(points, across)):
            if math.isfinite(height):
                row = grid[top - round(height / step)]
                row[column] = mark if row[column] == " " else marks.both

    rows = [f"{label:>{margin}} {marks.side}{''.join(row)}" for label, row in zip(labels, grid, strict=True)]
    return [line.rstrip() for line in [*rows, *_axis(across, margin, marks)]]


def _heights(points: Sequence[Point], across: NDArray[np.float64]) -> NDArray[np.float64]:
    """The height of a curve at each place; NaN where there is none."""
    if not points:
        return np.full(across.shape, np.nan)
    x, y = zip(*points, strict=True)
    return np.asarray(np.interp(across, x, y, left=np.nan, right=np.nan))


def _axis(across: NDArray[np.float64], margin: int, marks: Marks) -> list[str]:
    """The lower edge with ticks, and their labels below it, each centred as far as the edges allow."""
    columns = len(across)
    edge, below = [marks.floor] * columns, [" "] * (margin + 2 + columns + 1)
    first = TICK * math.ceil(across[0] / TICK)
    for exponent in range(first, math.floor(across[-1]) + 1, TICK):
        column = int(np.argmin(np.abs(across - exponent)))
        edge[column] = marks.tick

        label = _power(exponent, marks)
        start = min(margin + 2 + column - len(label) // 2, len(below) - len(label))
        below[start : start + len(label)] = label
    return [f"{'':>{margin}} {marks.corner}{''.join(edge)}", "".join(below)]


def _power(exponent: int, marks: Marks) -> str:
    return marks.power.format(str(exponent).translate(marks.digits))
