"""Differential of the solution of a linear system.

Differentiate Ax = b by the product rule:

    dA x + A dx = db   ⟹   A dx = db − dA x.

So dx solves a system with the same matrix; whoever has factored A to find x gets dx almost for free. The
derivative of A⁻¹ was not needed. It is contained in the result: x = A⁻¹b with db = 0 gives

    dx = −A⁻¹ dA A⁻¹b,   that is   d(A⁻¹) = −A⁻¹ dA A⁻¹,

and this is how one can remember it. Nothing was conjugated or transposed on the way, so the same formula
holds for complex matrices.

In norms, ‖dx‖/‖x‖ ≤ κ(A)·(‖dA‖/‖A‖ + ‖db‖/‖b‖), as ‖b‖ ≤ ‖A‖‖x‖: the condition number κ(A) = ‖A‖‖A⁻¹‖ is
the bound for how much this derivative amplifies relative errors.
"""

import numpy as np


def solve_differential(A, b, dA, db):
    x = np.linalg.solve(A, b)
    return np.linalg.solve(A, db - dA @ x)
