"""The remainder plot: the definition of the derivative as a picture, a static SVG made by hand.

A plotting library takes 15 to 200 ms for one; this takes a fraction of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from markupsafe import Markup

from grader.core.text import raise_opening
from grader.formats.html.environment import minus, raise_digits, typeset
from grader.formats.html.prose import formula_html
from grader.reports.feedback import say_remainder
from grader.reports.numbers import format_number
from grader.reports.report import ProblemReport, Remainder

WIDTH, HEIGHT = 360, 260
LEFT, RIGHT, TOP, BOTTOM = 42, 10, 10, 38
TICKS = 5
"""At most so many intervals between ticks."""
LETTER = 6.9
"""The width of a letter of a label, at most."""
MARKERS = 4
"""Every so many points one is marked."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axes:
    """Decades from `low` to `high` in both directions, mapped to the drawing."""

    low: Point
    high: Point

    def across(self, x: float) -> float:
        """Where a distance is drawn."""
        return LEFT + (x - self.low[0]) / (self.high[0] - self.low[0]) * (WIDTH - LEFT - RIGHT)

    def down(self, y: float) -> float:
        """Where a remainder is drawn."""
        return TOP + (self.high[1] - y) / (self.high[1] - self.low[1]) * (HEIGHT - TOP - BOTTOM)

    def place(self, points: Sequence[Point]) -> list[Point]:
        """Where points given by their logarithms are drawn."""
        return [(self.across(x), self.down(y)) for x, y in points]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its caption in two sentences, and the rows of the table behind it."""

    drawing: Markup
    definition: Markup
    said: str
    rows: Markup


def make_plot(problem: ProblemReport, id: str) -> Plot | None:
    """The plot of a problem; None where it shows nothing: the answer is wrong, but not along the direction drawn.

    Args:
        id: unique in the page; ids in the drawing begin with it.
    """
    rest, said = problem.remainder, say_remainder(problem)
    if rest is None or rest.yours is None or (said is None and problem.verdict != "right"):
        return None
    drawing = draw_plot(rest, id)
    caption = f"{raise_opening('; '.join(said))}." if said else "Yours does."
    return Plot(drawing, define(), typeset(caption), _rows(rest)) if drawing else None


@cache
def define() -> Markup:
    """The definition that the picture is of."""
    formula = formula_html(r"\lVert f(A+dA)-f(A)-L[dA]\rVert=o(\lVert dA\rVert)", True)
    return Markup(
        "The derivative of f at A is the linear map L with {} "
        "What L misses falls faster than ‖dA‖ does: with a slope above 1 on these axes."
    ).format(formula)


def draw_plot(rest: Remainder, id: str) -> Markup:
    """Both remainders against ‖dA‖, log–log, each labelled with its slope; empty if there is nothing to draw."""
    yours, right = _logarithms(rest.distance, rest.yours or ()), _logarithms(rest.distance, rest.right)
    points = yours + right
    if len(yours) < 2:
        return Markup("")
    axes = Axes(
        (math.floor(min(x for x, _ in points)), math.floor(min(y for _, y in points))),
        (math.ceil(max(x for x, _ in points)), math.ceil(max(y for _, y in points))),
    )
    if axes.low[0] == axes.high[0] or axes.low[1] == axes.high[1]:
        return Markup("")
    drawing = _grid(axes) + _curve(axes, right, "right") + _curve(axes, yours, "yours")
    if rest.agrees and len(right) > 1:
        drawing += _below(axes, right, f"both: {_slope(rest.slope_right)}", "right")
    else:
        label = f"the right one: {_slope(rest.slope_right)}" if len(right) > 1 else "the right one: 0"
        drawing += _below(axes, right, label, "right")
        drawing += _above(axes, yours, f"yours: {_slope(rest.slope_yours, rest.bends_at)}")
    return Markup(
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{id}-name {id}-text">'
        f'<title id="{id}-name">Remainder against the size of the step, on logarithmic axes</title>'
        f'<desc id="{id}-text">{describe(rest)}</desc>{drawing}</svg>'
    )


def describe(rest: Remainder) -> str:
    """The picture in a sentence."""
    mine, true = _slope(rest.slope_yours, rest.bends_at), _slope(rest.slope_right)
    if not any(rest.right):
        true = "zero everywhere"
    return (
        f"Your remainder: {mine}. The remainder of the derivative: {true}. The table below has the numbers."
    )


def _slope(slope: float | None, bends_at: float | None = None) -> str:
    if slope is None:
        return "no slope"
    return f"slope {slope:.2f}, then 1" if bends_at is not None else f"slope {slope:.2f}"


def _logarithms(x: Sequence[float], y: Sequence[float]) -> tuple[Point, ...]:
    """The points that a log–log plot can show, from left to right."""
    log = math.log10
    return tuple(sorted([(log(a), log(b)) for a, b in zip(x, y, strict=False) if a > 0 and 0 < b < math.inf]))


@lru_cache(512)  # a class shares the right one, and often the axes
def _curve(axes: Axes, points: tuple[Point, ...], name: str) -> str:
    placed = axes.place(points)
    line = " ".join([f"{x:.1f},{y:.1f}" for x, y in placed])
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' if name == "yours"
        else f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'
        for x, y in placed[:: -MARKERS]
    )  # fmt: skip
    return f'<g class="{name}"><polyline points="{line}"/>{marks}</g>' if placed else ""


def _above(axes: Axes, points: Sequence[Point], text: str) -> str:
    """A label over the left end of a rising curve: clear of it if above where it ends."""
    x = LEFT + 8
    return _label(x, max(_height(axes, points, x + LETTER * len(text)) - 9, TOP + 10), text, "yours")


def _below(axes: Axes, points: Sequence[Point], text: str, name: str) -> str:
    """A label under the right end of a rising curve: clear of it if below where it begins."""
    x = WIDTH - RIGHT - 6 - LETTER * len(text)
    return _label(x, min(_height(axes, points, x) + 17, HEIGHT - BOTTOM - 6), text, name)


def _label(x: float, y: float, text: str, name: str) -> str:
    return f'<text class="label {name}" x="{x:.1f}" y="{y:.1f}">{text}</text>'


def _height(axes: Axes, points: Sequence[Point], x: float) -> float:
    """How high a curve is drawn at a place; its ends go on level."""
    placed = axes.place(points)
    return float(np.interp(x, [a for a, _ in placed], [b for _, b in placed])) if placed else float(HEIGHT)


@lru_cache(64)
def _grid(axes: Axes) -> str:
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


def _rows(rest: Remainder) -> Markup:
    """Every other step: a row for each power of ten."""
    steps = zip(
        _shared_cells(rest.h[::2], rest.distance[::2], rest.right[::2]),
        rest.yours[::2] if rest.yours else (),
        strict=True,
    )
    return Markup("".join([f"<tr>{before}{_cell(yours)}{after}</tr>" for (before, after), yours in steps]))


@lru_cache(64)
def _shared_cells(
    h: tuple[float, ...], distance: tuple[float, ...], right: tuple[float, ...]
) -> list[tuple[str, str]]:
    """The cells of each row before and after the student's, which a class shares."""
    return [(_cell(a) + _cell(b), _cell(c)) for a, b, c in zip(h, distance, right, strict=True)]


def _cell(value: float) -> str:
    return f"<td>{minus(format_number(value, 4))}</td>"
