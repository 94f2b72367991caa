"""The probe of a derivative: what its checks compare an answer with, along one direction V.

φ is f, or ⟨G, f⟩ for a pullback of G, or vec f for a Jacobian; see `grader.cases.asked_map`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from grader.cases.asked_map import AskedMap, norm_along
from grader.cases.case import Case
from grader.cases.difference_quotients import central_difference, in_doubles
from grader.cases.draw import output_shape
from grader.cases.draw_in_space import draw_tangent
from grader.cases.families import Generator, dense
from grader.cases.lines import Line, central, on_line, remembered
from grader.core.norms import Array, norm
from grader.problems.problem import Input, Problem
from grader.truths.balls import Ball, from_array, magnitude, radius
from grader.truths.derivative import curvature, is_still, reduced_map, remainder_rate
from grader.truths.doubles import split

VISIBLE = 2.0**12
"""The remainder is looked at where a right answer's is so many tolerances large."""
RATIO = 8.0
"""The two steps at which the remainder's slope is measured differ by this factor."""
QUADRATIC = 0.1
"""There it may differ from its leading term by this part."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One direction V, and what an answer must be along it.

    Args:
        direction: V by input; reading: what an answer is multiplied with to read φ′(A)[V] off it, V itself or
            WV if ⟨P, Q⟩ = tr(PᵀWQ). cotangent: G, of the shape of f.
        tolerance: the error allowed in φ′(A)[V] as read off an answer.
        steps: h and h/8; remainders: (φ(A + hV) − φ(A))/h − φ′(A)[V] there, without φ′. Empty where the
            remainder vanishes, or cannot be told from the tolerance at any small h.
        central_difference: that of φ in double precision, None where it fails; central_error: its distance from
            φ′(A)[V]; central_step: its h.
    """

    direction: Mapping[str, Array]
    reading: Mapping[str, Array]
    cotangent: Array
    tolerance: float
    steps: tuple[float, ...]
    remainders: tuple[Array, ...]
    central_difference: Array | None
    central_error: float
    central_step: float


def make_probe(
    asked: AskedMap[Ball], case: Case, parts: Sequence[Ball], tolerances: Sequence[float], h: arb, rng: Generator
) -> tuple[Probe, float]:  # fmt: skip
    """Differentiate once more, along one direction; a random one shows an error of any entry of a gradient or Jacobian.

    Args:
        parts: the exact answer, found with another step and precision; tolerances: the error allowed in each.
        h: the step.

    Returns:
        The probe, and the gap between the two results, which bounds the error of the first.
    """
    problem = asked.problem
    drawn, G = _draw_direction(problem, case, rng), _draw_cotangent(problem, case, rng)
    doubles = in_doubles(problem, case)
    # What an answer by a convention R says of V is the derivative along RV.
    V = {name: np.asarray(doubles.by_convention(v)) for name, v in drawn.items()}
    along = {name: from_array(v) for name, v in V.items()}
    read = {name: from_array(v) for name, v in drawn.items()}
    if problem.form != "along" and problem.convention == "real":
        along = read = {name: asked.tangential(name, v) for name, v in along.items()}

    line = remembered(on_line(reduced_map(asked, h), asked.point, along))
    derivative = line(0) * 0 if is_still(along) else central(line, h)
    claimed = asked.read_along(parts, read)
    gap = magnitude(claimed - derivative)
    if not is_still(along):
        # A symmetric difference exists at many points that have no derivative; the one-sided one tells them apart.
        one_sided = remainder_rate(line, h, derivative)
        gap += magnitude(one_sided) + radius(one_sided)

    reading = {name: np.asarray(doubles.weighted(v)) for name, v in drawn.items()}
    tolerance = _tolerance_along(problem, tolerances, reading)
    steps, remainders = _remainders(problem, line, derivative, tolerance, h)
    quotient, error, step = _central_difference(doubles, V, derivative)
    return Probe(V, reading, G, tolerance, steps, remainders, quotient, error, step), gap


def _draw_direction(problem: Problem, case: Case, rng: Generator) -> dict[str, Array]:
    """The case's own direction where answers are derivatives along it, else a random one."""
    if problem.form == "along":
        words = problem.directions_of_order(0)
        return {name: np.asarray(case.values[word]) for name, word in words.items()}
    points = {name: np.asarray(case.values[name]) for name in problem.wrt}
    return {name: _random_tangent(problem.input(name), A, rng) for name, A in points.items()}


def _random_tangent(argument: Input, A: Array, rng: Generator) -> Array:
    x = _random_like(A, rng)
    return x if argument.is_free else draw_tangent(argument.space, A, x)


def _draw_cotangent(problem: Problem, case: Case, rng: Generator) -> Array:
    """The case's own cotangent, or a random one."""
    if problem.cotangent is not None:
        return np.asarray(case.values[problem.cotangent])
    dtype = complex if case.family == "complex" else float
    return _random_like(np.zeros(output_shape(problem, case.sizes, case.values), dtype), rng)


def _random_like(x: Array, rng: Generator) -> Array:
    y = dense(rng, x.shape)
    return y + 1j * dense(rng, x.shape) if x.dtype.kind == "c" else y


def _tolerance_along(problem: Problem, tolerances: Sequence[float], reading: Mapping[str, Array]) -> float:
    """The error in φ′(A)[V] that errors in the parts of an answer amount to."""
    if problem.form == "along":
        return sum(tolerances)
    sizes = [norm(reading[name]) for name in problem.wrt]
    if problem.form == "stacked":
        return tolerances[0] * sum(sizes)
    return sum(t * size for t, size in zip(tolerances, sizes, strict=True))


def _remainders(
    problem: Problem, line: Line[Ball], derivative: Ball, tolerance: float, tiny: arb
) -> tuple[tuple[float, ...], tuple[Array, ...]]:
    """Find steps at which the Taylor remainder of a right answer is well above the tolerance and still quadratic."""
    q = split(curvature(line, tiny))[0]
    kind = norm_along(problem, q.ndim)
    size = norm(q, kind)
    if not math.isfinite(size) or VISIBLE * tolerance >= size:
        return (), ()

    h = 2.0 ** math.ceil(math.log2(VISIBLE * tolerance / size)) if tolerance > 0 else 2.0**-40
    steps = (h, h / RATIO)
    remainders = tuple(split(remainder_rate(line, arb(k), derivative))[0] for k in steps)
    if norm(remainders[0] - h * q, kind) > QUADRATIC * h * size:
        return (), ()
    return steps, remainders


def _central_difference(
    doubles: AskedMap[Any], V: Mapping[str, Array], derivative: Ball
) -> tuple[Array | None, float, float]:
    """The central difference in double precision, its error and its step."""
    quotient, step = central_difference(doubles, V)
    if quotient is None:
        return None, math.nan, step
    exactly = split(derivative)[0]
    error = norm(quotient - exactly, norm_along(doubles.problem, exactly.ndim))
    if not math.isfinite(error):
        return None, math.nan, step
    return quotient, error, step
