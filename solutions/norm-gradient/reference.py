"""Gradients of the Frobenius, spectral and nuclear norm.

Frobenius. ‖A‖² = ⟨A, A⟩, so 2‖A‖ d‖A‖ = 2⟨A, dA⟩ and G = A/‖A‖.

Singular values. Let A = UΣVᵀ with a simple σᵢ > 0, and σᵢ = uᵢᵀAvᵢ. Then

    dσᵢ = duᵢᵀAvᵢ + uᵢᵀ dA vᵢ + uᵢᵀA dvᵢ = σᵢ duᵢᵀuᵢ + uᵢᵀ dA vᵢ + σᵢ vᵢᵀ dvᵢ = uᵢᵀ dA vᵢ,

since vectors that stay of length 1 move at right angles to themselves: uᵢᵀduᵢ = 0. So dσᵢ = tr(vᵢuᵢᵀ dA) =
⟨uᵢvᵢᵀ, dA⟩, and

    ∇‖A‖₂ = u₁v₁ᵀ,   ∇‖A‖* = Σ uᵢvᵢᵀ = UVᵀ  (with U of shape m×r, V of shape n×r, r = min(m, n)).

For the nuclear norm the σᵢ need not be simple: UVᵀ is the polar factor, A(AᵀA)^(−1/2) for m ≥ n, which is smooth
wherever A has full rank. The spectral norm has a kink where σ₁ = σ₂, the nuclear norm where A loses rank, and any
norm has one at A = 0.

All three fit one picture: the gradient is the matrix of dual norm 1 with ⟨G, A⟩ = ‖A‖. The Frobenius norm is its own
dual, and the spectral and the nuclear norm are each other's: u₁v₁ᵀ has nuclear norm 1, and UVᵀ has spectral norm 1.
"""

import numpy as np


def norm_gradient(A, kind):
    if kind == "fro":
        return A / np.linalg.norm(A)
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    return np.outer(U[:, 0], Vt[0]) if kind == "2" else U @ Vt
