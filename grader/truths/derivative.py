"""Exact derivatives of a map: nothing but differences of `f`, taken with a step far below double precision.

With h = 2⁻²⁰⁰ at some 700 bits, (f(A + hV) − f(A)) / h agrees with f′(A)[V] to about 60 digits and
(f(A + hV) − f(A − hV)) / 2h to about 120, so all that is left to bound is rounding, and ball arithmetic
does that. No rule of calculus is used anywhere. Gradients and Jacobians, which need many differences, are
formed from one-sided ones and then compared with a central one along a random direction, at another step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flint import acb, arb

from grader.cases.asked_map import AskedMap, Map, Point
from grader.cases.differences import Line, central, on_line
from grader.problems.asks import Form
from grader.problems.problem import Space
from grader.truths.balls import Ball, from_entries, magnitude

Places = tuple[tuple[int, int], ...]


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


def exact(asked: AskedMap[Ball], h: arb) -> tuple[Ball, ...]:
    """Find the exact answer, one ball array for each part, from differences with the step h."""
    return _EXACT[asked.problem.form](asked, reduced_map(asked, h), h)


def reduced_map(asked: AskedMap[Ball], h: arb) -> Map[Ball]:
    """The map φ of an ask; where it is itself a derivative, that is differenced with the step h."""
    return asked.reduced(lambda f, at, along: central(on_line(f, at, along), h))


def curvature(line: Line[Ball], h: arb) -> Ball:
    """½f″(A)[V, V] = (f(A + hV) − 2f(A) + f(A − hV)) / 2h² + O(h²), of t ↦ f(A + tV)."""
    return (line(h) + line(-h) - line(0) * 2) / (2 * h * h)


def remainder_rate(line: Line[Ball], h: arb, derivative: Ball) -> Ball:
    """(f(A + hV) − f(A)) / h − f′(A)[V], which tends to 0 like h, of t ↦ f(A + tV)."""
    return (line(h) - line(0)) / h - derivative


def gradient(f: Map[Ball], at: Point, name: str, h: arb, space: Space = "general") -> Ball:
    """The gradient of a real-valued f under ⟨P, Q⟩ = Re tr(PᴴQ), along a basis of the space.

    G = Σ Eᵢⱼ ∂f/∂Re Aᵢⱼ + i Eᵢⱼ ∂f/∂Im Aᵢⱼ, so that df = Re tr(Gᴴ dA) for real and for complex A. In the space of
    symmetric matrices the basis is Eᵢᵢ and (Eᵢⱼ + Eⱼᵢ)/√2, so that G lies in that space.
    """
    A, value = at[name], f(at)
    units = (1, acb(0, 1)) if A.is_complex else (1,)

    entries: dict[tuple[int, int], Any] = {}
    for places in _basis(A, space):
        slopes = [_partial(f, at, name, places, h, value, unit).scalar().real / len(places) for unit in units]
        entries |= dict.fromkeys(places, acb(*slopes) if A.is_complex else slopes[0])
    return from_entries([entries.get(place, arb(0)) for place in _places(A)], A.shape)


def jacobian(f: Map[Ball], at: Point, name: str, h: arb) -> Ball:
    """The matrix J with f′(A)[V] = J vec V of a vector-valued f, vec stacking columns."""
    places = sorted(_places(at[name]), key=lambda place: place[::-1])
    value = f(at)
    columns = [_partial(f, at, name, (place,), h, value).entries() for place in places]
    entries = [entry for row in zip(*columns, strict=True) for entry in row]
    return from_entries(entries, (len(value.entries()), len(places)))


def _partial(
    f: Map[Ball], at: Point, name: str, places: Places, h: arb, value: Ball, unit: arb | acb | int = 1
) -> Ball:
    """(f(A + h·unit·Σ Eᵢⱼ) − f(A)) / h, the sum over the given places."""
    return (f({**at, name: at[name].with_entries(places, unit * h)}) - value) / h


def _basis(A: Ball, space: Space) -> Iterator[Places]:
    """The entries that move together, one group for each dimension of the space."""
    for i, j in _places(A):
        if space == "general" or i == j:
            yield ((i, j),)
        elif i > j:
            yield ((i, j),) if space == "lower_triangular" else ((i, j), (j, i))


def _places(A: Ball) -> Iterator[tuple[int, int]]:
    rows, columns = A.mat.nrows(), A.mat.ncols()
    return ((i, j) for i in range(rows) for j in range(columns))


def _gradients(asked: AskedMap[Ball], phi: Map[Ball], h: arb) -> tuple[Ball, ...]:
    problem = asked.problem
    gradients = (gradient(phi, asked.point, name, h, problem.input(name).tangent) for name in problem.wrt)
    return tuple(asked.unweighted(G) for G in gradients)


_EXACT: Mapping[Form, Callable[[AskedMap[Ball], Map[Ball], arb], tuple[Ball, ...]]] = {
    "value": lambda asked, phi, h: (phi(asked.point),),
    "along": lambda asked, phi, h: (central(on_line(phi, asked.point, asked.directions(0)), h),),
    "gradient": _gradients,
    "matrix": lambda asked, phi, h: (jacobian(phi, asked.point, asked.problem.wrt[0], h),),
}
