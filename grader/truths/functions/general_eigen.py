"""Eigenvalues and eigenvectors of any square matrix with different eigenvalues, in a fixed order and gauge."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from flint import acb, acb_mat, arb_mat

from grader.truths.balls import NotExactError
from grader.truths.functions.diagonalise import Eigen, diagonalise, real_places
from grader.truths.functions.gauge import unit_columns
from grader.truths.functions.matrices import Mat, columns_of, from_columns, is_complex


def eig(A: Mat) -> tuple[list[Any], Mat]:
    """The eigenvalues by real, then by imaginary part, and unit eigenvectors, positive where largest.

    All are real if A and its eigenvalues are.

    Raises:
        NotExactError: two eigenvalues may be equal or in either order, or the sign of a vector is not settled.
    """
    values, vectors, are_real = _sorted(A)
    if not are_real:
        return values, from_columns(unit_columns(vectors), acb_mat)
    columns = [[entry.real for entry in column] for column in vectors]
    return values, from_columns(unit_columns(columns), arb_mat)


def eigvals(A: Mat) -> list[Any]:
    """The eigenvalues by real, then by imaginary part; real if A and all of them are."""
    return _sorted(A)[0]


def _sorted(A: Mat) -> tuple[list[Any], list[list[Any]], bool]:
    """Eigenvalues, the columns of eigenvectors, complex, and whether all of them are known to be real."""
    eigen = diagonalise(A)
    places = list(range(A.nrows()))
    partners = [-1 for _ in places] if is_complex(A) else real_places(eigen)
    are_real = partners == places

    order = _sort(eigen, partners)
    columns = columns_of(acb_mat(eigen.vectors))
    values: list[Any] = [acb(eigen.values[k]) for k in order]
    if are_real:
        values = [value.real for value in values]
    return values, [columns[k] for k in order], are_real


def _sort(eigen: Eigen, partners: list[int]) -> list[int]:
    def compare(j: int, k: int) -> int:
        p, q = acb(eigen.values[j]), acb(eigen.values[k])
        if partners[j] == k:
            # Real parts of a conjugate pair are equal.
            return _order(p.imag, q.imag)
        return _order(p.real, q.real)

    return sorted(range(len(eigen.values)), key=cmp_to_key(compare))


def _order(p: Any, q: Any) -> int:
    if p < q:
        return -1
    if p > q:
        return 1
    raise NotExactError("two eigenvalues have the same real part, or nearly so: their order is not settled")
