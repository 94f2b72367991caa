"""Three of the algebras in which expressions are evaluated: shapes alone, numpy arrays, and Python text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.core.norms import inner
from grader.problems.expression import Algebra, ShapeError

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
    """Whether a shape is that of a square matrix."""
    return len(shape) == 2 and shape[0] == shape[1]


def show_shape(shape: Shape) -> str:
    """`a scalar`, `n`, `n×m`: a shape as people write it."""
    return "×".join(str(side) for side in shape) if shape else "a scalar"


def _scalar(_: object) -> Shape:
    return ()


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
        **{name: lambda A: A for name in ("neg", "sqrt", "log", "exp", "abs")},
        **{name: _square(name) for name in ("inv", "adj")},
        **{name: _square_to_scalar(name) for name in ("det", "trace", "logdet")},
        ".T": lambda A: A[::-1], ".H": lambda A: A[::-1],
        "@": _product, "**": _power, "solve": _solve, "kron": _kron, "vec": _vec, "diag": _diag, "eye": _eye,
        "power": _matrix_power, "sum": _scalar, "norm": lambda A, kind: (),
        "real": lambda A: A, "⟨,⟩": lambda P, Q: (),
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
    if kind == "max":
        return np.max(np.abs(x), initial=0.0)
    return np.linalg.norm(x[:, None] if x.ndim == 1 else x, order)


def _number(value: Any) -> Any:
    """A number of Python's as one of numpy's; arrays and whole numbers, such as sizes, stay."""
    if isinstance(value, float):
        return np.float64(value)
    return np.complex128(value) if isinstance(value, complex) else value


NUMPY: Algebra[Any] = Algebra(
    _number,
    {
        "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "@": np.matmul, "**": np.power,
        "neg": np.negative, ".T": np.transpose, ".H": lambda A: np.conj(np.transpose(A)),
        "det": np.linalg.det, "inv": np.linalg.inv, "trace": np.trace, "solve": np.linalg.solve,
        "logdet": lambda A: np.linalg.slogdet(A)[1], "adj": _adjugate, "norm": _norm, "kron": np.kron,
        "vec": lambda A: np.ravel(A, order="F"), "eye": lambda n: np.eye(int(n)), "diag": np.diag, "sum": np.sum,
        "power": lambda A, k: np.linalg.matrix_power(A, int(k)),
        "sqrt": np.sqrt, "log": np.log, "exp": np.exp, "abs": np.abs, "real": np.real, "⟨,⟩": inner,
    },
)  # fmt: skip
"""Double precision, as students compute; names may hold any numpy values."""


def _call(name: str) -> Callable[..., str]:
    return lambda *arguments: f"{name}({', '.join(arguments)})"


_ORDERS = {"fro": "'fro'", "nuc": "'nuc'", "2": "2", "1": "1", "inf": "np.inf"}

SOURCE: Algebra[str] = Algebra(
    repr,
    {
        **{sign: lambda A, B, sign=sign: f"({A} {sign} {B})" for sign in ("+", "-", "*", "/", "@", "**")},
        "neg": lambda A: f"(-{A})", ".T": lambda A: f"{A}.T", ".H": lambda A: f"{A}.conj().T",
        **{name: _call(f"np.linalg.{name}") for name in ("det", "inv", "solve")},
        **{name: _call(f"np.{name}") for name in ("trace", "kron", "diag", "sum", "sqrt", "log", "exp", "abs")},
        "logdet": lambda A: f"np.linalg.slogdet({A})[1]", "vec": lambda A: f"np.ravel({A}, order='F')",
        "eye": _call("np.eye"), "norm": lambda A, kind: f"np.linalg.norm({A}, {_ORDERS[kind]})",
        "power": _call("np.linalg.matrix_power"),
    },
)  # fmt: skip
"""Python text that computes the same; without adjugate and norm `max`, which numpy has no function for."""
