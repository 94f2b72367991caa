"""The shapes of what factorisations, eigenvalues and functions of matrices return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from grader.problems.language import Closure, Several, ShapeError, UndeterminedError
from grader.problems.sides import Dimension, Shape, show_shape, square_side


def _matrix(name: str, A: Shape) -> tuple[Dimension, Dimension]:
    if len(A) != 2:
        raise ShapeError(f"{name} needs a matrix, found {show_shape(A)}")
    return A[0], A[1]


def _smaller(m: Dimension, n: Dimension) -> Dimension:
    if m == n:
        return m
    if isinstance(m, str) or isinstance(n, str):
        raise UndeterminedError
    return min(m, n)


def _square(name: str) -> Callable[..., Shape]:
    def shape(A: Shape, kind: str = "") -> Shape:
        return (square_side(name, A), A[1])

    return shape


def _values(name: str) -> Callable[[Shape], Shape]:
    return lambda A: (square_side(name, A),)


def _values_and_vectors(name: str) -> Callable[[Shape], Several]:
    def shape(A: Shape) -> Several:
        n = square_side(name, A)
        return Several([(n,), (n, n)])

    return shape


def _qr(A: Shape) -> Several:
    m, n = _matrix("qr", A)
    k = _smaller(m, n)
    return Several([(m, k), (k, n)])


def _lu(A: Shape) -> Several:
    m, n = _matrix("lu", A)
    k = _smaller(m, n)
    return Several([(m, m), (m, k), (k, n)])


def _svd(A: Shape) -> Several:
    m, n = _matrix("svd", A)
    k = _smaller(m, n)
    return Several([(m, k), (k,), (k, n)])


def _svdvals(A: Shape) -> Shape:
    return (_smaller(*_matrix("svdvals", A)),)


def _pinv(A: Shape) -> Shape:
    m, n = _matrix("pinv", A)
    return (n, m)


def _lstsq(A: Shape, b: Shape) -> Shape:
    m, n = _matrix("lstsq", A)
    if not b or len(b) > 2 or b[0] != m:
        raise ShapeError(f"lstsq does not fit {show_shape(A)} and {show_shape(b)}")
    return (n, *b[1:])


def _null_space(A: Shape) -> Shape:
    m, n = _matrix("null_space", A)
    if isinstance(m, str) or isinstance(n, str):
        raise UndeterminedError
    if m >= n:
        raise ShapeError(f"null_space needs a matrix with fewer rows than columns, found {show_shape(A)}")
    return (n, n - m)


def _sylvester(A: Shape, B: Shape, C: Shape) -> Shape:
    sides = (square_side("sylvester", A), square_side("sylvester", B))
    if tuple(C) != sides:
        raise ShapeError(
            f"the third argument of sylvester is {show_shape(sides)} here, found {show_shape(C)}"
        )
    return sides


def _root(F: Closure, start: Shape) -> Shape:
    start = tuple(start)
    value = _without_solvers(F)(start)
    return _same_shape("F(x) has the shape of x in root", value, start)


def _ode(g: Closure, start: Shape, end: Shape) -> Shape:
    start = tuple(start)
    if g.function.names[:2] == ("t", "y"):
        raise ShapeError("ode calls g(y, t), the state first and then the time; write lambda y, t: …")
    if end:
        raise ShapeError(f"the time of ode is a scalar, found {show_shape(end)}")
    value = _without_solvers(g)(*(start, ())[: g.arity])
    return _same_shape("g(y, t) has the shape of y in ode", value, start)


def _same_shape(claim: str, value: Shape | Several, wanted: Shape) -> Shape:
    found = "several values" if isinstance(value, Several) else show_shape(value)
    if isinstance(value, Several) or tuple(value) != wanted:
        raise ShapeError(f"{claim}, {show_shape(wanted)}; found {found}")
    return wanted


def _without_solvers(function: Closure) -> Closure:
    """The same function, which solves for nothing itself."""

    def refusing(name: str) -> Callable[..., Shape]:
        def refuse(*_: object) -> Shape:
            raise ShapeError(
                f"{name} is not allowed inside root or ode; solve for both unknowns at once, as one vector, "
                "or one after the other"
            )

        return refuse

    operations = {**function.algebra.operations, **{name: refusing(name) for name in ("root", "ode")}}
    return function.over(replace(function.algebra, operations=operations))


MATRIX_SHAPES: Mapping[str, Callable[..., Any]] = {
    **{name: _square(name) for name in ("cholesky", "expm", "logm", "sqrtm", "funm")},
    **{name: _values(name) for name in ("eigvalsh", "eigvals")},
    **{name: _values_and_vectors(name) for name in ("eigh", "eig")},
    "qr": _qr,
    "lu": _lu,
    "svd": _svd,
    "svdvals": _svdvals,
    "pinv": _pinv,
    "lstsq": _lstsq,
    "null_space": _null_space,
    "sylvester": _sylvester,
    "root": _root,
    "ode": _ode,
}
