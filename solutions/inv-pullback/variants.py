"""Other ways to the pullback of the inverse."""

import numpy as np


def by_block_matrix(A, G):
    """The inverse of [[Aᴴ, G], [0, Aᴴ]] has −XᴴGXᴴ in its upper right block."""
    n = len(A)
    Ah = A.conj().T
    return np.linalg.inv(np.block([[Ah, G], [np.zeros((n, n)), Ah]]))[:n, n:]


def by_jacobian(A, G):
    """The adjoint of a matrix is its conjugate transpose: vec P = Jᴴ vec G, J = −Xᵀ ⊗ X."""
    X = np.linalg.inv(A)
    J = -np.kron(X.T, X)
    return np.reshape(J.conj().T @ np.ravel(G, order="F"), A.shape, order="F")


def by_svd(A, G):
    """A = UΣQᴴ, so A⁻ᴴ = UΣ⁻¹Qᴴ and P = −UΣ⁻¹(QᴴG U)Σ⁻¹Qᴴ."""
    U, sigma, Qh = np.linalg.svd(A)
    return -U @ ((Qh @ G @ U) / np.outer(sigma, sigma)) @ Qh
