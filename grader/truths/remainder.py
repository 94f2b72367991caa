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

from grader.cases.asked_map import asked_map, norm_along
from grader.cases.lines import Line, central, on_line
from grader.core.norms import Array, norm
from grader.problems.language import ExpressionError
from grader.problems.problem import Problem
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, NotExactError, from_array
from grader.truths.derivative import curve_step, reduced_map
from grader.truths.doubles import split
from grader.truths.probe import Probe
from grader.truths.solve import SolvedCase, keep_decided

STEPS_SHOWN = tuple(10.0 ** (-k / 2) for k in range(41))
"""H from 1 to 1e-20, two in each decade; every second one where f is slow."""


@dataclass(frozen=True, slots=True, eq=False)
class RemainderCurve:
    """The remainder of the true derivative at one case, along the direction V of its probe.

    Args:
        solved: the case, which is decided; h: the steps at which f is defined, from 1 down.
        distance: ‖hV‖; remainders: φ(A + hV) − φ(A) − h·φ′(A)[V] for each h, φ as in `Probe`;
            sizes: their norms.
    """

    solved: SolvedCase
    h: tuple[float, ...]
    distance: tuple[float, ...]
    remainders: tuple[Array, ...]
    sizes: tuple[float, ...]


def find_remainder(problem: Problem, cases: Sequence[SolvedCase]) -> RemainderCurve | None:
    """Find the curve for one well-behaved case; None for a value, or where there is nothing to draw."""
    solved = _choose(cases)
    if solved is None or solved.truth is None or solved.truth.probe is None:
        return None
    probe = solved.truth.probe
    size = math.hypot(*(norm(V) for V in probe.direction.values()))
    with ctx.workprec(curve_step(problem).bits(problem.order)):
        rows = _evaluate(problem, solved, probe)
    if not rows or not 0 < size < math.inf:
        return None

    steps, remainders = zip(*rows, strict=True)
    kind = norm_along(problem, remainders[0].ndim)
    sizes = tuple(norm(remainder, kind) for remainder in remainders)
    return RemainderCurve(solved, steps, tuple(h * size for h in steps), remainders, sizes)


def _choose(cases: Sequence[SolvedCase]) -> SolvedCase | None:
    """A decided case, if possible generic and real, of middling size."""
    decided = keep_decided(cases)
    generic = {_size(solved) for solved in decided if solved.case.family == "generic"}
    sizes = sorted(generic or {0})
    middle = sizes[len(sizes) // 2]

    def strangeness(solved: SolvedCase) -> tuple[bool, int, int]:
        return solved.case.family != "generic", abs(_size(solved) - middle), solved.case.index

    return min(decided, key=strangeness, default=None)


def _size(solved: SolvedCase) -> int:
    return max(solved.case.sizes.values(), default=1)


def _evaluate(problem: Problem, solved: SolvedCase, probe: Probe) -> list[tuple[float, Array]]:
    """Pairs of h and remainder, wherever f(A + hV) is defined."""
    asked = asked_map(problem, solved.case, BALLS)
    along = {name: from_array(V) for name, V in probe.direction.items()}
    tiny = curve_step(problem).h(asked)
    line = on_line(reduced_map(asked, tiny), asked.point, along)
    try:
        value, derivative = line(0), central(line, tiny)
    except (NotExactError, ExpressionError):
        return []

    steps = STEPS_SHOWN[::2] if problem.is_slow else STEPS_SHOWN
    rows = [(h, _remainder(line, arb(h), value, derivative)) for h in steps]
    return [(h, remainder) for h, remainder in rows if remainder is not None]


def _remainder(line: Line[Ball], h: arb, value: Ball, derivative: Ball) -> Array | None:
    try:
        remainder = line(h) - value - derivative * h
    except (NotExactError, ExpressionError):
        return None

    hi = split(remainder)[0]
    if not np.all(np.isfinite(hi)):
        return None
    # What may be 0 is 0: for a linear f the balls hold rounding errors and nothing else.
    vanishes = np.array([entry.contains(0) for entry in remainder.entries()], bool).reshape(hi.shape)
    return np.where(vanishes, 0, hi)
