"""What an ask means: one row of a table, the same formulas in doubles and in balls."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from flint import ctx

from grader.cases.asked_map import AskedMap, asked_map
from grader.cases.case import Case
from grader.cases.difference_quotients import difference_quotient, in_doubles, unit_arrays
from grader.cases.draw import draw_cases
from grader.cases.lines import SCHEMES, central, on_line
from grader.core.norms import norm
from grader.problems.asks import ASKS, Ask
from grader.problems.course import Course
from grader.problems.problem import Problem
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import from_array
from grader.truths.derivative import STEPS, exact, reduced_map
from grader.truths.doubles import split

H = STEPS[0]
EVERY_ASK = (
    "adjugate", "det-differential", "det-gradient", "inv-jacobian", "inv-pullback", "inv-second-differential",
    "weighted-gradient",
)  # fmt: skip


def generic(problem: Problem) -> Case:
    return next(
        case
        for case in draw_cases(problem, 1, 24)
        if case.family == "generic" and all(side == 3 for side in case.sizes.values())
    )


def truth(asked: AskedMap[Any]) -> tuple[Any, ...]:
    with ctx.workprec(H.bits(asked.problem.order)):
        return exact(asked, H.h(asked))


def test_every_ask_has_a_row() -> None:
    assert set(ASKS) == set(get_args(Ask))


@pytest.mark.parametrize("id", EVERY_ASK)
def test_the_reduced_map_is_the_same_in_doubles_and_in_balls(course: Course, id: str) -> None:
    problem = course.problem(id)
    doubles, balls = in_doubles(problem, generic(problem)), asked_map(problem, generic(problem), BALLS)
    with ctx.workprec(H.bits(problem.order)):
        exactly = split(reduced_map(balls, H.h(balls))(balls.point))[0]

    def derive(f: Any, at: Any, along: Any) -> Any:
        return central(on_line(f, at, along), 1e-5)

    assert np.allclose(doubles.reduced(derive)(doubles.point), exactly, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("id", [id for id in EVERY_ASK if id != "adjugate"])
def test_what_is_read_along_a_direction_is_the_derivative_of_the_reduced_map(course: Course, id: str) -> None:
    problem = course.problem(id)
    asked = asked_map(problem, generic(problem), BALLS)
    rng = np.random.default_rng(0)
    along = {name: from_array(rng.standard_normal(asked.point[name].shape)) for name in problem.wrt}
    if problem.form == "along":
        along = dict(asked.directions(0))
    with ctx.workprec(H.bits(problem.order)):
        h = H.h(asked)
        read = asked.read_along(exact(asked, h), along)
        off = split(read - central(on_line(reduced_map(asked, h), asked.point, along), h))[0]
    assert norm(off) < 1e-30


@pytest.mark.parametrize("id", ["det-differential", "det-gradient", "inv-jacobian", "inv-pullback"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_difference_quotient_in_doubles_comes_near_the_truth(course: Course, id: str, scheme: str) -> None:
    problem = course.problem(id)
    case = generic(problem)
    (right, *_) = truth(asked_map(problem, case, BALLS))
    quotient = difference_quotient(in_doubles(problem, case), 0, scheme, 1e-6)
    assert norm(quotient - split(right)[0]) < 1e-3 * norm(quotient)


def test_unit_arrays_come_row_by_row_or_column_by_column() -> None:
    by_rows = [np.argwhere(E).tolist() for E in unit_arrays((2, 2))]
    by_columns = [np.argwhere(E).tolist() for E in unit_arrays((2, 2), "F")]
    assert by_rows == [[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]]
    assert by_columns == [[[0, 0]], [[1, 0]], [[0, 1]], [[1, 1]]]
    assert [E.shape for E in unit_arrays(())] == [()]
