"""Another way to the gradient of log|det A|."""

import numpy as np


def by_columns(A):
    """Column j of G = A⁻ᴴ solves Aᴴ x = eⱼ."""
    Ah = A.conj().T
    return np.stack([np.linalg.solve(Ah, e) for e in np.eye(len(A))], axis=1)
