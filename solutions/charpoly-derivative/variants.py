"""Other ways to the derivative of the characteristic polynomial, right and wrong."""

import numpy as np


def by_svd(A, x):
    """M = UΣQᵀ gives tr adj(M) = δ Σ pᵢ (UᵀQ)ᵢᵢ with pᵢ = ∏_{k≠i} σₖ and δ = det U · det Q."""
    U, sigma, Qt = np.linalg.svd(x * np.eye(len(A)) - A)
    p = [np.prod(np.delete(sigma, i)) for i in range(len(sigma))]
    return np.linalg.det(U) * np.linalg.det(Qt) * np.sum(p * np.sum(U * Qt.T, axis=0))


def by_eigenvalues(A, x):
    """The product rule on p(x) = ∏ⱼ(x − λⱼ); what is imaginary in the sum cancels."""
    factors = x - np.linalg.eigvals(A)
    return sum(np.prod(np.delete(factors, i)) for i in range(len(factors))).real


def by_leverrier(A, x):
    """Faddeev and Leverrier: p(x) = Σ cₖxᵏ with cₙ = 1, N₁ = I, cₙ₋ₖ = −tr(ANₖ)/k, Nₖ₊₁ = ANₖ + cₙ₋ₖI."""
    n = len(A)
    coefficients, N = [1.0], np.eye(n)
    for k in range(1, n + 1):
        coefficients.append(-np.trace(A @ N) / k)
        N = A @ N + coefficients[-1] * np.eye(n)
    return np.polyval(np.polyder(coefficients), x)


def by_unit_rows(A, x):
    """The determinant is linear in each row, and row i of xI − A moves along eᵢᵀ: replace it by eᵢᵀ, sum over i."""
    n = len(A)
    total = 0.0
    for i in range(n):
        M = x * np.eye(n) - A
        M[i] = np.eye(n)[i]
        total += np.linalg.det(M)
    return total


def by_interpolation(A, x):
    """P(x + t) is a polynomial of degree n in t: the coefficient of t is a mean over roots of unity."""
    n = len(A)
    M = x * np.eye(n) - A
    r = np.linalg.norm(M) / np.sqrt(n) or 1.0
    roots = np.exp(2j * np.pi * np.arange(n + 1) / (n + 1))
    return np.mean([np.linalg.det(M + r * w * np.eye(n)) / (r * w) for w in roots]).real


def zero_at_eigenvalues(A, x):
    """The mistake: 0 wherever p(x) is."""
    return 0.0 if np.linalg.det(x * np.eye(len(A)) - A) == 0 else by_unit_rows(A, x)


def diagonal_for_eigenvalues(A, x):
    """The mistake: the diagonal entries of A in place of its eigenvalues."""
    factors = x - np.diag(A)
    return sum(np.prod(np.delete(factors, i)) for i in range(len(factors)))
