"""The value of a formula at a case, in balls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from grader.cases.case import Case, Formula, lift
from grader.formulas.answers_file import FormulaAnswer
from grader.problems.language import Algebra, ExpressionError, Several, evaluate
from grader.problems.problem import Problem
from grader.reports.report import Failure
from grader.truths.balls import Ball

_MOST_ENTRIES = 1 << 12
"""Of each array: so many has the Jacobian of an 8×8 matrix."""

_WRONG_KIND = (
    "a function is given what it does not take, such as several values, or an array for a whole number"
)


class NoValue(Exception):
    """A formula has no value at some inputs; the text goes on from the formula."""


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
    """The same algebra with products and powers as in print, where 2A, AB and xᵏ are written alike.

    It makes no array that is too large.
    """
    operations = algebra.operations
    written: dict[str, Callable[..., Any]] = {
        "@": _product(operations["*"], operations["@"]),
        "power": _power(operations["**"], operations["power"]),
        "inv": lambda A: operations["inv"](A) if _sides(A) else operations["/"](algebra.number(1.0), A),
    }
    return replace(algebra, operations={**operations, **written}, most_entries=_MOST_ENTRIES)


def value_of(answer: FormulaAnswer, problem: Problem, case: Case, algebra: Algebra[Ball]) -> tuple[Ball, ...]:
    """The arrays that a formula returns at a case, in balls of the present precision.

    Args:
        algebra: what `as_written` makes of one of balls.

    Raises:
        NoValue: it has none there, as the inverse of a singular matrix; or shapes do not fit.
    """
    names: dict[str, Any] = {name: lift(size, algebra) for name, size in case.sizes.items()}
    for own, name in zip(answer.parameters, problem.arguments, strict=True):
        value = case.values[name]
        names[own] = value.over(algebra) if isinstance(value, Formula) else lift(value, algebra)

    try:
        returned: Any = evaluate(answer.program, names, algebra)
    except ExpressionError as error:
        raise NoValue(error.faults[0].message) from None
    except (ArithmeticError, ValueError, IndexError) as error:
        raise NoValue(str(error) or "division by zero") from None
    except (TypeError, AttributeError, LookupError):
        # Operations take the kinds of arguments for granted that problems are checked for.
        raise NoValue(_WRONG_KIND) from None
    parts = tuple(returned) if isinstance(returned, Several) else (returned,)
    if not parts:
        raise NoValue("it returns nothing")
    return parts


def no_value(answer: FormulaAnswer, reason: str) -> Failure:
    """The fault of a formula that has no value at some inputs."""
    what = f"has no value at some inputs: {reason}"
    return Failure("no_value", what, "find a form that has a value there too", subject=answer.function)
