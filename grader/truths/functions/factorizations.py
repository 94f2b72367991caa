"""Cholesky, QR and LU in balls: the algorithms of the textbooks, step by step, with the signs fixed.

cholesky   A = LLᴴ, the diagonal of L positive; the lower triangle of A is read
qr         A = QR with min(m, n) columns in Q, the diagonal of R positive
lu         A = PLU with partial pivoting: the pivot is the entry of largest modulus in its column
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb, ctx

from grader.truths.balls import NotExactError
from grader.truths.functions.matrices import (
    Mat,
    adjoint,
    identity,
    slice_of,
    solve,
)

GUARD_BITS = 64


def cholesky(A: Mat) -> Mat:
    """The lower triangular L with A = LLᴴ and a positive diagonal.

    Raises:
        NotExactError: A may not be positive definite.
    """
    n = A.nrows()
    L = type(A)(n, n)
    for j in range(n):
        pivot = A[j, j].real - sum((abs(L[j, k]) * abs(L[j, k]) for k in range(j)), arb(0))
        if not pivot > 0:
            raise NotExactError("the Cholesky factor of a matrix that may not be positive definite")

        root = pivot.sqrt()
        L[j, j] = root
        for i in range(j + 1, n):
            rest = A[i, j] - sum(L[i, k] * _conjugate(L[j, k]) for k in range(j))
            L[i, j] = rest / root
    return L


def qr(A: Mat) -> tuple[Mat, Mat]:
    """Q with orthonormal columns and R upper triangular with a positive diagonal, A = QR.

    R is the Cholesky factor of AᴴA, as nothing is lost in balls that matters; if A is wide, that of its first columns.

    Raises:
        NotExactError: the first min(m, n) columns of A may be dependent.
    """
    m, n = A.nrows(), A.ncols()
    with ctx.workprec(ctx.prec + GUARD_BITS):
        first = A if m >= n else slice_of(A, range(m), range(m))
        try:
            L = cholesky(adjoint(first) * first)
        except NotExactError:
            raise NotExactError("QR of a matrix whose columns may be dependent") from None
        Q = adjoint(solve(L, adjoint(first)))
        return Q, adjoint(L) if m >= n else adjoint(Q) * A


def lu(A: Mat) -> tuple[Mat, Mat, Mat]:
    """P, L and U with A = PLU, L unit lower triangular with min(m, n) columns.

    Raises:
        NotExactError: two candidates for a pivot are of the same size.
    """
    m, size = A.nrows(), min(A.nrows(), A.ncols())
    rows, order, L = A.tolist(), list(range(m)), identity(m, A).tolist()
    for k in range(size):
        best = k + _certain_maximum([abs(row[k]) for row in rows[k:]])
        rows[k], rows[best] = rows[best], rows[k]
        order[k], order[best] = order[best], order[k]
        L[k][:k], L[best][:k] = L[best][:k], L[k][:k]

        pivot = rows[k][k]
        for i in range(k + 1, m):
            L[i][k] = rows[i][k] * 0 if pivot == 0 else rows[i][k] / pivot
            eliminated = [a - L[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
            rows[i] = [*([pivot * 0] * (k + 1)), *eliminated[k + 1 :]]

    P = slice_of(identity(m, A), range(m), order)
    kind = type(A)
    return P, slice_of(kind(L), range(m), range(size)), slice_of(kind(rows), range(size), range(A.ncols()))


def _certain_maximum(sizes: Sequence[Any]) -> int:
    for i, size in enumerate(sizes):
        if all(size >= other for other in [*sizes[:i], *sizes[i + 1 :]]):
            return i
    raise NotExactError("LU where two pivots are of the same size")


def _conjugate(x: Any) -> Any:
    return x.conjugate() if hasattr(x, "conjugate") else x
