"""Truths: for each case the exact answer, the tolerance derived from it, and what the checks compare with.

A truth depends on the inputs alone, never on a submission, so a class shares it. It consists of plain
arrays: whoever judges needs no ball arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from grader.cases.draw import Case, draw_cases, generator, output_shape
from grader.cases.families import Generator, dense, project
from grader.core.norms import inner, norm
from grader.problems.algebras import NUMPY
from grader.problems.expression import ExpressionError, evaluate
from grader.problems.problem import Problem
from grader.truths.balls import Ball, NotExactError, from_array, magnitude, radius, split
from grader.truths.derivative import (
    STEPS,
    Map,
    Point,
    Step,
    curvature,
    differential,
    exact,
    inputs_of,
    point_of,
    read_along,
    reduced_map,
    remainder_rate,
    vec,
)  # fmt: skip
from grader.truths.tolerance import UNIT, find_tolerances

Array = NDArray[Any]

FAR_BELOW = 1e-6
"""The oracle's own error must be below this part of the tolerance."""
DIGITS = 1e-6
"""Two evaluations must agree to this part of the result, unless it is 0."""
NOTHING = 1e-40
"""Entries below this part of the tolerance are what a difference leaves of 0."""
ATTEMPTS = 3
"""How often an undecidable case is drawn before it is given up."""
VISIBLE = 2.0**12
"""The remainder is looked at where a right answer's is so many tolerances large."""
RATIO = 8.0
"""The two steps at which the remainder's slope is measured differ by this factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """An exact array as an unevaluated sum hi + lo of doubles, good to about 106 bits."""

    hi: Array
    lo: Array

    def minus(self, answer: Array) -> Array:
        """Truth − answer, accurate even where they agree to the last bit."""
        return np.asarray((self.hi - answer) + self.lo)


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What checks of a derivative compare with, along one direction V.

    φ is f, or ⟨G, f⟩ for a pullback of G, or vec f for a Jacobian.

    Args:
        direction: V by input; reading: what an answer is multiplied with to read φ′(A)[V] off it, V itself or
            WV if ⟨P, Q⟩ = tr(PᵀWQ). cotangent: G, of the shape of f.
        tolerance: the error allowed in φ′(A)[V] as read off an answer.
        steps: h and h/8; remainders: (φ(A + hV) − φ(A))/h − φ′(A)[V] there, without φ′. Empty where the
            remainder vanishes, or cannot be told from the tolerance at any small h.
        classical: the central difference of φ in double precision, None where it fails;
            classical_error: its distance from φ′(A)[V]; classical_step: its h.
    """

    direction: Mapping[str, Array]
    reading: Mapping[str, Array]
    cotangent: Array
    tolerance: float
    steps: tuple[float, ...]
    remainders: tuple[Array, ...]
    classical: Array | None
    classical_error: float
    classical_step: float


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The exact answer to a case.

    Args:
        parts: the exact arrays; tolerances: the error allowed in each, in the problem's norm.
        error: an estimate of the oracle's own error, in units of the tolerance.
        probe: None where a value is asked for, not a derivative.
    """

    parts: tuple[Exact, ...]
    tolerances: tuple[float, ...]
    error: float
    probe: Probe | None


@dataclass(frozen=True, slots=True, eq=False)
class SolvedCase:
    """A case with its truth; None if the oracle could not decide it."""

    case: Case
    truth: Truth | None


def solve_cases(problem: Problem, seed: int, count: int) -> tuple[SolvedCase, ...]:
    """Draw the cases of a problem and find their truths; undecidable cases are drawn again."""
    posed = [SolvedCase(case, find_truth(problem, case, seed)) for case in draw_cases(problem, seed, count)]
    for attempt in range(1, ATTEMPTS):
        if all(item.truth is not None for item in posed):
            break
        for case in draw_cases(problem, seed, count, attempt):
            if posed[case.index].truth is None:
                posed[case.index] = SolvedCase(replace(case, of=None), find_truth(problem, case, seed))
    return tuple(posed)


def find_truth(problem: Problem, case: Case, seed: int) -> Truth | None:
    """The truth of one case, or None if no step and precision at hand settle it."""
    point = point_of(problem, case)
    for step, finer in pairwise(STEPS):
        rng = generator(f"{seed}/{problem.id}/{case.index}/truth")
        try:
            with ctx.workprec(step.bits(problem)):
                h = step.h(problem, point)
                parts = exact(problem, point, h)
                tolerances = find_tolerances(problem, point, parts, h, rng)
            if not all(math.isfinite(tolerance) for tolerance in tolerances):
                continue
            with ctx.workprec(finer.bits(problem)):
                probe, gap = _compare(problem, case, point, parts, tolerances, finer, rng)
        except (NotExactError, ExpressionError):
            continue
        radii = max((radius(part) * math.sqrt(len(part.entries())) for part in parts), default=0.0)
        smallest = min((tolerance for tolerance in tolerances if tolerance > 0), default=0.0)
        error = (gap + radii) / smallest if smallest else 0.0 if gap + radii == 0 else math.inf
        # Two steps that are both too long may agree on nothing much, where the tolerance is wide.
        settled = gap <= DIGITS * max(map(magnitude, parts), default=0.0) or gap <= NOTHING * smallest
        if error <= FAR_BELOW and settled:
            rows = zip(parts, tolerances, strict=True)
            return Truth(tuple(_round(part, tolerance) for part, tolerance in rows), tolerances, error, probe)
    return None


def _round(part: Ball, tolerance: float) -> Exact:
    """The midpoints as doubles; what is left of truncation where the exact value is 0 becomes 0."""
    hi, lo = split(part)
    nothing = np.abs(hi) <= NOTHING * tolerance
    return Exact(np.where(nothing, 0, hi), np.where(nothing, 0, lo))


def _compare(
    problem: Problem, case: Case, point: Point, parts: Sequence[Ball], tolerances: Sequence[float], step: Step,
    rng: Generator,
) -> tuple[Probe | None, float]:  # fmt: skip
    """Evaluate once more, with another step and precision; the gap bounds the oracle's error.

    A gradient or Jacobian is compared along one random direction, in which an error of any entry shows.
    """
    h = step.h(problem, point)
    if problem.ask == "value":
        again = exact(problem, point, h)
        return None, max(magnitude(a - b) for a, b in zip(parts, again, strict=True))
    V, G = _draw_probe(problem, case, rng)
    at, along = inputs_of(problem, point), {name: from_array(v) for name, v in V.items()}
    f = reduced_map(problem, point, h)
    phi: Map = (lambda x: vec(f(x))) if problem.ask == "jacobian" else f
    derivative = differential(phi, at, along, h)
    # A symmetric difference exists at many points that have no derivative; the one-sided one tells them apart.
    one_sided = remainder_rate(phi, at, along, h, derivative)
    claimed = read_along(problem, point, parts, along)
    gap = magnitude(claimed - derivative) + magnitude(one_sided) + radius(one_sided)
    classical, k = _central_difference(problem, case, V)
    W: Any = case.values[problem.weight] if problem.weight else None
    reading = V if W is None else {name: np.asarray(W @ v) for name, v in V.items()}
    if problem.is_directional:
        tolerance = tolerances[0]
    else:
        tolerance = sum(t * norm(reading[name]) for t, name in zip(tolerances, problem.wrt, strict=True))
    steps, remainders = _remainders(problem, phi, at, along, derivative, tolerance, h)
    exactly = split(derivative)[0]
    error = norm(classical - exactly, norm_along(problem, exactly)) if classical is not None else math.nan
    if not math.isfinite(error):
        classical, error = None, math.nan
    return Probe(V, reading, G, tolerance, steps, remainders, classical, error, k), gap


def _draw_probe(problem: Problem, case: Case, rng: Generator) -> tuple[dict[str, Array], Array]:
    """The case's own direction and cotangent where it has them, else random ones."""
    V: dict[str, Array] = {
        name: np.asarray(case.values[word])
        for name, word in (problem.directions_of_order(0) if problem.is_directional else {}).items()
    }
    if not V:
        V = {
            name: project(_random_like(np.asarray(case.values[name]), rng), problem.input(name).space)
            for name in problem.wrt
        }
    if problem.cotangent is not None:
        return V, np.asarray(case.values[problem.cotangent])
    like = np.zeros(
        output_shape(problem, case.sizes, case.values), complex if case.family == "complex" else float
    )
    return V, _random_like(like, rng)


def _random_like(x: Array, rng: Generator) -> Array:
    y: Array = np.asarray(dense(rng, x.shape))
    return y + 1j * dense(rng, x.shape) if x.dtype.kind == "c" else y


def _remainders(
    problem: Problem, phi: Map, at: Point, along: Point, derivative: Ball, tolerance: float, tiny: arb
) -> tuple[tuple[float, ...], tuple[Array, ...]]:
    """Where the Taylor remainder of a right answer is well above the tolerance and still quadratic."""
    q = split(curvature(phi, at, along, tiny))[0]
    kind = norm_along(problem, q)
    size = norm(q, kind)
    if not math.isfinite(size) or VISIBLE * tolerance >= size:
        return (), ()
    h = 2.0 ** math.ceil(math.log2(VISIBLE * tolerance / size)) if tolerance > 0 else 2.0**-40
    steps = (h, h / RATIO)
    remainders = tuple(split(remainder_rate(phi, at, along, arb(k), derivative))[0] for k in steps)
    if norm(remainders[0] - h * q, kind) > 0.1 * h * size:
        return (), ()
    return steps, remainders


def _central_difference(problem: Problem, case: Case, V: Mapping[str, Array]) -> tuple[Array | None, float]:
    """(φ(A + hV) − φ(A − hV)) / 2h in double precision, as a student would: h = u^⅓ ‖A‖/‖V‖.

    For a second differential φ is itself a central difference, and both steps are u^¼ ‖A‖/‖V‖.
    """
    root = 1 / 4 if problem.ask == "second_differential" else 1 / 3
    h = _step_size(case, V, root)
    try:
        with np.errstate(all="ignore"):
            plus, minus = (
                _phi_in_doubles(problem, case, _move(case.values, V, step), root) for step in (h, -h)
            )
            return np.asarray((plus - minus) / (2 * h)), h
    except (np.linalg.LinAlgError, ExpressionError):
        return None, h


def _step_size(case: Case, V: Mapping[str, Array], root: float) -> float:
    size = math.hypot(*(norm(np.asarray(case.values[name])) for name in V))
    return float(UNIT**root * (size or 1.0) / (math.hypot(*(norm(v) for v in V.values())) or 1.0))


def _move(values: Mapping[str, Any], V: Mapping[str, Array], h: float) -> dict[str, Any]:
    return {**values, **{name: values[name] + h * v for name, v in V.items()}}


def _phi_in_doubles(problem: Problem, case: Case, values: Mapping[str, Any], root: float) -> Array:
    def f(at: Mapping[str, Any]) -> Array:
        return np.asarray(evaluate(problem.f, {**case.sizes, **at}, NUMPY))

    if problem.ask == "second_differential":
        W = {name: np.asarray(case.values[word]) for name, word in problem.directions_of_order(1).items()}
        k = _step_size(case, W, root)
        return np.asarray((f(_move(values, W, k)) - f(_move(values, W, -k))) / (2 * k))
    y = f(values)
    if problem.cotangent is not None:
        return np.asarray(inner(np.asarray(case.values[problem.cotangent]), y))
    if problem.ask == "gradient":
        return np.asarray(y.real)
    return y.ravel(order="F") if problem.ask == "jacobian" else y


def norm_along(problem: Problem, x: Array) -> str:
    """The norm for what is read along a direction: the problem's for f's own shape, else the Euclidean one."""
    return problem.norm if problem.is_directional and x.ndim == 2 else "fro"
