"""Sides of arrays, in letters or numbers, and the numbers that are no data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, TypeVar

from grader.problems.language import ShapeError, UndeterminedError

T = TypeVar("T")
Dimension = int | str
Shape = tuple[Dimension, ...]
_LONGEST = 1000
"""The most entries along one axis."""

_JOINED = re.compile(r"([^\W\dx_]|\d+)(x([^\W\dx_]|\d+))+")


def split_joined(word: str) -> list[str]:
    """The sides of `nxn` or `nx2`: letters or numbers with an x between each two; any other word by itself."""
    return word.split("x") if _JOINED.fullmatch(word) else [word]


class Size(tuple[()]):
    """The shape of a size or another number that is no data, as in `eye(n)`: a scalar that knows its value.

    The value is a letter while sizes are letters, and empty where it cannot be told then.
    """

    value: Dimension | float

    @classmethod
    def of(cls, value: Dimension | float) -> Size:
        """The size with this letter or value."""
        size = cls()
        size.value = value
        return size

    @property
    def side(self) -> Dimension:
        """The side of an array that it is."""
        if self.value == "":
            raise UndeterminedError
        if isinstance(self.value, str):
            return self.value
        if self.value < 0 or self.value != int(self.value):
            raise ShapeError(f"a side has a whole number of entries, found {self.value:g}")
        if self.value > _LONGEST:
            raise ShapeError(f"a side has at most {_LONGEST} entries, found {self.value:g}")
        return int(self.value)


class Labels(tuple[Any, ...]):
    """The shape of an array of labels: whole numbers from 0 that are given, no data, such as classes or `arange(n)`."""

    number: Dimension

    @classmethod
    def of(cls, shape: Sequence[Dimension], number: Dimension) -> Labels:
        """The shape of labels from 0 to one less than `number`."""
        labels = cls(shape)
        labels.number = number
        return labels

    @property
    def largest(self) -> Any:
        """The largest label in every place, in nested lists."""
        if isinstance(self.number, str) or letters_among(self):
            raise UndeterminedError
        largest: Any = max(self.number - 1, 0)
        for side in reversed(self):
            largest = [largest] * side
        return largest


def labelled(shape: Shape, labels: Dimension | None) -> Shape:
    """The shape of an input; if its entries are labels, it knows how many there are."""
    return shape if labels is None else Labels.of(shape, labels)


def as_sizes(values: Mapping[str, int | float | str]) -> dict[str, Any]:
    """Numbers as sizes, whose values shapes can be computed from; words as they are."""
    return {name: value if isinstance(value, str) else Size.of(value) for name, value in values.items()}


def combinations_of(lists: Mapping[str, Iterable[T]]) -> Iterator[dict[str, T]]:
    """All combinations of one value for each name; the last name's values change fastest."""
    for values in product(*lists.values()):
        yield dict(zip(lists, values, strict=True))


def letters_among(sides: Iterable[Dimension]) -> set[str]:
    """The sides that are letters."""
    return {side for side in sides if isinstance(side, str)}


def with_sizes(sides: Iterable[Dimension], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The sides in numbers."""
    return tuple(sizes[side] if isinstance(side, str) else side for side in sides)


def is_square(shape: Sequence[Dimension]) -> bool:
    """Tell a square matrix by its shape."""
    return len(shape) == 2 and shape[0] == shape[1]


def square_side(name: str, shape: Sequence[Dimension]) -> Dimension:
    """The number of rows and columns of a square matrix.

    Args:
        name: of the function that needs one.

    Raises:
        ShapeError: it is something else.
    """
    if not is_square(shape):
        raise ShapeError(f"{name} needs a square matrix, found {show_shape(tuple(shape))}")
    return shape[0]


def show_shape(shape: Shape) -> str:
    """`a scalar`, `n`, `n×m`: a shape as people write it."""
    return "×".join(str(side) for side in shape) if shape else "a scalar"


def name_shape(shape: Shape) -> str:
    """What an answer of a shape is, as students call it."""
    return f"an array of shape {tuple(shape)}" if shape else "a number"


def constant(size: Any) -> Any:
    """The value of a size, or None where there is none; of labels the largest; of data there is no value.

    Raises:
        ShapeError: it is data; UndeterminedError: it is a letter.
    """
    if size is None:
        return None
    if isinstance(size, Labels):
        return size.largest
    if not isinstance(size, Size):
        raise ShapeError("not a size")
    if isinstance(size.value, str):
        raise UndeterminedError
    return size.value


def times(p: Dimension, q: Dimension) -> Dimension:
    """The number of entries of a p×q matrix."""
    if isinstance(p, int) and isinstance(q, int):
        return p * q
    if 1 in (p, q):
        return q if p == 1 else p
    return f"{p}²" if p == q else f"{p}{q}"
