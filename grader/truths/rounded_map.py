"""A map whose steps are rounded once, always in the same way, so that it is smooth and can be differenced.

A formula for a derivative works with the values of the steps of `f`, and these are rounded. How far the derivative
moves when they are, is allowed for. Near a base point A₀ each step's result y becomes

    ỹ = y · (1 + δ + δ′·ρ),   δ, δ′ uniform in ±u, drawn once for each step,

where ρ, the *motion* of the step, is a linear functional of the displacement that is 0 at A₀. So the value is rounded,
and so is the slope: without ρ the derivative of a saturated tanh would be good to its last digit, which 1 − tanh² is
not.

Entrywise operations are rounded entry by entry: relative to the largest entry, tolerances explode where entries of very
different size are added up later. Others are rounded relative to the largest entry, as backward stable algorithms do.

A *relaxed* map is one that does not saturate: p(1 − p) adds up terms as large as where p = ½, however small it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb

from grader.cases.asked_map import AskedMap, Point
from grader.core.norms import UNIT, Array
from grader.problems.arrangements import ARRANGEMENTS
from grader.problems.entrywise import BINARY, CONSTRUCTORS, UNARY
from grader.problems.language import COMPARISONS, Algebra, Closure, Expression, Operation, Several, walk
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, from_array, largest_entry, magnitude

STRUCTURAL = frozenset(
    {
        *COMPARISONS,
        *CONSTRUCTORS,
        *(ARRANGEMENTS.keys() - {"vec", "diag"}),
        "[]",
        "[]=",
        "//",
        "%",
        "copy",
        "if",
    }
    | {"where", "max", "min", "maximum", "minimum", "clip", "relu", "sign", "imag", "conj"}
)
"""Operations that choose entries and put them together."""
_EXACT = STRUCTURAL | {".T", ".H", "neg", "vec", "diag", "real"}
"""Operations without rounding."""
_ENTRYWISE = (
    frozenset({*"+-*/", "**", *UNARY, *BINARY, "outer", "diff", "prod", "cumprod", "softmax"}) - _EXACT
)
"""Operations on entries."""
TRANSCENDENTAL = _ENTRYWISE & (UNARY.keys() - {"sqrt", "abs", "square"} | {"softmax", "logaddexp"}) | {
    "logsumexp"
}
"""Functions whose argument has a natural scale, 1: relative to its size, slopes explode at an accidental zero."""
SATURATING = frozenset(
    {"exp", "expm1", "sinh", "cosh", "tanh", "erf", "erfc", "sigmoid", "softplus", "softmax", "logsumexp"}
)
"""Functions that saturate, or grow like an exponential, of which functions that saturate are made."""


@dataclass(frozen=True, slots=True, eq=False)
class _Moving(Ball):
    """An intermediate result with its motion."""

    motion: arb


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """An operation at the base point.

    Args:
        first: its first argument there.
        value, slope: δ and δ′, of the shape of the result; weights: of the argument's displacement in the motion.
        largest: the largest entry of its result there. It is not followed: as a double it moves in jumps, which a
        difference with a step of 2⁻⁶⁰ takes for a slope of 2⁷.
    """

    first: Ball
    value: Array
    slope: Array
    weights: Array
    largest: float


def count_steps(f: Expression) -> int:
    """Count the operations of an expression whose results are rounded; a power may be two."""
    operations = [node.name for node in walk(f.roots) if isinstance(node, Operation)]
    return sum((name not in _EXACT) + (name == "power") for name in operations)


def with_rounded_steps(asked: AskedMap[Ball], rng: np.random.Generator) -> AskedMap[Ball]:
    """Replace the map by one whose steps are rounded, with the point as base point.

    What is made of sizes and parameters alone is exact: an exponent stays a whole number.
    """
    base, problem = asked.point, asked.problem
    weights = {
        name: rng.standard_normal(base[name].shape) / (magnitude(base[name]) or 1.0) for name in problem.wrt
    }

    def moving(at: Point) -> Point:
        motions = {name: _pair(w, at[name], base[name]) for name, w in weights.items()}
        continuous = [name for name in problem.continuous if name in at]
        return {**at, **{name: _move(at[name], motions.get(name, arb(0))) for name in continuous}}

    steps: list[_Step] = []
    asked.over(_rounding_with(lambda result, arguments: _draw(steps, result, arguments, rng))).f(moving(base))

    def f(at: Point) -> Ball:
        drawn = iter(steps)
        return asked.over(_rounding_with(lambda result, arguments: next(drawn))).f(moving(at))

    return replace(asked, f=f)


def _draw(steps: list[_Step], result: Ball, arguments: Sequence[Any], rng: np.random.Generator) -> _Step:
    """Draw the rounding of a step, and note it."""
    value, imaginary, slope = rng.uniform(-UNIT, UNIT, (3, *result.shape))
    if result.is_complex:
        value = value + 1j * imaginary
    first = next(item for item in arguments if isinstance(item, Ball))
    steps.append(_Step(first, value, slope, rng.standard_normal(first.shape), largest_entry(result)))
    return steps[-1]


def _rounding_with(next_step: Callable[[Ball, Sequence[Any]], _Step]) -> Algebra[Ball]:
    """Ball arithmetic in which every result that depends on an input is rounded by the next step."""

    def rounded(name: str) -> Callable[..., Any]:
        def operation(*arguments: Any, **options: Any) -> Any:
            result = BALLS.operations[name](*arguments, **options)
            motions = list(_motions(arguments))
            if not motions:
                return result
            motion = sum(motions, arb(0))
            if isinstance(result, Several):
                return Several([finish(part, arguments, motion) for part in result])
            return finish(result, arguments, motion)

        def finish(result: Ball, arguments: Sequence[Any], motion: arb) -> Ball:
            if name in _EXACT:
                return _move(result, motion)
            step = next_step(result, arguments)
            if name in TRANSCENDENTAL:
                motion += _pair(step.weights, arguments[0], step.first)
            return _move(_round(name, result, step, motion), motion)

        return operation

    return replace(BALLS, operations=in_steps(rounded))


def _motions(arguments: Iterable[Any]) -> Iterator[arb]:
    """The motions of arguments, and of what functions among them know."""
    for item in arguments:
        if isinstance(item, _Moving):
            yield item.motion
        elif isinstance(item, Closure):
            yield from _motions(item.names.values())


class _MadeOnUse(dict[str, Callable[..., Any]]):
    """Operations, each made when it is used first: an expression has few of them."""

    def __init__(self, make: Callable[[str], Callable[..., Any]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> Callable[..., Any]:
        self[name] = operation = self._make(name)
        return operation


def in_steps(make: Callable[[str], Callable[..., Any]]) -> Mapping[str, Callable[..., Any]]:
    """Make operations, two of a negative power, A⁻ᵏ = (Aᵏ)⁻¹: powers of A lose what those of its inverse keep.

    Args:
        make: the operation of a name.
    """
    steps = _MadeOnUse(make)

    def power(A: Ball, k: Ball) -> Any:
        if float(k.scalar()) >= 0:
            return steps["power"](A, k)
        return steps["inv"](steps["power"](A, -k))

    return _MadeOnUse(lambda name: power if name == "power" else steps[name])


def _round(name: str, result: Ball, step: _Step, motion: arb) -> Ball:
    error = from_array(step.value) + from_array(step.slope) * motion
    if name in _ENTRYWISE:
        return result + BALLS.operations["*"](result, error)
    return result + error * step.largest


def _move(x: Ball, motion: arb) -> _Moving:
    return _Moving(x.mat, x.shape, motion)


def _pair(weights: Array, x: Ball, base: Ball) -> arb:
    """Σ wᵢ Re(xᵢ − baseᵢ)."""
    pairs = zip(weights.ravel().tolist(), (x - base).entries(), strict=True)
    return sum((weight * difference.real for weight, difference in pairs), arb(0))


def relaxed(asked: AskedMap[Ball]) -> AskedMap[Ball] | None:
    """Replace the map by one with the same slopes where nothing saturates; None if nothing in it can.

    Near the base point exp(x) becomes exp(x)·exp((t − 1)x₀) with t = 1/max|x₀|, so that no result is tiny or huge.
    """
    arguments: list[Ball] = []
    asked.over(_noting(arguments)).f(asked.point)
    if not arguments:
        return None

    largest = max(1.0, *(largest_entry(argument) for argument in arguments))
    shifts = [argument * (1 - 1 / arb(largest)) for argument in arguments]

    def f(at: Point) -> Ball:
        return asked.over(_shifting(iter(shifts))).f(at)

    return replace(asked, f=f)


def _noting(arguments: list[Ball]) -> Algebra[Ball]:
    def noted(name: str) -> Callable[..., Ball]:
        def operation(x: Ball, **options: Any) -> Ball:
            arguments.append(x)
            return BALLS.operations[name](x, **options)

        return operation

    return replace(BALLS, operations={**BALLS.operations, **{name: noted(name) for name in SATURATING}})


def _shifting(shifts: Iterator[Ball]) -> Algebra[Ball]:
    def shifted(name: str) -> Callable[..., Ball]:
        return lambda x, **options: BALLS.operations[name](x - next(shifts), **options)

    return replace(BALLS, operations={**BALLS.operations, **{name: shifted(name) for name in SATURATING}})
