"""Singular values as balls: the roots of the characteristic polynomial of AᴴA, or of AAᴴ if that is smaller.

Newton's method goes from doubles to each root, and one interval step proves that there is a root, and only one, where
it ends. flint's eigenvalues need no start and lose fewer digits, but take three to eight times as long; they are asked
where the proof fails.

Source: R. Moore, R. Kearfott, M. Cloud, Introduction to Interval Analysis, SIAM 2009, §8.1 (Newton's method);
S. Basu, R. Pollack, M.-F. Roy, Algorithms in Real Algebraic Geometry, 2nd ed., §2.2 (Budan and Fourier's theorem).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb_mat, arb, arb_poly, ctx

from grader.truths.ball_matrices import largest_of
from grader.truths.balls import Ball, NotExactError
from grader.truths.functions.matrices import gram

_EXTRA_BITS = 40
"""For each row: roots lose digits where the coefficients differ in size, and exact inputs have digits to lose."""
_KEPT = 0.75
"""The part of the working precision that a root must have."""
_MOST_STEPS = 40

Finder = Callable[[arb_poly, list[float]], list[arb] | None]


def singular_values(A: Ball) -> list[arb]:
    """All singular values.

    Raises:
        NotExactError: two of them cannot be told apart.
    """
    return _take_roots(A, _find_all)


def largest_singular_value(A: Ball) -> arb:
    """The largest singular value.

    Raises:
        NotExactError: it cannot be told apart from the next one.
    """
    largest: arb = largest_of(_take_roots(A, _find_largest))
    return largest


def _take_roots(A: Ball, find: Finder) -> list[arb]:
    least = _KEPT * ctx.prec
    with ctx.workprec(ctx.prec + _EXTRA_BITS * min(A.mat.nrows(), A.mat.ncols())):
        starts = _approximate(A)
        roots = find(_characteristic(gram(A.mat)), starts) if starts else None
    if roots is None or any(root.rel_accuracy_bits() < least for root in roots):
        roots = _eigenvalues(gram(A.mat))
    return [root.sqrt() for root in roots]


def _approximate(A: Ball) -> list[float]:
    """The squares of the singular values in doubles, the largest first; empty where they overflow."""
    number: type = complex if A.is_complex else float
    middle = np.array([number(entry) for entry in A.entries()]).reshape(A.mat.nrows(), A.mat.ncols())
    if not np.isfinite(middle).all():
        return []
    squares: list[float] = (np.linalg.svd(middle, compute_uv=False) ** 2).tolist()
    return squares


def _characteristic(G: Any) -> arb_poly:
    """The polynomial det(xI − G), which is real."""
    return arb_poly([coefficient.real for coefficient in G.charpoly().coeffs()])


def _find_all(p: arb_poly, starts: list[float]) -> list[arb] | None:
    """As many different roots as there are."""
    derivative = p.derivative()
    roots: list[arb] = []
    for start in starts:
        root = _refine(p, derivative, start)
        if root is None or (roots and not roots[-1] > root):
            return None
        roots.append(root)
    return roots


def _find_largest(p: arb_poly, starts: list[float]) -> list[arb] | None:
    """The largest root.

    Of a polynomial with real roots only, as many exceed x as the signs of p(x), p′(x), p″(x), … change.
    """
    derivative = p.derivative()
    root = _refine(p, derivative, starts[0])
    if root is None:
        return None

    below = root.lower()
    for _ in starts:
        if not derivative(below) > 0:
            return None
        derivative = derivative.derivative()
    return [root]


def _refine(p: arb_poly, derivative: arb_poly, start: float) -> arb | None:
    """The root near a start; None if it cannot be proven to be there."""
    x, is_close = arb(start), False
    for _ in range(_MOST_STEPS):
        step = (p(x) / derivative(x)).mid()
        x = (x - step).mid()
        if not x.is_finite():
            return None
        if is_close:
            break
        is_close = abs(step) <= abs(x) * arb(2) ** (-ctx.prec // 2)

    last_bits = abs(x) * arb(2) ** (8 - ctx.prec)
    around = arb(x, (2 * abs(p(x) / derivative(x)) + last_bits).upper())
    root = x - p(x) / derivative(around)
    return root if around.contains(root) else None


def _eigenvalues(G: Any) -> list[arb]:
    try:
        return [value.real for value in acb_mat(G).eig()]
    except ValueError:
        raise NotExactError("repeated singular values") from None
