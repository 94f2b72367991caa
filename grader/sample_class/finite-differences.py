"""Instead of eight formulas: one routine that differentiates anything numerically."""
import numpy as np

EPS = 6e-6     # about (machine epsilon)^(1/3), best for central differences


def central(f, A, V):
    """Directional derivative of f at A along V, error O(h^2)."""
    h = EPS * np.linalg.norm(A) / np.linalg.norm(V)   # V in units of A
    return (f(A + h * V) - f(A - h * V)) / (2 * h)


def directions(A):
    """(i, j, E_ij) for all entries"""
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            E = np.zeros(A.shape)
            E[i, j] = 1.0
            yield i, j, E


def gradient(phi, A):
    """Gradient of a real function. Complex A: real part from moving along E, imaginary part along iE."""
    G = np.zeros(A.shape, dtype=A.dtype)
    for i, j, E in directions(A):
        G[i, j] = central(phi, A, E)
        if np.iscomplexobj(A):
            G[i, j] += 1j * central(phi, A, 1j * E)
    return G


def logabsdet(A):
    return np.linalg.slogdet(A)[1]


def det_gradient(A):
    return gradient(np.linalg.det, A)


def adjugate(A):
    return det_gradient(A).T


def det_differential(A, dA):
    return np.sum(det_gradient(A) * dA)


def logdet_gradient(A):
    return gradient(logabsdet, A)


def inv_differential(A, dA):
    return central(np.linalg.inv, A, dA)


def inv_jacobian(A):
    n = len(A)
    J = np.zeros((n * n, n * n))
    for i, j, E in directions(A):
        J[:, j * n + i] = central(np.linalg.inv, A, E).flatten('F')
    return J


def det_pullback(A, g):
    return gradient(lambda B: (np.conj(g) * np.linalg.det(B)).real, A)


def inv_pullback(A, G):
    return gradient(lambda B: np.vdot(G, np.linalg.inv(B)).real, A)
