"""Shapes of what operations on arrays return, in letters and numbers: arithmetic, indexing and reduction."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from grader.problems.axes import Axes, axes_of, common_shape, reduced_sides, take
from grader.problems.einsum_sides import einsum_shape
from grader.problems.entry_functions import ALONG_AN_AXIS, BINARY, REDUCTIONS, UNARY
from grader.problems.language import COMPARISONS, ShapeError, UndeterminedError, split_whole
from grader.problems.sides import Dimension, Labels, Shape, Size, constant, letters_among, show_shape, times

_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv},
    **{"//": operator.floordiv, "%": operator.mod, "neg": operator.neg, "**": operator.pow},
}


def _of_sizes(name: str, *sizes: Any) -> Size:
    """Arithmetic of sizes; what is made of letters cannot be told."""
    unknown = Size.of("")
    values = [size.value for size in sizes]
    if any(isinstance(value, str) for value in values):
        return unknown
    try:
        result = _ARITHMETIC[name](*values)
    except (ArithmeticError, ValueError):
        return unknown
    return unknown if isinstance(result, complex) else Size.of(result)


def elementwise(name: str) -> Callable[..., Shape]:
    """The shape rule of an operation on entries of two operands."""

    def shape(A: Shape, B: Shape) -> Shape:
        if isinstance(A, Size) and isinstance(B, Size) and name in _ARITHMETIC:
            return _of_sizes(name, A, B)
        return _broadcast(f"'{name}'", A, B)

    return shape


def _broadcast(name: str, *shapes: Shape) -> Shape:
    """The common shape of operands, as numpy finds it: sides of 1 are repeated."""
    common = common_shape(shapes)
    if common is None:
        needed = f"{name} needs equal shapes or a scalar, or shapes that numpy broadcasts"
        raise ShapeError(f"{needed}, found {' and '.join(map(show_shape, shapes))}")
    return common


def side_of(name: str, size: Shape) -> Dimension:
    """The side that an argument of `eye` or `zeros` stands for."""
    if not isinstance(size, Size):
        raise ShapeError(f"{name} takes one of the sizes, such as {name}(n)")
    return size.side


def _filled(name: str) -> Callable[..., Shape]:
    return lambda *sizes: tuple(side_of(name, size) for size in sizes)


def _eye(n: Shape, m: Shape | None = None, k: Any = None) -> Shape:
    rows = side_of("eye", n)
    columns = rows if m is None else side_of("eye", m)
    return (rows, columns)


def _entries(A: Shape, parts: tuple[Any, ...]) -> Shape:
    """The shape of A[parts]."""
    shape = _indexed(A, parts)
    return Labels.of(shape, A.number) if isinstance(A, Labels) else shape


def _indexed(A: Shape, parts: tuple[Any, ...]) -> Shape:
    sides = [side for side in A if isinstance(side, int)]
    if len(sides) < len(A):
        return _indexed_in_letters(A, parts)
    try:
        return take(sides, parts)[1]
    except IndexError as error:
        raise ShapeError(str(error)) from None


def _indexed_in_letters(A: Shape, parts: tuple[Any, ...]) -> Shape:
    if len(parts) - parts.count(None) > len(A):
        raise UndeterminedError

    sides: list[Dimension] = []
    left = list(A)
    for part in parts:
        if part is None:
            sides.append(1)
        elif isinstance(part, slice) and part == slice(None):
            sides.append(left.pop(0))
        elif isinstance(part, int):
            left.pop(0)
        else:
            raise UndeterminedError
    return (*sides, *left)


def _with_entries(A: Shape, value: Shape, parts: tuple[Any, ...]) -> Shape:
    entries = _entries(A, parts)
    if _broadcast("an assignment to entries", entries, value) != entries:
        raise ShapeError(f"{show_shape(value)} does not fit in entries of shape {show_shape(entries)}")
    return tuple(A)


def _reduction(name: str) -> Callable[..., Shape]:
    def shape(A: Shape, axis: Axes = None, keepdims: bool = False) -> Shape:
        axes = axes_of(axis, len(A))
        if not {*axes} <= {*range(-len(A), len(A))}:
            raise ShapeError(f"{name} has no axis {axis} over {show_shape(A)}")
        summed = [one % len(A) for one in axes]
        if len({*summed}) < len(summed):
            raise ShapeError(f"{name} has an axis twice in {axis}")
        return reduced_sides(A, summed, keepdims)

    return shape


def _along_an_axis(name: str) -> Callable[..., Shape]:
    reduced = _reduction(name)

    def shape(A: Shape, axis: int | None = None) -> Shape:
        reduced(A, axis)
        if axis is not None or name == "softmax":
            return tuple(A)
        return _vec(A) if len(A) <= 2 else (1,)

    return shape


def arranged(name: str, in_numbers: Callable[..., Shape]) -> Callable[..., Shape]:
    """The shape rule of a function that rearranges entries.

    Args:
        in_numbers: finds the shape where all sides are numbers.
    """
    in_letters = _IN_LETTERS.get(name, _not_in_letters)

    def shape(*arguments: Any, **options: Any) -> Shape:
        arrays, numbers = split_whole(name, arguments)
        known = in_letters(*arguments, **options)
        if known is not None:
            return known

        if letters_among(chain(*arrays)):
            raise UndeterminedError
        return in_numbers([*map(tuple, arrays)], [*map(constant, numbers)], options)

    return shape


def _unknown(*_: object) -> Shape:
    raise UndeterminedError


def _not_in_letters(*_: object, **__: object) -> None:
    return None


def _vec(A: Shape) -> Shape:
    if len(A) == 2:
        return (times(*A),)
    return tuple(A) or (1,)


def _diag(A: Shape, k: Any = None) -> Shape | None:
    if not A:
        raise ShapeError("diag needs a matrix or a vector, found a scalar")
    if k is not None:
        return None
    if len(A) == 1:
        return (A[0], A[0])
    return (A[0],) if A[0] == A[1] else None


def _stack(*arrays: Shape, axis: int = 0) -> Shape | None:
    first = arrays[0]
    if any(array != first for array in arrays):
        words = " and ".join(map(show_shape, arrays))
        raise ShapeError(f"arrays beside each other need equal shapes, found {words}")
    if not -len(first) - 1 <= axis <= len(first):
        raise ShapeError(f"axis {axis} does not fit arrays of shape {show_shape(first)}")
    position = axis % (len(first) + 1)
    return (*first[:position], len(arrays), *first[position:])


def _toeplitz(c: Shape, r: Shape | None = None) -> Shape | None:
    row = c if r is None else r
    if len(c) != 1 or len(row) != 1:
        raise ShapeError(f"toeplitz needs vectors, found {show_shape(c)} and {show_shape(row)}")
    return (c[0], row[0])


SAME_SHAPE = ("flip", "roll", "tril", "triu")
"""Arrangements that keep the shape of their first argument."""

_IN_LETTERS: Mapping[str, Callable[..., Shape | None]] = {
    "vec": _vec,
    "diag": _diag,
    "stack": _stack,
    "toeplitz": _toeplitz,
    **dict.fromkeys(SAME_SHAPE, lambda A, *_, **__: tuple(A)),
}
"""Arrangements whose shape is known while sides are letters."""


def _outer(a: Shape, b: Shape) -> Shape:
    return (*_vec(a), *_vec(b))


def product(A: Shape, B: Shape) -> Shape:
    """The shape of A @ B."""
    # The only side of a vector is summed over.
    if not A or not B or A[-1] != B[-2:][0]:
        raise ShapeError(f"'@' does not fit {show_shape(A)} and {show_shape(B)}")

    rows, columns = A[-2:-1], B[-2:][1:]
    return _broadcast("'@'", A[:-2], B[:-2]) + rows + columns


def _inner(A: Shape, B: Shape) -> Shape:
    return product(A, B[::-1]) if A and B else _broadcast("inner", A, B)


def _dot(A: Shape, B: Shape) -> Shape:
    return product(A, B) if A and B else _broadcast("dot", A, B)


def _cross(x: Shape, y: Shape) -> Shape:
    if x != (3,) or y != (3,):
        raise ShapeError(f"cross needs two vectors of 3 entries, found {show_shape(x)} and {show_shape(y)}")
    return (3,)


def _convolve(x: Shape, y: Shape) -> Shape:
    are_vectors = len(x) == len(y) == 1
    is_empty = 0 in (*x, *y)
    if is_empty or not are_vectors:
        found = f"{show_shape(x)} and {show_shape(y)}"
        raise ShapeError(f"convolve needs two vectors with entries, found {found}")
    if isinstance(x[0], str) or isinstance(y[0], str):
        raise UndeterminedError
    return (x[0] + y[0] - 1,)


def _diff(x: Shape) -> Shape:
    if not x:
        raise ShapeError("diff needs an array, found a scalar")
    if isinstance(x[-1], str):
        raise UndeterminedError
    return (*x[:-1], max(x[-1] - 1, 0))


def _copied(A: Shape) -> Shape:
    return tuple(A)


ARRAY_SHAPES: Mapping[str, Callable[..., Shape]] = {
    **{name: elementwise(name) for name in (*"+-*/%", "//", *COMPARISONS, *BINARY)},
    **dict.fromkeys((*UNARY, "copy"), _copied),
    **{name: _reduction(name) for name in REDUCTIONS},
    **{name: _along_an_axis(name) for name in ALONG_AN_AXIS},
    **{name: arranged(name, _unknown) for name in _IN_LETTERS},
    "neg": lambda A: _of_sizes("neg", A) if isinstance(A, Size) else A,
    "[]": _entries,
    "[]=": _with_entries,
    "@": product,
    **{name: _filled(name) for name in ("zeros", "ones")},
    "eye": _eye,
    "einsum": einsum_shape,
    "outer": _outer,
    "inner": _inner,
    "dot": _dot,
    "cross": _cross,
    "convolve": _convolve,
    "diff": _diff,
    "where": lambda condition, x, y: _broadcast("where", condition, x, y),
    "clip": lambda x, low, high: _broadcast("clip", x, low, high),
}
"""Operation → shape."""
