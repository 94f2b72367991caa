"""Gradient of log|det L| on the space of lower triangular matrices.

The determinant of a triangular matrix is the product of its diagonal, so

    f(L) = Σᵢ log|ℓᵢᵢ|,   df = Σᵢ dℓᵢᵢ / ℓᵢᵢ = ⟨G, dL⟩,   G = diag(1/ℓ₁₁, …, 1/ℓₙₙ).

G is lower triangular, so it is the gradient. Entries below the diagonal do not change the determinant at all.

The same by projection. Where all n² entries move, the gradient of log|det A| is A⁻ᵀ. At a lower triangular L the
matrix L⁻ᵀ is upper triangular. For lower triangular dL it gives the same ⟨L⁻ᵀ, dL⟩, but it points out of the
space: a step along it would fill the zeros above the diagonal. Its orthogonal projection keeps the entries on and
below the diagonal, of which only the diagonal is not zero: again diag(1/ℓᵢᵢ).

A test that looks at ⟨G, dL⟩ alone cannot tell L⁻ᵀ from its projection.
"""

import numpy as np


def triangular_gradient(L):
    return np.diag(1 / np.diag(L))
