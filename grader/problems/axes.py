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
    if not re.fullmatch(r"[A-Za-z]*(,[A-Za-z]*)*(->[A-Za-z]*)?", text):
        raise ValueError(f"einsum takes letters, such as 'ij,jk->ik', found '{subscripts}'")

    left, arrow, output = text.partition("->")
    inputs, letters = left.split(","), left.replace(",", "")
    if len(inputs) != arrays:
        raise ValueError(f"'{subscripts}' is for {len(inputs)} arrays, found {arrays}")

    if not arrow:
        output = "".join(sorted(letter for letter in letters if letters.count(letter) == 1))
    is_repeated = len({*output}) < len(output)
    if is_repeated or not {*output} <= {*letters}:
        raise ValueError(f"the letters behind -> in '{subscripts}' appear before it, and each once")
    return inputs, output


def contractions(inputs: Sequence[str], output: str) -> Iterator[tuple[str, str, str]]:
    """The letters of both operands and of the result, where einsum takes in one array after another.

    The first result is that of the first array alone. Letters that nothing later needs are summed at once.
    """
    letters = ""
    for position, right in enumerate(inputs[:-1], 1):
        needed = {*output, *"".join(inputs[position:])}
        kept = "".join(letter for letter in dict.fromkeys(letters + right) if letter in needed)
        yield letters, right, kept
        letters = kept
    yield letters, inputs[-1], output


Part = int | slice | EllipsisType | None | list[Any]
"""What stands between the brackets of an index; a list, which may be nested, has labels."""


def strides_of(shape: Sequence[int]) -> tuple[int, ...]:
    """How many places apart neighbours along each axis are, if entries are listed row by row."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def take(shape: Sequence[int], parts: Sequence[Part]) -> tuple[list[int], tuple[int, ...]]:
    """The places of the entries that an index takes, and their shape, as numpy finds them.

    Raises:
        IndexError: a number is out of bounds, there are more parts than axes, or more than one ellipsis.
    """
    if parts.count(...) > 1:
        raise IndexError("an index has at most one ...")
    used = len(parts) - parts.count(None) - parts.count(...)
    if used > len(shape):
        raise IndexError(f"too many indices: an array has {len(shape)} axes, and {used} were indexed")

    filled = _without_ellipsis(parts, len(shape) - used)
    labels = [part for part in filled if isinstance(part, list)]
    if labels:
        return _take_labels(shape, filled, labels)
    return _take_plain(shape, filled), _sides_of_slices(shape, filled)


def _take_plain(shape: Sequence[int], parts: Sequence[Part]) -> list[int]:
    """The places where no part is an array of labels: numbers move all of them, and a slice steps along its axis."""
    offset = 0
    steps: list[range] = []
    with_axes = [part for part in parts if part is not None]
    axes = zip(with_axes, shape, strides_of(shape), strict=True)
    for axis, (part, side, stride) in enumerate(axes):
        if isinstance(part, slice):
            steps.append(_scaled(range(*part.indices(side)), stride))
        else:
            offset += _place(part, axis, side) * stride
    return [offset + sum(step) for step in product(*steps)]


def _without_ellipsis(parts: Sequence[Part], unused: int) -> list[Part]:
    """The parts of an index with a slice for every axis that it leaves out."""
    whole: list[Part] = [slice(None)] * unused
    if ... not in parts:
        return [*parts, *whole]
    place = parts.index(...)
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
    """The places and their shape where some parts are arrays of labels, whose entries are taken together."""
    outer = common_shape([shape_of(label) for label in labels])
    if outer is None:
        raise IndexError("labels of an index do not fit each other")
    places: list[int] = []
    for at in product(*map(range, outer)):
        plain = [entry_of(part, at) if isinstance(part, list) else part for part in parts]
        places += _take_plain(shape, plain)
    return _with_axes_at(places, outer, _sides_of_slices(shape, parts), _sides_before_labels(shape, parts))


def _sides_before_labels(shape: Sequence[int], parts: Sequence[Part]) -> int:
    """How many sides of slices come before those of the labels, among which numbers count here, as in numpy."""
    advanced = [k for k, part in enumerate(parts) if isinstance(part, int | list)]
    first, last = advanced[0], advanced[-1]
    is_separated = len(advanced) < last - first + 1
    if is_separated:
        return 0
    return len(_sides_of_slices(shape, parts[:first]))


def _sides_of_slices(shape: Sequence[int], parts: Sequence[Part]) -> tuple[int, ...]:
    """The sides that slices leave, and those of length 1 that None adds."""
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


def common_shape(shapes: Sequence[tuple[T, ...]]) -> tuple[T | int, ...] | None:
    """The shape to which arrays are repeated, in letters or numbers; None if they do not fit."""
    sides: list[T | int] = []
    for lengths in zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1):
        longer: set[Any] = {*lengths} - {1}
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
    inner = shape_of(lists[0]) if lists else ()
    return (len(lists), *inner)


def entry_of(lists: Any, at: Sequence[int]) -> Any:
    """The entry of lists in lists at an index of an array that they are broadcast to."""
    own = shape_of(lists)
    last = at[len(at) - len(own) :]
    for side, index in zip(own, last, strict=True):
        place = 0 if side == 1 else index
        lists = lists[place]
    return lists
