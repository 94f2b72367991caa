"""AᵀAx = Aᵀb; with AᵀAy = 2x the gradient is r yᵀ − Ay xᵀ, r = b − Ax."""

import numpy as np


def least_squares_gradient(A, b):
    Q, R = np.linalg.qr(A)
    x = np.linalg.solve(R, Q.T @ b)
    z = np.linalg.solve(R.T, 2 * x)
    y = np.linalg.solve(R, z)
    return np.outer(b - A @ x, y) - np.outer(Q @ z, x)
