"""What relations allow is what a backward stable algorithm leaves, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.relations import CONDITIONS, CONTESTS, Contest, fits, worst
from grader.cases.case import Case
from grader.problems.load import make_problem
from grader.truths.relations import judge_relations

pytestmark = pytest.mark.sampled


@pytest.mark.parametrize("contest", CONTESTS, ids=[contest.name for contest in CONTESTS])
def test_algorithms_get_the_verdicts_that_numerical_analysis_expects(contest: Contest) -> None:
    for name, algorithm, expected in contest.algorithms:
        errors = [worst(contest, algorithm, kappa) for kappa in CONDITIONS]
        assert all(map(fits, errors, expected)), (name, errors)


def test_a_given_residual_is_found_to_the_last_digit() -> None:
    fields = {
        "title": "A root",
        "statement": "Any.",
        "signature": "root(a)",
        "returns": {"x": []},
        "inputs": {"a": {}},
        "relations": [{"holds": "x ** 2 - a", "points": 1}],
    }
    problem = make_problem(fields, "root")
    x = float(np.sqrt(2.0))
    (residual,) = judge_relations(problem, Case(0, "generic", {}, {"a": 2.0}), [np.asarray(x)])
    assert residual.value == pytest.approx(2.7343234630647693e-16, rel=1e-14)  # in 60 digits
    assert residual.is_right


def test_columns_that_span_everything_leave_nothing_of_any_matrix() -> None:
    fields = {
        "title": "A basis",
        "statement": "Any.",
        "signature": "basis(A)",
        "returns": {"Q": ["n", "n"]},
        "inputs": {"A": {"shape": ["n", "n"]}},
        "relations": [{"span_of": "A", "points": 1}],
    }
    problem = make_problem(fields, "basis")
    A = np.array([[-4.0, -3.0], [3.0, 1.0]])

    for Q in (A, np.eye(2), np.linalg.qr(A)[0]):
        (residual,) = judge_relations(problem, Case(0, "integer", {"n": 2}, {"A": A}), [Q])
        assert residual.is_right
    (residual,) = judge_relations(problem, Case(0, "integer", {"n": 2}, {"A": A}), [np.ones((2, 2))])
    assert not residual.is_right
