"""Gradient of log|det A|.

From det(A + dA) = det A · det(I + A⁻¹dA) and det(I + V) = 1 + tr V + o(‖V‖),

    log|det(A + dA)| − log|det A| = log|1 + tr(A⁻¹dA) + o(‖dA‖)| = Re tr(A⁻¹dA) + o(‖dA‖).

The determinant itself has dropped out: its sign does not matter, nor its size. Read against df = Re tr(Gᴴ
dA),

    G = A⁻ᴴ,   for real A:  A⁻ᵀ.

Going through det(A) would spoil it: for A = 10¹²⁰·I₃ the determinant overflows although the gradient,
10⁻¹²⁰·I₃, is an ordinary number. The answer at a singular A does not exist, and numpy's LinAlgError says
so.
"""

import numpy as np


def logdet_gradient(A):
    return np.linalg.inv(A).conj().T
