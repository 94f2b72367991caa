import numpy as np

# float32 is what we use in the deep learning course, twice as fast


def f32(x):
    x = np.asarray(x)
    return x.astype(np.complex64) if np.iscomplexobj(x) else x.astype(np.float32)


def cofactor_matrix(A):
    A = f32(A)
    n = len(A)
    C = np.zeros((n, n), dtype=A.dtype)
    for i in range(n):
        for j in range(n):
            C[i, j] = (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(A, i, 0), j, 1))
    return C


def det_gradient(A):
    return cofactor_matrix(A)


def adjugate(A):
    return cofactor_matrix(A).T


def det_differential(A, dA):
    return np.sum(cofactor_matrix(A) * f32(dA))


def logdet_gradient(A):
    return np.linalg.inv(f32(A)).conj().T


def inv_differential(A, dA):
    X = np.linalg.inv(f32(A))
    return -X @ f32(dA) @ X


def inv_jacobian(A):
    X = np.linalg.inv(f32(A))
    return -np.kron(X.T, X)


def det_pullback(A, g):
    return f32(g) * cofactor_matrix(A).conj()


def inv_pullback(A, G):
    XH = np.linalg.inv(f32(A)).conj().T
    return -XH @ f32(G) @ XH
