"""The remainder of the true derivative as h falls: what the definition of a derivative looks like.

f′(A) is the linear map with ‖f(A + hV) − f(A) − h·f′(A)[V]‖ = o(‖hV‖). In double precision the difference is
rounding from h ≈ 1e-8 on; in ball arithmetic it is exact as far as anybody wants to look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, ctx

from grader.cases.asked_map import Map, Point, asked_map, norm_along
from grader.cases.differences import move
from grader.core.norms import Array, norm
from grader.problems.expression import ExpressionError
from grader.problems.problem import Problem
from grader.truths.balls import BALLS, Ball, NotExactError, from_array, split
from grader.truths.derivative import Step, differential, reduced_map
from grader.truths.truth import Probe, SolvedCase

STEPS_SHOWN = tuple(10.0 ** (-k / 2) for k in range(41))
"""h from 1 to 1e-20, two in each decade."""
FINE = Step(100, 400)
"""At h = 1e-20 a remainder is 133 bits below f; this step leaves the derivative good to 200 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class RemainderCurve:
    """The remainder of the true derivative at one case, along the direction V of its probe.

    Args:
        posed: the case, which is decided; h: the steps at which f is defined, from 1 down.
        distance: ‖hV‖; remainders: φ(A + hV) − φ(A) − h·φ′(A)[V] for each h, φ as in `Probe`;
            sizes: their norms.
    """

    posed: SolvedCase
    h: tuple[float, ...]
    distance: tuple[float, ...]
    remainders: tuple[Array, ...]
    sizes: tuple[float, ...]


def find_remainder(problem: Problem, posed: Sequence[SolvedCase]) -> RemainderCurve | None:
    """The curve for one well-behaved case; None for a value, or where there is nothing to draw."""
    chosen = _choose(posed)
    if chosen is None or chosen.truth is None or chosen.truth.probe is None:
        return None
    probe = chosen.truth.probe
    size = math.hypot(*(norm(V) for V in probe.direction.values()))
    with ctx.workprec(FINE.bits(problem.order)):
        rows = _evaluate(problem, chosen, probe)
    if not rows or not 0 < size < math.inf:
        return None
    steps, remainders = zip(*rows, strict=True)
    kind = norm_along(problem, remainders[0])
    sizes = tuple(norm(rest, kind) for rest in remainders)
    return RemainderCurve(chosen, steps, tuple(h * size for h in steps), remainders, sizes)


def _choose(posed: Sequence[SolvedCase]) -> SolvedCase | None:
    """A decided case, if possible generic and real, of middling size."""
    decided = [item for item in posed if item.truth is not None]
    sizes = sorted({_size(item) for item in decided if item.case.family == "generic"} or {0})
    middle = sizes[len(sizes) // 2]
    return min(
        decided,
        key=lambda item: (item.case.family != "generic", abs(_size(item) - middle), item.case.index),
        default=None,
    )


def _size(posed: SolvedCase) -> int:
    return max(posed.case.sizes.values(), default=1)


def _evaluate(problem: Problem, posed: SolvedCase, probe: Probe) -> list[tuple[float, Array]]:
    """Pairs of h and remainder, wherever f(A + hV) is defined."""
    asked = asked_map(problem, posed.case, BALLS)
    at, along = asked.point, {name: from_array(V) for name, V in probe.direction.items()}
    tiny = FINE.h(asked)
    phi = reduced_map(asked, tiny)
    try:
        value, derivative = phi(at), differential(phi, at, along, tiny)
    except (NotExactError, ExpressionError):
        return []
    rows = [(h, _remainder(phi, at, along, arb(h), value, derivative)) for h in STEPS_SHOWN]
    return [(h, rest) for h, rest in rows if rest is not None]


def _remainder(
    phi: Map[Ball], at: Point, along: Point, h: arb, value: Ball, derivative: Ball
) -> Array | None:
    try:
        rest = phi(move(at, along, h)) - value - derivative * h
    except (NotExactError, ExpressionError):
        return None
    hi = split(rest)[0]
    # What may be 0 is 0: for a linear f the balls hold rounding errors and nothing else.
    vanishes = np.array([entry.contains(0) for entry in rest.entries()], bool).reshape(hi.shape)
    return np.where(vanishes, 0, hi) if np.all(np.isfinite(hi)) else None
