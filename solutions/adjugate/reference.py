"""The adjugate at any rank.

adj A = Cᵀ is the transposed cofactor matrix. Laplace's expansion, along the right row and along a wrong
one, gives A adj(A) = adj(A) A = det(A) I. That identity determines adj A only where A is invertible: at a
singular A it says A adj(A) = 0, which the zero matrix satisfies as well. The definition goes on by
continuity.

Two properties hold for invertible matrices and so, being polynomial identities, for all of them:

    adj(AB) = adj(B) adj(A),      adj(U) = det(U) Uᵀ  for orthogonal U.

With A = U Σ Qᵀ, hence,

    adj A = δ Q diag(p) Uᵀ,   δ = det U · det Q,   pᵢ = ∏_{k≠i} σₖ.

Rank n−1: exactly one pᵢ survives, and adj A = (nonzero) q uᵀ joins the right and left null vectors.
Rank n−2 or less: adj A = 0. For n = 1 the product is empty and adj A = [[1]], even at A = [[0]].
"""

import numpy as np


def adjugate(A):
    U, sigma, Qt = np.linalg.svd(A)
    delta = np.linalg.det(U) * np.linalg.det(Qt)
    others = np.where(np.eye(len(sigma), dtype=bool), 1.0, sigma)  # row i: σ with σᵢ replaced by 1
    p = np.prod(others, axis=1)
    return delta * (Qt.T * p) @ U.T
