"""Two of the algebras in which expressions are evaluated: shapes alone, and numpy arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.expression import Algebra, ShapeError

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


def show_shape(shape: Shape) -> str:
    """`a scalar`, `n`, `n×m`: a shape as people write it."""
    return "×".join(str(side) for side in shape) if shape else "a scalar"


def _scalar(_: object) -> Shape:
    return ()


def _square(name: str) -> Callable[[Shape], Shape]:
    def shape(A: Shape) -> Shape:
        if len(A) != 2 or A[0] != A[1]:
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
    return p * q if isinstance(p, int) and isinstance(q, int) else f"{p}{q}" if p != q else f"{p}²"


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


def _power(A: Shape, k: Shape) -> Shape:
    if k:
        raise ShapeError(f"an exponent is a scalar, found {show_shape(k)}")
    return A


SHAPES: Algebra[Shape] = Algebra(
    _scalar,
    {
        **{name: _elementwise(name) for name in "+-*/"},
        **{name: lambda A: A for name in ("neg", "sqrt", "log", "exp", "abs")},
        **{name: _square(name) for name in ("inv", "adj")},
        **{name: _square_to_scalar(name) for name in ("det", "trace", "logdet")},
        ".T": lambda A: A[::-1], ".H": lambda A: A[::-1],
        "@": _product, "**": _power, "solve": _solve, "kron": _kron, "vec": _vec, "diag": _diag, "eye": _eye,
        "sum": _scalar, "norm": lambda A, kind: (),
    },
)  # fmt: skip
"""Shapes alone, with sizes by name: finds an author's mistake before any number is drawn."""


def _adjugate(A: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Adj A at any rank: adj(UΣVᴴ) = det(U)·det(Vᴴ) · V diag(∏_{k≠i} σₖ) Uᴴ."""
    U, sigma, Vh = np.linalg.svd(A)
    others = [np.prod(np.delete(sigma, i)) for i in range(len(sigma))]
    return np.asarray(np.linalg.det(U) * np.linalg.det(Vh) * (Vh.conj().T * others) @ U.conj().T)


def _norm(x: np.ndarray[Any, Any], kind: str) -> Any:
    order: Any = {"1": 1, "2": 2, "inf": np.inf}.get(kind, kind)
    x = np.atleast_1d(np.asarray(x))
    return np.linalg.norm(x[:, None] if x.ndim == 1 else x, order)


NUMPY: Algebra[Any] = Algebra(
    lambda value: np.float64(value) if isinstance(value, float) else np.complex128(value),
    {
        "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "@": np.matmul, "**": np.power,
        "neg": np.negative, ".T": np.transpose, ".H": lambda A: np.conj(np.transpose(A)),
        "det": np.linalg.det, "inv": np.linalg.inv, "trace": np.trace, "solve": np.linalg.solve,
        "logdet": lambda A: np.linalg.slogdet(A)[1], "adj": _adjugate, "norm": _norm, "kron": np.kron,
        "vec": lambda A: np.ravel(A, order="F"), "eye": lambda n: np.eye(int(n)), "diag": np.diag, "sum": np.sum,
        "sqrt": np.sqrt, "log": np.log, "exp": np.exp, "abs": np.abs,
    },
)  # fmt: skip
"""Double precision, as students compute; names may hold any numpy values."""
