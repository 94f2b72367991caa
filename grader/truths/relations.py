"""Relations judged in balls, at the numbers that a student returned: what is left of them, and what is allowed.

    allowed = K · n · max over draws of ‖r(x·(1+δ), y·(1+δ)) − r(x, y)‖,   δ uniform in ±u, u = 2⁻⁵³

r is the residual of the relation, such as QᵀQ − I, x the inputs, y the answer. Rounding is relative to the largest
entry of each array, as the errors of a backward stable algorithm are. So the residual may be as large as rounding x
and y in their last bit makes it, and a factor K·n larger; it need not be small beside something else.

Where a relation lets columns have any size, it is judged at columns of size 1, see `comparable_columns`.

Numbers so large that rounding alone exceeds half of what the relation says, as 1e16 in a generalised inverse, say
nothing: r(x, 0) is that size where it is not 0. Nor do those at which what is allowed is beyond all doubles.

Source: N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §1.5 (backward error), §19.3 (QR).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from flint import arb, ctx

from grader.cases.case import Case, Formula
from grader.cases.families import generator
from grader.core.norms import UNIT, Array, norm
from grader.problems.language import Algebra, ExpressionError, evaluate
from grader.problems.problem import RELATION, Problem
from grader.problems.relation import Relation
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import (
    Ball,
    NotExactError,
    from_array,
    from_entries,
    longest_side,
    magnitude,
    radius,
    whole_power,
)
from grader.truths.comparable_columns import with_comparable_columns
from grader.truths.doubles import split
from grader.truths.tolerance import K, shake

_PERTURBATIONS = 6
_BITS = (256, 1024)
_FAR_BELOW = 1e-3
"""A residual is known to this part of what is allowed."""
HALF = 0.5
"""Where more than this part of r(x, 0) is allowed, the relation says nothing."""
TOO_LARGE = "rounding your numbers outweighs it, as some are too large or columns are too close to each other"
NOT_DECIDED = "the residual cannot be bounded"

_Map = Callable[[Mapping[str, Any]], Ball]
"""From inputs and answers by name to what a relation says of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """What is left of a relation at one answer.

    Args:
        value: the residual in doubles; size: of what is wrong in it; allowed: how large that may be.
        error: size in units of what is allowed; the other way round for what must not be 0.
        cause: why it cannot be compared, as a clause.
        counts: whether there are points for it; else it only informs.
    """

    value: Array
    size: float
    allowed: float
    error: float
    cause: str = ""
    counts: bool = True

    @property
    def is_right(self) -> bool:
        """Does the relation hold?"""
        return self.error <= 1.0

    @property
    def is_harmless(self) -> bool:
        """Does it hold, or is it of no account?"""
        return self.is_right or not self.counts


def judge_relations(problem: Problem, case: Case, parts: Sequence[Array]) -> tuple[Residual, ...]:
    """Judge each relation of a problem at an answer, whose arrays are finite and have the right shapes."""
    worth = {check.relation for check in problem.checks if check.name == RELATION and check.points > 0}
    residuals = []
    for k, relation in enumerate(problem.relations):
        residual = _judge(problem, relation, case, parts, f"{problem.id}/{case.index}/relation/{k}")
        residuals.append(replace(residual, counts=k in worth))
    return tuple(residuals)


def _judge(problem: Problem, relation: Relation, case: Case, parts: Sequence[Array], key: str) -> Residual:
    cause = NOT_DECIDED
    for bits in _BITS:
        with ctx.workprec(bits):
            try:
                residual = _try_bits(problem, relation, case, parts, key)
            except (NotExactError, ExpressionError) as error:
                cause = str(error) or NOT_DECIDED
                continue
        if residual is not None:
            return residual
    return Residual(np.full((), np.nan), math.nan, math.nan, math.inf, cause)


def _try_bits(
    problem: Problem, relation: Relation, case: Case, parts: Sequence[Array], key: str
) -> Residual | None:
    """The residual with the bits of the context; None if they are too few."""
    names = {item.name: from_array(part) for item, part in zip(problem.returns, parts, strict=True)}
    point: Mapping[str, Any] = {**case.lift(BALLS), **names}
    if relation.kind == "span_of":
        point = {**point, relation.of: _normalised(point[relation.of])}

    expression = _expression_map(problem, relation, case)
    residual = partial(_residual_at, relation, expression)
    if relation.kind == "holds":
        occurring = [name for name in names if name in relation.names]
        point = with_comparable_columns(residual, point, occurring)
        names = {name: point[name] for name in names}
    value = residual(point)

    moved = _moved_by_rounding(problem, relation, residual, point, value, key)
    allowed = max(moved, _nothing(relation, expression, point))
    if not radius(value) <= _FAR_BELOW * allowed:
        return None

    judged = _judge_size(relation, value, allowed)
    # A sign that holds as it stands needs no allowance.
    has_right_sign = relation.kind == "at_least" and judged.size == 0
    if relation.kind == "is_not" or has_right_sign:
        return judged
    says = _size_without(relation, expression, point, names)
    if judged.allowed > HALF * says or math.isinf(judged.allowed):
        return replace(judged, error=math.inf, cause=TOO_LARGE)
    return judged


def _moved_by_rounding(
    problem: Problem, relation: Relation, residual: _Map, point: Mapping[str, Any], value: Ball, key: str
) -> float:
    """K · n · how far the residual moves when inputs and answer are rounded; a backward stable answer is not."""
    arrays = (*problem.continuous, *(item.name for item in problem.returns))
    rounded = problem.continuous if relation.backward_stable else arrays
    moving = [name for name in rounded if name in relation.names]

    rng = generator(key)
    n = longest_side(point[name] for name in arrays)
    moved = [_move(residual, point, moving, value, rng) for _ in range(_PERTURBATIONS)]
    return K * n * max(moved)


def _judge_size(relation: Relation, value: Ball, allowed: float) -> Residual:
    """Compare the residual with what is allowed, as the kind of the relation wants it."""
    shown = split(value)[0]
    size = norm(shown)
    if relation.kind == "is_not":
        error = allowed / size if size > 0 else math.inf
        return Residual(shown, size, allowed, error)
    if relation.kind == "at_least":
        return _judge_sign(relation, value, shown, allowed)
    return Residual(shown, size, allowed, _part(size, allowed))


def _nothing(relation: Relation, expression: _Map, point: Mapping[str, Any]) -> float:
    """What is as good as 0 however little rounding moves it: n independent columns leave nothing."""
    if relation.kind != "span_of":
        return 0.0
    return UNIT**2 * magnitude(expression(point))


def _judge_sign(relation: Relation, value: Ball, shown: Array, allowed: float) -> Residual:
    """Entries below 0, and imaginary parts; a strict relation takes the numbers as they are."""
    below = norm(np.minimum(shown.real, 0))
    if relation.strict:
        holds = all(isinstance(entry, arb) and entry > 0 for entry in value.entries())
        return Residual(shown, below, 0.0, 0.0 if holds else math.inf)
    size = math.hypot(below, norm(shown.imag))
    return Residual(shown, size, allowed, _part(size, allowed))


def _expression_map(problem: Problem, relation: Relation, case: Case) -> _Map:
    functions = _functions(problem, case, BALLS)
    return lambda point: evaluate(relation.expression, {**point, **functions}, BALLS)


def _residual_at(relation: Relation, expression: _Map, point: Mapping[str, Any]) -> Ball:
    value = expression(point)
    if relation.kind == "span_of":
        return _outside(value, point[relation.of])
    return value


def _functions(problem: Problem, case: Case, algebra: Algebra[Any]) -> dict[str, Any]:
    """The functions that are given, in an algebra."""
    values = {function.name: case.values[function.name] for function in problem.functions}
    return {name: value.over(algebra) for name, value in values.items() if isinstance(value, Formula)}


def find_obstacle(problem: Problem, case: Case) -> str:
    """Say why a relation has no value at a case whatever the answer is; empty if nothing stands in its way."""
    point = case.lift(BALLS)
    point |= {item.name: _UNKNOWN for item in problem.returns}
    functions = _functions(problem, case, _KNOWN)

    with ctx.workprec(_BITS[0]):
        for relation in problem.relations:
            try:
                evaluate(relation.expression, {**point, **functions}, _KNOWN)
            except NotExactError as error:
                return str(error) or NOT_DECIDED
            except ExpressionError:
                continue  # a program takes apart what is not known
    return ""


def _where_known(operation: Any) -> Any:
    def apply(*arguments: Any, **options: Any) -> Any:
        is_known = not any(argument is _UNKNOWN for argument in arguments)
        return operation(*arguments, **options) if is_known else _UNKNOWN

    return apply


_UNKNOWN: Any = Ball(None, ())
"""What depends on the answer."""
_KNOWN: Algebra[Any] = replace(
    BALLS, operations={name: _where_known(operation) for name, operation in BALLS.operations.items()}
)
"""Balls, in which nothing is computed with what depends on the answer."""


def _outside(B: Ball, Q: Ball) -> Ball:
    """What the columns of Q leave of B: B − Q(QᴴQ)⁻¹QᴴB."""
    operations = BALLS.operations
    H = operations[".H"](Q)
    coefficients = operations["solve"](operations["@"](H, Q), operations["@"](H, B))
    return operations["-"](B, operations["@"](Q, coefficients))


def _normalised(Q: Ball) -> Ball:
    """Columns of length 1: a span does not depend on it, but the rounding of short columns beside long ones would."""
    rows, columns = Q.shape
    entries = Q.entries()
    lengths = []
    for j in range(columns):
        square = sum((whole_power(abs(entries[i * columns + j]), 2) for i in range(rows)), arb(0))
        if not square > 0:
            raise NotExactError(f"column {j + 1} is zero")
        lengths.append(square.sqrt())
    return from_entries([entry / lengths[k % columns] for k, entry in enumerate(entries)], Q.shape)


def _move(residual: _Map, point: Mapping[str, Any], moving: Sequence[str], value: Ball, rng: Any) -> float:
    """How far the residual moves when inputs and answer are rounded once."""
    shaken = {name: shake(point[name], rng) for name in moving}
    return magnitude(residual({**point, **shaken}) - value)


def _size_without(
    relation: Relation, expression: _Map, point: Mapping[str, Any], names: Mapping[str, Ball]
) -> float:
    """‖r(x, 0)‖, what a relation says without an answer; infinite where it says nothing or has no value there."""
    without = dict(point)
    if relation.kind != "span_of":
        without |= {name: answer * 0 for name, answer in names.items()}
    try:
        size = magnitude(expression(without))
    except (NotExactError, ExpressionError):
        return math.inf
    return size if size > 0 else math.inf


def _part(size: float, whole: float) -> float:
    if size == 0:
        return 0.0
    if math.isnan(size) or not whole > 0:
        return math.inf
    return size / whole
