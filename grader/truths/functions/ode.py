"""The solution of y′ = g(y, t), y(0) = y₀, at a given time: a polynomial, and a proof of how near the solution is.

On each step, in s from −1 to 1, the equation is y′ = φ(y, s). A polynomial p interpolates φ(ỹ, ·) with ỹ = y₀ + ∫p at
Chebyshev's points; it is found in doubles by Newton's method and corrected, with the derivatives of φ in doubles, until
it has the digits that are wanted. If |φ(ỹ, ·)| ≤ M on E_ρ, the defect |ỹ′ − φ(ỹ, ·)| is at most

    δ = Λ · max at the points + 4Mρ^(1−K)/(ρ − 1).

If |φ − c| ≤ D on all complex arrays within R of ỹ, in the largest entry, then by Cauchy's estimate L = D/(R − e) bounds
‖φ′‖ within e of ỹ, and by Gronwall's lemma |y − ỹ| ≤ (r₀ + 2δ)e^∫L, if that is at most e, r₀ being the error of y₀.
D and L are found for each of a few pieces of the step.

Source: A. Bünger, "A Taylor model toolbox for solving ODEs", J. Comput. Appl. Math. 368 (2020), §1, on defects and
Gronwall; L. N. Trefethen, Approximation Theory and Approximation Practice, SIAM 2013, theorem 8.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from flint import acb, arb, arb_mat, ctx

from grader.core.norms import Array
from grader.truths.balls import Ball, NeverExactError, NotExactError, from_entries, from_scalar
from grader.truths.functions.analytic import Function, box, largest
from grader.truths.functions.chebyshev import (
    PIECES,
    Nodes,
    Polynomials,
    in_doubles,
    integrate,
    nodes_of,
    polynomials,
)
from grader.truths.functions.matrices import Mat
from grader.truths.functions.slopes import values_and_slopes
from grader.truths.functions.tape import Numbers, by_entries, record

LOST_BITS = 24
"""What a solution has less than the working precision, and the bits by which errors grow."""
_GUARD_BITS = 40
NOISE_BITS = 24
"""By so much polynomials are nearer than is wanted, as on ellipses the errors of coefficients are magnified."""
BOUND_BITS = 64
"""The working precision of bounds."""
COARSE = 20
"""The number of nodes in doubles."""
NODES_APART = 4
"""The numbers of nodes are multiples of this, so that few kinds are made."""
RHOS = (16.0, 13.0, 10.5, 8.5, 7.0, 5.5, 4.5, 3.5)
EASY = 13.0
"""Where such an ellipse is found, the next step is tried with twice the length."""
MARGINS = (0.5, 1.5)
"""R, in units of what the solution moves on a step."""
MOST_GROWTH = 10.0
"""∫L of a step; errors grow by e^∫L."""
LITTLE_GROWTH = 4.0
"""Less need not be looked for."""
STEEPEST = 30.0
"""φ′ in doubles on the way to a solution."""
_SMALL = 2.0**-10
"""e, in units of R."""
NOISE = 1e-12
"""Coefficients below this part of the largest are noise."""
ROOM = 0.9
"""By so much ellipses are smaller than the one on which the solution is guessed to exist."""
SMALLEST_STEP = 2.0**-12
_MOST_STEPS = 64
UNBOUNDED = "a differential equation whose solution grows fast, or leaves the region where g is analytic"


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """The equation y′ = φ(y, s) on −1 ≤ s ≤ 1, where t = middle + half·s.

    Args:
        g: on real numbers; continued: on complex balls.
    """

    g: Numbers
    continued: Numbers
    middle: arb
    half: arb

    def phi(self, y: list[arb], s: arb) -> list[arb]:
        """φ at a point."""
        return [entry * self.half for entry in self.g(y, self.middle + self.half * s)]

    def bound(self, centre: list[arb], spread: list[arb], rho: float) -> tuple[arb, arb]:
        """The largest |φ| and |φ − c|, where entries of y are so near to the centre and s is in E_ρ."""
        y = [acb(c + arb(0, d), arb(0, d)) for c, d in zip(centre, spread, strict=True)]
        around = abs(self.half).upper() * (rho + 1 / rho) / 2
        t = acb(self.middle + arb(0, around.upper()), arb(0, around.upper()))
        image = from_entries([entry * self.half for entry in self.continued(y, t)], (len(y),))
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
    bits = ctx.prec - LOST_BITS
    # What overflows in doubles, which only guess, is no solution: shorter steps are tried.
    with ctx.workprec(ctx.prec + _GUARD_BITS), np.errstate(all="ignore"):
        on_reals, on_complex = _numbers(g, continued, start)
        y, done, length = start, 0.0, 1.0
        for _ in range(_MOST_STEPS):
            if done == 1:
                return y

            length = min(length, 1 - done)
            half = end.scalar() * length / 2
            step = _Step(on_reals, on_complex, end.scalar() * done + half, half)
            try:
                y, rho = _advance(step, y, bits)
            except NotExactError:
                length /= 2
                if length < SMALLEST_STEP:
                    break
                continue

            done += length
            if rho >= EASY:
                length *= 2
    raise NeverExactError(UNBOUNDED)


def _numbers(g: Function, continued: Function, start: Ball) -> tuple[Numbers, Numbers]:
    """The function of real numbers and that of complex ones; one tape where it serves for both."""
    shape, count = start.shape, len(start.entries())
    both = record(continued, shape, count)
    if both is not None:
        return both, both
    _check_analytic(continued, start)
    return record(g, shape, count) or by_entries(g, shape), by_entries(continued, shape)


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
    with ctx.workprec(BOUND_BITS):
        count, rho = _choose_nodes(step, y0, coarse, bits)

    nodes = nodes_of(count, ctx.prec)
    P, defect = _correct(step, nodes, y0, coarse, slopes, bits)
    y = polynomials(nodes.antiderivative * P + _constant(y0, count + 1))
    with ctx.workprec(BOUND_BITS):
        truncated = min((_truncation(step, y, count, r) for r in RHOS if r <= rho), key=float)
        delta = (1 + 2 / arb.pi() * arb(count).log()) * defect + truncated
        growth, e = _least_growth(step, y)
        r0 = max([entry.rad() for entry in start.entries()], key=float)
        error = (r0 + 2 * delta) * growth.exp()
    if not (growth <= MOST_GROWTH and error <= e):
        raise NotExactError(UNBOUNDED)

    around = arb(0, error.upper())
    ends = (nodes.total * P).entries()
    return from_entries([a + b + around for a, b in zip(y0, ends, strict=True)], start.shape), rho


def _constant(y0: list[arb], rows: int) -> Mat:
    """The coefficients of constants."""
    return arb_mat(rows, len(y0), [*y0, *[0] * (len(y0) * (rows - 1))])


def _truncation(step: _Step, y: Polynomials, count: int, rho: float) -> arb:
    """4Mρ^(1−K)/(ρ − 1), infinite where φ is not bounded."""
    try:
        M, _ = step.bound(y.centre(), y.spread(rho), rho)
    except NotExactError:
        return arb("inf")
    return 4 * M * arb(rho) ** (1 - count) / (rho - 1)


def _least_growth(step: _Step, y: Polynomials) -> tuple[arb, arb]:
    """∫L and e with a margin at which ∫L is small."""
    found = []
    for factor in MARGINS:
        found.append(_growth(step, y, factor))
        if found[-1][0] <= LITTLE_GROWTH:
            break
    return min(found, key=lambda pair: float(pair[0]))


def _growth(step: _Step, y: Polynomials, factor: float) -> tuple[arb, arb]:
    """∫L and e, where R is so many times what the solution moves; ∫L is infinite where φ is not bounded."""
    size = max([abs(entry) for entry in y.centre()], key=float)
    R = (factor * max(y.spread(1.0), key=float) + (1 + size) * arb(2) ** -30).upper()

    total = arb(0)
    for centre, moved in y.pieces():
        try:
            _, D = step.bound(centre, [width + R for width in moved], 1.0)
        except NotExactError:
            return arb("inf"), R
        total += 2 * D / (PIECES * R * (1 - _SMALL))
    return total, R * _SMALL


def _solve_in_doubles(step: _Step, y0: Array) -> tuple[Array, Array]:
    """φ at the coarse nodes, and its derivative in y there (node, entry, entry)."""
    points, _, integral = in_doubles(COARSE)
    times = float(step.middle) + float(step.half) * points
    half = float(step.half)
    P = np.zeros((COARSE, len(y0)))

    for _ in range(12):
        values, slopes = values_and_slopes(step.g, y0 + integral @ P, times)
        values, slopes = half * values, half * slopes
        change = _linear(slopes, integral, values - P)
        P = P + change
        if not np.isfinite(P).all():
            break
        if np.abs(change).max(initial=0) <= 1e-9 * np.abs(P).max(initial=0):
            return P, slopes
    raise NotExactError(UNBOUNDED)


def _linear(slopes: Array, integral: Array, residual: Array) -> Array:
    """The δ with δ = R + φ′·∫δ, by Picard's iteration, whose error falls like (2L)ᵏ/k!."""
    largest_slope = np.abs(slopes).sum(axis=2).max(initial=0)
    if not largest_slope <= STEEPEST:
        raise NotExactError(UNBOUNDED)
    delta, bound, k = residual, 1.0, 1
    while bound > 1e-16:
        delta = residual + (slopes @ (integral @ delta)[:, :, None])[:, :, 0]
        bound, k = bound * 2 * largest_slope / k, k + 1
    return delta


def _choose_nodes(step: _Step, y0: list[arb], coarse: Array, bits: int) -> tuple[int, float]:
    """The fewest nodes that are needed, and the ellipse on which φ is bounded."""
    _, to_coefficients, _ = in_doubles(COARSE)
    c = to_coefficients @ coarse
    c[np.abs(c) < NOISE * np.abs(c).max(initial=0)] = 0
    y = polynomials(arb_mat(integrate([[arb(entry) for entry in row] for row in c.tolist()], y0)))
    if not _least_growth(step, y)[0] <= MOST_GROWTH:
        raise NotExactError(UNBOUNDED)  # which would be found after all other work

    y, decay = _with_tail(y)
    found = []
    for rho in RHOS:
        one_node = _truncation(step, y, 1, rho) if rho <= decay else arb("inf")
        if one_node.is_finite():
            count = (bits + 8 + max(0.0, float(one_node.log() / arb(2).log()))) / math.log2(rho)
            found.append((max(COARSE, NODES_APART * math.ceil((count + 1) / NODES_APART)), rho))
    if not found:
        raise NotExactError(UNBOUNDED)
    return min(found)


def _with_tail(y: Polynomials) -> tuple[Polynomials, float]:
    """The polynomials with what further coefficients may be, and the factor by which they fall, with some room."""
    sizes = np.array([float(entry) for entry in y.sizes.entries()]).reshape(y.sizes.nrows(), -1).max(axis=1)
    known = np.flatnonzero(sizes[1:]) + 1
    if len(known) < 3:
        return y, math.inf

    last = int(known[-1])
    first = max(1, last // 4)
    here, before = sizes[last - 1 : last + 1].max(), sizes[first : first + 2].max()
    decay = (before / here) ** (1 / (last - first))
    # Polynomials such as tᵏ end: those after the last are at most noise, so they fall as fast as that needs.
    decay = max(decay, (here / (NOISE * sizes[1:].max())) ** (1 / (COARSE - last + 1)))

    tail = here / decay ** np.arange(1, COARSE)
    columns, rows = y.sizes.ncols(), last + COARSE
    padded = [*y.sizes.entries()[: columns * (last + 1)], *np.repeat(tail, columns).tolist()]
    return replace(y, sizes=arb_mat(rows, columns, padded)), ROOM * decay


def _correct(
    step: _Step, nodes: Nodes, y0: list[arb], coarse: Array, slopes: Array, bits: int
) -> tuple[Mat, arb]:
    """φ(ỹ, ·) at the nodes to so many bits, and the defect there: each correction gains what doubles have."""
    n, count = len(y0), len(nodes.points)
    points, _, integral = in_doubles(count)
    _, to_coefficients, _ = in_doubles(COARSE)
    interpolate = np.cos(np.outer(np.arccos(points), np.arange(COARSE))) @ to_coefficients
    fine = interpolate @ coarse
    fine_slopes = np.einsum("jk,kab->jab", interpolate, slopes)
    start = arb_mat(count, n, y0 * count)

    P = arb_mat(count, n, fine.ravel().tolist())
    last = math.inf
    while True:
        residual = _residual(step, nodes, P, start + nodes.integral * P)
        size = largest(Ball(residual, (count, n)))
        logarithm = float(size.log() / arb(2).log()) if size > 0 else -math.inf
        if not logarithm < last - 4 or logarithm < -bits - NOISE_BITS:
            return P, size
        last = logarithm
        scale = arb(2) ** math.ceil(logarithm)
        scaled = np.array([float(entry) for entry in (residual * (1 / scale)).entries()]).reshape(count, n)
        change = _linear(fine_slopes, integral, scaled)
        P = (P + arb_mat(count, n, change.ravel().tolist()) * scale).mid()


def _residual(step: _Step, nodes: Nodes, P: Mat, Y: Mat) -> Mat:
    rows = [step.phi(row, s) for row, s in zip(Y.tolist(), nodes.points, strict=True)]
    return arb_mat(rows) - P
