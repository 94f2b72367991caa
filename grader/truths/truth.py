"""Truths: for each case the exact answer, the tolerance derived from it, and what the checks compare with.

A truth depends on the inputs alone, never on a submission, so a class shares it. It consists of plain
arrays: whoever judges needs no ball arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from flint import ctx

from grader.cases.asked_map import AskedMap, asked_map
from grader.cases.case import Case
from grader.cases.families import Generator, generator
from grader.core.norms import Array, norm
from grader.problems.language import ExpressionError
from grader.problems.problem import Problem
from grader.problems.relation import measure
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, NeverExactError, NotExactError, magnitude, radius
from grader.truths.derivative import Step, exact, steps_of, tolerance_step
from grader.truths.doubles import split
from grader.truths.probe import Probe, make_probe
from grader.truths.relations import find_obstacle
from grader.truths.tolerance import find_tolerances

FAR_BELOW = 1e-6
"""The oracle's own error must be below this part of the tolerance."""
_DIGITS = 1e-6
"""Two evaluations must agree to this part of the result, unless it is 0."""
_NOTHING = 1e-40
"""Entries below this part of the tolerance are what a difference leaves of 0."""
BLUNT = 1e-2
"""Where the tolerance is a larger part of the truth, the case is ill-posed."""
ILL_POSED = "the answer depends on the last bit of the inputs"
NOT_FINITE = "f is not finite there: a number overflows, or a logarithm or root is not defined"
NOT_SMOOTH = "f is not differentiable there"


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """An exact array as an unevaluated sum hi + lo of doubles, good to about 106 bits."""

    hi: Array
    lo: Array

    def minus(self, answer: Array) -> Array:
        """Truth − answer, accurate even where they agree to the last bit."""
        return np.asarray((self.hi - answer) + self.lo)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form of an array of the answer.

    Args:
        is_complex: whether it may be complex.
    """

    shape: tuple[int, ...]
    is_complex: bool


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The exact answer to a case.

    Args:
        parts: the exact arrays; tolerances: the error allowed in each, in the problem's norm.
        error: an estimate of the oracle's own error, in units of the tolerance.
        probe: None where a value is asked for, not a derivative.
        open: where there is no one answer but relations, which are judged at what is returned, its form.
    """

    parts: tuple[Exact, ...]
    tolerances: tuple[float, ...]
    error: float
    probe: Probe | None
    open: tuple[Wanted, ...] = ()

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The form of the answer, array by array."""
        return self.open or tuple(Wanted(part.hi.shape, part.hi.dtype.kind == "c") for part in self.parts)


@dataclass(frozen=True, slots=True)
class Undecided:
    """Why a case has no truth."""

    cause: str


def find_truth(problem: Problem, case: Case, seed: int) -> Truth | Undecided:
    """Find the truth of one case, with more and more bits until two steps agree.

    A truth that is smaller than its own tolerance, or hardly larger, is none: nearly every answer would do.
    """
    obstacle = find_obstacle(problem, case) if problem.relations else ""
    if obstacle:
        return Undecided(obstacle)
    if not problem.has_map:
        return Truth((), (), 0.0, None, _open_form(problem, case))

    asked = asked_map(problem, case, BALLS)
    undecided = Undecided(NOT_SMOOTH)
    for step, finer in pairwise(steps_of(problem)):
        rng = generator(f"{seed}/{problem.id}/{case.index}/truth")

        try:
            found = _try_steps(asked, case, step, finer, rng)
        except NeverExactError as error:
            return Undecided(str(error))
        except (NotExactError, ExpressionError) as error:
            found = Undecided(str(error) or NOT_SMOOTH)
        if isinstance(found, Truth):
            return Undecided(ILL_POSED) if _accepts_nearly_all(problem, found) else found
        undecided = found
    return undecided


def _open_form(problem: Problem, case: Case) -> tuple[Wanted, ...]:
    """What relations are judged at: arrays that are complex where an input is, or where the author says so."""
    parameters = {parameter.name: case.values[parameter.name] for parameter in problem.parameters}
    sides: Any = {**case.sizes, **parameters}
    has_complex = any(np.asarray(case.values[name]).dtype.kind == "c" for name in problem.continuous)
    return tuple(
        Wanted(measure(returned.shape, sides), returned.is_complex or has_complex)
        for returned in problem.returns
    )


def _accepts_nearly_all(problem: Problem, truth: Truth) -> bool:
    """Is the tolerance of some part so wide that it decides nothing?"""
    is_rounded = any(problem.input(name).is_curved for name in problem.wrt)
    pairs = zip(truth.parts, truth.tolerances, strict=True)
    return any(_is_blunt(part, tolerance, is_rounded) for part, tolerance in pairs)


def _is_blunt(part: Exact, tolerance: float, is_rounded: bool) -> bool:
    """Whether an answer with hardly a digit right would be accepted; a 0 has no digits.

    Args:
        is_rounded: the point lies in a curved space to rounding only, and so a 0 may be rounding too.
    """
    size = norm(part.hi)
    is_zero = size <= tolerance / 8 if is_rounded else not np.any(part.hi)
    return not is_zero and tolerance > BLUNT * size


def _try_steps(
    asked: AskedMap[Ball], case: Case, step: Step, finer: Step, rng: Generator
) -> Truth | Undecided:
    """Find the truth with one step, and its error by comparison with the next, which must be small."""
    order = asked.problem.order
    with ctx.workprec(step.bits(order)):
        parts = exact(asked, step.h(asked))
        if not all(math.isfinite(magnitude(part)) for part in parts):
            return Undecided(NOT_FINITE)

    rough = tolerance_step(asked.problem, step)
    with ctx.workprec(rough.bits(order)):
        tolerances = find_tolerances(asked, parts, rough.h(asked), rng)
    if not all(math.isfinite(tolerance) for tolerance in tolerances):
        return Undecided(NOT_FINITE)

    probe = None
    with ctx.workprec(finer.bits(order)):
        h = finer.h(asked)
        if asked.problem.form == "value":
            gap = max(magnitude(a - b) for a, b in zip(parts, exact(asked, h), strict=True))
        else:
            probe, gap = make_probe(asked, case, parts, tolerances, h, rng)

    error = _own_error(parts, tolerances, gap)
    if not error <= FAR_BELOW:
        return Undecided(NOT_SMOOTH)
    rounded = (_round(part, tolerance) for part, tolerance in zip(parts, tolerances, strict=True))
    return Truth(tuple(rounded), tuple(tolerances), error, probe)


def _own_error(parts: Sequence[Ball], tolerances: Sequence[float], gap: float) -> float:
    """An estimate of the oracle's own error in units of the smallest tolerance; infinite where nothing is settled.

    Args:
        gap: how far two evaluations, with different steps, are apart.
    """
    smallest = min((tolerance for tolerance in tolerances if tolerance > 0), default=0.0)
    # Two steps that are both too long may agree on nothing much, where the tolerance is wide.
    largest = max(map(magnitude, parts), default=0.0)
    if gap > _DIGITS * largest and gap > _NOTHING * smallest:
        return math.inf

    error = gap + max((radius(part) * math.sqrt(len(part.entries())) for part in parts), default=0.0)
    if smallest:
        return error / smallest
    return 0.0 if error == 0 else math.inf


def _round(part: Ball, tolerance: float) -> Exact:
    """The midpoints as doubles; what is left of truncation where the exact value is 0 becomes 0."""
    hi, lo = split(part)
    nothing = np.abs(hi) <= _NOTHING * tolerance
    return Exact(np.where(nothing, 0, hi), np.where(nothing, 0, lo))
