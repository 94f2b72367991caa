"""Golub and Pereyra's three terms, one of which is 0 at full rank."""

import numpy as np


def pseudoinverse_differential(A, dA):
    m, n = A.shape
    X = np.linalg.pinv(A)
    return -X @ dA @ X + X @ X.T @ dA.T @ (np.eye(m) - A @ X) + (np.eye(n) - X @ A) @ dA.T @ X.T @ X
