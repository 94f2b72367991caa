"""Arrays of balls that are rearranged or made as numpy does it: numpy moves their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flint import arb

from grader.problems.arrangements import ARRANGEMENTS, arrange
from grader.problems.entrywise import CONSTRUCTORS
from grader.problems.language import split_whole
from grader.truths.ball_arrays import ARRAYS, constant
from grader.truths.ball_moves import MOVES
from grader.truths.balls import Ball, from_array, from_entries


def _arranged(name: str) -> Callable[..., Ball]:
    def arranged(*arguments: Any, **options: Any) -> Ball:
        arrays, numbers = split_whole(name, arguments)
        shapes = [array.shape for array in arrays]
        places = arrange(name, shapes, [*map(constant, numbers)], options)

        entries = [arb(0)]
        for array in arrays:
            entries += array.entries()
        return from_entries([entries[place] for place in places.ravel().tolist()], places.shape)

    return arranged


def _constructed(name: str) -> Callable[..., Ball]:
    return lambda *sizes: from_array(CONSTRUCTORS[name](*map(constant, sizes)))


ARRANGED: Mapping[str, Callable[..., Ball]] = {
    **{name: _arranged(name) for name in ARRANGEMENTS if name not in {**ARRAYS, **MOVES}},
    **{name: _constructed(name) for name in CONSTRUCTORS if name not in ARRAYS},
}
"""Name → operation."""
