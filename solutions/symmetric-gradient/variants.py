"""Other ways to the gradient of log|det S| + tr(S⁻¹B) on symmetric matrices, right and wrong."""

import numpy as np


def by_eigenvectors(S, B):
    """S = QΛQᵀ: in this basis the gradient has the entries δᵢⱼ/λᵢ − (QᵀBQ)ᵢⱼ/(λᵢλⱼ)."""
    values, Q = np.linalg.eigh(S)
    return Q @ (np.diag(1 / values) - (Q.T @ B @ Q) / np.outer(values, values)) @ Q.T


def by_projection(S, B):
    """The gradient on all matrices, Xᵀ − XᵀBᵀXᵀ, projected: its symmetric part."""
    Xt = np.linalg.inv(S).T
    M = Xt - Xt @ B.T @ Xt
    return (M + M.T) / 2


def by_block_matrix(S, B):
    """The inverse of [[S, B], [0, S]] is [[X, −XBX], [0, X]]: add the blocks of its upper row."""
    n = len(S)
    Y = np.linalg.inv(np.block([[S, B], [np.zeros((n, n)), S]]))
    return Y[:n, :n] + Y[:n, n:]


def by_basis(S, B):
    """G = Σ f′(S)[E] E over an orthonormal basis of the space: Eᵢᵢ, and (Eᵢⱼ + Eⱼᵢ)/√2 for i > j."""
    n = len(S)
    X = np.linalg.inv(S)
    G = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            E = np.zeros((n, n))
            E[i, j] = E[j, i] = 1.0
            E /= np.linalg.norm(E)
            G += (np.trace(X @ E) - np.trace(X @ E @ X @ B)) * E
    return G


def _right(S, B):
    X = np.linalg.inv(S)
    return X - X @ B @ X


def cookbook(S, B):
    """The mistake: 2G − diag G, the partial derivatives in the entries on and below the diagonal."""
    G = _right(S, B)
    return 2 * G - np.diag(np.diag(G))


def half_off_diagonal(S, B):
    """The mistake: each entry off the diagonal halved, as if it were shared between two places."""
    G = _right(S, B)
    return (G + np.diag(np.diag(G))) / 2


def doubled(S, B):
    """The mistake: G + Gᵀ, symmetrised without the half."""
    G = _right(S, B)
    return G + G.T


def lower_triangle(S, B):
    """The mistake: the free entries only, zeros above the diagonal."""
    return np.tril(_right(S, B))


def lower_triangle_doubled(S, B):
    """The mistake: the partial derivatives in the free entries, zeros above the diagonal."""
    return np.tril(cookbook(S, B))
