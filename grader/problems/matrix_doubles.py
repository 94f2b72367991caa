"""Functions of matrices in double precision, as numpy and scipy compute them, with the signs that problems promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.core.norms import Array
from grader.problems.entrywise import UNARY
from grader.problems.language import Several

_STEPS = 200
"""Newton's steps, and those of Runge and Kutta's method."""
_UNIT = 2.0**-53


def _qr(A: Array) -> Several:
    Q, R = np.linalg.qr(A)
    diagonal = np.diag(R)
    phases = np.where(diagonal == 0, 1, diagonal / np.where(diagonal == 0, 1, np.abs(diagonal)))
    return Several([Q * phases, np.conj(phases)[:, None] * R])


def _lu(A: Array) -> Several:
    m, size, dtype = len(A), min(A.shape), np.result_type(A, float)
    U, L, order = np.array(A, dtype), np.eye(m, dtype=dtype), np.arange(m)

    for k in range(size):
        best = k + int(np.argmax(np.abs(U[k:, k])))
        for rows in (U, order):
            rows[[k, best]] = rows[[best, k]]
        L[[k, best], :k] = L[[best, k], :k]
        if U[k, k] != 0:
            L[k + 1 :, k] = U[k + 1 :, k] / U[k, k]
            U[k + 1 :] -= np.outer(L[k + 1 :, k], U[k])
    return Several([np.eye(m)[:, order], L[:, :size], np.triu(U[:size])])


def _phases(V: Array) -> Array:
    """The sign of the largest entry of each column."""
    largest = V[np.argmax(np.abs(V), axis=0), np.arange(V.shape[1])]
    return np.asarray(largest / np.abs(largest))


def _eigh(A: Array) -> Several:
    values, V = np.linalg.eigh(A)
    return Several([values, V / _phases(V)])


def _eig(A: Array) -> Several:
    values, V = np.linalg.eig(A)
    order = np.lexsort((values.imag, values.real))
    V = V[:, order] / np.linalg.norm(V[:, order], axis=0)
    return Several([values[order], V / _phases(V)])


def _svd(A: Array) -> Several:
    U, s, Vh = np.linalg.svd(A, full_matrices=False)
    phases = _phases(U)
    return Several([U / phases, s, phases[:, None] * Vh])


def _lstsq(A: Array, b: Array) -> Array:
    return np.linalg.lstsq(A, b, rcond=None)[0]


def _null_space(A: Array) -> Array:
    m, n = A.shape
    top = -np.linalg.solve(A[:, :m], A[:, m:])
    return np.asarray(_qr(np.vstack([top, np.eye(n - m)]))[0])


def _sylvester(A: Array, B: Array, C: Array) -> Array:
    m, n = C.shape
    system = np.kron(A, np.eye(n)) + np.kron(np.eye(m), np.transpose(B))
    return np.linalg.solve(system, np.ravel(C)).reshape(m, n)


def _expm(A: Array) -> Array:
    """Scaling and squaring of a Taylor polynomial."""
    size = float(np.linalg.norm(A, 1))
    squarings = max(0, int(np.ceil(np.log2(size))) + 3) if size > 0 and np.isfinite(size) else 0
    scaled, term = A / 2.0**squarings, np.eye(len(A))
    total = term
    for k in range(1, 16):
        term = term @ scaled / k
        total = total + term
    return np.linalg.matrix_power(total, 2**squarings)


def _sqrtm(A: Array) -> Array:
    """Denman and Beavers's iteration."""
    X = M = np.asarray(A)
    for _ in range(_STEPS):
        inverse = np.linalg.inv(M)
        X = X @ (np.eye(len(A)) + inverse) / 2
        M = (np.eye(len(A)) + (M + inverse) / 2) / 2
        if np.linalg.norm(M - np.eye(len(A))) < 4 * _UNIT * len(A):
            return X
    return np.full_like(X, np.nan)


def _logm(A: Array) -> Array:
    """Inverse scaling and squaring with the series of 2 artanh."""
    roots, one, S = 0, np.eye(len(A)), np.asarray(A)
    while not np.linalg.norm(S - one) < 1 / 4:
        if roots == 60 or not np.isfinite(S).all():
            return np.full_like(S, np.nan)
        roots, S = roots + 1, _sqrtm(S)
    Z = np.linalg.solve(S + one, S - one)
    total, power = np.zeros_like(Z), Z
    for k in range(1, 24, 2):
        total, power = total + power / k, power @ Z @ Z
    return np.asarray(2.0 ** (roots + 1) * total)


def _like(X: Array, A: Array) -> Array:
    return X if np.iscomplexobj(A) else np.real(X)


def _one(A: Array) -> Array:
    return np.eye(len(A))


_MATRIX: Mapping[str, Callable[[Array], Array]] = {
    "exp": _expm,
    "expm1": lambda A: _expm(A) - _one(A),
    "log": _logm,
    "log1p": lambda A: _logm(A + _one(A)),
    "sqrt": _sqrtm,
    "sin": lambda A: _like((_expm(1j * A) - _expm(-1j * A)) / 2j, A),
    "cos": lambda A: _like((_expm(1j * A) + _expm(-1j * A)) / 2, A),
    "tan": lambda A: np.linalg.solve(_MATRIX["cos"](A), _MATRIX["sin"](A)),
    "sinh": lambda A: (_expm(A) - _expm(-A)) / 2,
    "cosh": lambda A: (_expm(A) + _expm(-A)) / 2,
    "tanh": lambda A: np.linalg.solve(_MATRIX["cosh"](A), _MATRIX["sinh"](A)),
    "arctan": lambda A: _like((_logm(_one(A) + 1j * A) - _logm(_one(A) - 1j * A)) / 2j, A),
    "sigmoid": lambda A: np.linalg.inv(_one(A) + _expm(-A)),
    "softplus": lambda A: _logm(_one(A) + _expm(A)),
}


def _funm(A: Array, name: str) -> Array:
    if name in _MATRIX:
        return _MATRIX[name](A)
    values, V = np.linalg.eig(A)
    return _like(V * UNARY[name](values) @ np.linalg.inv(V), A)


def _root(F: Callable[[Any], Any], start: Any) -> Any:
    """Newton's method with difference quotients."""
    x = np.array(start, float)
    for _ in range(_STEPS):
        value = np.ravel(F(x))
        step = np.sqrt(_UNIT) * max(1.0, float(np.abs(x).max(initial=0)))
        columns = []
        for k in range(x.size):
            moved = x.copy()
            moved.flat[k] += step
            columns.append((np.ravel(F(moved)) - value) / step)

        change = np.linalg.solve(np.stack(columns, axis=1), value).reshape(x.shape)
        x = x - change
        if not np.linalg.norm(change) > 1e-14 * np.linalg.norm(x):
            break
    return x


def _ode(g: Any, start: Any, end: Any) -> Any:
    """Runge and Kutta's method of order 4."""

    def slope(y: Any, t: float) -> Any:
        return g(*(y, t)[: g.arity])

    y, h = np.asarray(start, float), float(end) / _STEPS
    for k in range(_STEPS):
        t = k * h
        first = slope(y, t)
        second = slope(y + h / 2 * first, t + h / 2)
        third = slope(y + h / 2 * second, t + h / 2)
        y = y + h / 6 * (first + 2 * second + 2 * third + slope(y + h * third, t + h))
    return y


MATRIX_DOUBLES: Mapping[str, Callable[..., Any]] = {
    "cholesky": np.linalg.cholesky,
    "qr": _qr,
    "lu": _lu,
    "eigh": _eigh,
    "eigvalsh": np.linalg.eigvalsh,
    "eig": _eig,
    "eigvals": lambda A: np.sort(np.linalg.eigvals(A)),
    "svd": _svd,
    "svdvals": lambda A: np.linalg.svd(A, compute_uv=False),
    "pinv": np.linalg.pinv,
    "lstsq": _lstsq,
    "null_space": _null_space,
    "sylvester": _sylvester,
    "expm": _expm,
    "logm": _logm,
    "sqrtm": _sqrtm,
    "funm": _funm,
    "root": _root,
    "ode": _ode,
}
