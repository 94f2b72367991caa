"""Other ways to the second differential of the determinant."""

import numpy as np


def by_rows(A, V, W):
    """The determinant is linear in each row: row i from V, row j from W, the others from A, summed over i ≠ j."""
    total = 0.0
    for i in range(len(A)):
        for j in range(len(A)):
            if i != j:
                B = np.array(A, dtype=float)
                B[i], B[j] = V[i], W[j]
                total += np.linalg.det(B)
    return total


def by_minors(A, V, W):
    """Laplace along two rows i < j: 2×2 minors, polarised in V and W, times the minor of A that remains."""
    total = 0.0
    pairs = [(i, j) for j in range(len(A)) for i in range(j)]
    for i, j in pairs:
        for k, m in pairs:
            mixed = V[i, k] * W[j, m] - V[i, m] * W[j, k] + W[i, k] * V[j, m] - W[i, m] * V[j, k]
            rest = np.delete(np.delete(A, [i, j], axis=0), [k, m], axis=1)
            total += (-1) ** (i + j + k + m) * np.linalg.det(rest) * mixed
    return total


def by_interpolation(A, V, W):
    """det(A + sV + tW) is a polynomial: its coefficient of st is a mean over roots of unity s and t."""
    n = len(A)
    size = np.linalg.norm(A) or 1.0
    v, w = size / (np.linalg.norm(V) or 1.0), size / (np.linalg.norm(W) or 1.0)
    roots = np.exp(2j * np.pi * np.arange(n + 2) / (n + 2))
    values = [np.linalg.det(A + s * v * V + t * w * W) / (s * t) for s in roots for t in roots]
    return np.mean(values).real / (v * w)
