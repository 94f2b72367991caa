"""What flint's matrices lack: the conjugate transpose, slices, norms, and error balls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flint import acb, acb_mat, arb, arb_mat

from grader.truths.balls import NotExactError

Mat = Any
"""An `arb_mat` or an `acb_mat`."""


def is_complex(A: Mat) -> bool:
    """True if the entries are complex balls."""
    return isinstance(A, acb_mat)


def adjoint(A: Mat) -> Mat:
    """Aᴴ."""
    T = A.transpose()
    return T.conjugate() if is_complex(A) else T


def gram(A: Mat) -> Mat:
    """AᴴA, or AAᴴ if that is smaller."""
    H = adjoint(A)
    return H * A if A.nrows() >= A.ncols() else A * H


def identity(n: int, like: Mat) -> Mat:
    """The identity, of the kind of another matrix."""
    return type(like)(n, n, [int(i == j) for i in range(n) for j in range(n)])


def diagonal(entries: Sequence[Any]) -> Mat:
    """The diagonal matrix with these entries."""
    n = len(entries)
    D = mat_of(entries)(n, n)
    for i, entry in enumerate(entries):
        D[i, i] = entry
    return D


def mat_of(entries: Iterable[Any]) -> type:
    """The kind of matrix that holds these entries."""
    return acb_mat if any(isinstance(entry, acb) for entry in entries) else arb_mat


def slice_of(A: Mat, rows: Iterable[int], columns: Iterable[int]) -> Mat:
    """The submatrix of these rows and columns, in this order."""
    kept, across = list(rows), list(columns)
    return type(A)(len(kept), len(across), [A[i, j] for i in kept for j in across])


def columns_of(A: Mat) -> list[list[Any]]:
    """The entries, column by column."""
    return [list(column) for column in A.transpose().tolist()]


def from_columns(columns: Sequence[Sequence[Any]], kind: type) -> Mat:
    """The matrix with these columns."""
    rows = len(columns[0]) if columns else 0
    return kind(rows, len(columns), [column[i] for i in range(rows) for column in columns])


def frobenius(A: Mat) -> arb:
    """An upper bound of ‖A‖_F, and so of ‖A‖₂."""
    return sum((abs(entry).upper() ** 2 for entry in A.entries()), arb(0)).sqrt().upper()


def error_ball(bound: arb, like: Any) -> Any:
    """The ball around 0 of everything that is at most so large, real or complex like another ball."""
    real = arb(0, bound.upper())
    return acb(real, real) if isinstance(like, acb) else real


def surround(A: Mat, bound: arb) -> Mat:
    """A with every entry enlarged by an error of at most this size."""
    entries = A.entries()
    error = error_ball(bound, acb(0) if is_complex(A) else arb(0))
    return type(A)(A.nrows(), A.ncols(), [entry + error for entry in entries])


def inverse(A: Mat) -> Mat:
    """A⁻¹.

    Raises:
        NotExactError: A may be singular.
    """
    try:
        return A.inv()
    except ZeroDivisionError:
        raise NotExactError("the inverse of a singular matrix") from None


def solve(A: Mat, B: Mat) -> Mat:
    """A⁻¹B.

    Raises:
        NotExactError: A may be singular.
    """
    try:
        return A.solve(B)
    except ZeroDivisionError:
        raise NotExactError("solve with a singular matrix") from None


def is_finite(A: Mat) -> bool:
    """Whether all balls are bounded."""
    return all(entry.is_finite() for entry in A.entries())
