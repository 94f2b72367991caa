"""The value of a formula at a case: exact to the last bit of a double, whatever the condition of the inputs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flint import ctx

from grader.answers.sandbox import Answer, Failed, Returned
from grader.cases.case import Case, Formula, lift
from grader.formulas.answers_file import FormulaAnswer
from grader.problems.language import Algebra, ExpressionError, Operation, Several, evaluate
from grader.problems.problem import Problem
from grader.reports.report import Failure
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, magnitude, radius
from grader.truths.doubles import split

BITS = (400, 1600, 6400)
"""Tried in turn until a value is known to the last bit of a double."""
_LOST = 2.0**-60
MOST_ENTRIES = 1 << 12
"""Of an array that something is made of: so many has the Jacobian of an 8×8 matrix."""
SECONDS = 10.0
"""For a formula at all inputs of a problem."""


@dataclass(frozen=True, slots=True)
class NoValue(Exception):
    """A formula has no value at some inputs; the text goes on from the formula."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def _product(
    scale: Callable[[Any, Any], Any], multiply: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    """A product as mathematics writes it: with a scalar it is a multiple, else the product of matrices."""
    return lambda A, B: multiply(A, B) if _sides(A) and _sides(B) else scale(A, B)


def _sides(x: Any) -> tuple[Any, ...]:
    shape: tuple[Any, ...] = getattr(x, "shape", x)
    return shape


def _power(
    entrywise: Callable[[Any, Any], Any], of_matrix: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    return lambda A, k: of_matrix(A, k) if _sides(A) else entrywise(A, k)


def as_written(algebra: Algebra[Any]) -> Algebra[Any]:
    """The same algebra with products and powers as in print, where 2A, AB and xᵏ are written alike."""
    operations = algebra.operations
    written: dict[str, Callable[..., Any]] = {
        "@": _product(operations["*"], operations["@"]),
        "power": _power(operations["**"], operations["power"]),
        "inv": lambda A: operations["inv"](A) if _sides(A) else operations["/"](algebra.number(1.0), A),
    }
    return replace(algebra, operations={**operations, **written})


def _refuse_large(operation: Operation, arguments: Sequence[Any]) -> None:
    for argument in arguments:
        if isinstance(argument, Ball) and math.prod(argument.shape) > MOST_ENTRIES:
            raise NoValue(f"{operation.name} of an array of more than {MOST_ENTRIES} entries")


FORMULAS: Algebra[Ball] = replace(as_written(BALLS), watch=_refuse_large)


def value_of(answer: FormulaAnswer, problem: Problem, case: Case) -> tuple[Ball, ...]:
    """The arrays that a formula returns at a case, in balls of the present precision.

    Raises:
        NoValue: it has none there, as the inverse of a singular matrix; or shapes do not fit.
    """
    assert answer.expression is not None
    names: dict[str, Any] = {name: lift(size, FORMULAS) for name, size in case.sizes.items()}
    for own, name in zip(answer.parameters, problem.arguments, strict=True):
        value = case.values[name]
        names[own] = value.over(FORMULAS) if isinstance(value, Formula) else lift(value, FORMULAS)

    try:
        returned: Any = evaluate(answer.expression, names, FORMULAS)
    except ExpressionError as error:
        raise NoValue(error.faults[0].message) from None
    except (ArithmeticError, ValueError, IndexError) as error:
        raise NoValue(str(error) or "division by zero") from None
    parts = tuple(returned) if isinstance(returned, Several) else (returned,)
    if any(math.prod(part.shape) > MOST_ENTRIES for part in parts):
        raise NoValue(f"it is an array of more than {MOST_ENTRIES} entries")
    return parts


def answer_at(answer: FormulaAnswer, problem: Problem, case: Case) -> Answer:
    """What the formula returns at a case, rounded once."""
    before = ctx.prec
    try:
        for bits in BITS:
            ctx.prec = bits
            parts = value_of(answer, problem, case)
            if all(radius(part) <= _LOST * magnitude(part) for part in parts):
                break
    except NoValue as error:
        return Failed(no_value(answer, str(error)))
    finally:
        ctx.prec = before

    if any(radius(part) == float("inf") for part in parts):
        return Failed(no_value(answer, "a division by zero, or a logarithm of 0"))
    return Returned(tuple(split(part)[0] for part in parts), inputs_changed=False, aliased=False)


def no_value(answer: FormulaAnswer, reason: str) -> Failure:
    """The fault of a formula that has no value at some inputs."""
    return Failure("no_value", f"has no value at some inputs: {reason}", subject=answer.function)


def answer_all(answer: FormulaAnswer, problem: Problem, cases: Sequence[Case]) -> tuple[Answer, ...]:
    """The answers to cases, each evaluated once however often it is asked."""
    done: dict[int, Answer] = {}
    end = time.monotonic() + SECONDS
    for case in cases:
        if case.index in done:
            continue
        if time.monotonic() < end:
            done[case.index] = answer_at(answer, problem, case)
        else:
            what = f"was not evaluated at all inputs in {SECONDS:g} s"
            done[case.index] = Failed(
                Failure("too_slow", what, "find a shorter one", subject=answer.function)
            )
    return tuple(done[case.index] for case in cases)
