"""dX = XC: off the diagonal C is X⁻¹dA X over gaps, on it what keeps norm and phase."""

import numpy as np


def eigenvectors_differential(A, dA):
    w, X = np.linalg.eig(A)
    order = np.lexsort((w.imag, w.real))
    w, X = w[order], X[:, order]
    columns = np.arange(len(A))
    largest = np.argmax(np.abs(X), axis=0)
    X = X / (X[largest, columns] / np.abs(X[largest, columns])) / np.linalg.norm(X, axis=0)

    inner = np.linalg.solve(X, dA @ X)
    gaps = w[None, :] - w[:, None]
    np.fill_diagonal(gaps, 1)
    C = inner / gaps
    np.fill_diagonal(C, 0)
    dX = X @ C
    real = -np.sum((X.conj() * dX).real, axis=0)
    imaginary = -(dX[largest, columns] / X[largest, columns]).imag
    dX = dX + X * (real + 1j * imaginary)
    return dX if np.iscomplexobj(X) else dX.real
