"""Derivative of the characteristic polynomial: the sum of the principal minors.

Let M = xI − A, so that p(x) = det M. By the differential of the determinant and dM = dx·I,

    dp = tr(adj(M) dM) = tr(adj(M)) dx   ⟹   p′(x) = tr adj(xI − A).

Where x is no eigenvalue, adj(M) = p(x)·M⁻¹ and this reads p′(x) = p(x)·tr((xI − A)⁻¹): the logarithmic
derivative p′/p is the trace of the resolvent. In terms of the eigenvalues, p(x) = ∏ⱼ(x − λⱼ) and

    p′(x) = Σᵢ ∏_{j≠i} (x − λⱼ).

At an eigenvalue the product of p = 0 with a trace that does not exist says nothing, and the adjugate is as
finite as elsewhere. At λ₁ a single term is left, p′(λ₁) = ∏_{j>1}(λ₁ − λⱼ), which is 0 for a multiple eigenvalue.

The diagonal of the adjugate consists of the principal minors: its entry i is the determinant of M without row
and column i. In 1×1 nothing is left, the determinant of nothing is 1, and indeed (x − a)′ = 1.
"""

import numpy as np


def charpoly_derivative(A, x):
    n = len(A)
    M = x * np.eye(n) - A
    return sum(np.linalg.det(np.delete(np.delete(M, i, axis=0), i, axis=1)) for i in range(n))
