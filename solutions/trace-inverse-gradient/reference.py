"""Gradient of tr(A⁻¹B) with respect to A.

With X = A⁻¹ the differential of the inverse is dX = −X dA X. The trace is linear and may be turned cyclically
until dA stands last:

    df = tr(dX B) = −tr(X dA X B) = −tr(X B X dA) = ⟨G, dA⟩ = tr(Gᵀ dA),

so Gᵀ = −XBX and G = −XᵀBᵀXᵀ. All three factors are transposed, B too: with A = I this is −Bᵀ, as entry (i, j)
of A meets entry (j, i) of B in tr(A⁻¹B).

Seen from reverse-mode differentiation: tr(XB) = ⟨Bᵀ, X⟩ has the gradient Bᵀ with respect to X, and G is the
pullback −XᵀBᵀXᵀ of Bᵀ through the inverse. With B = vuᵀ the function is uᵀA⁻¹v, and G = −(Xᵀu)(Xv)ᵀ has rank
one. With B = I it is tr(A⁻¹), with the gradient −(A⁻²)ᵀ.
"""

import numpy as np


def trace_inverse_gradient(A, B):
    X = np.linalg.inv(A)
    return -(X @ B @ X).T
