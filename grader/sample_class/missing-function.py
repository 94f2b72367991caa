# not finished, will hand in the rest later
import numpy as np


def det_gradient(A):
    return np.linalg.inv(A).T


def det_differential(A, dA):
    # det(I + dA) = 1 + tr(dA) + ...
    return np.linalg.det(A) * np.trace(dA)


def logdet_gradient(A):
    return np.linalg.det(A) * np.conj(np.linalg.inv(A)).T


def inv_differential(A, dA):
    Ainv = A ** -1.0
    return -Ainv @ dA @ Ainv


def inv_jacobain(A):
    Ainv = np.linalg.inv(A)
    return -np.kron(Ainv.T, Ainv)


# TODO adjugate
# TODO pullbacks (after the tutorial on Thursday)
