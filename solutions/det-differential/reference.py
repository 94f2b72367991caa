"""Differential of the determinant, at any rank.

At the identity only the product of the diagonal of I + dA has terms of first order, so
det(I + dA) = 1 + tr dA + o(‖dA‖). For invertible A factor it out:

    det(A + dA) = det A · det(I + A⁻¹dA)   ⟹   d det = det(A) tr(A⁻¹ dA) = tr(adj(A) dA).

Both sides of the last equation are polynomials in A, so it holds at singular A as well, where the middle
expression has no meaning. With A = U Σ Qᵀ, adj A = δ Q diag(p) Uᵀ and the trace, which may be turned
cyclically,

    d det = δ Σᵢ pᵢ (UᵀdA Q)ᵢᵢ,   δ = det U · det Q,   pᵢ = ∏_{k≠i} σₖ.

In words: rotate the direction into the singular bases; each diagonal entry changes one singular value,
and pᵢ is the area of the face of the box across which it moves. At rank n−2 or less all pᵢ vanish, and so
does d det.
"""

import numpy as np


def det_differential(A, dA):
    U, sigma, Qt = np.linalg.svd(A)
    delta = np.linalg.det(U) * np.linalg.det(Qt)
    others = np.where(np.eye(len(sigma), dtype=bool), 1.0, sigma)  # row i: σ with σᵢ replaced by 1
    p = np.prod(others, axis=1)
    return delta * np.sum(p * np.diag(U.T @ dA @ Qt.T))
