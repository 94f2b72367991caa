"""Other ways to the gradient of the Gram determinant, right and wrong."""

from itertools import combinations

import numpy as np


def cofactors(M):
    """Laplace: Cᵢⱼ = (−1)ⁱ⁺ʲ Mᵢⱼ, of M without row i and column j."""
    n = len(M)
    C = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            C[i, j] = (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(M, i, axis=0), j, axis=1))
    return C


def by_cofactors(A):
    """The adjugate of AᵀA from its cofactors; it is symmetric."""
    return 2 * A @ cofactors(A.T @ A)


def by_qr(A):
    """A = QR, f = (det R)², with the gradient 2 det(R) C(R) with respect to R; multiplied by Q from the left."""
    Q, R = np.linalg.qr(A)
    return 2 * np.linalg.det(R) * Q @ cofactors(R)


def by_cauchy_binet(A):
    """Det AᵀA = Σ (det A_S)² over all choices S of n rows: add the gradients 2 det(A_S) C(A_S)."""
    m, n = A.shape
    G = np.zeros((m, n))
    for rows in combinations(range(m), n):
        A_S = A[list(rows)]
        G[list(rows)] += 2 * np.linalg.det(A_S) * cofactors(A_S)
    return G


def by_heights(A):
    """Base × height: f = (volume of the other columns)²·‖h‖², h the part of aⱼ at right angles to them."""
    G = np.zeros(A.shape)
    for j in range(A.shape[1]):
        base = np.delete(A, j, axis=1)
        height = A[:, j] - base @ np.linalg.lstsq(base, A[:, j], rcond=None)[0]
        G[:, j] = 2 * np.linalg.det(base.T @ base) * height
    return G


def by_pseudo_inverse(A):
    """2 det(AᵀA)(A⁺)ᵀ: the pseudo-inverse exists at any rank, and the determinant decides where it is 0."""
    return 2 * np.linalg.det(A.T @ A) * np.linalg.pinv(A).T
