"""RᵀR = AᵀA, so that R is a Cholesky factor."""

import numpy as np


def qr_triangular_factor(A, dA):
    Q, R = np.linalg.qr(A)
    sign = np.sign(np.diag(R))
    Q, R = Q * sign, sign[:, None] * R
    C = np.linalg.solve(R.T, (Q.T @ dA).T).T
    skew = np.tril(C, -1) - np.tril(C, -1).T
    return np.triu((C - skew) @ R)
