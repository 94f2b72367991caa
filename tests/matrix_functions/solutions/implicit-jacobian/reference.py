"""(A + 3 diag(x²)) dx = dp."""

import numpy as np


def implicit_jacobian(A, p):
    x = np.zeros(len(p))
    for _ in range(100):
        step = np.linalg.solve(A + 3 * np.diag(x**2), A @ x + x**3 - p)
        x = x - step
    return np.linalg.inv(A + 3 * np.diag(x**2))
