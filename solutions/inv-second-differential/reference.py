"""Second differential of the inverse.

With X = A⁻¹ the first differential along W is −XWX. Differentiate it along V. Here W is a constant, and X occurs
twice; by the product rule with dX = −XVX,

    d²(A⁻¹)[V, W] = −(dX) W X − X W (dX) = XVXWX + XWXVX.

The result does not change when V and W are exchanged, as it must be with second derivatives; one term alone would.
For V = W = dA it is 2 X dA X dA X, which is 2! times the term of second order in the Neumann series

    (A + dA)⁻¹ = X − X dA X + X dA X dA X − …

and the whole series can be read like this: the k-th differential is (−1)ᵏ times the sum of XV₁XV₂X⋯VₖX over all
orders of the k directions. For numbers all k! orders agree, and d²(1/a) = 2 da²/a³.
"""

import numpy as np


def inv_second_differential(A, V, W):
    X = np.linalg.inv(A)
    return X @ V @ X @ W @ X + X @ W @ X @ V @ X
