"""QᵀdQ is skew, with the strictly lower triangle of QᵀdA R⁻¹."""

import numpy as np


def qr_orthogonal_factor(A, dA):
    Q, R = np.linalg.qr(A)
    sign = np.sign(np.diag(R))
    Q, R = Q * sign, sign[:, None] * R
    B = np.linalg.solve(R.T, dA.T).T
    C = Q.T @ B
    skew = np.tril(C, -1) - np.tril(C, -1).T
    return Q @ skew + B - Q @ C
