"""The tolerance: how far the exact answer itself moves when the inputs are rounded in their last bit.

    tol = K · n · max over draws of ‖F(A + |A|·δ) − F(A)‖,   δᵢⱼ uniform in ±u, u = 2⁻⁵³, |A| = max |Aᵢⱼ|,
    and never below K · u · s,   s = the largest of ‖F‖·(1 + |ln|d||), the median of ‖F‖ over random inputs of the
                                 same norm, and ‖f(A)‖·‖V‖/‖A‖, the size of the terms that may cancel in F

F is the exact derivative. A backward stable algorithm returns the exact answer to inputs that are
perturbed by a few u, so it stays within this; s matters where F vanishes, as ∇det does at rank ≤ n − 2. There n
terms cancel, and the largest of the ‖F‖ nearby stands for each: cofactors are rounded one by one.
The perturbation is relative to the largest entry, not entry by entry: stable algorithms that rotate (QR,
SVD) spread rounding errors over a whole matrix, and on graded ones an entrywise bound rejected them.
δ is drawn from a continuous distribution: with δ = ±u many 2×2 perturbations are benign by structure.

d is any determinant in f: numpy's goes through its logarithm, whose rounding error grows with its size. Where f has
several steps, their results are rounded as well, see `rounded_map`; and ‖F‖ is also that of f where nothing saturates.

A gradient or Jacobian F is not formed for every draw: for Z with standard normal entries E⟨F, Z⟩² = ‖F‖²,
so one differential along a fresh Z stands for the whole of it.

Source: N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §1.5 (backward error) and
§15.2 (norm estimates by random vectors).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb

from grader.cases.asked_map import AskedMap, Point
from grader.cases.draw_in_space import draw_in_space
from grader.cases.families import GENERIC
from grader.cases.lines import move
from grader.cases.projections import nearest
from grader.core.norms import UNIT, Array, norm
from grader.problems.language import Algebra, Several
from grader.problems.problem import Problem
from grader.problems.spaces import SPACES, Space
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, NotExactError, from_array, largest_entry, longest_side, magnitude
from grader.truths.derivative import exact, reduced_map
from grader.truths.doubles import split
from grader.truths.rounded_map import STRUCTURAL, count_steps, in_steps, relaxed, with_rounded_steps

K = 64.0
"""The one constant, in units of the inputs' own rounding."""
_PERTURBATIONS = 8
_NEIGHBOURS = 5


def find_tolerances(
    asked: AskedMap[Ball], parts: Sequence[Ball], h: arb, rng: np.random.Generator
) -> tuple[float, ...]:
    """The error allowed in each part of an answer, in the problem's norm; NaN or inf where it cannot be had.

    Args:
        parts: the exact answer; h: the step of the differences.
    """
    problem = asked.problem
    n = longest_side(asked.point[name] for name in problem.continuous)
    nearby = list(_nearby_shadows(asked, h, rng))
    base = reduced_map(asked, h)(asked.point) if _has_shadows(problem) else None
    moved = [_move(asked, parts, base, h, rng) for _ in range(_PERTURBATIONS)]
    value, logarithm = _value_and_logarithm(asked)
    terms, factor = _terms(asked, value, rng), _shadow_factor(asked, value)
    unsaturated = _unsaturated(asked, h, rng)

    tolerances = []
    for k, part in enumerate(parts):
        sensitivity = factor * max(change[k] for change in moved)
        size = norm(split(part)[0], problem.norm) * (1 + logarithm)
        typical = factor * _typical([_size(problem, shadow[k]) for shadow in nearby], size, n)
        floor = max(size, typical, terms[k], factor * unsaturated[k])
        tolerances.append(K * max(n * sensitivity, UNIT * floor))
    return tuple(tolerances)


def _nearby_shadows(asked: AskedMap[Ball], h: arb, rng: np.random.Generator) -> Iterator[tuple[Ball, ...]]:
    """What F is at random arguments of the same size, where f is defined."""
    for _ in range(_NEIGHBOURS):
        try:
            yield _shadows(asked.at(_neighbour(asked, rng)), _directions(asked, rng), h)
        except NotExactError:
            continue


def _typical(nearby: Sequence[float], size: float, n: int) -> float:
    """The size of F nearby; where F vanishes, n terms cancel, each as large as F is anywhere near."""
    usual = statistics.median(nearby or [0.0])
    vanishes = size < UNIT * usual
    return n * max(nearby) if vanishes else usual


def _value_and_logarithm(asked: AskedMap[Ball]) -> tuple[Ball, float]:
    """f(A), and the largest |ln|d|| of the determinants in it that are not 0."""
    logarithms = [0.0]

    def noting(name: str) -> Callable[[Ball], Ball]:
        def operation(A: Ball) -> Ball:
            d = abs(BALLS.operations["det"](A).scalar())
            if d > 0:
                logarithms.append(abs(float(d.log())))
            return BALLS.operations[name](A)

        return operation

    noted = {name: noting(name) for name in ("det", "adj", "logdet")}
    value = asked.over(replace(BALLS, operations={**BALLS.operations, **noted})).f(asked.point)
    return value, max(logarithms)


def _terms(asked: AskedMap[Ball], value: Ball, rng: np.random.Generator) -> list[float]:
    """The size of the terms that may cancel in each part of F; where an input is 0, also beside it.

    At 0 nothing is added up, but formulas work with what is of the size of directions.
    """
    terms = _cancelling(asked, value)
    if all(magnitude(asked.point[name]) != 0 for name in asked.problem.wrt):
        return terms
    beside = asked.at(_neighbour(asked, rng))
    return list(map(max, terms, _cancelling(beside, beside.value)))


def _cancelling(asked: AskedMap[Ball], value: Ball) -> list[float]:
    """‖f(A)‖·‖V‖/‖A‖ for each part: what a formula for F adds up, even where the sum is 0 for every A.

    It is the derivative of a map of that size that is homogeneous of degree 1. V is a direction, a cotangent
    or, for a gradient or Jacobian, of norm 1.
    """
    problem, point = asked.problem, asked.point
    size = magnitude(value)
    if not math.isfinite(size) or not problem.definition.is_derivative:
        return [0.0] * problem.parts

    if problem.cotangent is not None:
        size *= magnitude(point[problem.cotangent])
    # An input that is 0 adds nothing: what is divided by an infinite length is 0.
    lengths = {name: magnitude(point[name]) or math.inf for name in problem.wrt}
    for order in range(problem.definition.directions):
        along = asked.directions(order)
        size *= sum(magnitude(V) / lengths[name] for name, V in along.items())

    if problem.form == "along":
        return [size] * problem.parts
    if problem.form == "stacked":
        return [size / min(lengths.values()) ** 2]
    return [size / lengths[name] for name in problem.wrt]


def _move(
    asked: AskedMap[Ball], parts: Sequence[Ball], base: Ball | None, h: arb, rng: np.random.Generator
) -> list[float]:
    """Measure how far each part of F moves when the arguments and the steps of f are rounded once.

    Args:
        parts: the exact answer; base: φ(A), if shadows are compared.
    """
    nearby = asked.at(_perturb(asked, rng))
    if asked.problem.order == 0:
        before, after = parts, exact(nearby.over(_rounding(rng)), h)
    else:
        if count_steps(asked.problem.f) > 1:
            nearby = with_rounded_steps(nearby, rng)
        Z = _directions(asked, rng)
        before = _shadows(asked, Z, h, base) if Z else parts
        after = _shadows(nearby, Z, h)
    return [_size(asked.problem, a - b) for a, b in zip(after, before, strict=True)]


def _unsaturated(asked: AskedMap[Ball], h: arb, rng: np.random.Generator) -> list[float]:
    """The size of each part of F where no function in f saturates; 0 if none of them can."""
    problem = asked.problem
    without = relaxed(asked) if problem.order > 0 else None
    if without is None:
        return [0.0] * problem.parts
    shadows = _shadows(without, _directions(asked, rng), h)
    return [_size(problem, shadow) for shadow in shadows]


def _rounding(rng: np.random.Generator) -> Algebra[Ball]:
    """Ball arithmetic in which the result of every operation is rounded once."""

    def rounded(operation: Callable[..., Any]) -> Callable[..., Any]:
        def apply(*arguments: Any, **options: Any) -> Any:
            result = operation(*arguments, **options)
            # As in n - 1, which a step may not move.
            if all(map(_is_whole, (*arguments, result))):
                return result
            return _shake_each(result, rng)

        return apply

    def make(name: str) -> Callable[..., Any]:
        operation = BALLS.operations[name]
        return operation if name in STRUCTURAL else rounded(operation)

    return replace(BALLS, operations=in_steps(make))


def _shadows(asked: AskedMap[Ball], Z: Sequence[Point], h: arb, base: Ball | None = None) -> tuple[Ball, ...]:
    """One array for each part of F: the part itself, or what a random direction shows of it.

    Args:
        base: φ(A), if it is known.
    """
    if not Z:
        return exact(asked, h)
    phi = reduced_map(asked, h)
    value = phi(asked.point) if base is None else base
    # The gradient F that is asked for shows ⟨F, Z⟩ along RZ.
    directions = ({name: asked.represented(name, V) for name, V in along.items()} for along in Z)
    return tuple((phi(move(asked.point, along, h)) - value) / h for along in directions)


def _directions(asked: AskedMap[Ball], rng: np.random.Generator) -> list[Point]:
    """A random direction for each part that is a gradient or Jacobian, none where F is cheap as it is."""
    problem = asked.problem
    if not _has_shadows(problem):
        return []
    drawn = {name: _normal_like(asked.point[name], rng, problem.input(name).ambient) for name in problem.wrt}
    return [drawn] if problem.form == "stacked" else [{name: Z} for name, Z in drawn.items()]


def _has_shadows(problem: Problem) -> bool:
    return problem.form in ("gradient", "matrix", "stacked")


def _size(problem: Problem, x: Ball) -> float:
    """The norm of an answer, or of a shadow of it, which estimates the Frobenius norm."""
    if problem.norm == "fro" or _has_shadows(problem):
        return magnitude(x)
    return norm(split(x)[0], problem.norm)


def _shadow_factor(asked: AskedMap[Ball], value: Ball) -> float:
    """The factor from the estimate of shadows to the problem's norm: at most √n, for the Jacobian of an n×n map."""
    problem = asked.problem
    if problem.form not in ("matrix", "stacked") or problem.norm in ("fro", "2"):
        return 1.0
    if problem.form == "stacked":
        return math.sqrt(sum(len(asked.point[name].entries()) for name in problem.wrt))
    return math.sqrt(max(value.shape, default=1))


def _perturb(asked: AskedMap[Ball], rng: np.random.Generator) -> dict[str, Any]:
    """Every argument A becomes A + max|Aᵢⱼ|·δ, computed exactly: in double precision δ would be lost."""
    moved = {name: shake(asked.point[name], rng) for name in asked.problem.continuous}
    return {**asked.point, **moved}


def _is_whole(x: Any) -> bool:
    """Is it one whole number, exactly?"""
    if not isinstance(x, Ball) or x.shape or x.is_complex:
        return False
    return x.scalar().unique_fmpz() is not None


def _shake_each(result: Any, rng: np.random.Generator) -> Any:
    if isinstance(result, Several):
        return Several([shake(part, rng) for part in result])
    return shake(result, rng)


def shake(x: Ball, rng: np.random.Generator) -> Ball:
    """Round an array in its last bit, relative to its largest entry and exactly."""
    deltas = rng.uniform(-UNIT, UNIT, (2, *x.shape))
    return x + from_array(_of_kind(x, *deltas)) * largest_entry(x)


def _of_kind(x: Ball, real: Array, imaginary: Array) -> Array:
    """Real numbers beside real ones, complex numbers beside complex ones."""
    return real + 1j * imaginary if x.is_complex else real


def _neighbour(asked: AskedMap[Ball], rng: np.random.Generator) -> dict[str, Any]:
    """Random arguments of the norms of the given ones (1 for zero), in their spaces; a positive definite one stays."""
    spaces = {argument.name: argument.space for argument in asked.problem.inputs}
    near = dict(asked.point)
    for name in asked.problem.continuous:
        near[name] = _draw_like(near[name], spaces.get(name, "general"), rng)
    return near


def _draw_like(x: Ball, space: Space, rng: np.random.Generator) -> Ball:
    if not x.entries() or space == "positive_definite":
        return x
    if not SPACES[space].is_cone:
        return from_array(draw_in_space(space, GENERIC, rng, x.shape))

    y = _normal_like(x, rng, space)
    if space in ("positive", "probability"):
        y = BALLS.operations["abs"](y)
    size, wanted = magnitude(y), magnitude(x) or 1.0
    return y * (wanted / size) if size > 0 else x


def _normal_like(x: Ball, rng: np.random.Generator, space: Space = "general") -> Ball:
    """Independent normal coordinates in an orthonormal basis of the space."""
    normal = _of_kind(x, *rng.standard_normal((2, *x.shape)))
    return from_array(nearest(normal, space))
