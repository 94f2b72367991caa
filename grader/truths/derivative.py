"""Exact derivatives of a map: nothing but differences of `f`, taken with a step far below double precision.

With h = 2⁻²⁰⁰ at some 700 bits, (f(A + hV) − f(A)) / h agrees with f′(A)[V] to about 60 digits and
(f(A + hV) − f(A − hV)) / 2h to about 120, so all that is left to bound is rounding, and ball arithmetic
does that. No rule of calculus is used anywhere. Gradients and Jacobians, which need many differences, are
formed from one-sided ones and then compared with a central one along a random direction, at another step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flint import acb, arb

from grader.cases.asked_map import AskedMap, Map, Point
from grader.cases.lines import Line, central, on_line
from grader.cases.spaces import Element, basis
from grader.problems.asks import Form
from grader.problems.problem import Problem
from grader.problems.spaces import Space
from grader.truths.ball_arrays import concatenate, from_columns
from grader.truths.balls import Ball, as_ball, from_entries, magnitude


@dataclass(frozen=True, slots=True)
class Step:
    """The step h = 2^-exponent, in units of the inputs, and the bits to work with, for first differences of f."""

    exponent: int
    precision: int

    def h(self, asked: AskedMap[Ball]) -> arb:
        """The step as an exact ball: 2^-exponent times the size of the smallest input, to a power of 2."""
        sizes = [magnitude(asked.point[name]) for name in asked.problem.wrt]
        smallest = min((size for size in sizes if 0 < size < math.inf), default=1.0)
        return arb(2) ** (round(math.log2(smallest)) - self.exponent)

    def bits(self, order: int) -> int:
        """The working precision for derivatives of an order: each further difference cancels as many bits as h has."""
        return self.precision + self.exponent * max(order - 1, 0)


STEPS = (Step(200, 700), Step(300, 1000), Step(600, 2000), Step(1200, 4000))
"""Tried in turn until two of them agree far below the tolerance."""
SHORT_STEPS = (Step(72, 180), Step(80, 215), Step(84, 300), Step(88, 400), Step(92, 520))
"""For maps that take long to evaluate with many bits; still twenty bits beyond the rounding of inputs.

Where two of them disagree it is for want of bits, which a solution that grows loses; h is short enough already.
"""
SYMMETRIC_STEPS = (Step(40, 150), *SHORT_STEPS[1:])
"""The same where only symmetric differences are taken, whose error is as small as h²."""
ROUGH_STEP = Step(40, 140)
"""For tolerances of such maps: a change in the last bit is seen to twenty bits more."""
CURVE_STEP, SHORT_CURVE_STEP = Step(100, 400), Step(60, 200)
"""For remainders at h = 1e-20, which are 133 bits below f."""


def steps_of(problem: Problem) -> tuple[Step, ...]:
    """The steps that are tried for a problem's map."""
    if not problem.is_slow:
        return STEPS
    return SYMMETRIC_STEPS if problem.form == "along" else SHORT_STEPS


def tolerance_step(problem: Problem, step: Step) -> Step:
    """The step at which tolerances are found, where the truth is found at another."""
    return ROUGH_STEP if problem.is_slow else step


def curve_step(problem: Problem) -> Step:
    """The step for the remainder curve."""
    return SHORT_CURVE_STEP if problem.is_slow else CURVE_STEP


def exact(asked: AskedMap[Ball], h: arb) -> tuple[Ball, ...]:
    """Find the exact answer, one ball array for each part, from differences with the step h."""
    parts = _EXACT[asked.problem.form](asked, reduced_map(asked, h), h)
    return _taken_apart(asked, parts[0]) if asked.problem.has_tuple else parts


def _taken_apart(asked: AskedMap[Ball], together: Ball) -> tuple[Ball, ...]:
    """What `in_one_vector` put together."""
    entries, parts = together.entries(), []
    for shape in asked.shapes:
        parts.append(from_columns(entries[: math.prod(shape)], shape))
        entries = entries[math.prod(shape) :]
    return tuple(parts)


def reduced_map(asked: AskedMap[Ball], h: arb) -> Map[Ball]:
    """The map φ of an ask; where it is itself a derivative, that is differenced with the step h."""
    return asked.reduced(lambda f, at, along: central(on_line(f, at, along), h))


def is_still(along: Mapping[str, Ball]) -> bool:
    """Is a direction 0, exactly?"""
    return all(magnitude(V) == 0 for V in along.values())


def _slope(phi: Map[Ball], at: Point, along: Mapping[str, Ball], h: arb) -> Ball:
    """φ′(A)[V]; exactly 0 along 0, which takes no difference of what is not exact."""
    return phi(at) * 0 if is_still(along) else central(on_line(phi, at, along), h)


def curvature(line: Line[Ball], h: arb) -> Ball:
    """½f″(A)[V, V] = (f(A + hV) − 2f(A) + f(A − hV)) / 2h² + O(h²), of t ↦ f(A + tV)."""
    return (line(h) + line(-h) - line(0) * 2) / (2 * h * h)


def remainder_rate(line: Line[Ball], h: arb, derivative: Ball) -> Ball:
    """(f(A + hV) − f(A)) / h − f′(A)[V], which tends to 0 like h, of t ↦ f(A + tV)."""
    return (line(h) - line(0)) / h - derivative


def holomorphic_gradient(f: Map[Ball], at: Point, name: str, h: arb) -> Ball:
    """The array of the complex derivatives ∂f/∂Aᵢⱼ, with df = tr(GᵀdA)."""
    A, value = at[name], f(at)
    slopes = {}
    for element in basis("general", A.shape):
        ((place, _),) = element
        slopes[place] = _partial(f, at, name, element, h, value).scalar()
    return from_entries([slopes[place] for place in sorted(slopes)], A.shape)


def gradient(f: Map[Ball], at: Point, name: str, h: arb, space: Space = "general") -> Ball:
    """The gradient G of a real-valued f under ⟨P, Q⟩ = Re tr(PᴴQ), in a linear space: Σ B f′(A)[B] / ‖B‖².

    The sum is over an orthogonal basis of the space, so that G lies in it. For complex A it is a basis over the real
    numbers, so that df = Re tr(Gᴴ dA).
    """
    A, value = at[name], f(at)
    entries = [acb(0) if A.is_complex else arb(0)] * len(A.entries())
    for element in basis(space, A.shape, A.is_complex):
        _slope = _partial(f, at, name, element, h, value).scalar().real / len(element)
        for place, factor in element:
            entries[place] = entries[place] + _slope * as_ball(factor)
    return from_entries(entries, A.shape)


def jacobian(f: Map[Ball], at: Point, name: str, h: arb, space: Space = "general") -> Ball:
    """The matrix J with f′(A)[V] = J vec V of a vector-valued f; vec V are independent entries in a linear space."""
    value = f(at)
    elements = list(basis(space, at[name].shape))
    columns = [_partial(f, at, name, element, h, value).entries() for element in elements]
    entries = [entry for row in zip(*columns, strict=True) for entry in row]
    return from_entries(entries, (len(value.entries()), len(elements)))


def _partial(f: Map[Ball], at: Point, name: str, element: Element, h: arb, value: Ball) -> Ball:
    """(f(A + hB) − f(A)) / h for an element B of a basis."""
    return (f({**at, name: at[name].moved(element, h)}) - value) / h


def _gradients(asked: AskedMap[Ball], phi: Map[Ball], h: arb) -> tuple[Ball, ...]:
    problem = asked.problem
    if problem.convention == "holomorphic":
        return tuple(holomorphic_gradient(phi, asked.point, name, h) for name in problem.wrt)
    gradients = {
        name: gradient(phi, asked.point, name, h, problem.input(name).ambient) for name in problem.wrt
    }
    return tuple(asked.represented(name, G) for name, G in gradients.items())


def _jacobians(asked: AskedMap[Ball], phi: Map[Ball], h: arb) -> tuple[Ball, ...]:
    problem = asked.problem
    return tuple(jacobian(phi, asked.point, name, h, problem.input(name).ambient) for name in problem.wrt)


_EXACT: Mapping[Form, Callable[[AskedMap[Ball], Map[Ball], arb], tuple[Ball, ...]]] = {
    "value": lambda asked, phi, h: (phi(asked.point),),
    "along": lambda asked, phi, h: (_slope(phi, asked.point, asked.directions(0), h),),
    "gradient": _gradients,
    "matrix": _jacobians,
    "stacked": lambda asked, phi, h: (concatenate(*_jacobians(asked, phi, h), axis=1),),
}
