import numpy as np
from numpy.linalg import inv, det


def cofactors(A):
    n = len(A)
    C = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            C[i, j] = (-1) ** (i + j) * det(np.delete(np.delete(A, i, 0), j, 1))
    return C


def det_gradient(A):
    return cofactors(A)


def adjugate(A):
    return cofactors(A).T


def det_differential(A, dA):
    return np.trace(adjugate(A) @ dA)


def logdet_gradient(A):
    return inv(A).conj().T


def inv_differential(A, dA):
    X = inv(A)
    return -X @ dA @ X


def inv_jacobian(A)
    X = inv(A)
    return -np.kron(X.T, X)


def det_pullback(A, g):
    return g * np.conj(det(A)) * inv(A).conj().T


def inv_pullback(A, G):
    Y = inv(A).conj().T
    return -Y @ G @ Y
