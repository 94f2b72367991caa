import numpy as np
from numpy.linalg import inv, det


def det_gradient(A):
    n = A.shape[0]
    C = np.zeros((n, n))
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            M = np.delete(np.delete(A, i, axis=0), j, axis=1)
            C[i, j] = (-1) ** (i + j) * det(M)
    return C


def adjugate(A):
    n = A.shape[0]
    adj = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            M = np.delete(np.delete(A, j, axis=0), i, axis=1)
            adj[i, j] = (-1) ** (i + j) * det(M)
    print(adj)


def det_differential(A, dA):
    # d det = det * d log det
    t = 1e-400      # the smaller the more exact
    return det(A) * (np.log(det(A + t * dA)) - np.log(det(A))) / t


def logdet_gradient(A):
    if det(A) < 0:
        raise ValueError("log of a negative number, determinant must be positive")
    return inv(A).conj().T


def inv_differential(A, dA):
    # d(1/a) = -da/a^2
    return -dA / A**2


def inv_jacobian(A):
    from scipy.linalg import block_diag
    n = A.shape[0]
    X = inv(A)
    return -np.kron(X.T, np.eye(n)) @ block_diag(*[X] * n)


def det_pullback(A, g):
    return g * det(A).conj() * inv(A).T


def inv_pullback(A, G):
    return -inv(A).T @ G @ inv(A).T
