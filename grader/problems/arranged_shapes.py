"""Shapes of what numpy makes or rearranges, found by doing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from grader.problems.arrangements import ARRANGEMENTS, arrange
from grader.problems.array_shapes import arranged, side_of
from grader.problems.entrywise import CONSTRUCTORS
from grader.problems.language import ShapeError
from grader.problems.sides import Labels, Shape, Size, constant, show_shape


def _in_numbers(
    name: str, arrays: Sequence[Shape], numbers: Sequence[Any], options: Mapping[str, Any]
) -> Shape:
    sides = [tuple(int(side) for side in array) for array in arrays]
    try:
        shape: Shape = arrange(name, sides, [*numbers], options).shape
    except (ValueError, IndexError, TypeError) as error:
        raise ShapeError(f"{name} does not fit {' and '.join(map(show_shape, arrays))}: {error}") from None
    return shape


_LARGEST = 40
"""The largest size of a matrix between vectorised matrices."""


def _constructed(name: str) -> Callable[..., Shape]:
    def shape(*sizes: Any) -> Shape:
        numbers = [constant(size) for size in sizes]
        if any(number is not None and number > _LARGEST for number in numbers):
            raise ShapeError(f"{name} takes sizes up to {_LARGEST}, found {numbers}")
        try:
            made: Shape = CONSTRUCTORS[name](*numbers).shape
        except (ValueError, TypeError) as error:
            raise ShapeError(f"{name} does not take these sizes: {error}") from None
        return made

    return shape


def _arange(*bounds: Any) -> Shape:
    for bound in bounds:
        side_of("arange", bound if constant(bound) >= 0 else Size.of(0))
    numbers = CONSTRUCTORS["arange"](*map(constant, bounds))
    return Labels.of(numbers.shape, int(max(numbers, default=0)) + 1)


ARRANGED_SHAPES: Mapping[str, Callable[..., Shape]] = {
    **{name: arranged(name, partial(_in_numbers, name)) for name in ARRANGEMENTS},
    **{name: _constructed(name) for name in CONSTRUCTORS if name not in ("eye", "zeros", "ones")},
    "arange": _arange,
}
"""Operation → shape."""
