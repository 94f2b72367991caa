"""Pullback (adjoint) of the determinant.

The differential is L[V] = tr(adj(A) V), a number. The adjoint takes a number g and gives the matrix P
with Re(ḡ L[V]) = Re tr(PᴴV) for all V. Both sides are real-linear in V, and

    Re(ḡ tr(adj(A) V)) = Re tr((g adj(A)ᴴ)ᴴ V)   ⟹   P = g adj(A)ᴴ = g · conj(det A) · A⁻ᴴ.

The determinant is conjugated, the cotangent is not: the adjoint of multiplication by a complex number z
is multiplication by z̄. With g = 1 and real A this is the gradient again, the cofactor matrix. As there,
the singular value decomposition A = U Σ Qᴴ avoids the division, adj(A)ᴴ = δ̄ U diag(p) Qᴴ with δ = det U
· det Qᴴ and pᵢ = ∏_{k≠i} σₖ.
"""

import numpy as np


def det_pullback(A, g):
    U, sigma, Qh = np.linalg.svd(A)
    delta = np.linalg.det(U) * np.linalg.det(Qh)
    others = np.where(np.eye(len(sigma), dtype=bool), 1.0, sigma)  # row i: σ with σᵢ replaced by 1
    p = np.prod(others, axis=1)
    return g * np.conj(delta) * (U * p) @ Qh
