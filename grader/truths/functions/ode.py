"""The solution of y′ = g(y, t), y(0) = y₀, at a given time: a polynomial, and a proof of how near the solution is.

On each step, in s from −1 to 1, the equation is y′ = φ(y, s). A polynomial p interpolates φ(ỹ, ·) with ỹ = y₀ + ∫p at
Chebyshev's points; it is found in doubles by Newton's method and corrected, with the derivatives of φ in doubles, until
it has the digits that are wanted. If |φ(ỹ, ·)| ≤ M on E_ρ, the defect |ỹ′ − φ(ỹ, ·)| is at most

    δ = Λ · max at the points + 4Mρ^(1−K)/(ρ − 1).

If |φ − c| ≤ D on all complex arrays within R of ỹ, in the largest entry, then by Cauchy's estimate L = D/(R − e) bounds
‖φ′‖ within e of ỹ, and by Gronwall's lemma |y − ỹ| ≤ (r₀ + 2δ)e^(2L), if that is at most e, r₀ being the error of y₀.

Source: A. Bünger, "A Taylor model toolbox for solving ODEs", J. Comput. Appl. Math. 368 (2020), §1, on defects and
Gronwall; L. N. Trefethen, Approximation Theory and Approximation Practice, SIAM 2013, theorem 8.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from flint import acb, arb, arb_mat, ctx

from grader.core.norms import Array
from grader.truths.balls import Ball, NeverExactError, NotExactError, from_entries, from_scalar
from grader.truths.functions.analytic import Function, box, largest
from grader.truths.functions.chebyshev import Nodes, in_doubles, integrate, nodes_of, spread_on_ellipse
from grader.truths.functions.matrices import Mat
from grader.truths.functions.tape import Numbers, record

LOST_BITS = 40
"""What a solution has less than the working precision."""
GUARD_BITS = 32
DOUBLE = 106
"""The working precision in which what becomes doubles is computed."""
COARSE = 20
"""The number of nodes in doubles."""
RHOS = (16.0, 12.0, 9.0, 7.0, 5.0, 4.0)
EASY = 12.0
"""Where such an ellipse is found, the next step is tried with twice the length."""
MARGINS = (0.5, 1.5)
"""R, in units of what the solution moves on a step."""
MOST_GROWTH = 5.0
"""L of a step; errors grow by e^(2L)."""
SMALL = 2.0**-10
"""e, in units of R."""
SMALLEST_STEP = 2.0**-12
MOST_STEPS = 64
UNBOUNDED = "a differential equation whose solution grows fast, or leaves the region where g is analytic"


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """The equation y′ = φ(y, s) on −1 ≤ s ≤ 1, where t = middle + half·s.

    Args:
        g: on real numbers; continued: on complex balls; shape: of y.
    """

    g: Numbers
    continued: Function
    shape: tuple[int, ...]
    middle: arb
    half: arb

    def phi(self, y: list[arb], s: arb) -> list[arb]:
        """φ at a point."""
        return [entry * self.half for entry in self.g(y, self.middle + self.half * s)]

    def in_doubles(self, Y: Array, points: Array) -> Array:
        """φ at rows of doubles."""
        with ctx.workprec(DOUBLE):
            rows = [
                self.phi([arb(y) for y in row], arb(s))
                for row, s in zip(Y.tolist(), points.tolist(), strict=True)
            ]
        return np.array([[float(entry) for entry in row] for row in rows])

    def bound(self, centre: list[arb], spread: list[arb], rho: float) -> tuple[arb, arb]:
        """The largest |φ| and |φ − c|, where entries of y are so near to the centre and s is in E_ρ."""
        y = [acb(c + arb(0, d), arb(0, d)) for c, d in zip(centre, spread, strict=True)]
        around = abs(self.half).upper() * (rho + 1 / rho) / 2
        t = from_scalar(acb(self.middle + arb(0, around.upper()), arb(0, around.upper())))
        image = self.continued(from_entries(y, self.shape), t) * self.half
        deviation = image - Ball(image.mat.mid(), image.shape)
        return largest(image), largest(deviation)


def ode(g: Function, continued: Function, start: Ball, end: Ball) -> Ball:
    """Y(t) with y′ = g(y, t) and y(0) = y₀.

    Args:
        g: of real arrays y and t; continued: the same on complex ones; start: y₀; end: t.

    Raises:
        NeverExactError: the solution cannot be enclosed, as where it does not exist so long.
    """
    if start.is_complex or end.is_complex:
        raise NeverExactError("a differential equation of complex numbers")
    _check_analytic(continued, start)
    bits = ctx.prec - LOST_BITS
    with ctx.workprec(ctx.prec + GUARD_BITS):
        numbers = record(g, start.shape, len(start.entries()))
        y, done, length = start, 0.0, 1.0
        for _ in range(MOST_STEPS):
            if done == 1:
                return y
            length = min(length, 1 - done)
            half = end.scalar() * length / 2
            step = _Step(numbers, continued, start.shape, end.scalar() * done + half, half)
            try:
                y, rho = _advance(step, y, bits)
            except NotExactError:
                length /= 2
                if length < SMALLEST_STEP:
                    break
                continue
            done, length = done + length, length * (2 if rho >= EASY else 1)
    raise NeverExactError(UNBOUNDED)


def _check_analytic(continued: Function, start: Ball) -> None:
    """Raise NeverExactError where g has an operation that cannot be continued; elsewhere shorter steps may help."""
    tiny = arb(2) ** (-ctx.prec // 2)
    try:
        continued(box(start, tiny), box(from_scalar(arb(0)), tiny))
    except NeverExactError:
        raise
    except NotExactError:
        return


def _advance(step: _Step, start: Ball, bits: int) -> tuple[Ball, float]:
    """The solution at the end of a step, to so many bits, and the ρ that was found."""
    y0 = [entry.mid() for entry in start.entries()]
    coarse, slopes = _solve_in_doubles(step, np.array([float(entry) for entry in y0]))
    rho, count = _choose_nodes(step, y0, coarse, bits)

    nodes = nodes_of(count, ctx.prec)
    P = _correct(step, nodes, y0, coarse, slopes, bits)
    y = integrate(nodes.coefficients(P), y0)
    defect = _defect(step, nodes, P, nodes.values(y))

    magnified = (1 + 2 / arb.pi() * arb(count).log()) * defect
    truncated = min((_truncation(step, y, count, r) for r in RHOS), key=float)
    delta = magnified + truncated

    L, e = _least_growth(step, y)
    r0 = max([entry.rad() for entry in start.entries()], key=float)
    error = (r0 + 2 * delta) * (2 * L).exp()
    if not (L <= MOST_GROWTH and error <= e):
        raise NotExactError(UNBOUNDED)
    around = arb(0, error.upper())
    ends = [sum((row[i] for row in y), arb(0)) + around for i in range(len(y0))]
    return from_entries(ends, start.shape), rho


def _truncation(step: _Step, y: list[list[arb]], count: int, rho: float) -> arb:
    """4Mρ^(1−K)/(ρ − 1), infinite where φ is not bounded."""
    try:
        M, _ = step.bound(y[0], spread_on_ellipse(y, rho), rho)
    except NotExactError:
        return arb("inf")
    return 4 * M * arb(rho) ** (1 - count) / (rho - 1)


def _least_growth(step: _Step, y: list[list[arb]]) -> tuple[arb, arb]:
    """L and e with the margin at which L is least."""
    return min((_growth(step, y, factor) for factor in MARGINS), key=lambda pair: float(pair[0]))


def _growth(step: _Step, y: list[list[arb]], factor: float) -> tuple[arb, arb]:
    """L and e, where R is so many times what the solution moves; L is infinite where φ is not bounded."""
    moved = spread_on_ellipse(y, 1.0)
    size = max([abs(entry) for entry in y[0]], key=float)
    R = (factor * max(moved, key=float) + (1 + size) * arb(2) ** -30).upper()
    try:
        _, D = step.bound(y[0], [width + R for width in moved], 1.0)
    except NotExactError:
        return arb("inf"), R
    return D / (R * (1 - SMALL)), R * SMALL


def _solve_in_doubles(step: _Step, y0: Array) -> tuple[Array, Array]:
    """φ at the coarse nodes, and its derivative in y there (node, entry, entry)."""
    points, _, integral = in_doubles(COARSE)
    P = np.tile(step.in_doubles(y0[None], np.zeros(1)), (COARSE, 1))
    for _ in range(12):
        Y = y0 + integral @ P
        value = step.in_doubles(Y, points)
        slopes = _slopes(step, Y, points)
        change = _linear(slopes, integral, value - P)
        P = P + change
        if not np.isfinite(P).all():
            break
        if np.abs(change).max(initial=0) <= 1e-6 * np.abs(P).max(initial=0):
            return P, slopes
    raise NotExactError(UNBOUNDED)


def _slopes(step: _Step, Y: Array, points: Array) -> Array:
    """The derivative of φ in y at rows of doubles (row, entry, entry)."""
    rows = []
    with ctx.workprec(DOUBLE):
        h = arb(2) ** -45
        for row, point in zip(Y.tolist(), points.tolist(), strict=True):
            y, s = [arb(entry) for entry in row], arb(point)
            value = step.phi(y, s)
            columns = [step.phi([*y[:k], y[k] + h, *y[k + 1 :]], s) for k in range(len(y))]
            slopes = [[float((a - b) / h) for a, b in zip(column, value, strict=True)] for column in columns]
            rows.append(np.array(slopes).T)
    return np.array(rows)


def _linear(slopes: Array, integral: Array, residual: Array) -> Array:
    """The δ with δ = R + φ′·∫δ, by Picard's iteration."""
    delta = residual
    for _ in range(200):
        before, delta = delta, residual + np.einsum("kij,kj->ki", slopes, integral @ delta)
        gap = np.abs(delta - before).max(initial=0)
        if not gap > 1e-15 * np.abs(delta).max(initial=0):
            break
    return delta


def _choose_nodes(step: _Step, y0: list[arb], coarse: Array, bits: int) -> tuple[float, int]:
    """The ellipse on which φ is bounded and the fewest nodes are needed."""
    _, to_coefficients, _ = in_doubles(COARSE)
    c = to_coefficients @ coarse
    c[np.abs(c) < 1e-13 * np.abs(c).max(initial=0)] = 0
    y = integrate([[arb(entry) for entry in row] for row in c.tolist()], y0)
    if not _least_growth(step, y)[0] <= MOST_GROWTH:
        raise NotExactError(UNBOUNDED)  # which would be found after all other work

    found = []
    for rho in RHOS:
        one_node = _truncation(step, y, 1, rho)
        if one_node.is_finite():
            count = (bits + 8 + max(0.0, float(one_node.log() / arb(2).log()))) / math.log2(rho)
            found.append((max(COARSE, math.ceil(count) + 1), rho))
    if not found:
        raise NotExactError(UNBOUNDED)
    count, rho = min(found)
    return rho, count


def _correct(step: _Step, nodes: Nodes, y0: list[arb], coarse: Array, slopes: Array, bits: int) -> Mat:
    """φ(ỹ, ·) at the nodes to so many bits: each correction gains what doubles have."""
    n, count = len(y0), len(nodes.points)
    points, _, integral = in_doubles(count)
    _, to_coefficients, _ = in_doubles(COARSE)
    interpolate = np.cos(np.outer(np.arccos(points), np.arange(COARSE))) @ to_coefficients
    fine = interpolate @ coarse
    fine_slopes = np.einsum("jk,kab->jab", interpolate, slopes)

    P = arb_mat(count, n, fine.ravel().tolist())
    last = math.inf
    for _ in range(bits):
        residual = _residual(step, nodes, P, nodes.values(integrate(nodes.coefficients(P), y0)))
        size = max([abs(entry).upper() for entry in residual.entries()], key=float)
        logarithm = float(size.log() / arb(2).log()) if size > 0 else -math.inf
        if not logarithm < last - 4 or logarithm < -bits - 8:
            break
        last = logarithm
        scale = arb(2) ** math.ceil(logarithm)
        scaled = np.array([float(entry / scale) for entry in residual.entries()]).reshape(count, n)
        change = _linear(fine_slopes, integral, scaled)
        P = (P + arb_mat(count, n, change.ravel().tolist()) * scale).mid()
    return P


def _residual(step: _Step, nodes: Nodes, P: Mat, Y: Mat) -> Mat:
    rows = [step.phi(row, s) for row, s in zip(Y.tolist(), nodes.points, strict=True)]
    return arb_mat(rows) - P


def _defect(step: _Step, nodes: Nodes, P: Mat, Y: Mat) -> arb:
    return largest(Ball(_residual(step, nodes, P, Y), (P.nrows(), P.ncols())))
