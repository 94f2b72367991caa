"""It stands beside e^A in the exponential of [[A, dA], [0, A]]."""

import numpy as np


def expm(A):
    squarings = max(0, int(np.ceil(np.log2(max(np.linalg.norm(A, 1), 1e-300)))) + 1)
    scaled, total = A / 2.0**squarings, np.eye(len(A))
    term = total
    for k in range(1, 18):
        term = term @ scaled / k
        total = total + term
    for _ in range(squarings):
        total = total @ total
    return total


def exponential_differential(A, dA):
    n = len(A)
    scale = np.linalg.norm(A) / max(np.linalg.norm(dA), 1e-300)
    block = np.block([[A, dA * scale], [np.zeros((n, n)), A]])
    return expm(block)[:n, n:] / scale
