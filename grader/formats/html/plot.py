"""The remainder plot: the definition of the derivative as a picture, a static SVG made by hand.

A plotting library takes 15 to 200 ms for one; this takes a fraction of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from markupsafe import Markup

from grader.core.text import raise_opening
from grader.formats.html.prose import formula_html
from grader.formats.html.template_engine import minus, raise_digits, typeset
from grader.reports.feedback import say_remainder
from grader.reports.report import ProblemReport, Remainder
from grader.reports.shown_numbers import Point, format_number, log_points

WIDTH, HEIGHT = 360, 260
LEFT, RIGHT, TOP, BOTTOM = 42, 10, 10, 38
TICKS = 5
"""At most so many intervals between ticks."""
LETTER = 6.9
"""The width of a letter of a label, at most."""
MARKERS = 4
"""Every so many points one is marked."""


@dataclass(frozen=True, slots=True)
class _Axes:
    """Decades from `low` to `high` in both directions, mapped to the drawing."""

    low: Point
    high: Point

    def across(self, x: float) -> float:
        """The place of a distance in the drawing."""
        return LEFT + (x - self.low[0]) / (self.high[0] - self.low[0]) * (WIDTH - LEFT - RIGHT)

    def down(self, y: float) -> float:
        """The place of a remainder in the drawing."""
        return TOP + (self.high[1] - y) / (self.high[1] - self.low[1]) * (HEIGHT - TOP - BOTTOM)

    def place(self, points: Sequence[Point]) -> list[Point]:
        """Place points, given by their logarithms, in the drawing."""
        return [(self.across(x), self.down(y)) for x, y in points]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its caption in two sentences, and the rows of the table behind it."""

    drawing: Markup
    definition: Markup
    caption: str
    rows: Markup


def make_plot(problem: ProblemReport, id: str) -> Plot | None:
    """Make the plot of a problem; None where it shows nothing: the answer is wrong, but not along the direction drawn.

    Args:
        id: unique in the page; ids in the drawing begin with it.
    """
    curve, slopes = problem.remainder, say_remainder(problem)
    if curve is None or curve.yours is None:
        return None
    if slopes is None and problem.verdict != "right":
        return None

    drawing = draw_plot(curve, id)
    if not drawing:
        return None
    caption = f"{raise_opening('; '.join(slopes))}." if slopes else "Yours does."
    return Plot(drawing, define(), typeset(caption), _rows(curve))


@cache
def define() -> Markup:
    """The definition that the picture is of."""
    formula = formula_html(r"\lVert f(A+dA)-f(A)-L[dA]\rVert=o(\lVert dA\rVert)", display=True)
    return Markup(
        "The derivative of f at A is the linear map L with {} "
        "This remainder falls faster than ‖dA‖: with a slope above 1 on these axes."
    ).format(formula)


def draw_plot(curve: Remainder, id: str) -> Markup:
    """Both remainders against ‖dA‖, log–log, each labelled with its slope; empty if there is nothing to draw."""
    logarithms = [log_points(curve.distance, remainders) for remainders in (curve.yours or (), curve.right)]
    axes = _find_axes([*logarithms[0], *logarithms[1]])
    if axes is None or len(logarithms[0]) < 2:
        return Markup("")

    yours, right = map(axes.place, logarithms)
    drawing = _grid(axes) + _curve(right, "right") + _curve(yours, "yours")
    if curve.agrees and len(right) > 1:
        drawing += _below(right, f"both: {_slope(curve.slope_right)}", "right")
    else:
        label = f"the right one: {_slope(curve.slope_right)}" if len(right) > 1 else "the right one: 0"
        drawing += _below(right, label, "right")
        drawing += _above(yours, f"yours: {_slope(curve.slope_yours, curve.bends_at)}")
    return Markup(
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{id}-name {id}-text">'
        f'<title id="{id}-name">Remainder against the size of the step, on logarithmic axes</title>'
        f'<desc id="{id}-text">{_describe(curve)}</desc>{drawing}</svg>'
    )


def _find_axes(points: Sequence[Point]) -> _Axes | None:
    """Whole decades around all points; None if they have no extent."""
    if not points:
        return None
    x, y = zip(*points, strict=True)
    low, high = (math.floor(min(x)), math.floor(min(y))), (math.ceil(max(x)), math.ceil(max(y)))
    if low[0] == high[0] or low[1] == high[1]:
        return None
    return _Axes(low, high)


def _describe(curve: Remainder) -> str:
    """The picture in a sentence."""
    mine, true = _slope(curve.slope_yours, curve.bends_at), _slope(curve.slope_right)
    if not any(curve.right):
        true = "zero everywhere"
    return (
        f"Your remainder: {mine}. The remainder of the derivative: {true}. The table below has the numbers."
    )


def _slope(slope: float | None, bends_at: float | None = None) -> str:
    if slope is None:
        return "no slope"
    bend = ", then 1" if bends_at is not None else ""
    return f"slope {slope:.2f}{bend}"


def _curve(points: Sequence[Point], name: str) -> str:
    """A line with marks: circles for the student's, squares for the right one."""
    if not points:
        return ""
    line = " ".join([f"{x:.1f},{y:.1f}" for x, y in points])
    mark = _circle if name == "yours" else _square
    marks = "".join([mark(x, y) for x, y in points[::-MARKERS]])
    return f'<g class="{name}"><polyline points="{line}"/>{marks}</g>'


def _circle(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _square(x: float, y: float) -> str:
    return f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'


def _above(points: Sequence[Point], text: str) -> str:
    """A label over the left end of a rising curve: clear of it if above where it ends."""
    x = LEFT + 8
    return _label(x, max(_height(points, x + LETTER * len(text)) - 9, TOP + 10), text, "yours")


def _below(points: Sequence[Point], text: str, name: str) -> str:
    """A label under the right end of a rising curve: clear of it if below where it begins."""
    x = WIDTH - RIGHT - 6 - LETTER * len(text)
    return _label(x, min(_height(points, x) + 17, HEIGHT - BOTTOM - 6), text, name)


def _label(x: float, y: float, text: str, name: str) -> str:
    return f'<text class="label {name}" x="{x:.1f}" y="{y:.1f}">{text}</text>'


def _height(points: Sequence[Point], x: float) -> float:
    """The height of a drawn curve at a place, between its points; its ends go on level."""
    if not points:
        return float(HEIGHT)
    if x <= points[0][0]:
        return points[0][1]

    for (left, first), (right, last) in pairwise(points):
        if x <= right:
            return first + (x - left) / (right - left) * (last - first)
    return points[-1][1]


def _grid(axes: _Axes) -> str:
    """The frame, lines at the ticks with their labels, and what the axes are."""
    lines, labels = [], []
    for k in _ticks(axes.low[0], axes.high[0]):
        x = axes.across(k)
        lines.append(f"M{x:.1f} {TOP}V{HEIGHT - BOTTOM}")
        labels.append(f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}">{_power(k)}</text>')
    for k in _ticks(axes.low[1], axes.high[1]):
        y = axes.down(k)
        lines.append(f"M{LEFT} {y:.1f}H{WIDTH - RIGHT}")
        labels.append(f'<text class="tick side" x="{LEFT - 6}" y="{y + 4:.1f}">{_power(k)}</text>')

    frame = f'<path class="grid" d="{"".join(lines)}"/>'
    axis = f'<text class="axis" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}">‖dA‖</text>'
    return frame + "".join(labels) + axis


def _ticks(low: float, high: float) -> list[int]:
    step = next(s for s in (1, 2, 4, 5, 10, 20, 50, 100, 1000) if (high - low) / s <= TICKS)
    return [k for k in range(math.ceil(low), math.floor(high) + 1) if k % step == 0]


def _power(exponent: int) -> str:
    return f"10{raise_digits(str(exponent))}" if exponent else "1"


def _rows(curve: Remainder) -> Markup:
    """Every other step: a row for each power of ten."""
    columns = (curve.h[::2], curve.distance[::2], (curve.yours or ())[::2], curve.right[::2])
    rows = ["".join(map(_cell, row)) for row in zip(*columns, strict=True)]
    return Markup("".join([f"<tr>{row}</tr>" for row in rows]))


@lru_cache(4096)  # a tenth of the time of a page: a class shares all numbers but the student's own
def _cell(value: float) -> str:
    return f"<td>{minus(format_number(value, 4))}</td>"
