import numpy as np
from numpy.linalg import inv, det

# I am used to MATLAB: everything is a matrix there, a number is 1x1 and a vector a column.


def cof(A):
    n = np.size(A, 0)
    C = np.zeros([n, n])
    for i in range(n):
        for j in range(n):
            B = A.copy()
            B[i, :] = 0
            B[i, j] = 1
            C[i, j] = det(B)
    return C


def det_gradient(A):
    # gradient = vector of all partial derivatives
    return cof(A).ravel()


def adjugate(A):
    C = cof(A)
    return C.T[np.newaxis]


def det_differential(A, dA):
    g = cof(A).reshape(-1, 1)
    v = dA.reshape(-1, 1)
    return (g.T @ v)[0]


def logdet_gradient(A):
    # Matrix Cookbook (141)
    X = inv(A).conj().T
    return 2*X - np.diag(np.diag(X))


def inv_differential(A, dA):
    X = inv(A)
    return -X*dA*X


def inv_jacobian(A):
    # J(i,j,k,l) = d X(i,j) / d A(k,l)
    X = inv(A)
    n = np.size(A, 0)
    J = np.zeros([n, n, n, n])
    for i in range(n):
        for j in range(n):
            for k in range(n):
                for l in range(n):
                    J[i, j, k, l] = -X[i, k] * X[l, j]
    return J


def det_pullback(A, g):
    return np.conj(det(A)) * inv(A).conj().T


def inv_pullback(A, G):
    X = inv(A).conj().T
    return (-X @ G @ X).reshape(-1, 1)
