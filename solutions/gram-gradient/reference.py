"""Gradient of the Gram determinant det(AᵀA).

Let M = AᵀA. By Jacobi's formula d det M = tr(adj(M) dM), at any rank, and dM = dAᵀ A + Aᵀ dA. The adjugate of
a symmetric matrix is symmetric, so the two terms have the same trace:

    df = tr(adj(M) dAᵀ A) + tr(adj(M) Aᵀ dA) = 2 tr(adj(M) Aᵀ dA) = ⟨2A adj(M), dA⟩.

So G = 2A adj(AᵀA), which is 2 det(AᵀA) A(AᵀA)⁻¹ where the columns are independent. With A = UΣVᵀ, f = Πσₖ² and

    G = 2U diag(σᵢ qᵢ) Vᵀ,   qᵢ = ∏_{k≠i} σₖ²,

in which nothing is divided. If the columns are dependent, some σⱼ is 0, and with it every σᵢqᵢ: G = 0. It has to be
so, as f ≥ 0 everywhere and f = 0 there. But the limit is 0·∞ for the formula with the inverse.

Geometry: column j of G is 2·(squared volume of the other columns)·(part of aⱼ at right angles to them). The fastest
way to gain volume is to raise the height over the base.
"""

import numpy as np


def gram_gradient(A):
    U, sigma, Vt = np.linalg.svd(A, full_matrices=False)
    others = np.where(np.eye(len(sigma), dtype=bool), 1.0, sigma**2)  # row i: σ² with σᵢ² replaced by 1
    return 2 * (U * (sigma * np.prod(others, axis=1))) @ Vt
