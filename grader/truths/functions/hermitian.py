"""Eigenvalues and eigenvectors of Hermitian matrices, and singular values and vectors, as balls.

Where two eigenvalues are equal, or too close for eigenvectors, Jacobi's rotations diagonalise the matrix. They are
orthogonal whatever their angle, and computed in balls; so by Weyl's theorem each eigenvalue is no farther from the
sorted diagonal than ‖E‖_F of what is left beside it. Symmetric functions of the eigenvalues are smooth there.

Source: G. Golub, C. Van Loan, Matrix Computations, 4th ed., §8.1 (Weyl), §8.5 (Jacobi).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flint import arb, arb_mat, ctx

from grader.truths.balls import NotExactError
from grader.truths.functions.diagonalise import diagonalise
from grader.truths.functions.gauge import unit_columns
from grader.truths.functions.matrices import (
    Mat,
    adjoint,
    columns_of,
    diagonal,
    error_ball,
    frobenius,
    from_columns,
    gram,
    identity,
    is_complex,
    is_finite,
)

_GUARD_BITS = 128
MOST_SWEEPS = 30
KEPT = 0.75
"""The part of the working precision that a singular value must have, or it is computed with twice as much."""


def from_lower(A: Mat) -> Mat:
    """The Hermitian matrix with the lower triangle of A; imaginary parts on the diagonal are ignored, as in LAPACK."""
    n, H = A.nrows(), adjoint(A)

    def entry(i: int, j: int) -> Any:
        if i == j:
            return A[i, i].real
        lower = A if i > j else H
        return lower[i, j]

    return type(A)(n, n, [entry(i, j) for i in range(n) for j in range(n)])


def eigh(A: Mat) -> tuple[list[arb], Mat]:
    """The eigenvalues, ascending, and unit eigenvectors whose entry of largest modulus is positive.

    Raises:
        NotExactError: two eigenvalues may be equal, or the sign of a vector is not settled.
    """
    eigen = diagonalise(from_lower(A), hermitian=True)
    columns = columns_of(eigen.vectors)
    order = sorted(range(A.nrows()), key=lambda k: eigen.values[k].mid())
    vectors = unit_columns([columns[k] for k in order])
    return [eigen.values[k] for k in order], from_columns(vectors, type(A))


def eigvalsh(A: Mat) -> list[arb]:
    """The eigenvalues, ascending; equal ones too."""
    H = from_lower(A)
    try:
        values = diagonalise(H, hermitian=True).values
    except NotExactError:
        values = _by_rotations(H)
    return _ascending(values)


def _ascending(values: Iterable[arb]) -> list[arb]:
    return sorted(values, key=lambda value: value.mid())


def svd(A: Mat) -> tuple[Mat, list[arb], Mat]:
    """U, the singular values, descending, and Vᴴ, with min(m, n) columns in U and V.

    The entry of largest modulus in each column of U is positive.

    Raises:
        NotExactError: two singular values may be equal, or one may be 0, or the sign of a vector is not settled.
    """
    with ctx.workprec(2 * ctx.prec):
        eigen = diagonalise(gram(A), hermitian=True)
        order = sorted(range(len(eigen.values)), key=lambda k: eigen.values[k].mid(), reverse=True)
        sigma = [_root(eigen.values[k]) for k in order]
        if not all(value > 0 for value in sigma):
            raise NotExactError("singular vectors of a matrix that may not have full rank")

        columns = columns_of(eigen.vectors)
        found = from_columns([columns[k] for k in order], type(A))
        is_tall = A.nrows() >= A.ncols()
        left = A * found if is_tall else found
        U = from_columns(unit_columns(columns_of(left)), type(A))
        scaled = [1 / value for value in sigma]
        return U, sigma, diagonal(scaled) * adjoint(U) * A


def svdvals(A: Mat) -> list[arb]:
    """The singular values, descending; equal ones too."""
    least = KEPT * ctx.prec
    for factor in (1, 2):
        # The root of a tiny eigenvalue has half of its digits.
        with ctx.workprec(factor * ctx.prec):
            sigma = [_root(value) for value in reversed(eigvalsh(gram(A)))]
            if all(value.rel_accuracy_bits() >= least for value in sigma):
                break
    return sigma


def _root(square: arb) -> arb:
    """√x of an x that is known to be 0 or more."""
    if square > 0:
        return square.sqrt()
    most = abs(square).upper().sqrt()
    return arb(0).union(most)


def _by_rotations(H: Mat) -> list[arb]:
    """All eigenvalues, by Jacobi's method; those of a complex matrix are of its real form, in which each is double."""
    if is_complex(H):
        return _ascending(_by_rotations(_real_form(H)))[::2]
    if not is_finite(H):
        raise NotExactError("an eigenvalue of a matrix that is not finite")

    places = [(i, j) for j in range(H.ncols()) for i in range(j)]
    with ctx.workprec(ctx.prec + _GUARD_BITS):
        B, rest = H, frobenius(_off_diagonal(H))
        for _ in range(MOST_SWEEPS):
            for i, j in places:
                B = _rotate(B, i, j)
            before, rest = rest, frobenius(_off_diagonal(B))
            if not rest < before:
                break
    spread = max([B[i, i].rad() for i in range(B.nrows())], default=arb(0), key=float)
    return [B[i, i].mid() + error_ball(rest + spread, arb(0)) for i in range(B.nrows())]


def _rotate(B: Mat, i: int, j: int) -> Mat:
    """QᵀBQ with the rotation Q in the plane of i and j that makes B[i, j] small."""
    a, b, d = B[i, i].mid(), B[i, j].mid(), B[j, j].mid()
    if b == 0:
        return B
    half = (d - a) / (2 * b)
    root = (1 + half * half).sqrt()
    # The smaller angle of the two, without cancellation.
    cotangent = half + root if half > 0 else half - root
    t = (1 / cotangent).mid()
    c = 1 / (1 + t * t).sqrt()

    Q = identity(B.nrows(), B)
    Q[i, i], Q[i, j] = c, t * c
    Q[j, i], Q[j, j] = -t * c, c
    return Q.transpose() * B * Q


def _off_diagonal(B: Mat) -> Mat:
    return B - diagonal([B[i, i] for i in range(B.nrows())])


def _real_form(H: Mat) -> Mat:
    """[[Re H, −Im H], [Im H, Re H]]."""
    n = H.nrows()
    parts = [[(entry.real, entry.imag) for entry in row] for row in H.tolist()]
    top = [[x for x, _ in row] + [-y for _, y in row] for row in parts]
    bottom = [[y for _, y in row] + [x for x, _ in row] for row in parts]
    return arb_mat(2 * n, 2 * n, [entry for row in top + bottom for entry in row])
