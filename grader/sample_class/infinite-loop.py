import numpy as np
from numpy.linalg import inv, det


def strike(A, i, j):
    return np.delete(np.delete(A, i, axis=0), j, axis=1)


def det_gradient(A):
    n = len(A)
    C = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            C[i, j] = (-1) ** (i + j) * det(strike(A, i, j))
    return C


def adjugate(A):
    n = len(A)
    adj = np.zeros((n, n))
    i = 0
    while i < n:
        j = 0
        while j < n:
            adj[j, i] = (-1) ** (i + j) * det(strike(A, i, j))
            j += 1
        # i += 1
    return adj


def det_differential(A, dA):
    return np.sum(det_gradient(A) * dA)


def logdet_gradient(A):
    return inv(A.conj().T)


def inv_differential(A, dA):
    Ai = inv(A)
    return -Ai.dot(dA).dot(Ai)


def inv_jacobian(A):
    Ai = inv(A)
    return -np.kron(Ai.T, Ai)


def det_pullback(A, g):
    return g * np.conj(det(A)) * inv(A.conj().T)


def inv_pullback(A, G):
    Bi = inv(A.conj().T)
    return -Bi.dot(G).dot(Bi)
