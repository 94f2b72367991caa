"""Lecture 5 exercises. I tried to use one closed formula per problem.

For the adjugate I use Faddeev-LeVerrier, because it never divides by det(A), so singular matrices are fine:

    M_1 = I,  c_{n-k} = -tr(A M_k) / k,  M_{k+1} = A M_k + c_{n-k} I,   adj(A) = (-1)^(n-1) M_n
"""
import numpy as np


def adjugate(A):
    n = A.shape[0]
    I = np.eye(n)
    M = np.eye(n)
    for k in range(1, n):
        AM = A @ M
        c = -np.trace(AM) / k
        M = AM + c * I
    return (-1) ** (n - 1) * M


def det_gradient(A):
    # cofactor matrix = transpose of the adjugate
    return adjugate(A).T


def det_differential(A, dA):
    return np.trace(adjugate(A) @ dA)


def logdet_gradient(A):
    return np.linalg.inv(A).conj().T


def inv_differential(A, dA):
    X = np.linalg.inv(A)
    return -X @ dA @ X


def inv_jacobian(A):
    X = np.linalg.inv(A)
    return -np.kron(X.T, X)      # vec(PVQ) = (Q^T kron P) vec(V)


def det_pullback(A, g):
    return g * np.conj(np.linalg.det(A)) * np.linalg.inv(A).conj().T


def inv_pullback(A, G):
    XH = np.linalg.inv(A).conj().T
    return -XH @ G @ XH
