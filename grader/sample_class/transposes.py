from numpy.linalg import inv, det
import numpy as np

# vec(PVQ) = (Q^T kron P) vec V     <- from the hint
# <P, Q> = tr(P^T Q) = sum(P * Q)   <- from the lecture


def minors_with_signs(A):
    n = A.shape[0]
    C = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            M = np.delete(np.delete(A, i, 0), j, 1)
            C[i, j] = (-1) ** (i + j) * det(M)
    return C


def det_gradient(A):
    # adj(A) = det(A) A^-1
    return det(A) * inv(A)


def adjugate(A):
    return minors_with_signs(A)


def det_differential(A, dA):
    # tr(adj(A) dA) is the same as summing the products of the entries
    return np.sum(det(A) * inv(A) * dA)


def logdet_gradient(A):
    # grad det / det
    return inv(A)


def inv_differential(A, dA):
    X = inv(A).T
    return -X @ dA @ X


def inv_jacobian(A):
    X = inv(A)
    return -np.kron(X, X)


def det_pullback(A, g):
    return g * np.conj(det(A)) * inv(A)


def inv_pullback(A, G):
    X = inv(A)
    return -X.conj().T @ G @ X
