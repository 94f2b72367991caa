"""dQ = QC with Cᵢⱼ = (QᵀdS Q)ᵢⱼ/(λⱼ − λᵢ) off the diagonal."""

import numpy as np


def symmetric_eigenvectors(S, dS):
    w, Q = np.linalg.eigh(S)
    Q = Q * np.sign(Q[np.argmax(np.abs(Q), axis=0), np.arange(len(S))])
    gaps = w[None, :] - w[:, None]
    np.fill_diagonal(gaps, np.inf)
    return Q @ (Q.T @ dS @ Q / gaps)
