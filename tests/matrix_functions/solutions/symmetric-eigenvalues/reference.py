"""dλᵢ = vᵢᵀ dA vᵢ."""

import numpy as np


def symmetric_eigenvalues(A, dA):
    V = np.linalg.eigh(A)[1]
    return np.sum(V * (dA @ V), axis=0)
