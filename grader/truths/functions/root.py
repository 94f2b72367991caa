"""The solution of F(x) = 0 near x₀: Newton's method, and a proof that there is a solution where it ends.

With x̃ the result, C an approximate inverse of F′(x̃) and G = CF, the map x ↦ x − G(x) contracts the ball |x − x̃| ≤ r
(in the largest entry) into itself if ‖I − G′‖ ≤ ½ on it and 2‖G(x̃)‖ ≤ r. If |G| ≤ M on the complex polydisc of
radius ρ ≥ 4r around x̃, Cauchy's estimates bound what difference quotients leave open:

    ‖(G(x̃ + ηeⱼ) − G(x̃))/η − G′(x̃)eⱼ‖ ≤ Mη/(ρ(ρ − η)),      ‖G′(x) − G′(x̃)‖ ≤ 8n²Mr/ρ².

Source: R. Moore, R. Kearfott, M. Cloud, Introduction to Interval Analysis, SIAM 2009, §8.2 (Krawczyk's method).
"""

from __future__ import annotations

from typing import Any

from flint import arb, ctx

from grader.truths.balls import Ball, NeverExactError, NotExactError, from_entries
from grader.truths.functions.analytic import Function, box, largest
from grader.truths.functions.matrices import Mat, frobenius, from_columns, identity, is_finite

FEW_BITS = 128
_MOST_STEPS = 60
STALLED = 8
"""After twice so many steps, |F| must be half of what it was so many steps before."""
MOST_HALVINGS = 12
NO_ROOT = "Newton's method finds no root near the start"
NO_PROOF = "a root that cannot be proven, perhaps because it is a multiple one"


def root(F: Function, continued: Function, start: Ball) -> Ball:
    """The x with F(x) = 0 to which Newton's method goes from a start.

    Args:
        F: a function of real arrays; continued: the same function on complex ones.

    Raises:
        NotExactError: what is found cannot be proven to be near a root. NeverExactError: nothing is found.
    """
    if start.is_complex:
        raise NeverExactError("root of a function of complex numbers")
    point, slope = _find(F, Ball(start.mat.mid(), start.shape))
    return _prove(F, continued, point, slope)


def _find(F: Function, x: Ball) -> tuple[Ball, Mat]:
    """An approximate root, and the derivative there; the way to it is found with few bits."""
    with ctx.workprec(min(ctx.prec, FEW_BITS)):
        x, _ = _iterate(F, x)
    return _iterate(F, x)


def _iterate(F: Function, x: Ball) -> tuple[Ball, Mat]:
    sizes: list[arb] = []
    for _ in range(_MOST_STEPS):
        value = F(x)
        sizes.append(largest(value))
        if len(sizes) > 2 * STALLED and not 2 * sizes[-1] < sizes[-1 - STALLED]:
            break

        slope = _slope(F, x, _step(x), value)
        step = _apply_inverse(slope, value)
        x = _move(F, x, step, sizes[-1])
        if frobenius(step) < _size(x) * arb(2) ** (-ctx.prec // 2):
            # The step was right to half of its digits, so that x is right to nearly all.
            return x, slope
    raise NeverExactError(NO_ROOT)


def _move(F: Function, x: Ball, step: Mat, before: arb) -> Ball:
    """The next point; the step is halved while it makes |F| much larger."""
    if not is_finite(step):
        raise NeverExactError(NO_ROOT)
    for halvings in range(MOST_HALVINGS):
        moved = Ball((x.mat - _like(step, x).mat * arb(2) ** -halvings).mid(), x.shape)
        value = F(moved)
        if all(entry.is_finite() for entry in value.entries()) and not largest(value) > 2 * before:
            break
    return moved


def _prove(F: Function, continued: Function, x: Ball, slope: Mat) -> Ball:
    n, eta, value = slope.nrows(), _step(x), F(x)
    rho = _size(x) * arb(2) ** (-ctx.prec // 4)
    try:
        C = slope.mid().inv().mid()
    except ZeroDivisionError:
        raise NotExactError(NO_PROOF) from None

    distance = largest(from_entries((C * _column(value)).entries(), (n,)))
    r = 2 * distance
    bound = largest(from_entries((C * _column(continued(box(x, rho)))).entries(), (n,)))
    linear = _row_sum(identity(n, C) - C * _slope(F, x, eta, value))
    contraction = linear + n * bound * eta / (rho * (rho - eta)) + 8 * n**2 * bound * r / rho**2
    if not (contraction < 0.5 and 4 * r < rho):
        raise NotExactError(NO_PROOF)
    around = arb(0, r.upper())
    return from_entries([entry + around for entry in x.entries()], x.shape)


def _slope(F: Function, x: Ball, eta: arb, value: Ball) -> Mat:
    """Difference quotients of F, one column for each entry of x; its value there is known."""
    entries = x.entries()
    columns = []
    for j in range(len(entries)):
        moved = [*entries[:j], entries[j] + eta, *entries[j + 1 :]]
        difference = F(from_entries(moved, x.shape)) - value
        columns.append([entry / eta for entry in difference.entries()])
    if any(len(column) != len(entries) for column in columns):
        raise NeverExactError("root needs as many equations as unknowns")
    return from_columns(columns, type(value.mat))


def _apply_inverse(slope: Mat, value: Ball) -> Mat:
    try:
        return slope.mid().solve(_column(value).mid())
    except ZeroDivisionError:
        raise NeverExactError(NO_ROOT) from None


def _column(x: Ball) -> Mat:
    return type(x.mat)(len(x.entries()), 1, x.entries())


def _like(column: Mat, x: Ball) -> Ball:
    return from_entries(column.entries(), x.shape)


def _size(x: Ball) -> arb:
    """The largest entry, or 1 where all are 0."""
    size = largest(x)
    return size if size > 0 else arb(1)


def _step(x: Ball) -> arb:
    """The step of the difference quotients, a power of 2."""
    return arb(2) ** (round(float(_size(x).log() / arb(2).log())) - ctx.prec // 2)


def _row_sum(A: Mat) -> Any:
    rows = (sum((abs(entry).upper() for entry in row), arb(0)) for row in A.tolist())
    return max(rows, key=float, default=arb(0))
