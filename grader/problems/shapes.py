"""Shapes of inputs and values, in letters and numbers, and the algebra that evaluates expressions on shapes alone."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.problems.language import COMPARISONS, Algebra, Expression, ShapeError, UndeterminedError, evaluate

Dimension = int | str
Shape = tuple[Dimension, ...]


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
        return int(self.value)


def is_square(shape: Sequence[Dimension]) -> bool:
    """Tell a square matrix by its shape."""
    return len(shape) == 2 and shape[0] == shape[1]


def show_shape(shape: Shape) -> str:
    """`a scalar`, `n`, `n×m`: a shape as people write it."""
    return "×".join(str(side) for side in shape) if shape else "a scalar"


def _number(value: float | complex) -> Shape:
    if isinstance(value, complex):
        return ()
    return Size.of(int(value) if value == int(value) else value)


def _constant(size: Any) -> Any:
    """The value of a size; of data there is none."""
    if not isinstance(size, Size):
        raise ShapeError("not a size")
    if isinstance(size.value, str):
        raise UndeterminedError
    return size.value


def _scalar(*_: object, **__: object) -> Shape:
    return ()


def _entries_of(A: Shape) -> Shape:
    return tuple(A)


def _square(name: str) -> Callable[[Shape], Shape]:
    def shape(A: Shape) -> Shape:
        if not is_square(A):
            raise ShapeError(f"{name} needs a square matrix, found {show_shape(A)}")
        return A

    return shape


def _square_to_scalar(name: str) -> Callable[[Shape], Shape]:
    square = _square(name)

    def shape(A: Shape) -> Shape:
        square(A)
        return ()

    return shape


_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv},
    **{"//": operator.floordiv, "%": operator.mod, "neg": operator.neg, "**": operator.pow},
}


def _of_sizes(name: str, *sizes: Any) -> Size:
    """Arithmetic of sizes; what is made of letters cannot be told."""
    values = [size.value for size in sizes]
    if any(isinstance(value, str) for value in values):
        return Size.of("")
    try:
        result = _ARITHMETIC[name](*values)
    except (ArithmeticError, ValueError):
        return Size.of("")
    return Size.of("" if isinstance(result, complex) else result)


def _elementwise(name: str) -> Callable[..., Shape]:
    def shape(A: Shape, B: Shape) -> Shape:
        if isinstance(A, Size) and isinstance(B, Size) and name in _ARITHMETIC:
            return _of_sizes(name, A, B)
        return broadcast(f"'{name}'", A, B)

    return shape


def broadcast(name: str, *shapes: Shape) -> Shape:
    """The common shape of operands, as numpy finds it: sides of 1 are repeated."""
    length = max(map(len, shapes))
    sides = []
    for position in range(-length, 0):
        found = {shape[position] for shape in shapes if len(shape) >= -position} - {1}
        if len(found) > 1:
            words = " and ".join(map(show_shape, shapes))
            raise ShapeError(
                f"{name} needs equal shapes or a scalar, or shapes that numpy broadcasts, found {words}"
            )
        sides.append(found.pop() if found else 1)
    return tuple(sides)


def _product(A: Shape, B: Shape) -> Shape:
    if not A or not B or A[-1] != B[-2 if len(B) > 1 else 0]:
        raise ShapeError(f"'@' does not fit {show_shape(A)} and {show_shape(B)}")
    outer = broadcast("'@'", A[:-2], B[:-2])
    return outer + A[len(A[:-2]) : -1] + (B[-1:] if len(B) > 1 else ())


def _solve(A: Shape, b: Shape) -> Shape:
    _square("solve")(A)
    if not b or b[0] != A[0]:
        raise ShapeError(f"solve does not fit {show_shape(A)} and {show_shape(b)}")
    return b


def _times(p: Dimension, q: Dimension) -> Dimension:
    if isinstance(p, int) and isinstance(q, int):
        return p * q
    return f"{p}²" if p == q else f"{p}{q}"


def _kron(A: Shape, B: Shape) -> Shape:
    if len(A) != 2 or len(B) != 2:
        raise ShapeError(f"kron needs two matrices, found {show_shape(A)} and {show_shape(B)}")
    return (_times(A[0], B[0]), _times(A[1], B[1]))


def _vec(A: Shape) -> Shape:
    return (_times(*A),) if len(A) == 2 else A or (1,)


def _diag(A: Shape) -> Shape:
    if not A:
        raise ShapeError("diag needs a matrix or a vector, found a scalar")
    return (A[0], A[0]) if len(A) == 1 else (A[0],)


def side_of(name: str, size: Shape) -> Dimension:
    """The side that an argument of `eye` or `zeros` stands for."""
    if not isinstance(size, Size):
        raise ShapeError(f"{name} takes one of the sizes, such as {name}(n)")
    return size.side


def _filled(name: str) -> Callable[..., Shape]:
    return lambda *sizes: tuple(side_of(name, size) for size in sizes)


def _eye(n: Shape) -> Shape:
    side = side_of("eye", n)
    return (side, side)


def _entries(A: Shape, parts: tuple[Any, ...]) -> Shape:
    """The shape of A[parts]."""
    sides = [side for side in A if isinstance(side, int)]
    if len(sides) < len(A):
        return _entries_in_letters(A, parts)
    try:
        shape: Shape = np.broadcast_to(False, sides)[parts].shape
        return shape
    except IndexError as error:
        raise ShapeError(str(error)) from None


def _entries_in_letters(A: Shape, parts: tuple[Any, ...]) -> Shape:
    if Ellipsis in parts or len(parts) - parts.count(None) > len(A):
        raise UndeterminedError
    sides: list[Dimension] = []
    left = list(A)
    for part in parts:
        if part is None:
            sides.append(1)
        elif part == slice(None):
            sides.append(left.pop(0))
        elif isinstance(part, int):
            left.pop(0)
        else:
            raise UndeterminedError
    return (*sides, *left)


def _with_entries(A: Shape, value: Shape, parts: tuple[Any, ...]) -> Shape:
    entries = _entries(A, parts)
    if broadcast("an assignment to entries", entries, value) != entries:
        raise ShapeError(f"{show_shape(value)} does not fit in entries of shape {show_shape(entries)}")
    return tuple(A)


def _stack(*arrays: Shape, axis: int = 0) -> Shape:
    first = arrays[0]
    if any(array != first for array in arrays):
        raise ShapeError(
            f"arrays beside each other need equal shapes, found {' and '.join(map(show_shape, arrays))}"
        )
    if not -len(first) - 1 <= axis <= len(first):
        raise ShapeError(f"axis {axis} does not fit arrays of shape {show_shape(first)}")
    position = axis % (len(first) + 1)
    return (*first[:position], len(arrays), *first[position:])


def _reduction(name: str) -> Callable[..., Shape]:
    def shape(A: Shape, axis: int | None = None, keepdims: bool = False) -> Shape:
        if axis is not None and not -len(A) <= axis < len(A):
            raise ShapeError(f"{name} has no axis {axis} over {show_shape(A)}")
        summed = range(len(A)) if axis is None else [axis % len(A)]
        sides = [1 if k in summed else side for k, side in enumerate(A) if keepdims or k not in summed]
        return tuple(sides)

    return shape


def _matrix_power(A: Shape, k: Shape) -> Shape:
    _power(A, k)
    return _square("power")(A)


def _power(A: Shape, k: Shape) -> Shape:
    if k:
        raise ShapeError(f"an exponent is a scalar, found {show_shape(k)}")
    return _elementwise("**")(A, k)


SHAPES: Algebra[Shape] = Algebra(
    _number,
    {
        **{name: _elementwise(name) for name in (*"+-*/%", "//", *COMPARISONS)},
        **dict.fromkeys(("sqrt", "log", "exp", "abs", "real", "copy"), _entries_of),
        "neg": lambda A: _of_sizes("neg", A) if isinstance(A, Size) else A,
        **{name: _square(name) for name in ("inv", "adj")},
        **{name: _square_to_scalar(name) for name in ("det", "trace", "logdet")},
        **dict.fromkeys(("norm", "⟨,⟩"), _scalar),
        **{name: _reduction(name) for name in ("sum",)},
        **dict.fromkeys((".T", ".H"), lambda A: tuple(A[::-1])),
        "[]": _entries,
        "[]=": _with_entries,
        "@": _product,
        "**": _power,
        "solve": _solve,
        "kron": _kron,
        "vec": _vec,
        "diag": _diag,
        "eye": _eye,
        "power": _matrix_power,
        **{name: _filled(name) for name in ("zeros", "ones")},
        "stack": _stack,
        "where": lambda condition, x, y: broadcast("where", condition, x, y),
    },
    _constant,
)
"""Shapes alone, with sizes by name: finds an author's mistake before any number is drawn."""


def evaluate_shape(
    f: Expression, shapes: Mapping[str, Any], functions: Mapping[str, tuple[str, Expression]]
) -> Shape:
    """The shape of an expression.

    Args:
        shapes: those of its names; functions: argument and expression of each function that it calls.

    Raises:
        ExpressionError: operations do not fit the shapes of their operands.
    """

    def call(argument: str, expression: Expression) -> Callable[[Shape], Shape]:
        return lambda X: evaluate(expression, {**shapes, argument: X}, SHAPES)

    calls = {name: call(*function) for name, function in functions.items()}
    return evaluate(f, {**shapes, **calls}, SHAPES)
