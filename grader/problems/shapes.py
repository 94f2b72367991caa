"""Shapes of inputs and values, in letters and numbers, and the algebra that evaluates expressions on shapes alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.problems.expression import Algebra, Expression, ShapeError, evaluate

Dimension = int | str
Shape = tuple[Dimension, ...]


class Size(tuple[()]):
    """The shape of a size used as a number, as in `eye(n)`: a scalar that knows its letter."""

    letter: Dimension

    @classmethod
    def of(cls, letter: Dimension) -> Size:
        """The size with this letter."""
        size = cls()
        size.letter = letter
        return size


def is_square(shape: Sequence[Dimension]) -> bool:
    """Tell a square matrix by its shape."""
    return len(shape) == 2 and shape[0] == shape[1]


def show_shape(shape: Shape) -> str:
    """`a scalar`, `n`, `n×m`: a shape as people write it."""
    return "×".join(str(side) for side in shape) if shape else "a scalar"


def _scalar(*_: object) -> Shape:
    return ()


def _same(A: Shape) -> Shape:
    return A


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


def _elementwise(name: str) -> Callable[[Shape, Shape], Shape]:
    def shape(A: Shape, B: Shape) -> Shape:
        if A and B and A != B:
            raise ShapeError(
                f"'{name}' needs equal shapes or a scalar, found {show_shape(A)} and {show_shape(B)}"
            )
        return A or B

    return shape


def _product(A: Shape, B: Shape) -> Shape:
    if not A or not B or A[-1] != B[0]:
        raise ShapeError(f"'@' does not fit {show_shape(A)} and {show_shape(B)}")
    return A[:-1] + B[1:]


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


def _eye(n: Shape) -> Shape:
    if not isinstance(n, Size):
        raise ShapeError("eye takes one of the sizes, such as eye(n)")
    return (n.letter, n.letter)


def _matrix_power(A: Shape, k: Shape) -> Shape:
    _power(A, k)
    return _square("power")(A)


def _power(A: Shape, k: Shape) -> Shape:
    if k:
        raise ShapeError(f"an exponent is a scalar, found {show_shape(k)}")
    return A


SHAPES: Algebra[Shape] = Algebra(
    _scalar,
    {
        **{name: _elementwise(name) for name in "+-*/"},
        **dict.fromkeys(("neg", "sqrt", "log", "exp", "abs", "real"), _same),
        **{name: _square(name) for name in ("inv", "adj")},
        **{name: _square_to_scalar(name) for name in ("det", "trace", "logdet")},
        **dict.fromkeys(("sum", "norm", "⟨,⟩"), _scalar),
        ".T": lambda A: A[::-1],
        ".H": lambda A: A[::-1],
        "@": _product,
        "**": _power,
        "solve": _solve,
        "kron": _kron,
        "vec": _vec,
        "diag": _diag,
        "eye": _eye,
        "power": _matrix_power,
    },
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
