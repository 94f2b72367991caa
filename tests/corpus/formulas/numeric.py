"""Textbook algorithms that the formulas of the corpus are made with; nothing here is taken from solutions/."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import numpy as np

from tests.corpus.variant import Array

inv, det, trace = np.linalg.inv, np.linalg.det, np.trace


def unit(n: int, i: int, j: int) -> Array:
    """The unit matrix Eᵢⱼ."""
    E = np.zeros((n, n))
    E[i, j] = 1.0
    return E


def units(n: int) -> Iterator[tuple[int, int, Array]]:
    """All unit matrices with their places, row by row."""
    return ((i, j, unit(n, i, j)) for i in range(n) for j in range(n))


def without(A: Array, i: int, j: int) -> Array:
    """A without row i and column j."""
    return np.delete(np.delete(A, i, axis=0), j, axis=1)


def cofactors(A: Array) -> Array:
    """All cofactors by determinants of minors."""
    n = len(A)
    return np.array([[(-1) ** (i + j) * det(without(A, i, j)) for j in range(n)] for i in range(n)])


def signed_permutations(n: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """All permutations of 0…n−1 with their signs."""
    for p in permutations(range(n)):
        inversions = sum(p[i] > p[j] for j in range(n) for i in range(j))
        yield (-1) ** inversions, p


def leibniz_gradient(A: Array) -> Array:
    """∂det/∂Aᵢⱼ from Σ sign(p) ∏ A[i, p(i)]: strike one factor of each product."""
    n = len(A)
    C = np.zeros((n, n), A.dtype)
    for sign, p in signed_permutations(n):
        for i in range(n):
            C[i, p[i]] += sign * np.prod([A[k, p[k]] for k in range(n) if k != i])
    return C


def faddeev_leverrier(A: Array) -> Array:
    """Adj A by the recursion M ← AM + cI, c = −tr(AM)/k."""
    n = len(A)
    M: Array = np.eye(n)
    for k in range(1, n):
        AM = A @ M
        M = AM - np.trace(AM) / k * np.eye(n)
    return M if n % 2 else -M


def qr_inverse(A: Array) -> Array:
    """A⁻¹ = R⁻¹Qᴴ."""
    Q, R = np.linalg.qr(A)
    return np.asarray(np.linalg.solve(R, Q.conj().T))


def svd_inverse(A: Array) -> Array:
    """A⁻¹ = QΣ⁻¹Uᴴ."""
    U, sigma, Qh = np.linalg.svd(A)
    return np.asarray((Qh.conj().T / sigma) @ U.conj().T)


def gauss_jordan(A: Array) -> Array:
    """A⁻¹ by elimination with partial pivoting."""
    n = len(A)
    M = np.hstack([A, np.eye(n)]).astype(np.result_type(A, float))
    for k in range(n):
        p = k + int(np.argmax(np.abs(M[k:, k])))
        M[[k, p]] = M[[p, k]]
        M[k] /= M[k, k]
        for i in range(n):
            if i != k:
                M[i] -= M[i, k] * M[k]
    return M[:, n:]


def newton_step_inverse(A: Array) -> Array:
    """A⁻¹ with one step of Newton's iteration X ← X(2I − AX)."""
    X = inv(A)
    return np.asarray(X @ (2 * np.eye(len(A)) - A @ X))


def column_inverse(A: Array) -> Array:
    """A⁻¹ from the transposed system, row by row."""
    n = len(A)
    return np.array([np.linalg.solve(A.T, e) for e in np.eye(n)])


INVERSES: dict[str, Callable[[Array], Array]] = {
    "qr-inverse": qr_inverse,
    "svd-inverse": svd_inverse,
    "gauss-jordan": gauss_jordan,
    "refined-inverse": newton_step_inverse,
    "row-inverse": column_inverse,
}
"""Other ways to A⁻¹: as good as LAPACK's, with other rounding errors."""


def first_coefficient(p: Callable[[complex], Any], degree: int) -> Any:
    """The coefficient of t of a polynomial, from its values at roots of unity."""
    m = degree + 2
    roots = np.exp(2j * np.pi * np.arange(m) / m)
    return sum(p(t) / t for t in roots) / m


def unit_answers(function: Callable[[Array], Any], n: int) -> Array:
    """The answers to all unit matrices, placed as these are: a gradient from a differential."""
    return np.array([[function(unit(n, i, j)) for j in range(n)] for i in range(n)])
