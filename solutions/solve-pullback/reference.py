"""Pullback (adjoint) of the solution of a linear system.

From Ax = b follows dA x + A dx = db, so dx = A⁻¹(db − dA x). Put this into ⟨g, dx⟩ and move A⁻¹ to the other
side, where it becomes A⁻ᴴ:

    ⟨g, dx⟩ = ⟨A⁻ᴴg, db − dA x⟩ = ⟨λ, db⟩ − ⟨λ, dA x⟩,   Aᴴλ = g.

The first term is ⟨p, db⟩ with p = λ. In the second, turn the trace of a number cyclically:

    −⟨λ, dA x⟩ = −Re(λᴴ dA x) = −Re tr(x λᴴ dA) = ⟨P, dA⟩,   P = −(x λᴴ)ᴴ = −λ xᴴ.

So one more solve, with the adjoint matrix, gives all n² + n partial derivatives at once. This is the adjoint
method: x solves the system forwards, λ solves it backwards, and the gradient with respect to the matrix is
the product of the two, a matrix of rank one. Differences would need n² + n further solves.
"""

import numpy as np


def solve_pullback(A, b, g):
    x = np.linalg.solve(A, b)
    lam = np.linalg.solve(A.conj().T, g)
    return -np.outer(lam, x.conj()), lam
