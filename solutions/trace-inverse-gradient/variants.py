"""Other ways to the gradient of tr(A⁻¹B)."""

import numpy as np


def by_block_matrix(A, B):
    """The inverse of [[A, B], [0, A]] has −XBX in its upper right block; transpose it."""
    n = len(A)
    return np.linalg.inv(np.block([[A, B], [np.zeros((n, n)), A]]))[:n, n:].T


def by_entries(A, B):
    """The definition: Gᵢⱼ = df[eᵢeⱼᵀ] = −tr(X eᵢ eⱼᵀ X B) = −eⱼᵀ X B X eᵢ."""
    n = len(A)
    X = np.linalg.inv(A)
    return np.array([[-(X[j] @ B @ X[:, i]) for j in range(n)] for i in range(n)])


def by_svd(A, B):
    """A = UΣQᵀ gives Xᵀ = UΣ⁻¹Qᵀ: rotate Bᵀ, divide entry (i, j) by σᵢσⱼ, rotate back."""
    U, sigma, Qt = np.linalg.svd(A)
    return -U @ ((Qt @ B.T @ U) / np.outer(sigma, sigma)) @ Qt
