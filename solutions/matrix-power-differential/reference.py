"""Differential of a matrix power, for any integer exponent.

For k > 0 the product rule on A·A···A replaces one factor after the other by dA and keeps the order:

    d(Aᵏ) = Σ_{j=0}^{k−1} Aʲ dA Aᵏ⁻¹⁻ʲ.

If A and dA commute, all k terms are equal to Aᵏ⁻¹dA, and this is the rule for numbers. For k = 0 the sum is empty:
A⁰ = I does not move.

For k < 0 let X = A⁻¹ and m = −k, so that Aᵏ = Xᵐ. The same rule for Xᵐ, with dX = −X dA X, gives

    d(Aᵏ) = Σ_{j=0}^{m−1} Xʲ dX Xᵐ⁻¹⁻ʲ = −Σ_{j=1}^{m} Xʲ dA Xᵐ⁺¹⁻ʲ.

So here there are m terms with m + 1 inverses in each, at least one on either side of dA. The case m = 1 is the
differential of the inverse itself.
"""

import numpy as np
from numpy.linalg import matrix_power


def matrix_power_differential(A, k, dA):
    if k < 0:
        X = np.linalg.inv(A)
        return matrix_power_differential(X, -k, -X @ dA @ X)
    total = np.zeros_like(A @ dA + 0.0)
    for j in range(k):
        total = total + matrix_power(A, j) @ dA @ matrix_power(A, k - 1 - j)
    return total
