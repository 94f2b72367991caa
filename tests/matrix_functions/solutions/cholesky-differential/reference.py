"""LdLᵀ + dL Lᵀ = dA, so L⁻¹dL is the lower half of L⁻¹dA L⁻ᵀ."""

import numpy as np


def cholesky_differential(A, dA):
    L = np.linalg.cholesky(A)
    inner = np.linalg.solve(L, np.linalg.solve(L, dA).T)
    return L @ (np.tril(inner) - np.diag(np.diag(inner)) / 2)
