"""Other ways to the gradient of the determinant in a weighted inner product, right and wrong."""

import numpy as np


def cofactors(A):
    """Laplace: Cᵢⱼ = (−1)ⁱ⁺ʲ times the minor without row i and column j."""
    n = len(A)
    minors = [[np.delete(np.delete(A, i, axis=0), j, axis=1) for j in range(n)] for i in range(n)]
    return np.array([[(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in range(n)] for i in range(n)])


def by_cofactors(A, W):
    """Cofactors one by one, then W⁻¹."""
    return np.linalg.inv(W) @ cofactors(A)


def by_cholesky(A, W):
    """W = LLᵀ: two triangular systems."""
    L = np.linalg.cholesky(W)
    return np.linalg.solve(L.T, np.linalg.solve(L, cofactors(A)))


def by_gram_matrix(A, W):
    """The definition, on the basis eᵢeⱼᵀ: its Gram matrix is I ⊗ W under vec, and the derivatives are the minors."""
    n = len(A)
    derivatives = np.zeros(n * n)
    for i in range(n):
        for j in range(n):
            B = np.array(A, dtype=float)
            B[i] = np.eye(n)[j]
            derivatives[i + n * j] = np.linalg.det(B)
    return np.linalg.solve(np.kron(np.eye(n), W), derivatives).reshape((n, n), order="F")


def by_eigenvectors(A, W):
    """An orthonormal basis for the weighted inner product: the columns of B = EΛ^(−½), with BBᵀ = W⁻¹."""
    values, E = np.linalg.eigh(W)
    B = E / np.sqrt(values)
    return B @ (B.T @ cofactors(A))


def zero_where_singular(A, W):
    """The mistake: 0 for every singular A."""
    return np.zeros(A.shape) if np.linalg.det(A) == 0 else by_cofactors(A, W)


def cholesky_once(A, W):
    """The mistake: only one of the two triangular factors of W."""
    return np.linalg.solve(np.linalg.cholesky(W), np.linalg.det(A) * np.linalg.inv(A).T)
