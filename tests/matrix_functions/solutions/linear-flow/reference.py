import numpy as np


def expm(M):
    squarings = max(0, int(np.ceil(np.log2(np.linalg.norm(M, 1) + 1e-300))) + 2)
    M = M / 2**squarings
    E = term = np.eye(len(M))
    for k in range(1, 20):
        term = term @ M / k
        E = E + term
    for _ in range(squarings):
        E = E @ E
    return E


def flow_jacobian(A, b):
    n = len(b)
    J = np.zeros((n, n * n))
    for j in range(n):
        for i in range(n):
            E = np.zeros((n, n))
            E[i, j] = 1
            M = np.block([[A, E], [np.zeros((n, n)), A]])
            J[:, j * n + i] = expm(M)[:n, n:] @ b
    return J
