"""Other ways to the differential of the solution of a linear system."""

import numpy as np


def by_block_system(A, b, dA, db):
    """One system for dx and x together: [[A, dA], [0, A]] [dx; x] = [db; b]."""
    n = len(A)
    block = np.block([[A, dA], [np.zeros((n, n)), A]])
    return np.linalg.solve(block, np.concatenate([db, b]))[:n]


def by_jacobian(A, b, dA, db):
    """Coordinates: dx = [−xᵀ ⊗ X, X] [vec dA; db], vec stacking columns."""
    X = np.linalg.inv(A)
    J = np.hstack([-np.kron((X @ b)[None, :], X), X])
    return J @ np.concatenate([np.ravel(dA, order="F"), db])


def by_qr(A, b, dA, db):
    """A = QR is factored once and serves both systems: Rx = Qᴴb and R dx = Qᴴ(db − dA x)."""
    Q, R = np.linalg.qr(A)
    Qh = Q.conj().T
    x = np.linalg.solve(R, Qh @ b)
    return np.linalg.solve(R, Qh @ (db - dA @ x))
