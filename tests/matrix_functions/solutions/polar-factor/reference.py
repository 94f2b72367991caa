"""With A = UΣVᵀ, UᵀdQ V = (P − Pᵀ)ᵢⱼ/(σᵢ + σⱼ), P = UᵀdA V."""

import numpy as np


def polar_factor(A, dA):
    U, s, Vt = np.linalg.svd(A)
    P = U.T @ dA @ Vt.T
    return U @ ((P - P.T) / (s[:, None] + s[None, :])) @ Vt
