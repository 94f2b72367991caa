"""dU = UΩ with a skew Ω, from UᵀdA V = ΩΣ + dΣ − ΣΨ."""

import numpy as np


def singular_vectors(A, dA):
    U, s, Vt = np.linalg.svd(A)
    sign = np.sign(U[np.argmax(np.abs(U), axis=0), np.arange(len(A))])
    U, V = U * sign, Vt.T * sign
    P = U.T @ dA @ V
    gaps = s[None, :] ** 2 - s[:, None] ** 2
    np.fill_diagonal(gaps, np.inf)
    return U @ ((P * s[None, :] + s[:, None] * P.T) / gaps)
