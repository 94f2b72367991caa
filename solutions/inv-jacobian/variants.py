"""Other ways to the Jacobian of the inverse, right and wrong."""

import numpy as np


def unit_directions(n, order):
    """The n² matrices with a single 1, in the given order of entries."""
    return [np.reshape(e, (n, n), order=order) for e in np.eye(n * n)]


def columns(A, order_in, order_out):
    """One column per unit direction E: the entries of −XEX, in the given orders."""
    X = np.linalg.inv(A)
    return np.stack(
        [np.ravel(-X @ E @ X, order=order_out) for E in unit_directions(len(A), order_in)], axis=1
    )


def by_columns(A):
    """The definition of a Jacobian: column k is the derivative along the k-th coordinate."""
    return columns(A, "F", "F")


def by_einsum(A):
    """∂Xᵢⱼ/∂Aₖₗ = −XᵢₖXₗⱼ, with (j, i) and (l, k) each made one index, the row running faster."""
    X = np.linalg.inv(A)
    n = len(A)
    return -np.einsum("ik,lj->jilk", X, X).reshape(n * n, n * n)


def row_major_in(A):
    """The mistake: dA raveled by rows, the result by columns."""
    return columns(A, "C", "F")


def row_major_out(A):
    """The mistake: dA raveled by columns, the result by rows."""
    return columns(A, "F", "C")


def four_indices(A):
    """The mistake: the right derivatives as an array Tᵢⱼₖₗ = ∂Xᵢⱼ/∂Aₖₗ, not as a matrix."""
    X = np.linalg.inv(A)
    return -np.einsum("ik,lj->ijkl", X, X)
