"""With AX = XΛ, dΛ is the diagonal of X⁻¹dA X."""

import numpy as np


def eigenvalues_differential(A, dA):
    values, X = np.linalg.eig(A)
    X = X[:, np.lexsort((values.imag, values.real))]
    return np.diag(np.linalg.solve(X, dA @ X))
