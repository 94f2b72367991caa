import numpy as np
from numpy.linalg import inv, det

# df = f(x + dx) - f(x), that's what the d means


def det_differential(A, dA):
    return det(A + dA) - det(A)


def inv_differential(A, dA):
    return inv(A + dA) - inv(A)


def unit(n, i, j):
    E = np.zeros((n, n))
    E[i, j] = 1
    return E


def det_gradient(A):
    # move one entry by 1 and look at what det does. (det is linear in each entry)
    n = len(A)
    G = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            G[i, j] = det_differential(A, unit(n, i, j))
    return G


def adjugate(A):
    return det_gradient(A).T


def logdet_gradient(A):
    # same trick with the logarithm
    n = len(A)
    G = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            G[i, j] = np.log(abs(det(A + unit(n, i, j)))) - np.log(abs(det(A)))
    return G


def inv_jacobian(A):
    # inv_differential(A, unit(...)) crashed when A + E was singular, so with the formula from hint 1
    n = len(A)
    X = inv(A)
    J = np.zeros((n**2, n**2))
    k = 0
    for j in range(n):
        for i in range(n):
            J[:, k] = (-X @ unit(n, i, j) @ X).flatten()
            k += 1
    return J


def det_pullback(A, g):
    return g * (det(A) * inv(A)).conj().T


def inv_pullback(A, G):
    # tr(G' (-X V X)) = -tr(X G' X V) ... so the adjoint has G' in it
    XH = inv(A).conj().T
    return -XH @ G.conj().T @ XH
