"""The ratio in Fréchet's definition of the derivative.

f is differentiable at A with the derivative L if L is linear and

    f(A + δA) − f(A) − L[δA] = o(‖δA‖),   that is   ‖f(A + δA) − f(A) − L[δA]‖_out / ‖δA‖_in → 0 as δA → 0.

Along δA = hV this is

    ‖f(A + hV) − f(A) − h·L(V)‖_out / ‖hV‖_in,

where L[hV] = h·L(V), as L is linear. Both norms belong to the definition. In finite dimension they are all equivalent,
so another choice changes the ratio by a bounded factor and not whether it tends to 0: the derivative does not depend
on the norms.

For f(A) = A² and L(V) = AV + VA the remainder is h²V², so the ratio is exactly |h|·‖V²‖_out/‖V‖_in. For a twice
differentiable f it is |h|/2·‖f″(A)[V, V]‖_out/‖V‖_in + O(h²). If L is not the derivative the ratio tends to
‖f′(A)[V] − L(V)‖_out/‖V‖_in, which does not vanish for all V. Dividing by h instead of ‖hV‖ makes a number that grows
with V; that is a derivative along V, not a ratio of sizes.
"""

import numpy as np

ORDERS = {"fro": "fro", "2": 2, "nuc": "nuc", "1": 1, "inf": np.inf}


def frechet_ratio(f, L, A, V, h, norm_in, norm_out):
    remainder = f(A + h * V) - f(A) - h * L(V)
    return np.linalg.norm(remainder, ORDERS[norm_out]) / np.linalg.norm(h * V, ORDERS[norm_in])
