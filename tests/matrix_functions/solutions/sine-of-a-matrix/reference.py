"""d tr sin A = tr(cos A dA)."""

import numpy as np


def sine_of_a_matrix(A):
    w, V = np.linalg.eigh(A)
    return V @ np.diag(np.cos(w)) @ V.T
