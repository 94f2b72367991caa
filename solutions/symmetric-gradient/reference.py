"""Gradient of log|det S| + tr(S⁻¹B) on the space of symmetric matrices.

With X = S⁻¹, d log|det S| = tr(X dS) and dX = −X dS X. Turn the second trace cyclically until dS stands last:

    df = tr(X dS) − tr(X dS X B) = tr((X − XBX) dS) = ⟨(X − XBX)ᵀ, dS⟩.

X and B are symmetric, so X − XBX is, and ᵀ changes nothing. It lies in the space of symmetric matrices and
represents df there, so it is the gradient: G = X − XBX. Had it not been symmetric, its orthogonal projection
(M + Mᵀ)/2 would be the gradient, as ⟨M − Mᵀ, dS⟩ = 0 for symmetric dS.

Where 2G − diag G comes from: use the n(n+1)/2 entries sᵢⱼ, i ≥ j, as coordinates. Moving sᵢⱼ moves two entries of
S at once, so ∂f/∂sᵢⱼ = 2Gᵢⱼ off the diagonal. That is right as a list of partial derivatives. Written as a
matrix it is no gradient in this inner product: ⟨2G − diag G, dS⟩ counts what is off the diagonal twice.

At the minimum over positive definite S (for positive definite B) G = 0, that is S = B: the sample covariance is the
most likely one.

Source: S. Srinivasan, N. Panda, "What is the gradient of a scalar function of a symmetric matrix?",
arXiv:1911.06491.
"""

import numpy as np


def symmetric_gradient(S, B):
    X = np.linalg.inv(S)
    return X - X @ B @ X
