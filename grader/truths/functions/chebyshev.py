"""Polynomials on [−1, 1] by their values at the K roots of T_K, in balls and in doubles; one column for each function.

A function that is analytic and bounded by M on the ellipse E_ρ, with foci ±1 and semiaxes that add up to ρ, differs
from its interpolant at K roots by at most 4Mρ^(1−K)/(ρ − 1). Values at the nodes are magnified by at most
Λ = 1 + (2/π) ln K.

Source: L. N. Trefethen, Approximation Theory and Approximation Practice, SIAM 2013, chapters 8 and 15.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from grader.core.norms import Array
from grader.truths.functions.matrices import Mat

PIECES = 4
"""The parts of [−1, 1] on which polynomials are bounded one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """The nodes for K coefficients, and what makes of values there the integral from −1, as matrices.

    Args:
        points: cos(π(j + ½)/K) for j = 0, 1, …
        antiderivative: to the coefficients of T₀, …, T_K; integral: to the values at the nodes; total: to that at 1.
    """

    points: list[arb]
    antiderivative: Mat
    integral: Mat
    total: Mat


@lru_cache(maxsize=64)
def nodes_of(count: int, bits: int) -> Nodes:
    """K nodes in a precision, which must be the working one."""
    with ctx.workprec(bits):
        points = [(arb(2 * j + 1) / (2 * count)).cos_pi() for j in range(count)]
        factors = [(arb(1) / count).sqrt(), *([(arb(2) / count).sqrt()] * (count - 1))]
        dct = arb_mat.dct(count)

        to_coefficients = [
            [entry * factor for entry in row] for row, factor in zip(dct.tolist(), factors, strict=True)
        ]
        antiderivative = arb_mat(integrate(to_coefficients, [arb(0)] * count))
        to_values = [
            [entry / factor for entry, factor in zip(row, factors, strict=True)]
            for row in dct.transpose().tolist()
        ]
        # T_K is 0 at the nodes.
        integral = arb_mat(to_values) * arb_mat(antiderivative.tolist()[:-1])
        total = arb_mat(1, count + 1, [1] * (count + 1)) * antiderivative
        return Nodes(points, antiderivative, integral, total)


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


@dataclass(frozen=True, slots=True, eq=False)
class Polynomials:
    """Polynomials by their coefficients, one column for each.

    Args:
        sizes: upper bounds of the coefficients' moduli.
    """

    coefficients: Mat
    sizes: Mat

    def centre(self) -> list[Any]:
        """The coefficients of T₀."""
        return [self.coefficients[0, i] for i in range(self.coefficients.ncols())]

    def spread(self, rho: float) -> list[arb]:
        """How far each is at most from its T₀ coefficient, on E_ρ."""
        return _upper(_largest_on_ellipse(self.sizes.nrows(), rho) * self.sizes)

    def pieces(self) -> Iterator[tuple[list[Any], list[arb]]]:
        """For each of some intervals the values in the middle, and how far the others are at most from those."""
        values, widths = _on_pieces(self.sizes.nrows())
        middles, spreads = values * self.coefficients, widths * self.sizes
        for j in range(PIECES):
            columns = range(middles.ncols())
            yield [middles[j, i] for i in columns], [spreads[j, i].upper() for i in columns]


def polynomials(coefficients: Mat) -> Polynomials:
    """Polynomials with these coefficients."""
    sizes = [abs(entry).upper() for entry in coefficients.entries()]
    return Polynomials(coefficients, arb_mat(coefficients.nrows(), coefficients.ncols(), sizes))


def _upper(row: Mat) -> list[arb]:
    return [entry.upper() for entry in row.entries()]


@lru_cache(maxsize=256)
def _largest_on_ellipse(count: int, rho: float) -> Mat:
    """The largest |T_k| on E_ρ, and 0 for T₀, which does not vary."""
    powers = [arb(rho) ** k for k in range(1, count)]
    return arb_mat(1, count, [0, *[((power + 1 / power) / 2).upper() for power in powers]])


@lru_cache(maxsize=64)
def _on_pieces(count: int) -> tuple[Mat, Mat]:
    """T_k in the middle of each piece, and how far it is from that elsewhere: |T_k′| ≤ k² and |T_k| ≤ 1."""
    middles = [arb(2 * j + 1) / PIECES - 1 for j in range(PIECES)]
    values = [[middle.chebyshev_t(k) for k in range(count)] for middle in middles]
    widths = [min(2.0, k * k / PIECES) for k in range(count)]
    return arb_mat(values), arb_mat([widths] * PIECES)
