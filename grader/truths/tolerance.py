"""The tolerance: how far the exact answer itself moves when the inputs are rounded in their last bit.

    tol = K · n · max over draws of ‖F(A + |A|·δ) − F(A)‖,   δᵢⱼ uniform in ±u, u = 2⁻⁵³, |A| = max |Aᵢⱼ|,
    and never below K · u · s,   s = the largest of ‖F‖·(1 + |ln|d||), the median of ‖F‖ over random inputs of the
                                 same norm, and ‖f(A)‖·‖V‖/‖A‖, the size of the terms that may cancel in F

F is the exact derivative. A backward stable algorithm returns the exact answer to inputs that are
perturbed by a few u, so it stays within this; s matters where F vanishes, as ∇det does at rank ≤ n − 2.
The perturbation is relative to the largest entry, not entry by entry: stable algorithms that rotate (QR,
SVD) spread rounding errors over a whole matrix, and on graded ones an entrywise bound rejected them.
δ is drawn from a continuous distribution: with δ = ±u many 2×2 perturbations are benign by structure.

d is any determinant in f: numpy's goes through its logarithm, whose rounding error grows with its size. For
a value, no derivative, every intermediate result is rounded once as well: formulas for it are f itself.

A gradient or Jacobian F is not formed for every draw: for Z with standard normal entries E⟨F, Z⟩² = ‖F‖²,
so one differential along a fresh Z stands for the whole of it.

Source: N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §1.5 (backward error) and
§15.2 (norm estimates by random vectors).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb

from grader.cases.families import project
from grader.core.norms import norm
from grader.problems.expression import Algebra, evaluate
from grader.problems.problem import Problem, Space
from grader.truths.balls import BALLS, Ball, from_array, magnitude, split
from grader.truths.derivative import Point, exact, forward, inputs_of, reduced_map, unweighted

UNIT = 2.0**-53
"""u, the unit round-off of double precision."""
K = 64.0
"""The one constant, in units of the inputs' own rounding."""
PERTURBATIONS = 8
NEIGHBOURS = 5


def find_tolerances(
    problem: Problem, point: Point, parts: Sequence[Ball], h: arb, rng: np.random.Generator
) -> tuple[float, ...]:
    """The error allowed in each part of an answer, in the problem's norm; NaN or inf where it cannot be had."""
    n = max((side for name in problem.continuous for side in point[name].shape), default=1)
    nearby = [
        _shadows(problem, _neighbour(problem, point, rng), _directions(problem, point, rng), h)
        for _ in range(NEIGHBOURS)
    ]
    moved = [_move(problem, point, parts, h, rng) for _ in range(PERTURBATIONS)]
    value, logarithm = _value_and_logarithm(problem, point)
    terms = _cancelling(problem, point, value)
    tolerances = []
    for k, part in enumerate(parts):
        sensitivity = max(change[k] for change in moved)
        typical = statistics.median(_size(problem, shadow[k]) for shadow in nearby)
        size = norm(split(part)[0], problem.norm) * (1 + logarithm)
        tolerances.append(K * max(n * sensitivity, UNIT * size, UNIT * typical, UNIT * terms[k]))
    return tuple(tolerances)


def _value_and_logarithm(problem: Problem, point: Point) -> tuple[Ball, float]:
    """f(A), and the largest |ln|d|| of the determinants in it that are not 0."""
    logarithms = [0.0]

    def noting(name: str) -> Callable[[Ball], Ball]:
        def operation(A: Ball) -> Ball:
            d = abs(BALLS.operations["det"](A).scalar())
            if d > 0:
                logarithms.append(abs(float(d.log())))
            return BALLS.operations[name](A)

        return operation

    algebra = Algebra(
        BALLS.number, {**BALLS.operations, **{name: noting(name) for name in ("det", "adj", "logdet")}}
    )
    value = evaluate(problem.f, inputs_of(problem, point, algebra), algebra)
    return value, max(logarithms)


def _cancelling(problem: Problem, point: Point, value: Ball) -> list[float]:
    """‖f(A)‖·‖V‖/‖A‖ for each part: what a formula for F adds up, even where the sum is 0 for every A.

    It is the derivative of a map of that size that is homogeneous of degree 1. V is a direction, a cotangent
    or, for a gradient or Jacobian, of norm 1.
    """
    size = magnitude(value)
    if not math.isfinite(size) or problem.ask == "value":
        return [0.0] * problem.parts
    if problem.cotangent is not None:
        size *= magnitude(point[problem.cotangent])
    lengths = {name: magnitude(point[name]) for name in problem.wrt}
    if not problem.is_directional:
        return [size / lengths[name] if lengths[name] > 0 else 0.0 for name in problem.wrt]
    for order in range(problem.order):
        words = problem.directions_of_order(order)
        size *= sum(
            magnitude(point[word]) / lengths[name] for name, word in words.items() if lengths[name] > 0
        )
    return [size]


def _move(
    problem: Problem, point: Point, parts: Sequence[Ball], h: arb, rng: np.random.Generator
) -> list[float]:
    """How far each part of F moves when the arguments are rounded once."""
    nearby = _perturb(problem, point, rng)
    if problem.ask == "value":
        algebra = _rounding(rng)
        after: Sequence[Ball] = (evaluate(problem.f, inputs_of(problem, nearby, algebra), algebra),)
        return [_size(problem, a - b) for a, b in zip(after, parts, strict=True)]
    Z = _directions(problem, point, rng)
    before = _shadows(problem, point, Z, h) if Z else parts
    after = _shadows(problem, nearby, Z, h)
    return [_size(problem, a - b) for a, b in zip(after, before, strict=True)]


def _rounding(rng: np.random.Generator) -> Algebra[Ball]:
    """Ball arithmetic in which the result of every operation is rounded once."""

    def rounded(operation: Callable[..., Ball]) -> Callable[..., Ball]:
        return lambda *arguments: _shake(operation(*arguments), rng)

    operations = {name: rounded(operation) for name, operation in BALLS.operations.items() if name != "eye"}
    return Algebra(BALLS.number, {**BALLS.operations, **operations})


def _shadows(problem: Problem, point: Point, Z: Sequence[Point], h: arb) -> tuple[Ball, ...]:
    """One array for each part of F: the part itself, or what a random direction shows of it."""
    if not Z:
        return exact(problem, point, h)
    f, at = reduced_map(problem, point, h), inputs_of(problem, point)
    value = f(at)
    # Along W⁻¹Z the gradient F for tr(PᵀWQ) shows tr(FᵀZ).
    directions = ({name: unweighted(problem, point, V) for name, V in along.items()} for along in Z)
    return tuple(forward(f, at, along, h, value) for along in directions)


def _directions(problem: Problem, point: Point, rng: np.random.Generator) -> list[Point]:
    """A random direction for each part that is a gradient or Jacobian, none where F is cheap as it is."""
    if problem.ask == "value" or problem.is_directional:
        return []
    return [{name: _normal_like(point[name], rng, problem.input(name).space)} for name in problem.wrt]


def _size(problem: Problem, x: Ball) -> float:
    if problem.ask == "value" or problem.is_directional:
        return magnitude(x) if problem.norm == "fro" else norm(split(x)[0], problem.norm)
    # A shadow estimates the Frobenius norm, which bounds the 2-norm; the others are at most √n times larger.
    return magnitude(x) * (1.0 if problem.norm in ("fro", "2") else math.sqrt(max(x.shape, default=1)))


def _perturb(problem: Problem, point: Point, rng: np.random.Generator) -> dict[str, Any]:
    """Every argument A becomes A + max|Aᵢⱼ|·δ, computed exactly: in double precision δ would be lost."""
    return {**point, **{name: _shake(point[name], rng) for name in problem.continuous}}


def _shake(x: Ball, rng: np.random.Generator) -> Ball:
    entries = x.entries()
    largest = max((float(abs(entry)) for entry in entries), default=0.0)
    deltas = rng.uniform(-UNIT, UNIT, (2, *x.shape))
    step = deltas[0] + 1j * deltas[1] if x.is_complex else deltas[0]
    return x + from_array(step).scale(largest)


def _neighbour(problem: Problem, point: Point, rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments, each of the same Frobenius norm as the given one; a positive definite one stays."""
    near = dict(point)
    spaces = {item.name: item.space for item in problem.inputs}
    for name in problem.continuous:
        x, space = point[name], spaces.get(name, "general")
        if x.entries() and space != "positive_definite":
            y = _normal_like(x, rng, space)
            near[name] = y.scale(magnitude(x) / magnitude(y))
    return near


def _normal_like(x: Ball, rng: np.random.Generator, space: Space = "general") -> Ball:
    """Independent normal coordinates in an orthonormal basis of the space."""
    y = rng.standard_normal((2, *x.shape))
    normal = y[0] + 1j * y[1] if x.is_complex else y[0]
    halved = space in ("symmetric", "positive_definite")
    return from_array(project(normal, space) / 2 if halved else project(normal, space))
