"""Jacobian of the inverse under column-major vec.

Start from the differential d(A⁻¹) = −X dA X with X = A⁻¹. Stacking columns turns a product of three
matrices into a matrix times a vector,

    vec(P V Q) = (Qᵀ ⊗ P) vec V,

because column j of PVQ is Σₖ Qₖⱼ P vₖ: the block (j, k) of the big matrix is Qₖⱼ P. With P = Q = X,

    vec d(A⁻¹) = J vec dA,   J = −Xᵀ ⊗ X.

Stacking rows instead would exchange the roles of the factors, −X ⊗ Xᵀ: a Jacobian means nothing until the
order of its coordinates is said. J is also −(Aᵀ ⊗ A)⁻¹, but that inverts an n²×n² matrix with condition
number κ(A)², and loses twice as many digits.
"""

import numpy as np


def inv_jacobian(A):
    X = np.linalg.inv(A)
    return -np.kron(X.T, X)
