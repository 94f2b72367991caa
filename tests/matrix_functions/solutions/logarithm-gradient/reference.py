"""The derivative of log is symmetric: divided differences of log in the eigenvectors of A."""

import numpy as np


def logarithm_gradient(A, B):
    w, V = np.linalg.eigh(A)
    x = (w[:, None] - w[None, :]) / w[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(x == 0, 1, np.log1p(x) / x) / w[None, :]
    G = V @ (V.T @ B @ V * ratio) @ V.T
    return (G + G.T) / 2
