"""Eigenvalues and eigenvectors as balls, of matrices with different eigenvalues.

Approximate eigenvectors X come from doubles and are made precise by X ← X(I + W), Wᵢⱼ = Bᵢⱼ/(Bⱼⱼ − Bᵢᵢ) with
B = X⁻¹AX, which doubles the digits. Then B is computed in balls: B = D + E with D diagonal and row sums eᵢ of |E|. If
the discs |z − dᵢ| ≤ eᵢ are apart, each has one eigenvalue, and Brouwer's fixed point theorem for

    zⱼ ↦ (E(eᵢ + z))ⱼ / (dᵢ − dⱼ + (E(eᵢ + z))ᵢ),   zᵢ = 0,   |zⱼ| ≤ eⱼ / (|dᵢ − dⱼ| − eᵢ) ≤ 1

proves that eᵢ + z is an eigenvector of B, so that X(eᵢ + z) is one of A.

Source: G. Golub, C. Van Loan, Matrix Computations, 4th ed., §7.2 (Gershgorin's discs, perturbed eigenvectors);
S. Rump, "Verification methods", Acta Numerica 19 (2010), §13.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, arb_mat, ctx

from grader.truths.balls import NotExactError
from grader.truths.functions.matrices import (
    Mat,
    columns_of,
    error_ball,
    from_columns,
    identity,
    is_complex,
    is_finite,
)

_GUARD_BITS = 64
FIRST_BITS = 128
_MOST_STEPS = 12
_REPEATED = "two eigenvalues are equal, or too close to tell apart"


@dataclass(frozen=True, slots=True, eq=False)
class Eigen:
    """Eigenvalues, and eigenvectors as the columns of a matrix, in no order and of no norm.

    Args:
        radii: a bound on the distance of each eigenvalue from its ball's midpoint; the discs are apart.
    """

    values: list[Any]
    vectors: Mat
    radii: list[arb]


def diagonalise(A: Mat, hermitian: bool = False) -> Eigen:
    """All eigenvalues and eigenvectors; real ones of a real matrix whose eigenvalues are.

    Args:
        hermitian: whether A = Aᴴ; then the eigenvalues are real.

    Raises:
        NotExactError: two eigenvalues cannot be told apart.
    """
    if not is_finite(A):
        raise NotExactError("an eigenvalue of a matrix that is not finite")

    with ctx.workprec(ctx.prec + _GUARD_BITS):
        found = _verify_from(A, _start(A, hermitian))
        if found is None:
            is_real = hermitian and not is_complex(A)
            X = _approximate(A)
            found = _verify_from(A, _real(X)) if is_real else _verify_from(acb_mat(A), X)
    if found is None:
        raise NotExactError(_REPEATED)
    if not hermitian:
        return found
    return Eigen([value.real for value in found.values], found.vectors, found.radii)


def _start(A: Mat, hermitian: bool) -> Mat | None:
    """Eigenvectors in doubles; None where they overflow or do not exist."""
    number: type = complex if is_complex(A) else float
    middle = np.array([number(entry) for entry in A.entries()]).reshape(A.nrows(), A.ncols())
    if not np.isfinite(middle).all():
        return None
    try:
        X = np.linalg.eigh(middle)[1] if hermitian else np.linalg.eig(middle)[1]
    except np.linalg.LinAlgError:
        return None
    kind: Any = acb_mat if np.iscomplexobj(X) else type(A)
    return kind(*X.shape, X.ravel().tolist())


def _approximate(A: Mat) -> Mat | None:
    """Eigenvectors by flint, in the working precision and without bounds."""
    try:
        return acb_mat(A).mid().eig(right=True, algorithm="approx")[1].mid()
    except (ValueError, ZeroDivisionError):
        return None


def _real(X: Mat | None) -> Mat | None:
    """Real multiples of approximate eigenvectors of a real symmetric matrix."""
    if X is None:
        return None
    columns = []
    for column in columns_of(X):
        largest = max(column, key=lambda entry: float(abs(entry)))
        columns.append([(entry / largest).real.mid() for entry in column])
    return from_columns(columns, arb_mat)


def _verify_from(A: Mat, X: Mat | None) -> Eigen | None:
    if X is None:
        return None
    try:
        refined = _refine(A.mid(), X)
        if refined is None:
            return None
        return _verify(A, refined)
    except ZeroDivisionError:
        return None


def _refine(A: Mat, X: Mat) -> Mat | None:
    """Make approximate eigenvectors precise, each step with twice as many bits; None where that fails."""
    full, bits = ctx.prec, FIRST_BITS
    for _ in range(_MOST_STEPS):
        with ctx.workprec(min(bits, full)):
            W, size = _correction(A, X)
            if not size < 0.5:
                return None
            X = (X + X * W).mid()
        if bits >= full and size < arb(2) ** (-full // 2):
            return X
        bits *= 2
    return None


def _correction(A: Mat, X: Mat) -> tuple[Mat, arb]:
    """The W of a step, and its largest entry."""
    n, B = A.nrows(), (X.inv() * A * X).mid()
    W, size = type(B)(n, n), arb(0)
    for i, j in permutations(range(n), 2):
        W[i, j] = B[i, j] / (B[j, j] - B[i, i])
        size = size.max(abs(W[i, j]))
    return W, size


def _verify(A: Mat, X: Mat) -> Eigen | None:
    """The enclosures that B = X⁻¹AX proves; None if it proves none."""
    n, B = A.nrows(), X.inv() * A * X
    centres = [B[i, i].mid() for i in range(n)]
    for i in range(n):
        B[i, i] = B[i, i] - centres[i]
    errors = [sum((abs(B[i, j]).upper() for j in range(n)), arb(0)).upper() for i in range(n)]

    Z = identity(n, B)
    for i, j in permutations(range(n), 2):
        bound = errors[j] / (abs(centres[i] - centres[j]) - errors[i])
        if not 0 <= bound <= 1:
            return None
        Z[j, i] = error_ball(bound, B[j, i])
    values = [centre + error_ball(error, centre) for centre, error in zip(centres, errors, strict=True)]
    return Eigen(values, X * Z, errors)


def real_places(eigen: Eigen) -> list[int]:
    """For each eigenvalue of a real matrix the index of its conjugate: its own if it is real.

    The conjugate of an eigenvalue is one, and only one disc can contain it.
    """
    discs = [(acb(value).mid(), radius) for value, radius in zip(eigen.values, eigen.radii, strict=True)]
    places = []
    for centre, radius in discs:
        mirrored = centre.conjugate()
        near = [j for j, (other, error) in enumerate(discs) if not abs(mirrored - other) > radius + error]
        if len(near) != 1:
            raise NotExactError(_REPEATED)
        places.append(near[0])
    return places
