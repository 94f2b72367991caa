"""Axes of arrays, and the places that an index, a reduction or einsum takes entries from: all in whole numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import product, zip_longest
from math import prod
from types import EllipsisType
from typing import Any, TypeVar

T = TypeVar("T")
Axes = int | tuple[int, ...] | None
"""An axis, several, or all."""


def axes_of(axis: Axes, dimensions: int) -> tuple[int, ...]:
    """The axes that a reduction is along."""
    if axis is None:
        return tuple(range(dimensions))
    return (axis,) if isinstance(axis, int) else axis


def reduced_sides(sides: Sequence[T], axes: Collection[int], keepdims: bool) -> tuple[T | int, ...]:
    """The sides after a reduction along some axes, which are kept with length 1 or left out."""
    if keepdims:
        return tuple(1 if axis in axes else side for axis, side in enumerate(sides))
    return tuple(side for axis, side in enumerate(sides) if axis not in axes)


def read_subscripts(subscripts: str, arrays: int) -> tuple[list[str], str]:
    """The letters of the axes of einsum's operands and of its result; without `->` those that appear once, sorted.

    Raises:
        ValueError: it is something else.
    """
    text = subscripts.replace(" ", "")
    left, arrow, output = text.partition("->")
    inputs = left.split(",")

    if not re.fullmatch(r"[A-Za-z]*(,[A-Za-z]*)*", left) or not re.fullmatch(r"[A-Za-z]*", output):
        raise ValueError(f"einsum takes letters, such as 'ij,jk->ik', found '{subscripts}'")
    if len(inputs) != arrays:
        raise ValueError(f"'{subscripts}' is for {len(inputs)} arrays, found {arrays}")

    if not arrow:
        output = "".join(sorted(letter for letter in {*left} - {","} if left.count(letter) == 1))
    if len({*output}) < len(output) or not {*output} <= {*left}:
        raise ValueError(f"the letters behind -> in '{subscripts}' appear before it, and each once")
    return inputs, output


def contractions(inputs: Sequence[str], output: str) -> Iterator[tuple[str, str, str]]:
    """The letters of both operands and of the result, where einsum takes in one array after another.

    The first result is that of the first array alone. Letters that nothing later needs are summed at once.
    """
    letters = ""
    for position, right in enumerate(inputs):
        needed = {*output, *"".join(inputs[position + 1 :])}
        last = position == len(inputs) - 1
        kept = output if last else "".join(one for one in dict.fromkeys(letters + right) if one in needed)
        yield letters, right, kept
        letters = kept


Part = int | slice | EllipsisType | None | list[Any]
"""What stands between the brackets of an index; a list, which may be nested, has labels."""


def strides_of(shape: Sequence[int]) -> tuple[int, ...]:
    """How many places apart neighbours along each axis are, where entries stand row by row."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def take(shape: Sequence[int], parts: Sequence[Part]) -> tuple[list[int], tuple[int, ...]]:
    """The places of the entries that an index takes, and their shape, as numpy finds them.

    Raises:
        IndexError: a number is out of bounds, or there are more parts than axes.
    """
    used = sum(part is not None and part is not ... for part in parts)
    if used > len(shape):
        raise IndexError(f"too many indices: an array has {len(shape)} axes, and {used} were indexed")
    filled = _without_ellipsis(parts, len(shape) - used)
    labels = [part for part in filled if isinstance(part, list)]
    if labels:
        return _take_labels(shape, filled, labels)

    strides = strides_of(shape)
    offset, axis = 0, 0
    sides: list[int] = []
    steps: list[range] = []
    for part in filled:
        if part is None:
            sides.append(1)
            continue
        if isinstance(part, slice):
            chosen = range(*part.indices(shape[axis]))
            sides.append(len(chosen))
            steps.append(_scaled(chosen, strides[axis]))
        else:
            offset += _place(part, axis, shape[axis]) * strides[axis]
        axis += 1
    return [offset + sum(step) for step in product(*steps)], tuple(sides)


def _without_ellipsis(parts: Sequence[Part], unused: int) -> list[Part]:
    """The parts with a slice for every axis that none is for."""
    whole: list[Part] = [slice(None)] * unused
    if ... not in [part for part in parts if not isinstance(part, list)]:
        return [*parts, *whole]
    place = next(k for k, part in enumerate(parts) if part is ...)
    return [*parts[:place], *whole, *parts[place + 1 :]]


def _scaled(chosen: range, stride: int) -> range:
    return range(chosen.start * stride, chosen.stop * stride, chosen.step * stride)


def _place(index: Any, axis: int, side: int) -> int:
    if not -side <= index < side:
        raise IndexError(f"index {index} is out of bounds for axis {axis} with size {side}")
    return int(index) % side


def _take_labels(
    shape: Sequence[int], parts: Sequence[Part], labels: Sequence[list[Any]]
) -> tuple[list[int], tuple[int, ...]]:
    """The same where some parts are arrays of labels: their entries are taken together."""
    outer = common_shape([shape_of(label) for label in labels])
    if outer is None:
        raise IndexError("labels of an index do not fit each other")
    # Numbers count as labels here, as in numpy; where a slice separates labels, their axes come first.
    advanced = [k for k, part in enumerate(parts) if isinstance(part, int | list)]
    is_together = advanced == list(range(advanced[0], advanced[-1] + 1))
    front = advanced[0] if is_together else 0
    before = sum(isinstance(part, slice) or part is None for part in parts[:front])

    places: list[int] = []
    for at in product(*map(range, outer)):
        plain = [entry_of(part, at) if isinstance(part, list) else part for part in parts]
        places += take(shape, plain)[0]
    sides = _sides_of_slices(shape, parts)
    return _with_axes_at(places, outer, sides, before)


def _sides_of_slices(shape: Sequence[int], parts: Sequence[Part]) -> tuple[int, ...]:
    """The sides that parts other than labels leave."""
    own = iter(shape)
    sides = []
    for part in parts:
        if part is None:
            sides.append(1)
            continue
        side = next(own)
        if isinstance(part, slice):
            sides.append(len(range(*part.indices(side))))
    return tuple(sides)


def _with_axes_at(
    places: list[int], outer: tuple[int, ...], sides: tuple[int, ...], before: int
) -> tuple[list[int], tuple[int, ...]]:
    """Places whose first axes are the outer ones, with these moved behind some of the sides."""
    order = [*range(len(outer), len(outer) + before), *range(len(outer))]
    order += range(len(outer) + before, len(outer) + len(sides))
    moved, shape = transpose((*outer, *sides), order)
    return [places[place] for place in moved], shape


def transpose(shape: Sequence[int], order: Sequence[int]) -> tuple[list[int], tuple[int, ...]]:
    """The places of all entries with the axes in another order, and their shape."""
    strides = strides_of(shape)
    sides = tuple(shape[axis] for axis in order)
    steps = [range(0, shape[axis] * strides[axis], strides[axis] or 1) for axis in order]
    return [sum(step) for step in product(*steps)], sides


def lines_along(shape: Sequence[int], axes: Sequence[int]) -> Iterator[list[int]]:
    """The places that a reduction along some axes takes together, for each entry of its result."""
    others = [axis for axis in range(len(shape)) if axis not in axes]
    places, sides = transpose(shape, [*others, *axes])
    length = prod(shape[axis] for axis in axes)
    for k in range(prod(sides[: len(others)])):
        yield places[k * length : (k + 1) * length]


def common_shape(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The shape to which arrays are repeated; None if they do not fit."""
    sides = []
    for lengths in zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1):
        longer = {length for length in lengths if length != 1}
        if len(longer) > 1:
            return None
        sides.append(longer.pop() if longer else 1)
    return tuple(sides[::-1])


def nested(entries: Sequence[Any], shape: Sequence[int]) -> Any:
    """Entries, row by row, as lists in lists."""
    if not shape:
        return entries[0]
    length = prod(shape[1:])
    return [nested(entries[k * length : (k + 1) * length], shape[1:]) for k in range(shape[0])]


def shape_of(lists: Any) -> tuple[int, ...]:
    """The shape of lists in lists; of a number, ()."""
    if not isinstance(lists, list | tuple):
        return ()
    return (len(lists), *(shape_of(lists[0]) if lists else ()))


def entry_of(lists: Any, at: Sequence[int]) -> Any:
    """The entry of lists in lists at an index of an array that they are broadcast to."""
    own = shape_of(lists)
    for side, index in zip(own, at[len(at) - len(own) :], strict=True):
        lists = lists[0 if side == 1 else index]
    return lists
