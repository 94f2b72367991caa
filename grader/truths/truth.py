"""Truths: for each case the exact answer, the tolerance derived from it, and what the checks compare with.

A truth depends on the inputs alone, never on a submission, so a class shares it. It consists of plain
arrays: whoever judges needs no ball arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from flint import arb, ctx

from grader.cases.asked_map import AskedMap, Map, Point, asked_map, in_doubles, norm_along
from grader.cases.case import Case
from grader.cases.differences import central_difference
from grader.cases.draw import draw_cases, generator, output_shape
from grader.cases.families import Generator, dense, project
from grader.core.norms import Array, norm
from grader.problems.expression import ExpressionError
from grader.problems.problem import Problem
from grader.truths.balls import BALLS, Ball, NotExactError, from_array, magnitude, radius, split
from grader.truths.derivative import STEPS, Step, curvature, differential, exact, reduced_map, remainder_rate
from grader.truths.tolerance import find_tolerances

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
                posed[case.index] = SolvedCase(
                    replace(case, combination_of=None), find_truth(problem, case, seed)
                )
    return tuple(posed)


def find_truth(problem: Problem, case: Case, seed: int) -> Truth | None:
    """The truth of one case, or None if no step and precision at hand settle it."""
    asked = asked_map(problem, case, BALLS)
    for step, finer in pairwise(STEPS):
        rng = generator(f"{seed}/{problem.id}/{case.index}/truth")
        try:
            with ctx.workprec(step.bits(problem.order)):
                h = step.h(asked)
                parts = exact(asked, h)
                tolerances = find_tolerances(asked, parts, h, rng)
            if not all(math.isfinite(tolerance) for tolerance in tolerances):
                continue
            with ctx.workprec(finer.bits(problem.order)):
                probe, gap = _compare(asked, case, parts, tolerances, finer, rng)
        except (NotExactError, ExpressionError):
            continue

        radii = max((radius(part) * math.sqrt(len(part.entries())) for part in parts), default=0.0)
        smallest = min((tolerance for tolerance in tolerances if tolerance > 0), default=0.0)
        error = _in_units(gap + radii, smallest)
        # Two steps that are both too long may agree on nothing much, where the tolerance is wide.
        settled = gap <= DIGITS * max(map(magnitude, parts), default=0.0) or gap <= NOTHING * smallest
        if error <= FAR_BELOW and settled:
            rows = zip(parts, tolerances, strict=True)
            return Truth(tuple(_round(part, tolerance) for part, tolerance in rows), tolerances, error, probe)
    return None


def _in_units(error: float, tolerance: float) -> float:
    if tolerance:
        return error / tolerance
    return 0.0 if error == 0 else math.inf


def _round(part: Ball, tolerance: float) -> Exact:
    """The midpoints as doubles; what is left of truncation where the exact value is 0 becomes 0."""
    hi, lo = split(part)
    nothing = np.abs(hi) <= NOTHING * tolerance
    return Exact(np.where(nothing, 0, hi), np.where(nothing, 0, lo))


def _compare(
    asked: AskedMap[Ball], case: Case, parts: Sequence[Ball], tolerances: Sequence[float], step: Step, rng: Generator
) -> tuple[Probe | None, float]:  # fmt: skip
    """Evaluate once more, with another step and precision; the gap bounds the oracle's error.

    A gradient or Jacobian is compared along one random direction, in which an error of any entry shows.
    """
    problem, h = asked.problem, step.h(asked)
    if problem.form == "value":
        again = exact(asked, h)
        return None, max(magnitude(a - b) for a, b in zip(parts, again, strict=True))

    V, G = _draw_probe(problem, case, rng)
    at, along = asked.point, {name: from_array(v) for name, v in V.items()}
    phi = reduced_map(asked, h)
    derivative = differential(phi, at, along, h)
    # A symmetric difference exists at many points that have no derivative; the one-sided one tells them apart.
    one_sided = remainder_rate(phi, at, along, h, derivative)
    claimed = asked.read_along(parts, along)
    gap = magnitude(claimed - derivative) + magnitude(one_sided) + radius(one_sided)

    doubles = in_doubles(problem, case)
    classical, k = central_difference(doubles, V)
    reading = {name: np.asarray(doubles.weighted(v)) for name, v in V.items()}
    if problem.form == "along":
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
        for name, word in (problem.directions_of_order(0) if problem.form == "along" else {}).items()
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
    problem: Problem, phi: Map[Ball], at: Point, along: Point, derivative: Ball, tolerance: float, tiny: arb
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
