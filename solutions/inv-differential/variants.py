"""Other ways to the differential of the inverse."""

import numpy as np


def by_block_matrix(A, dA):
    """The inverse of [[A, dA], [0, A]] is [[X, −X dA X], [0, X]]: read off its upper right block."""
    n = len(A)
    return np.linalg.inv(np.block([[A, dA], [np.zeros((n, n)), A]]))[:n, n:]


def by_entries(A, dA):
    """Linearity: one rank-one term −(X eᵢ)(eⱼᵀX) for every entry of dA."""
    X = np.linalg.inv(A)
    return -sum(dA[i, j] * np.outer(X[:, i], X[j]) for i in range(len(A)) for j in range(len(A)))


def by_svd(A, dA):
    """A = UΣQᴴ: rotate into the singular bases, divide entry (i, j) by σᵢσⱼ, rotate back: −QΣ⁻¹(UᴴdA Q)Σ⁻¹Uᴴ."""
    U, sigma, Qh = np.linalg.svd(A)
    Q, Uh = Qh.conj().T, U.conj().T
    return -Q @ ((Uh @ dA @ Q) / np.outer(sigma, sigma)) @ Uh
