"""The algebra of shapes in letters: what is known of a shape before any size is, and without numpy."""

from __future__ import annotations

from collections.abc import Callable

from grader.problems.array_shapes import ARRAY_SHAPES, elementwise
from grader.problems.language import Algebra, ShapeError
from grader.problems.matrix_shapes import MATRIX_SHAPES
from grader.problems.sides import Shape, Size, constant, show_shape, square_side, times


def _number(value: float | complex) -> Shape:
    if isinstance(value, complex):
        return ()
    whole = int(value)
    return Size.of(whole if whole == value else value)


def _scalar(*_: object, **__: object) -> Shape:
    return ()


def _square(name: str) -> Callable[[Shape], Shape]:
    def shape(A: Shape) -> Shape:
        square_side(name, A)
        return A

    return shape


def _square_to_scalar(name: str) -> Callable[[Shape], Shape]:
    def shape(A: Shape) -> Shape:
        square_side(name, A)
        return ()

    return shape


def _solve(A: Shape, b: Shape) -> Shape:
    n = square_side("solve", A)
    if not b or b[0] != n:
        raise ShapeError(f"solve does not fit {show_shape(A)} and {show_shape(b)}")
    return b


def _kron(A: Shape, B: Shape) -> Shape:
    if len(A) != 2 or len(B) != 2:
        raise ShapeError(f"kron needs two matrices, found {show_shape(A)} and {show_shape(B)}")
    return (times(A[0], B[0]), times(A[1], B[1]))


def _matrix_power(A: Shape, k: Shape) -> Shape:
    if k:
        raise ShapeError(f"an exponent of power is a scalar, found {show_shape(k)}")
    square_side("power", A)
    return A


CORE_SHAPES: Algebra[Shape] = Algebra(
    _number,
    {
        **ARRAY_SHAPES,
        **{name: _square(name) for name in ("inv", "adj")},
        **{name: _square_to_scalar(name) for name in ("det", "trace", "logdet")},
        **dict.fromkeys(("norm", "⟨,⟩"), _scalar),
        **dict.fromkeys((".T", ".H"), lambda A: tuple(A[::-1])),
        "**": elementwise("**"),
        "solve": _solve,
        "kron": _kron,
        "power": _matrix_power,
        **MATRIX_SHAPES,
    },
    constant,
)
"""Shapes, as far as letters say them."""
