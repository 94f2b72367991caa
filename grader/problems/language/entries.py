"""How many entries an operation is going to make, before it makes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.problems.language.errors import ShapeError, UndeterminedError
from grader.problems.language.functions import FUNCTIONS

MOST_ENTRIES = 2 * 10**5
"""An array has no more entries than this."""

_ENTRIES: Mapping[str, Callable[..., int]] = {
    **{name: lambda *counts: math.prod(counts) for name in ("zeros", "ones", "kron", "outer", "tile")},
    "repeat": lambda count, repeats, *_: count * repeats,
    "eye": lambda n, m=None, *_: n * (n if m is None else m),
    "arange": lambda *bounds: len(range(*bounds)),
}
"""How many entries an operation makes of whole numbers and of arrays with so many entries."""


def makes_many(name: str) -> bool:
    """May an operation make more entries than it is given?"""
    return name in _ENTRIES


def count_entries(name: str, arguments: Sequence[Any], constant: Callable[[Any], Any]) -> int:
    """How many entries an operation is going to make; 0 if that is not known, or it fails anyway."""
    is_whole = FUNCTIONS[name].tell_whole(len(arguments))

    def count_one(argument: Any, whole: bool) -> Any:
        if argument is None:
            return None
        return constant(argument) if whole else size_of(argument)

    try:
        return _ENTRIES[name](*map(count_one, arguments, is_whole))
    except (ShapeError, UndeterminedError, TypeError, ValueError, OverflowError):
        return 0


def size_of(value: Any) -> int:
    """The number of entries of an array or a shape; 1 for what is none, or not known."""
    if isinstance(value, tuple) and all(isinstance(side, int) for side in value):
        return math.prod(value)
    size = getattr(value, "size", 1)
    return size if isinstance(size, int) else 1
