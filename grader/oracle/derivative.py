"""Exact derivatives of a map: nothing but differences of `f`, taken with a step far below double precision.

With h = 2⁻²⁰⁰ at some 700 bits, (f(A + hV) − f(A)) / h agrees with f′(A)[V] to about 60 digits and
(f(A + hV) − f(A − hV)) / 2h to about 120, so all that is left to bound is rounding, and ball arithmetic
does that. No rule of calculus is used anywhere. Gradients and Jacobians, which need many differences, are
formed from one-sided ones and then compared with a central one along a random direction, at another step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flint import acb, arb

from grader.expression import evaluate
from grader.oracle.ball import BALLS, Ball, from_entries, from_scalar, inner, magnitude
from grader.problem import Problem

Point = Mapping[str, Ball]
Map = Callable[[Point], Ball]


@dataclass(frozen=True, slots=True)
class Step:
    """The step h = 2^-exponent, in units of the inputs, and the bits to work with, for first differences of f."""

    exponent: int
    precision: int

    def h(self, problem: Problem, point: Point) -> arb:
        """The step as an exact ball: 2^-exponent times the size of the smallest input, to a power of 2."""
        sizes = [magnitude(point[name]) for name in problem.wrt]
        smallest = min((size for size in sizes if 0 < size < math.inf), default=1.0)
        return arb(2) ** (round(math.log2(smallest)) - self.exponent)

    def bits(self, problem: Problem) -> int:
        """The working precision for a problem: each further difference cancels as many bits as h has."""
        return self.precision + (self.exponent if problem.ask == "second_differential" else 0)


STEPS = (Step(200, 700), Step(300, 1000), Step(600, 2000), Step(1200, 4000))
"""Tried in turn until two of them agree far below the tolerance."""


def move(at: Point, along: Point, h: arb) -> dict[str, Ball]:
    """The point A + hV."""
    return {**at, **{name: at[name] + V.scale(h) for name, V in along.items()}}


def forward(f: Map, at: Point, along: Point, h: arb, value: Ball) -> Ball:
    """f′(A)[V] = (f(A + hV) − f(A)) / h + O(h), given f(A): one evaluation, and still good to 2⁻²⁰⁰."""
    return (f(move(at, along, h)) - value).scale(1 / h)


def differential(f: Map, at: Point, along: Point, h: arb) -> Ball:
    """f′(A)[V] = (f(A + hV) − f(A − hV)) / 2h + O(h²)."""
    return (f(move(at, along, h)) - f(move(at, along, -h))).scale(1 / (2 * h))


def curvature(f: Map, at: Point, along: Point, h: arb) -> Ball:
    """½f″(A)[V, V] = (f(A + hV) − 2f(A) + f(A − hV)) / 2h² + O(h²)."""
    outer = f(move(at, along, h)) + f(move(at, along, -h))
    return (outer - f(at).scale(2)).scale(1 / (2 * h * h))


def remainder_rate(f: Map, at: Point, along: Point, h: arb, derivative: Ball) -> Ball:
    """(f(A + hV) − f(A)) / h − f′(A)[V], which tends to 0 like h."""
    return forward(f, at, along, h, f(at)) - derivative


def gradient(f: Map, at: Point, name: str, h: arb) -> Ball:
    """The gradient of a real-valued f under ⟨P, Q⟩ = Re tr(PᴴQ), entry by entry.

    G = Σ Eᵢⱼ ∂f/∂Re Aᵢⱼ + i Eᵢⱼ ∂f/∂Im Aᵢⱼ, so that df = Re tr(Gᴴ dA) for real and for complex A.
    """
    A, value = at[name], f(at)
    partials = [_partial(f, at, name, place, h, value).scalar().real for place in _places(A)]
    if A.is_complex:
        i = acb(0, 1)
        imaginary = [_partial(f, at, name, place, h, value, i).scalar().real for place in _places(A)]
        partials = [acb(x, y) for x, y in zip(partials, imaginary, strict=True)]
    return from_entries(partials, A.shape)


def jacobian(f: Map, at: Point, name: str, h: arb) -> Ball:
    """The matrix J with vec f′(A)[V] = J vec V, vec stacking columns in both spaces."""
    places = sorted(_places(at[name]), key=lambda place: place[::-1])
    value = f(at)
    columns = [vec(_partial(f, at, name, place, h, value)).entries() for place in places]
    rows = zip(*columns, strict=True)
    return from_entries([entry for row in rows for entry in row], (len(columns[0]), len(columns)))


def exact(problem: Problem, point: Point, h: arb) -> tuple[Ball, ...]:
    """What the problem asks for at a point, one ball array for each part of the answer.

    Args:
        point: all arguments of the signature by name: inputs, directions, cotangent.
    """
    f, at = reduced_map(problem, point, h), inputs_of(problem, point)
    if problem.ask == "value":
        return (f(at),)
    if problem.is_directional:
        return (differential(f, at, directions_of(problem, point, 0), h),)
    if problem.ask == "jacobian":
        return (jacobian(f, at, problem.wrt[0], h),)
    return tuple(gradient(f, at, name, h) for name in problem.wrt)


def read_along(problem: Problem, parts: Sequence[Ball], along: Point) -> Ball:
    """What an answer claims f′(A)[V] to be, for f or, for a pullback of G, for ⟨G, f⟩."""
    if problem.is_directional:
        return parts[0]
    if problem.ask == "jacobian":
        J, V = parts[0], vec(along[problem.wrt[0]])
        return Ball(J.mat * V.mat, J.shape[:1])
    terms = [inner(part, along[name]) for name, part in zip(problem.wrt, parts, strict=True)]
    return from_scalar(sum(terms, arb(0)))


def reduced_map(problem: Problem, point: Point, h: arb) -> Map:
    """The map that is differentiated once more.

    f itself; the real function ⟨G, f⟩ for a pullback of G; A ↦ f′(A)[W] for a second differential.
    """

    def f(at: Point) -> Ball:
        return evaluate(problem.f, at, BALLS)

    if problem.ask == "second_differential":
        W = directions_of(problem, point, 1)
        return lambda at: differential(f, at, W, h)
    if problem.cotangent is None:
        return f
    G = point[problem.cotangent]
    return lambda at: from_scalar(inner(G, f(at)))


def inputs_of(problem: Problem, point: Point) -> dict[str, Ball]:
    """The inputs of f and its sizes, without directions and cotangent."""
    at = {item.name: point[item.name] for item in problem.inputs}
    for item in problem.inputs:
        for letter, side in zip(item.shape, point[item.name].shape, strict=True):
            if isinstance(letter, str):
                at[letter] = from_scalar(arb(side))
    return at


def directions_of(problem: Problem, point: Point, order: int) -> dict[str, Ball]:
    """The first (0) or second (1) directions that a differential is given, by input."""
    return {name: point[argument] for name, argument in problem.directions_of_order(order).items()}


def vec(x: Ball) -> Ball:
    """All entries in one vector, column by column."""
    return BALLS.operations["vec"](x)


def _partial(
    f: Map, at: Point, name: str, place: tuple[int, int], h: arb, value: Ball, unit: arb | acb | int = 1
) -> Ball:
    """(f(A + h·unit·Eᵢⱼ) − f(A)) / h."""
    return (f({**at, name: at[name].with_entry(*place, unit * h)}) - value).scale(1 / h)


def _places(A: Ball) -> Iterator[tuple[int, int]]:
    rows, columns = A.mat.nrows(), A.mat.ncols()
    return ((i, j) for i in range(rows) for j in range(columns))
