"""Draw the definition of the derivative for a formula: its remainder beside that of the derivative, all in balls."""

from __future__ import annotations

from collections.abc import Mapping

from flint import arb, ctx

from grader.cases.asked_map import asked_map
from grader.cases.case import Case
from grader.cases.lines import central, on_line
from grader.findings.slopes import bend_of, rounded, slope
from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.evaluate import NoValue, as_written, value_of
from grader.problems.language import Algebra, ExpressionError
from grader.problems.problem import Problem
from grader.reports.report import Remainder
from grader.truths.balls import Ball, NotExactError, magnitude
from grader.truths.derivative import Step, reduced_map

_STEPS = tuple(10.0 ** (-k / 2) for k in range(31))
"""h from 1 to 1e-15, two in each decade."""
_FINE = Step(100, 400)


def draw_remainder(
    problem: Problem,
    answer: FormulaAnswer,
    case: Case,
    direction: Mapping[str, Ball],
    balls: Algebra[Ball],
    agrees: bool,
) -> Remainder | None:
    """Both remainders at one case along a direction; None where the map or the formula has no value.

    Args:
        direction: V, by input. agrees: whether the formula is right there.
    """
    before, ctx.prec = ctx.prec, _FINE.bits(problem.order)
    try:
        asked = asked_map(problem, case, balls)
        tiny = _FINE.h(asked)
        line = on_line(reduced_map(asked, tiny), asked.point, direction)
        value, derivative = line(0), central(line, tiny)
        claimed = asked.read_along(value_of(answer, problem, case, as_written(balls)), direction)
        defect = derivative - claimed
        rows = [(h, line(arb(h)) - value - derivative * arb(h)) for h in _STEPS]
        right = tuple(_size(remainder) for _, remainder in rows)
        yours = tuple(_size(remainder + defect * arb(h)) for h, remainder in rows)
    except (NoValue, NotExactError, ExpressionError, ArithmeticError, ValueError):
        return None
    finally:
        ctx.prec = before

    length = sum(magnitude(V) ** 2 for V in direction.values()) ** 0.5
    size = 0.0 if agrees else magnitude(defect)
    return Remainder(
        case=case.index,
        family=case.family,
        h=rounded(_STEPS),
        distance=rounded([h * length for h in _STEPS]),
        yours=rounded(yours),
        right=rounded(right),
        slope_yours=slope(_STEPS, yours),
        slope_right=slope(_STEPS, right),
        bends_at=bend_of(_STEPS, right, size),
        agrees=agrees,
    )


def _size(x: Ball) -> float:
    """The norm; what may be 0 is 0: for a linear f the balls hold rounding errors and nothing else."""
    may_be_zero = all(entry.contains(0) for entry in x.entries())
    return 0.0 if may_be_zero else magnitude(x)
