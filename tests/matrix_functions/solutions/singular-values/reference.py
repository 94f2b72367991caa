"""dσᵢ = uᵢᵀ dA vᵢ."""

import numpy as np


def singular_values(A, dA):
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    return np.diag(U.T @ dA @ Vt.T).copy()
