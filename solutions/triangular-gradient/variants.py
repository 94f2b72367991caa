"""Other ways to the gradient of log|det L| on lower triangular matrices, right and wrong."""

import numpy as np


def by_projection(L):
    """The gradient on all matrices, L⁻ᵀ, without its part above the diagonal."""
    return np.tril(np.linalg.inv(L).T)


def by_basis(L):
    """G = Σ f′(L)[E] E over the unit matrices E of the space; f′(L)[E] = tr(L⁻¹E) by one solve for each."""
    n = len(L)
    G = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            E = np.zeros((n, n))
            E[i, j] = 1.0
            G[i, j] = np.trace(np.linalg.solve(L, E))
    return G


def by_forward_substitution(L):
    """Entry i of the solution of Lx = eᵢ: all that comes before it is 0."""
    n = len(L)
    G = np.zeros((n, n))
    for i in range(n):
        G[i, i] = np.linalg.solve(L, np.eye(n)[i])[i]
    return G


def by_scaling(L):
    """L = D·(unit lower triangular): log|det L| = log|det D|, and D moves with the diagonal alone."""
    D = L * np.eye(len(L))
    return np.linalg.inv(D)


def diagonal_as_vector(L):
    """The mistake: the right numbers as a vector."""
    return 1 / np.diag(L)


def below_too(L):
    """The mistake: the lower triangle of 1/L, entry by entry."""
    n = len(L)
    return np.array([[1 / L[i, j] if j <= i and L[i, j] else 0.0 for j in range(n)] for i in range(n)])


def symmetrised(L):
    """The mistake: projected onto the symmetric matrices."""
    X = np.linalg.inv(L)
    return (X + X.T) / 2


def cookbook(L):
    """The mistake: 2X − diag X."""
    X = np.linalg.inv(L)
    return 2 * X - np.diag(np.diag(X))


def cookbook_transposed(L):
    """The mistake: 2Xᵀ − diag X."""
    return cookbook(L).T


def cookbook_symmetric(L):
    """The mistake: X + Xᵀ − diag X."""
    X = np.linalg.inv(L)
    return X + X.T - np.diag(np.diag(X))
