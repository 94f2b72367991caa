"""Other ways to the pullback of the solution of a linear system, right and wrong."""

import numpy as np


def by_chain_rule(A, b, g):
    """Two steps, X = A⁻¹ and x = Xb: the second pulls g back to gbᴴ and Xᴴg, the first gbᴴ to −XᴴgbᴴXᴴ."""
    Xh = np.linalg.inv(A).conj().T
    return -Xh @ np.outer(g, b.conj()) @ Xh, Xh @ g


def by_jacobian(A, b, g):
    """The adjoint of a matrix is its conjugate transpose: [vec P; p] = Jᴴg, J = [−xᵀ ⊗ X, X]."""
    n = len(A)
    X = np.linalg.inv(A)
    J = np.hstack([-np.kron((X @ b)[None, :], X), X])
    pulled = J.conj().T @ g
    return pulled[: n * n].reshape((n, n), order="F"), pulled[n * n :]


def by_svd(A, b, g):
    """A = UΣQᴴ gives x = QΣ⁻¹Uᴴb and λ = UΣ⁻¹Qᴴg."""
    U, sigma, Qh = np.linalg.svd(A)
    x = Qh.conj().T @ ((U.conj().T @ b) / sigma)
    lam = U @ ((Qh @ g) / sigma)
    return -lam[:, None] * x.conj()[None, :], lam


def _forwards_and_backwards(A, b, g):
    return np.linalg.solve(A, b), np.linalg.solve(A.conj().T, g)


def outer_transposed(A, b, g):
    """The mistake: −xλᴴ for −λxᴴ."""
    x, lam = _forwards_and_backwards(A, b, g)
    return -np.outer(x, lam.conj()), lam


def outer_plainly_transposed(A, b, g):
    """The mistake: −xλᵀ for −λxᴴ."""
    x, lam = _forwards_and_backwards(A, b, g)
    return -np.outer(x, lam), lam


def outer_not_conjugated(A, b, g):
    """The mistake: −λxᵀ for −λxᴴ."""
    x, lam = _forwards_and_backwards(A, b, g)
    return -np.outer(lam, x), lam


def nothing_conjugated(A, b, g):
    """The mistake: Aᵀλ = g and −λxᵀ."""
    x, lam = np.linalg.solve(A, b), np.linalg.solve(A.T, g)
    return -np.outer(lam, x), lam


def system_not_conjugated(A, b, g):
    """The mistake: Aᵀλ = g for Aᴴλ = g."""
    x, lam = np.linalg.solve(A, b), np.linalg.solve(A.T, g)
    return -np.outer(lam, x.conj()), lam


def system_not_transposed(A, b, g):
    """The mistake: Aλ = g for Aᴴλ = g."""
    x, lam = np.linalg.solve(A, b), np.linalg.solve(A, g)
    return -np.outer(lam, x.conj()), lam


def sign(A, b, g):
    """The mistake: +λxᴴ."""
    x, lam = _forwards_and_backwards(A, b, g)
    return np.outer(lam, x.conj()), lam


def solution_not_solved(A, b, g):
    """The mistake: −λbᴴ for −λxᴴ."""
    _, lam = _forwards_and_backwards(A, b, g)
    return -np.outer(lam, b.conj()), lam


def parts_exchanged(A, b, g):
    """The mistake: (p, P) for (P, p)."""
    x, lam = _forwards_and_backwards(A, b, g)
    return lam, -np.outer(lam, x.conj())
