"""
Problem set for lecture 5
All by cofactors (Laplace / Cramer), as on the blackboard.
"""
import numpy as np


def minor(A, i, j):
    rows = [r for r in range(len(A)) if r != i]
    cols = [c for c in range(len(A)) if c != j]
    return np.linalg.det(A[np.ix_(rows, cols)])   # det of a 0x0 matrix is 1, good for n = 1


def cof(A):
    n = len(A)
    C = np.zeros((n, n), dtype=(A + 0.0).dtype)
    for i in range(n):
        for j in range(n):
            C[i, j] = (-1)**(i + j) * minor(A, i, j)
    return C


def det_gradient(A):
    return cof(A)


def adjugate(A):
    return cof(A).T


def det_differential(A, dA):
    s = 0
    C = cof(A)
    for i in range(len(A)):
        for j in range(len(A)):
            s += C[i, j] * dA[i, j]
    return s


def cramer_inverse(A):
    # Divide by the largest entry first: det(1e-120 * A) is 0 on a computer.
    m = np.abs(A).max()
    B = A / m
    return cof(B).T / np.linalg.det(B) / m


def logdet_gradient(A):
    return cramer_inverse(A).conj().T


def inv_differential(A, dA):
    return -cramer_inverse(A) @ dA @ cramer_inverse(A)


def inv_jacobian(A):
    Ainv = cramer_inverse(A)
    return np.kron(-Ainv.T, Ainv)


def det_pullback(A, g):
    return g * cof(A).conj()


def inv_pullback(A, G):
    B = cramer_inverse(A).conj().T
    return -B @ G @ B
