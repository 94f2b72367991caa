"""Formulas as answers of a submission: doubles, exact to the last bit whatever the condition of the inputs."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from flint import ctx

from grader.answers.sandbox import Answer, Failed, Returned
from grader.cases.case import Case
from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.evaluate import NoValue, as_written, no_value, value_of
from grader.problems.problem import Problem
from grader.reports.report import Failure
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import magnitude, radius
from grader.truths.doubles import split

_BITS = (400, 1600, 6400)
"""Tried in turn until a value is known to the last bit of a double."""
_LOST = 2.0**-60
_FORMULAS = as_written(BALLS)
SECONDS = 10.0
"""For a formula at all inputs of a problem."""


def answer_at(answer: FormulaAnswer, problem: Problem, case: Case) -> Answer:
    """What the formula returns at a case, rounded once."""
    before = ctx.prec
    try:
        for bits in _BITS:
            ctx.prec = bits
            parts = value_of(answer, problem, case, _FORMULAS)
            if all(radius(part) <= _LOST * magnitude(part) for part in parts):
                break
    except NoValue as error:
        return Failed(no_value(answer, str(error)))
    finally:
        ctx.prec = before

    if math.inf in map(radius, parts):
        return Failed(no_value(answer, "a division by zero, or a logarithm of 0"))
    return Returned(tuple(split(part)[0] for part in parts), inputs_changed=False, aliased=False)


def answer_all(answer: FormulaAnswer, problem: Problem, cases: Sequence[Case]) -> tuple[Answer, ...]:
    """The answers to cases, each evaluated once however often it is asked."""
    what = f"was not evaluated at all inputs in {SECONDS:g} s"
    too_slow = Failed(Failure("too_slow", what, "find a shorter one", subject=answer.function))
    end = time.process_time() + SECONDS

    done: dict[int, Answer] = {}
    for case in cases:
        if case.index not in done:
            is_in_time = time.process_time() < end
            done[case.index] = answer_at(answer, problem, case) if is_in_time else too_slow
    return tuple(done[case.index] for case in cases)
