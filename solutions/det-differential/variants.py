"""Other ways to the differential of the determinant."""

import numpy as np


def row_by_row(A, dA):
    """The determinant is linear in each row: Σᵢ det(A with row i replaced by row i of dA)."""
    total = 0.0
    for i in range(len(A)):
        B = np.array(A, dtype=float)
        B[i] = dA[i]
        total += np.linalg.det(B)
    return total


def by_cofactors(A, dA):
    """Laplace: Σᵢⱼ Cᵢⱼ dAᵢⱼ, each cofactor a determinant of its own."""
    total = 0.0
    for i in range(len(A)):
        for j in range(len(A)):
            minor = np.delete(np.delete(A, i, axis=0), j, axis=1)
            total += (-1) ** (i + j) * np.linalg.det(minor) * dA[i, j]
    return total
