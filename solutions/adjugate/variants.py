"""Other ways to the adjugate, right and wrong."""

import numpy as np


def minor(A, i, j):
    """Determinant of A without row i and column j; 1 when nothing is left."""
    return np.linalg.det(np.delete(np.delete(A, i, axis=0), j, axis=1))


def by_cofactors(A):
    """The definition: adj(A)ⱼᵢ = (−1)ⁱ⁺ʲ Mᵢⱼ."""
    n = len(A)
    return np.array([[(-1) ** (i + j) * minor(A, i, j) for i in range(n)] for j in range(n)])


def by_cramer(A):
    """Cramer: adj(A)ⱼᵢ is the determinant of A with column j replaced by eᵢ."""
    n = len(A)
    adj = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            B = np.array(A, dtype=float)
            B[:, j] = np.eye(n)[i]
            adj[j, i] = np.linalg.det(B)
    return adj


def by_bordering(A):
    """Cauchy: det [[A, b], [cᵀ, 0]] = −cᵀ adj(A) b, with b = eᵢ and c = eⱼ."""
    n = len(A)
    adj = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            B = np.zeros((n + 1, n + 1))
            B[:n, :n] = A
            B[i, n] = B[n, j] = 1.0
            adj[j, i] = -np.linalg.det(B)
    return adj


def by_qr(A):
    """adj(QR) = adj(R) adj(Q), and adj(Q) = det(Q) Qᵀ."""
    Q, R = np.linalg.qr(A)
    return by_cofactors(R) @ (np.linalg.det(Q) * Q.T)


def unsigned_minors(A):
    """The mistake: transposed minors without their checkerboard of signs."""
    n = len(A)
    return np.array([[minor(A, i, j) for i in range(n)] for j in range(n)])
