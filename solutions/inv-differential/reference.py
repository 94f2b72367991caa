"""Differential of the inverse.

Differentiate A⁻¹ A = I by the product rule, keeping the order of the factors:

    d(A⁻¹) A + A⁻¹ dA = 0   ⟹   d(A⁻¹) = −A⁻¹ dA A⁻¹.

For numbers this is d(1/a) = −da/a². For matrices dA stays between the two inverses: it need not commute
with A. Nothing was conjugated or transposed on the way, so the same formula holds for complex matrices.

Explicit inverses are as accurate here as two solves: the answer itself reacts to the last bit of A with a
relative change of about κ(A)·2⁻⁵³, and both ways stay within that.
"""

import numpy as np


def inv_differential(A, dA):
    X = np.linalg.inv(A)
    return -X @ dA @ X
