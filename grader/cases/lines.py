"""Maps along lines, and difference quotients of them: for anything that can be added and scaled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from grader.cases.asked_map import Map, Point

T = TypeVar("T")
Line = Callable[[Any], T]
"""t ↦ φ(A + tV)."""


SCHEMES: Mapping[str, Callable[[Line[Any], Any], Any]] = {
    "forward": lambda phi, h: (phi(h) - phi(0.0)) / h,
    "backward": lambda phi, h: (phi(0.0) - phi(-h)) / h,
    "central": lambda phi, h: (phi(h) - phi(-h)) / (2 * h),
    "fourth-order": lambda phi, h: (8 * (phi(h) - phi(-h)) - (phi(2 * h) - phi(-2 * h))) / (12 * h),
}
central, fourth_order = SCHEMES["central"], SCHEMES["fourth-order"]


def move(at: Point, along: Point, h: Any) -> dict[str, Any]:
    """The point A + hV."""
    return {**at, **{name: at[name] + V * h for name, V in along.items()}}


def on_line(f: Map[T], at: Point, along: Point) -> Line[T]:
    """The map t ↦ f(A + tV)."""
    return lambda t: f(move(at, along, t))


def remembered(line: Line[T]) -> Line[T]:
    """The same map, which is evaluated once at each t."""
    found: dict[Any, T] = {}

    def at(t: Any) -> T:
        if t not in found:
            found[t] = line(t)
        return found[t]

    return at
