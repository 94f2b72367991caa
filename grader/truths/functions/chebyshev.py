"""Polynomials on [−1, 1] by their values at the K roots of T_K, in balls and in doubles; one column for each function.

A function that is analytic and bounded by M on the ellipse E_ρ, with foci ±1 and semiaxes that add up to ρ, differs
from its interpolant at K roots by at most 4Mρ^(1−K)/(ρ − 1). Values at the nodes are magnified by at most
Λ = 1 + (2/π) ln K.

Source: L. N. Trefethen, Approximation Theory and Approximation Practice, SIAM 2013, chapters 8 and 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, arb_mat, ctx

from grader.core.norms import Array
from grader.truths.functions.matrices import Mat


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """The nodes for K coefficients, and the matrices that turn values into scaled coefficients and back.

    Args:
        points: cos(π(j + ½)/K) for j = 0, 1, …
    """

    points: list[arb]
    dct: Mat
    inverse: Mat

    def coefficients(self, values: Mat) -> list[list[arb]]:
        """The coefficients of T₀, T₁, …, one row for each, from the values at the nodes."""
        scaled = (self.dct * values).tolist()
        return [
            [entry * factor for entry in row] for row, factor in zip(scaled, self._factors(), strict=True)
        ]

    def values(self, coefficients: list[list[arb]]) -> Mat:
        """The values at the nodes; coefficients beyond K − 1 are those of T_K, which is 0 there."""
        factors = self._factors()
        scaled = [
            [entry / factor for entry in row] for row, factor in zip(coefficients, factors, strict=False)
        ]
        return self.inverse * arb_mat(scaled)

    def _factors(self) -> list[arb]:
        K = len(self.points)
        return [(arb(1) / K).sqrt(), *([(arb(2) / K).sqrt()] * (K - 1))]


@lru_cache(maxsize=64)
def nodes_of(count: int, bits: int) -> Nodes:
    """K nodes in a precision, which must be the working one."""
    with ctx.workprec(bits):
        points = [(arb(2 * j + 1) / (2 * count)).cos_pi() for j in range(count)]
        dct = arb_mat.dct(count)
        return Nodes(points, dct, dct.transpose())


def integrate(coefficients: list[list[arb]], start: list[arb]) -> list[list[arb]]:
    """The coefficients of the integral that has given values at −1."""
    columns = len(start)
    padded = [*coefficients, [arb(0)] * columns, [arb(0)] * columns]
    integral = [list(start)]
    for k in range(1, len(coefficients) + 1):
        before = 2 if k == 1 else 1
        integral.append([(before * padded[k - 1][i] - padded[k + 1][i]) / (2 * k) for i in range(columns)])
        sign = -1 if k % 2 else 1
        integral[0] = [integral[0][i] - sign * integral[k][i] for i in range(columns)]
    return integral


@lru_cache(maxsize=64)
def in_doubles(count: int) -> tuple[Array, Array, Array]:
    """The nodes, values → coefficients, and values → values of the integral from −1, as double arrays."""
    angles = np.pi * (np.arange(count) + 0.5) / count
    cosines = np.cos(np.outer(np.arange(count), angles))
    to_coefficients = cosines * np.where(np.arange(count) == 0, 1, 2)[:, None] / count

    integral = np.zeros((count + 1, count))
    for k in range(1, count + 1):
        integral[k, k - 1] += (2 if k == 1 else 1) / (2 * k)
        if k + 1 < count:
            integral[k, k + 1] -= 1 / (2 * k)
    integral[0] = -((-1.0) ** np.arange(1, count + 1)) @ integral[1:]
    return np.cos(angles), to_coefficients, cosines.T @ integral[:count] @ to_coefficients


def spread_on_ellipse(coefficients: list[list[arb]], rho: float) -> list[arb]:
    """How far each polynomial is at most from its T₀ coefficient, on E_ρ."""
    columns = len(coefficients[0])
    total, power = [arb(0)] * columns, arb(1)
    for row in coefficients[1:]:
        power = power * rho
        size = (power + 1 / power) / 2
        total = [total[i] + abs(row[i]).upper() * size for i in range(columns)]
    return [entry.upper() for entry in total]
