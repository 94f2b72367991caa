import numpy as np
from numpy.linalg import inv, svd, slogdet


def submatrix(A, i, j):
    """A without row i and column j"""
    return np.delete(np.delete(A, i, axis=0), j, axis=1)


def all_minors(A):
    n = len(A)
    return np.array([[np.linalg.det(submatrix(A, i, j)) for j in range(n)] for i in range(n)])


def det_gradient(A):
    return all_minors(A)


def adjugate(A):
    return all_minors(A).T


def volume(A):
    # product of singular values is more stable than np.linalg.det
    return np.prod(svd(A, compute_uv=False))


def det_differential(A, dA):
    return volume(A) * np.trace(inv(A) @ dA)


def logdet_gradient(A):
    # log|x| has derivative sign(x)/|x| -> keep the sign
    d = np.linalg.det(A)
    return d / abs(d) * inv(A).conj().T


def inv_differential(A, dA):
    # inv(A) A = I  =>  d(inv(A)) A = inv(A) dA  =>  d(inv(A)) = inv(A) dA inv(A)
    return inv(A) @ dA @ inv(A)


def inv_jacobian(A):
    X = inv(A)
    return np.kron(X.T, X)


def det_pullback(A, g):
    sign, logabs = slogdet(A)
    return g * np.conj(sign) * np.exp(logabs) * inv(A).conj().T


def inv_pullback(A, G):
    X = inv(A).conj().T
    return X @ G @ X
