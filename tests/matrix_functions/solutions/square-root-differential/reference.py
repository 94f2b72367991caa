"""X dX + dX X = dA, solved in the eigenvectors of A."""

import numpy as np


def square_root_differential(A, dA):
    w, V = np.linalg.eigh(A)
    s = np.sqrt(w)
    return V @ (V.T @ dA @ V / (s[:, None] + s[None, :])) @ V.T
