"""Gradient of the determinant: the cofactor matrix, at any rank.

Laplace's expansion along row i reads det A = Σⱼ Aᵢⱼ Cᵢⱼ, and no cofactor of row i contains an entry of
row i. So det is affine in each single entry, with slope

    ∂ det / ∂Aᵢⱼ = Cᵢⱼ,   that is   ∇det(A) = C = adj(A)ᵀ = det(A) A⁻ᵀ  when A is invertible.

The last form is the one to remember and the wrong one to compute with: at a singular A it reads 0·∞,
while C is perfectly finite. The cofactor matrix is multiplicative, C(AB) = C(A) C(B), and C(U) = det(U) U
for orthogonal U. With the singular value decomposition A = U Σ Qᵀ this gives

    C = δ U diag(p) Qᵀ,   δ = det U · det Q = ±1,   pᵢ = ∏_{k≠i} σₖ,

in which nothing is divided. Rank n−1 leaves one nonzero pᵢ, so C has rank 1; at rank n−2 or less C = 0.
"""

import numpy as np


def det_gradient(A):
    U, sigma, Qt = np.linalg.svd(A)
    delta = np.linalg.det(U) * np.linalg.det(Qt)
    others = np.where(np.eye(len(sigma), dtype=bool), 1.0, sigma)  # row i: σ with σᵢ replaced by 1
    p = np.prod(others, axis=1)
    return delta * (U * p) @ Qt
