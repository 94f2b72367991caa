"""The remainder plot: the definition of the derivative as a picture, a static SVG made by hand.

A plotting library takes 15 to 200 ms for one; this takes a fraction of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.report import Remainder

WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 14, 34
TICKS = 5
"""At most so many intervals between ticks."""
LETTER = 7.0
"""The width of a letter of a label, at most."""
MARKERS = 4
"""Every so many points one is marked."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axes:
    """Decades from `low` to `high` in both directions, mapped to the drawing."""

    low: Point
    high: Point

    def place(self, point: Point) -> Point:
        """Where a point given by its logarithms is drawn."""
        x = LEFT + (point[0] - self.low[0]) / (self.high[0] - self.low[0]) * (WIDTH - LEFT - RIGHT)
        y = TOP + (self.high[1] - point[1]) / (self.high[1] - self.low[1]) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)


def draw_plot(rest: Remainder, id: str) -> Markup:
    """Both remainders against ‖dA‖, log–log, each labelled with its slope; empty if there is nothing to draw.

    Args:
        id: begins the ids of the title and the description.
    """
    yours, right = _logarithms(rest.distance, rest.yours or ()), _logarithms(rest.distance, rest.right)
    points = yours + right
    if len(yours) < 2 or rest.yours is None:
        return Markup("")
    axes = Axes(
        (math.floor(min(x for x, _ in points)), math.floor(min(y for _, y in points))),
        (math.ceil(max(x for x, _ in points)), math.ceil(max(y for _, y in points))),
    )
    if axes.low[0] == axes.high[0] or axes.low[1] == axes.high[1]:
        return Markup("")
    together = rest.agrees and len(right) > 1
    drawing = [_grid(axes), _curve(axes, right, "right"), _curve(axes, yours, "yours")]
    if together:
        drawing.append(_below(axes, right, f"both: {_slope(rest.slope_right)}", "right"))
    else:
        label = f"the right one: {_slope(rest.slope_right)}" if len(right) > 1 else "the right one: 0"
        drawing.append(_below(axes, right, label, "right"))
        drawing.append(_above(axes, yours, f"yours: {_slope(rest.slope_yours, rest.bends_at)}"))
    return Markup(
        '<svg class="plot" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{id}-name {id}-text">'
        '<title id="{id}-name">Remainder against the size of the step, on logarithmic axes</title>'
        '<desc id="{id}-text">{desc}</desc>{drawing}</svg>'
    ).format(w=WIDTH, h=HEIGHT, id=id, desc=describe(rest), drawing=Markup("").join(drawing))


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


def _logarithms(x: Sequence[float], y: Sequence[float]) -> list[Point]:
    """The points that a log–log plot can show, from left to right."""
    return sorted(
        (math.log10(a), math.log10(b)) for a, b in zip(x, y, strict=False) if a > 0 and 0 < b < math.inf
    )


def _curve(axes: Axes, points: Sequence[Point], name: str) -> Markup:
    placed = [axes.place(point) for point in points]
    if not placed:
        return Markup("")
    line = " ".join(f"{x:g},{y:g}" for x, y in placed)
    marks = "".join(
        f'<circle cx="{x:g}" cy="{y:g}" r="3"/>' if name == "yours"
        else f'<rect x="{x - 3.5:g}" y="{y - 3.5:g}" width="7" height="7"/>'
        for x, y in placed[:: -MARKERS]
    )  # fmt: skip
    return Markup(f'<g class="{name}"><polyline points="{line}"/>{marks}</g>')


def _above(axes: Axes, points: Sequence[Point], text: str) -> Markup:
    """A label over the left end of a rising curve: clear of it if above where it ends."""
    x = LEFT + 8
    return _label(x, max(_height(axes, points, x + LETTER * len(text)) - 9, TOP + 10), text, "yours")


def _below(axes: Axes, points: Sequence[Point], text: str, name: str) -> Markup:
    """A label under the right end of a rising curve: clear of it if below where it begins."""
    x = WIDTH - RIGHT - 6 - LETTER * len(text)
    return _label(x, min(_height(axes, points, x) + 17, HEIGHT - BOTTOM - 6), text, name)


def _label(x: float, y: float, text: str, name: str) -> Markup:
    return Markup('<text class="label {}" x="{:g}" y="{:g}">{}</text>').format(name, x, y, text)


def _height(axes: Axes, points: Sequence[Point], x: float) -> float:
    """How high a curve is drawn at a place; its ends go on level."""
    placed = [axes.place(point) for point in points]
    if not placed:
        return HEIGHT
    near = min(placed, key=lambda point: abs(point[0] - x))
    return near[1]


def _grid(axes: Axes) -> Markup:
    """The frame, lines at the ticks with their labels, and what the axes are."""
    lines, labels = [], []
    for k in _ticks(axes.low[0], axes.high[0]):
        x, _ = axes.place((k, axes.low[1]))
        lines.append(f"M{x:g} {TOP}V{HEIGHT - BOTTOM}")
        labels.append(f'<text class="tick" x="{x:g}" y="{HEIGHT - BOTTOM + 15}">{_power(k)}</text>')
    for k in _ticks(axes.low[1], axes.high[1]):
        _, y = axes.place((axes.low[0], k))
        lines.append(f"M{LEFT} {y:g}H{WIDTH - RIGHT}")
        labels.append(f'<text class="tick side" x="{LEFT - 6}" y="{y + 4:g}">{_power(k)}</text>')
    frame = f'<path class="grid" d="{"".join(lines)}"/>'
    axis = f'<text class="axis" x="{WIDTH - RIGHT}" y="{HEIGHT - 3}">‖dA‖</text>'
    return Markup(frame + "".join(labels) + axis)


def _ticks(low: float, high: float) -> list[int]:
    step = next(s for s in (1, 2, 4, 5, 10, 20, 50, 100, 1000) if (high - low) / s <= TICKS)
    return [k for k in range(math.ceil(low), math.floor(high) + 1) if k % step == 0]


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(_RAISED)}" if exponent else "1"
