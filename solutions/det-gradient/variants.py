"""Other ways to the gradient of the determinant, right and wrong."""

import numpy as np


def minor(A, i, j):
    """Determinant of A without row i and column j; 1 when nothing is left."""
    return np.linalg.det(np.delete(np.delete(A, i, axis=0), j, axis=1))


def by_cofactors(A):
    """Laplace: Cᵢⱼ = (−1)ⁱ⁺ʲ Mᵢⱼ."""
    n = len(A)
    return np.array([[(-1) ** (i + j) * minor(A, i, j) for j in range(n)] for i in range(n)])


def by_unit_rows(A):
    """Multilinearity: Cᵢⱼ is the determinant of A with row i replaced by eⱼᵀ."""
    n = len(A)
    C = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            B = np.array(A, dtype=float)
            B[i] = np.eye(n)[j]
            C[i, j] = np.linalg.det(B)
    return C


def by_bordering(A):
    """Cauchy: det [[A, b], [cᵀ, 0]] = −cᵀ adj(A) b, with b = eᵢ and c = eⱼ."""
    n = len(A)
    C = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            B = np.zeros((n + 1, n + 1))
            B[:n, :n] = A
            B[i, n] = B[n, j] = 1.0
            C[i, j] = -np.linalg.det(B)
    return C


def unsigned_minors(A):
    """The mistake: minors without their checkerboard of signs."""
    n = len(A)
    return np.array([[minor(A, i, j) for j in range(n)] for i in range(n)])
