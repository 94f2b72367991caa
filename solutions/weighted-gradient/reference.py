"""Gradient of the determinant in the inner product ⟨P, Q⟩ = tr(PᵀWQ).

The derivative is d det = tr(Cᵀ dA) with the cofactor matrix C, whatever the inner product. Riesz' theorem says
that each inner product writes this linear map with a matrix of its own:

    tr(Cᵀ dA) = tr(Gᵀ W dA) for every dA   ⟺   Gᵀ W = Cᵀ   ⟺   W G = C,

where the last step transposes and uses W = Wᵀ. So G = W⁻¹ C: W acts from the left, on each column by itself, as
the inner product is the sum of pᵀWq over the columns. An inner product tr(P W Qᵀ) would put it on the right.

C is formed from the singular value decomposition A = UΣQᵀ, in which nothing is divided, so that it is right at any
rank:

    C = δ U diag(p) Qᵀ,   δ = det U · det Q = ±1,   pᵢ = ∏_{k≠i} σₖ.

The length changes too: ⟨G, G⟩ = tr(CᵀW⁻¹C). Among all directions of length 1 in this norm, G/‖G‖ is the one in which
the determinant grows fastest. With another W it is another direction.
"""

import numpy as np


def weighted_gradient(A, W):
    U, sigma, Qt = np.linalg.svd(A)
    delta = np.linalg.det(U) * np.linalg.det(Qt)
    p = np.array([np.prod(np.delete(sigma, i)) for i in range(len(sigma))])
    return np.linalg.solve(W, delta * (U * p) @ Qt)
