"""Second differential of the determinant, at any rank.

Where A is invertible, with X = A⁻¹ and d = det A, the first differential is d·tr(XW). Differentiate it along V;
both factors depend on A, and dX = −XVX:

    d² det[V, W] = d·tr(XV)·tr(XW) − d·tr(XVXW).

In 1×1 the two terms are equal: a is linear in itself. That is a warning. Near a singular matrix each of them is
of the size d/σₙ², which tends to infinity, and what remains after they cancel is finite. So cancel on paper. With
A = UΣQᵀ, δ = det U · det Q = ±1, V′ = UᵀVQ and W′ = UᵀWQ,

    det(A + sV + tW) = δ det(Σ + sV′ + tW′),

and for the diagonal matrix Σ the traces can be written out:

    tr(XV)tr(XW) − tr(XVXW) = Σᵢⱼ (V′ᵢᵢ W′ⱼⱼ − V′ᵢⱼ W′ⱼᵢ) / (σᵢσⱼ).

The terms with i = j are zero, and these alone had σᵢ² below. In the others, ∏ₖσₖ/(σᵢσⱼ) divides nothing by zero:

    d² det[V, W] = δ Σ_{i≠j} pᵢⱼ (V′ᵢᵢ W′ⱼⱼ − V′ᵢⱼ W′ⱼᵢ),   pᵢⱼ = ∏_{k≠i,j} σₖ.

Both sides are polynomials in the entries of A, U and Q fixed, so this holds at every rank. It is what Laplace would
say too: two rows of A are replaced, one by V and one by W. At rank n−2 a single pair i, j is left (and the determinant
is quadratic there); at rank n−3 or less all pᵢⱼ vanish.
"""

import numpy as np


def det_second_differential(A, V, W):
    U, sigma, Qt = np.linalg.svd(A)
    delta = np.linalg.det(U) * np.linalg.det(Qt)
    V, W = U.T @ V @ Qt.T, U.T @ W @ Qt.T
    total = 0.0
    for i in range(len(sigma)):
        for j in range(len(sigma)):
            if i != j:
                p = np.prod(np.delete(sigma, [i, j]))
                total += p * (V[i, i] * W[j, j] - V[i, j] * W[j, i])
    return delta * total
