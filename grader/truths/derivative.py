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
from typing import Any

from flint import acb, arb

from grader.cases.draw import Case, Formula
from grader.problems.expression import Algebra, evaluate
from grader.problems.problem import Problem, Space
from grader.truths.balls import BALLS, Ball, from_array, from_entries, from_scalar, inner, magnitude

Point = Mapping[str, Any]
"""Arguments by name: balls, and what a parameter that is a word or a function stands for."""
Map = Callable[[Point], Ball]
Places = tuple[tuple[int, int], ...]


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


def gradient(f: Map, at: Point, name: str, h: arb, space: Space = "general") -> Ball:
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


def jacobian(f: Map, at: Point, name: str, h: arb) -> Ball:
    """The matrix J with vec f′(A)[V] = J vec V, vec stacking columns in both spaces."""
    places = sorted(_places(at[name]), key=lambda place: place[::-1])
    value = f(at)
    columns = [vec(_partial(f, at, name, (place,), h, value)).entries() for place in places]
    entries = [entry for row in zip(*columns, strict=True) for entry in row]
    return from_entries(entries, (len(value.entries()), len(places)))


def exact(problem: Problem, point: Point, h: arb) -> tuple[Ball, ...]:
    """What the problem asks for at a point, one ball array for each part of the answer.

    Args:
        point: all arguments of the signature by name: inputs, directions, cotangent, parameters, functions.
    """
    f, at = reduced_map(problem, point, h), inputs_of(problem, point)
    if problem.ask == "value":
        return (f(at),)
    if problem.is_directional:
        return (differential(f, at, directions_of(problem, point, 0), h),)
    if problem.ask == "jacobian":
        return (jacobian(f, at, problem.wrt[0], h),)
    gradients = (gradient(f, at, name, h, problem.input(name).space) for name in problem.wrt)
    return tuple(unweighted(problem, point, G) for G in gradients)


def unweighted(problem: Problem, point: Point, G: Ball) -> Ball:
    """The gradient for ⟨P, Q⟩ = tr(PᵀWQ), given that for tr(PᵀQ): W⁻¹G."""
    return G if problem.weight is None else BALLS.operations["solve"](point[problem.weight], G)


def weighted(problem: Problem, point: Point, V: Ball) -> Ball:
    """WV, the matrix with ⟨G, V⟩ = tr(Gᵀ·WV)."""
    return V if problem.weight is None else BALLS.operations["@"](point[problem.weight], V)


def read_along(problem: Problem, point: Point, parts: Sequence[Ball], along: Point) -> Ball:
    """What an answer claims f′(A)[V] to be, for f or, for a pullback of G, for ⟨G, f⟩."""
    if problem.is_directional:
        return parts[0]
    if problem.ask == "jacobian":
        J, V = parts[0], vec(along[problem.wrt[0]])
        return Ball(J.mat * V.mat, J.shape[:1])
    pairs = zip(problem.wrt, parts, strict=True)
    return from_scalar(
        sum((inner(part, weighted(problem, point, along[name])) for name, part in pairs), arb(0))
    )


def reduced_map(problem: Problem, point: Point, h: arb) -> Map:
    """The map that is differentiated once more.

    f itself; its real part for a gradient; the real function ⟨G, f⟩ for a pullback of G; A ↦ f′(A)[W] for a second
    differential.
    """

    def f(at: Point) -> Ball:
        return evaluate(problem.f, at, BALLS)

    if problem.ask == "second_differential":
        W = directions_of(problem, point, 1)
        return lambda at: differential(f, at, W, h)
    if problem.ask == "gradient":
        return lambda at: from_scalar(f(at).scalar().real)
    if problem.cotangent is None:
        return f
    G = point[problem.cotangent]
    return lambda at: from_scalar(inner(G, f(at)))


def point_of(problem: Problem, case: Case) -> dict[str, Any]:
    """The arguments of a case, as exact balls where they are numbers."""
    return {
        name: value if isinstance(value, str | Formula) else from_array(value)
        for name, value in case.values.items()
    }


def inputs_of(problem: Problem, point: Point, algebra: Algebra[Ball] = BALLS) -> dict[str, Any]:
    """What f is evaluated at: inputs, sizes, parameters and functions, without directions and cotangent."""
    at = {item.name: point[item.name] for item in problem.inputs}
    at |= {item.name: point[item.name] for item in problem.parameters}
    for item in problem.inputs:
        for letter, side in zip(item.shape, point[item.name].shape, strict=True):
            if isinstance(letter, str):
                at[letter] = from_scalar(arb(side))
    return at | {item.name: _function(point[item.name], algebra) for item in problem.functions}


def _function(formula: Formula, algebra: Algebra[Ball]) -> Callable[[Ball], Ball]:
    bound = {name: x if isinstance(x, str) else from_array(x) for name, x in formula.bound.items()}
    return lambda x: evaluate(formula.expression, {**bound, formula.argument: x}, algebra)


def directions_of(problem: Problem, point: Point, order: int) -> dict[str, Ball]:
    """The first (0) or second (1) directions that a differential is given, by input."""
    return {name: point[argument] for name, argument in problem.directions_of_order(order).items()}


def vec(x: Ball) -> Ball:
    """All entries in one vector, column by column."""
    return BALLS.operations["vec"](x)


def _partial(
    f: Map, at: Point, name: str, places: Places, h: arb, value: Ball, unit: arb | acb | int = 1
) -> Ball:
    """(f(A + h·unit·Σ Eᵢⱼ) − f(A)) / h, the sum over the given places."""
    return (f({**at, name: at[name].with_entries(places, unit * h)}) - value).scale(1 / h)


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
