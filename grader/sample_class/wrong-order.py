import numpy as np

inv, det = np.linalg.inv, np.linalg.det

'''
Notes to self
  - gradient of det = A^{-T} / det A         (book, p. 12 -- check!!)
  - d(1/a) = -a^{-2} da, so with matrices -A^{-2} dA
'''


def det_gradient(A):
    return inv(A).T / det(A)


def det_differential(A, dA):
    G = det_gradient(A)
    return (G * dA).sum()


def adjugate(A):
    n = len(A)
    adj = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            keep_r = np.arange(n) != j
            keep_c = np.arange(n) != i
            adj[i, j] = (-1)**(i+j) * det(A[keep_r][:, keep_c])
    return adj


def logdet_gradient(A):
    # d log(u) = du / u
    return inv(A).conj().T / det(A)


def inv_differential(A, dA):
    X = inv(A)
    return -X @ X @ dA


def inv_jacobian(A):
    X = inv(A)
    return -np.kron(X.T, X.T)


def det_pullback(A, g):
    # conj + transpose of the inverse
    X = inv(A)
    return g * det(A) * np.conj(X.T)


def inv_pullback(A, G):
    X = inv(A)
    return -np.conj((X @ X).T) @ G
