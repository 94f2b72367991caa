import numpy as np
from numpy.linalg import inv, det

# Formulas as in the lecture notes


def det_gradient(A):
    return det(A) * inv(A).T


def adjugate(A):
    return det(A) * inv(A)


def det_differential(A, dA):
    return det(A) * np.trace(inv(A) @ dA)


def logdet_gradient(A):
    return inv(A).conj().T


def inv_differential(A, dA):
    return -inv(A) @ dA @ inv(A)


def inv_jacobian(A):
    return -np.kron(inv(A).T, inv(A))


def det_pullback(A, g):
    return g * np.conj(det(A)) * inv(A).conj().T


def inv_pullback(A, G):
    return -inv(A).conj().T @ G @ inv(A).conj().T
