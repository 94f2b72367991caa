"""Least squares, null spaces and Sylvester's equation in balls, by linear systems.

Normal equations are as good as any other way here: what they lose is little beside the digits that balls have.
"""

from __future__ import annotations

from flint import acb_mat, arb_mat, ctx

from grader.truths.balls import NotExactError
from grader.truths.functions.factorizations import GUARD_BITS, qr
from grader.truths.functions.matrices import (
    Mat,
    adjoint,
    identity,
    slice_of,
    solve,
)


def pinv(A: Mat) -> Mat:
    """The pseudoinverse of a matrix of full rank: (AᴴA)⁻¹Aᴴ if it is tall, Aᴴ(AAᴴ)⁻¹ if it is wide.

    Raises:
        NotExactError: A may not have full rank.
    """
    return lstsq(A, identity(A.nrows(), A))


def lstsq(A: Mat, B: Mat) -> Mat:
    """The X with the least ‖AX − B‖, and of the least norm itself if A is wide.

    Raises:
        NotExactError: A may not have full rank.
    """
    H = adjoint(A)
    with ctx.workprec(ctx.prec + GUARD_BITS):
        try:
            if A.nrows() > A.ncols():
                return solve(H * A, H * B)
            return H * solve(A * H, B) if A.nrows() < A.ncols() else solve(A, B)
        except NotExactError:
            raise NotExactError("the pseudoinverse of a matrix that may not have full rank") from None


def null_space(A: Mat) -> Mat:
    """An orthonormal basis of {x: Ax = 0} of a wide m×n matrix whose first m columns are independent.

    It is the Q of the QR factors of [−A₁⁻¹A₂; I] with A = [A₁ A₂].

    Raises:
        NotExactError: the first m columns may be dependent.
    """
    m, n = A.nrows(), A.ncols()
    with ctx.workprec(ctx.prec + GUARD_BITS):
        try:
            top = -solve(slice_of(A, range(m), range(m)), slice_of(A, range(m), range(m, n)))
        except NotExactError:
            raise NotExactError("the null space of a matrix whose first columns may be dependent") from None
        below = identity(n - m, A)
        return qr(type(A)(n, n - m, [*top.entries(), *below.entries()]))[0]


def sylvester(A: Mat, B: Mat, C: Mat) -> Mat:
    """The X with AX + XB = C, row by row (A ⊗ I + I ⊗ Bᵀ) vec X = vec C.

    Raises:
        NotExactError: A and −B may share an eigenvalue.
    """
    m, n = A.nrows(), B.nrows()
    kind = acb_mat if any(isinstance(M, acb_mat) for M in (A, B, C)) else arb_mat
    system = kind(m * n, m * n)
    for i in range(m):
        for j in range(n):
            for k in range(m):
                system[i * n + j, k * n + j] += A[i, k]
            for k in range(n):
                system[i * n + j, i * n + k] += B[k, j]

    try:
        return kind(m, n, solve(system, kind(m * n, 1, C.entries())).entries())
    except NotExactError:
        raise NotExactError("Sylvester's equation where A and −B may share an eigenvalue") from None
