"""Other ways to the second differential of the inverse."""

import numpy as np


def by_solves(A, V, W):
    """Differentiate AX = I twice: A d²X = −V·dX[W] − W·dX[V], each dX from a system of its own."""
    X = np.linalg.inv(A)
    along_V, along_W = -np.linalg.solve(A, V @ X), -np.linalg.solve(A, W @ X)
    return -np.linalg.solve(A, V @ along_W + W @ along_V)


def by_block_matrix(A, V, W):
    """A + sV + tW with s² = t² = 0, written as a matrix; the part st of its inverse stands in the corner."""
    n = len(A)
    O = np.zeros((n, n))  # noqa: E741
    block = np.block([[A, V, W, O], [O, A, O, W], [O, O, A, V], [O, O, O, A]])
    return np.linalg.inv(block)[:n, 3 * n :]


def by_polarisation(A, V, W):
    """A symmetric bilinear map is known from its diagonal Q(V) = 2XVXVX: (Q(V + W) − Q(V − W)) / 4.

    Of directions of very different sizes the larger one would drown the other; so both get norm 1 first.
    """
    X = np.linalg.inv(A)
    v, w = np.linalg.norm(V) or 1.0, np.linalg.norm(W) or 1.0
    plus, minus = X @ (V / v + W / w), X @ (V / v - W / w)
    return (plus @ plus @ X - minus @ minus @ X) * (v * w / 2)


def by_svd(A, V, W):
    """A = UΣQᴴ: rotate into the singular bases, where X is diagonal, and rotate back."""
    U, sigma, Qh = np.linalg.svd(A)
    Q, Uh = Qh.conj().T, U.conj().T
    V, W = Uh @ V @ Q, Uh @ W @ Q
    middle = (V / sigma) @ W + (W / sigma) @ V
    return Q @ (middle / np.outer(sigma, sigma)) @ Uh
