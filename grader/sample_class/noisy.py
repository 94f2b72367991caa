import numpy as np

DEBUG = True


def log(*args):
    if DEBUG:
        print("[debug]", *args)


print("numpy", np.__version__)


def check_identity(A, X):
    # should be ~ 1e-16
    log("residual", np.abs(A @ X - np.eye(len(A))).max(), "cond", np.linalg.cond(A))


def cofactor(A):
    n = len(A)
    C = np.zeros_like(A + 0.0)
    for i in range(n):
        for j in range(n):
            C[i, j] = (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(A, i, 0), j, 1))
    return C


def det_gradient(A):
    C = cofactor(A)
    # compare with A^-T * det, gives nan or inf if A is singular, never mind
    naive = C / np.linalg.det(A) * np.linalg.det(A)
    log("det_gradient: difference to the naive formula", np.abs(C - naive).max())
    return C


def adjugate(A):
    adj = cofactor(A).T
    log("A @ adj =\n", A @ adj)
    return adj


def det_differential(A, dA):
    d = np.trace(adjugate(A) @ dA)
    log("relative change", d / np.linalg.det(A), "log", np.log(np.linalg.det(A)))
    return d


def logdet_gradient(A):
    X = np.linalg.inv(A)
    check_identity(A, X)
    log("log det =", np.log(np.linalg.det(A)))      # nan for det < 0
    return X.conj().T


def inv_differential(A, dA):
    X = np.linalg.inv(A)
    check_identity(A, X)
    return -X @ dA @ X


def inv_jacobian(A):
    X = np.linalg.inv(A)
    check_identity(A, X)
    J = -np.kron(X.T, X)
    print(J.shape)
    return J


def det_pullback(A, g):
    log(f"{g = }")
    return g * cofactor(A).conj()


def inv_pullback(A, G):
    XH = np.linalg.inv(A).conj().T
    P = -XH @ G @ XH
    # test:  <G, dX> == <P, V>
    V = np.ones(A.shape)
    left = np.vdot(G, -XH.conj().T @ V @ XH.conj().T).real
    print("adjoint test", left, np.vdot(P, V).real)
    return P


if __name__ == "__main__":
    A = np.array([[1., 2.], [3., 4.]])
    print(det_gradient(A))
    print(inv_differential(A, np.eye(2)))
