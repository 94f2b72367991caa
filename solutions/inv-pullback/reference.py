"""Pullback (adjoint) of the inverse.

The differential is L[V] = −X V X with X = A⁻¹. Its adjoint L* is defined by ⟨G, L[V]⟩ = ⟨L*[G], V⟩ for
all V, in the inner product ⟨P, Q⟩ = Re tr(PᴴQ). Turn the trace cyclically until V stands last:

    ⟨G, −XVX⟩ = −Re tr(Gᴴ X V X) = −Re tr(X Gᴴ X V) = Re tr((−Xᴴ G Xᴴ)ᴴ V),

so L*[G] = −Xᴴ G Xᴴ. For real matrices ᴴ is ᵀ. This is what reverse-mode differentiation does at a call of
inv: if a loss reacts to A⁻¹ with the gradient G, it reacts to A with the gradient −A⁻ᵀ G A⁻ᵀ.
"""

import numpy as np


def inv_pullback(A, G):
    Xh = np.linalg.inv(A).conj().T
    return -Xh @ G @ Xh
