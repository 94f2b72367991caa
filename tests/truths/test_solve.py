"""Cases are drawn again until they show something, and what cannot be decided says why."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from grader.cases.case import Case
from grader.problems.course import Course
from grader.problems.load import make_problem
from grader.problems.problem import Problem
from grader.truths.solve import SolvedCase, solve_cases
from grader.truths.truth import ILL_POSED, NOT_FINITE, Undecided, find_truth

pytestmark = pytest.mark.sampled

SINGULAR = ("corank_1", "dense_singular")
FIELDS = {
    "title": "Test",
    "statement": "Test.",
    "checks": [{"check": "shape", "points": 1}, {"check": "reference", "points": 1}],
}


def make(**fields: Any) -> Problem:
    return make_problem({**FIELDS, **fields}, "test")


def solve(problem: Problem, seed: int) -> list[SolvedCase]:
    return list(solve_cases(problem, seed, 24))


@pytest.mark.parametrize("seed", [476, 592, 995])
def test_truths_at_singular_matrices_are_not_0_by_accident_and_have_both_signs(
    seed: int, course: Course
) -> None:
    solved = solve(course.problems["det-differential"], seed)
    for family in SINGULAR:
        signs = [item.sign for item in solved if item.case.family == family]
        assert 0 not in signs and {*signs} == {-1, 1}
    for n in (2, 3, 4, 5):
        at_size = [item for item in solved if item.case.family in SINGULAR and item.case.sizes == {"n": n}]
        assert {item.sign for item in at_size} == {-1, 1}


def test_what_is_0_at_every_draw_stays(course: Course) -> None:
    solved = solve(course.problems["det-gradient"], 1)
    zero = Counter(item.case.family for item in solved if item.is_zero)
    assert set(zero) == {"corank_2", "zero"}
    assert all(item.truth is not None and item.causes == () for item in solved)


def test_a_map_that_no_draw_decides_is_given_up_after_a_few() -> None:
    problem = make(
        signature="nowhere(a)", f="root(lambda y: y * y + 1 + a * a, 1)", ask="value", inputs={"a": {}}
    )
    solved = solve(problem, 1)
    assert {item.cause for item in solved} == {"Newton's method finds no root near the start"}
    assert max(len(item.causes) for item in solved) < 3


def test_the_three_cases_on_a_line_are_drawn_again_together() -> None:
    problem = make(
        signature="root(x, dx)",
        f="sum(sqrt(x))",
        ask="differential",
        inputs={"x": {"shape": [1]}},
        checks=[*FIELDS["checks"], {"check": "linear", "points": 1}],
    )
    for seed in range(4):
        solved = solve(problem, seed)
        (both,) = (item for item in solved if item.case.combination_of)
        V, W = (solved[index] for index in both.case.combination_of or ())
        expected = 2 * np.asarray(V.case.values["dx"]) - 3 * np.asarray(W.case.values["dx"])
        assert np.array_equal(np.asarray(both.case.values["dx"]), expected)
        assert np.array_equal(np.asarray(both.case.values["x"]), np.asarray(V.case.values["x"]))
        assert {item.truth is None for item in (both, V, W)} == {False}


def test_a_case_that_the_tolerance_decides_nothing_about_is_ill_posed() -> None:
    problem = make(
        signature="inverse(A)", f="inv(A)", ask="value", inputs={"A": {"shape": ["n", "n"]}}, sizes={"n": [2]}
    )
    A = np.array([[1.0, 1.0], [1.0, 1.0 + 2.0**-50]])
    assert find_truth(problem, Case(0, "generic", {"n": 2}, {"A": A}), 1) == Undecided(ILL_POSED)


def test_causes_of_earlier_draws_are_kept() -> None:
    problem = make(
        signature="log_gradient(x)",
        f="sum(log(x))",
        ask="gradient",
        inputs={"x": {"shape": ["n"]}},
        sizes={"n": [2]},
    )
    causes = Counter(cause for item in solve(problem, 1) for cause in item.causes)
    assert set(causes) == {NOT_FINITE}


@pytest.mark.slow
def test_positive_and_probability_inputs_stay_where_they_belong_and_are_decided() -> None:
    families = ["integer", "generic", "one_by_one", "thin"]
    problem = make(
        signature="divergence(p, q, dp, dq)",
        f="sum(p * log(p / q))",
        ask="differential",
        inputs={
            "p": {"shape": ["n"], "space": "probability", "family": families},
            "q": {"shape": ["n"], "space": "positive", "family": [*families, "scaled"]},
        },
        sizes={"n": [2, 3, 4]},
    )
    for seed in range(5):
        solved = solve(problem, seed)
        assert all(item.truth is not None and item.causes == () for item in solved)
        for item in solved:
            p, q, dp = (np.asarray(item.case.values[name]) for name in ("p", "q", "dp"))
            assert np.all(p > 0) and sum(p.tolist()) == 1 and np.all(q > 0)
            assert sum(dp.tolist()) == 0
        assert any(np.any(np.asarray(item.case.values["q"]) < 1) for item in solved)


def test_a_jacobian_is_asked_for_at_positive_inputs() -> None:
    x = {"shape": ["n"], "space": "positive"}
    problem = make(signature="log_jacobian(x)", f="log(x)", ask="jacobian", inputs={"x": x})
    for item in solve(problem, 1):
        assert item.truth is not None
        right = np.diag(1 / np.asarray(item.case.values["x"]))
        assert np.allclose(item.truth.parts[0].hi, right, rtol=1e-14, atol=0)
