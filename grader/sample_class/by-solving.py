# "Never invert a matrix when you can solve a system" -- so there is no inv() in this file.
import numpy as np
from numpy.linalg import LinAlgError, det, solve


def H(A):
    return A.conj().T


def cofactors(A):
    """Entry (i, j): put the j-th unit vector into row i and take the determinant.

    Slower than solving (n^2 determinants), but there is nothing to solve if A is singular.
    """
    n = len(A)
    C = np.empty_like(A + 0.0)
    for i in range(n):
        for j in range(n):
            B = A.copy()
            B[i, :] = 0
            B[i, j] = 1
            C[i, j] = det(B)
    return C


def det_gradient(A):
    return cofactors(A)


def adjugate(A):
    return cofactors(A).T


def det_differential(A, dA):
    # d det is linear in every row
    result = 0.0
    for i in range(len(A)):
        B = A.copy()
        B[i] = dA[i]
        result += det(B)
    return result


def logdet_gradient(A):
    return solve(H(A), np.eye(len(A)))


def right_solve(B, A):
    """B A^-1"""
    return solve(A.T, B.T).T


def inv_differential(A, dA):
    return -right_solve(solve(A, dA), A)


def inv_jacobian(A):
    n = len(A)
    J = np.zeros((n * n, n * n))
    for l in range(n):
        for k in range(n):
            E = np.zeros((n, n))
            E[k, l] = 1
            J[:, k + n * l] = inv_differential(A, E).ravel(order="F")
    return J


def det_pullback(A, g):
    try:
        return g * np.conj(det(A)) * solve(H(A), np.eye(len(A)))
    except LinAlgError:
        return g * np.conj(cofactors(A))


def inv_pullback(A, G):
    # same thing with A^H
    return inv_differential(H(A), G)
