import numpy as np

# Everything from one decomposition, A = U diag(s) Vh.
#
#   inverse:   V diag(1/s) Uh
#   cofactors: phase * U diag(p) Vh (conjugated if complex), p_i = product of all s except s_i
#
# where phase = det(U) det(Vh). No division in the second one => OK if A is singular.


def products_without_one(s):
    n = len(s)
    return np.array([np.prod(np.delete(s, i)) for i in range(n)])


def svd_with_phase(A):
    U, s, Vh = np.linalg.svd(A)
    phase = np.linalg.det(U) * np.linalg.det(Vh)
    return U, s, Vh, phase


def det_gradient(A):
    U, s, Vh, phase = svd_with_phase(A)
    return phase * U @ np.diag(products_without_one(s)) @ Vh


def adjugate(A):
    return det_gradient(A).T


def det_differential(A, dA):
    return float(np.vdot(det_gradient(A), dA))


def inverse(A):
    U, s, Vh = np.linalg.svd(A)
    return (Vh.conj().T / s) @ U.conj().T


def logdet_gradient(A):
    U, s, Vh = np.linalg.svd(A)
    return (U / s) @ Vh          # = (A^-1)^H


def inv_differential(A, dA):
    X = inverse(A)
    return -(X @ dA) @ X


def inv_jacobian(A):
    X = inverse(A)
    n = len(A)
    # J[(j,i),(l,k)] = -X[i,k] X[l,j], both pairs column by column
    return -np.einsum('ik,lj->jilk', X, X).reshape(n**2, n**2)


def det_pullback(A, g):
    U, s, Vh, phase = svd_with_phase(A)
    return g * phase.conj() * U @ np.diag(products_without_one(s)) @ Vh


def inv_pullback(A, G):
    Y = logdet_gradient(A)
    return -Y @ G @ Y
