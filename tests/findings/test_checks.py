"""Each check accepts the right and rejects the wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import det, inv

from grader.answers.sandbox import Returned
from grader.findings.checks import RULES
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course
from grader.problems.problem import CheckName
from grader.truths.cache import user_cache
from tests.judging import answers, finding, judged, outcome, question

Function = Callable[..., Any]


def inv_differential(A: Any, dA: Any) -> Any:
    X = inv(A)
    return -X @ dA @ X


def adj(A: Any) -> Any:
    n = len(A)
    C = [[(-1) ** (i + j) * det(np.delete(np.delete(A, i, 0), j, 1)) for j in range(n)] for i in range(n)]
    return np.array(C).T


def det_gradient(A: Any) -> Any:
    return adj(A).T


def inv_pullback(A: Any, G: Any) -> Any:
    return -inv(A).conj().T @ G @ inv(A).conj().T


def inv_jacobian(A: Any) -> Any:
    return np.kron(-inv(A).T, inv(A))


RIGHT: dict[str, Function] = {
    "inv-differential": inv_differential,
    "det-gradient": det_gradient,
    "inv-pullback": inv_pullback,
    "inv-jacobian": inv_jacobian,
    "adjugate": adj,
}


def at_call(number: int, wrong: Function, right: Function) -> Function:
    calls = iter(range(10**6))
    return lambda *a: wrong(*a) if next(calls) == number else right(*a)


def changes_input(A: Any, dA: Any) -> Any:
    result = inv_differential(A, dA)
    A[0, 0] += 1.0
    return result


def nan_once(A: Any, dA: Any) -> Any:
    result = inv_differential(A, dA)
    if len(A) == 4:
        result[0, 0] = np.nan
    return result


REJECTED: list[tuple[CheckName, str, Function]] = [
    ("shape", "inv-differential", lambda A, dA: inv_differential(A, dA)[None]),
    ("shape", "inv-differential", lambda A, dA: inv_differential(A, dA).ravel()),
    ("shape", "inv-differential", nan_once),
    ("shape", "inv-differential", lambda A, dA: inv_differential(A, dA) * (1 + 1e-9j)),
    ("reference", "inv-differential", lambda A, dA: -inv_differential(A, dA)),
    ("reference", "inv-differential", lambda A, dA: inv_differential(A, dA) * (1 + 1e-9)),
    ("reference", "inv-differential", nan_once),
    ("reference", "inv-differential", at_call(27, lambda A, dA: dA, inv_differential)),
    ("reference", "adjugate", lambda A: adj(A).T),
    ("taylor", "inv-differential", lambda A, dA: -inv(A) @ inv(A) @ dA),
    ("taylor", "inv-differential", lambda A, dA: inv_differential(A, dA) * (1 + 1e-6)),
    ("taylor", "det-gradient", lambda A: adj(A)),
    ("taylor", "inv-jacobian", lambda A: -np.kron(inv(A), inv(A).T)),
    ("finite_difference", "inv-differential", lambda A, dA: inv_differential(A, dA) * (1 + 1e-3)),
    ("linear", "inv-differential", lambda A, dA: inv(A + dA) - inv(A)),
    ("linear", "inv-pullback", lambda A, G: inv_pullback(A, G) + 1.0),
    ("linear", "inv-pullback", lambda A, G: inv_pullback(A, np.abs(G))),
    ("adjoint", "inv-differential", lambda A, dA: -inv(A).T @ dA @ inv(A).T),
    ("adjoint", "inv-pullback", lambda A, G: -inv(A) @ G @ inv(A)),
    ("adjoint", "inv-jacobian", lambda A: -np.kron(inv(A), inv(A).T)),
    ("inner_product", "det-gradient", lambda A: adj(A)),
    ("pure", "inv-differential", changes_input),
    ("pure", "inv-differential", lambda A, dA: dA),
    ("pure", "inv-differential", at_call(26, lambda A, dA: dA.copy(), inv_differential)),
]


@pytest.mark.parametrize(("check", "id", "function"), REJECTED)
def test_each_check_rejects_what_breaks_its_property(
    exam: PreparedAssignment, check: str, id: str, function: Function
) -> None:
    failed = finding(judged(exam, id, function), check)
    assert failed.outcome == "failed"
    assert failed.score == 0
    assert failed.counterexample is not None and failed.message


@pytest.mark.parametrize("id", RIGHT)
def test_each_check_accepts_the_right_answer(exam: PreparedAssignment, id: str) -> None:
    judgement = judged(exam, id, RIGHT[id])
    assert {finding.outcome for finding in judgement.findings} == {"passed"}
    assert judgement.verdict == "right"
    assert judgement.score == 10


def test_every_check_is_rejected_by_some_test_and_listed_by_some_problem(exam: PreparedAssignment) -> None:
    listed = {check.name for prepared in exam.problems for check in prepared.problem.checks}
    elsewhere = {"symmetric"}  # tests/inputs/test_second_derivatives.py: no exercise asks for a Hessian
    assert {check for check, _, _ in REJECTED} == set(RULES) - elsewhere == listed


def test_a_linear_map_that_is_wrong_still_passes_the_linearity_check(exam: PreparedAssignment) -> None:
    for wrong in (
        lambda A, dA: -inv(A) @ inv(A) @ dA,
        lambda A, dA: 3e6 * dA.T,
        lambda A, dA: -inv_differential(A, dA),
    ):
        assert outcome(judged(exam, "inv-differential", wrong), "linear") == "passed"


@pytest.mark.parametrize("reshape", [lambda x: x.ravel(), lambda x: x[None], lambda x: x[..., None]])
def test_a_shape_that_broadcasting_could_hide_costs_its_points_and_no_others(
    exam: PreparedAssignment, reshape: Function
) -> None:
    judgement = judged(exam, "inv-differential", lambda A, dA: reshape(inv_differential(A, dA)))
    assert judgement.verdict == "wrong"
    assert judgement.score == 9
    assert "of shape" in finding(judgement, "shape").message


def test_lists_python_numbers_and_whole_numbers_are_answers_too(exam: PreparedAssignment) -> None:
    assert judged(exam, "inv-differential", lambda A, dA: inv_differential(A, dA).tolist()).verdict == "right"
    assert judged(exam, "det-gradient", lambda A: det_gradient(A).tolist()).verdict == "right"


def test_an_imaginary_part_within_the_tolerance_is_no_fault(exam: PreparedAssignment) -> None:
    judgement = judged(exam, "inv-differential", lambda A, dA: inv_differential(A, dA) * (1 + 1e-15j))
    assert judgement.verdict == "right" and judgement.score == 10


def test_repeated_answers_that_are_equal_within_the_tolerance_are_equal(exam: PreparedAssignment) -> None:
    rng = np.random.default_rng(0)

    def noisy(size: float) -> Function:
        return lambda A, dA: inv_differential(A, dA) * (1 + size * rng.standard_normal())

    assert judged(exam, "inv-differential", noisy(1e-16)).verdict == "right"
    assert outcome(judged(exam, "inv-differential", noisy(1e-9)), "pure") == "failed"


def test_wrong_answers_too_are_equal_within_the_tolerance(exam: PreparedAssignment) -> None:
    rng = np.random.default_rng(0)
    judgement = judged(exam, "inv-differential", lambda A, dA: dA * (2 + 1e-16 * rng.standard_normal()))
    assert outcome(judgement, "pure") == "passed" and judgement.verdict == "wrong"


def truncates_integers(A: Any) -> Any:
    C = np.zeros_like(A)
    C[...] = det_gradient(A)
    return C


def refuses_integers(A: Any) -> Any:
    B = A.copy()
    B *= 1.0
    return det_gradient(B)


@pytest.mark.parametrize("function", [truncates_integers, refuses_integers])
def test_arrays_of_integers_are_tried_and_their_fault_is_named(
    exam: PreparedAssignment, function: Function
) -> None:
    judgement = judged(exam, "det-gradient", function)
    assert judgement.verdict == "wrong" and 0 < judgement.score < 10
    assert judgement.diagnosis is not None and judgement.diagnosis.id == "integer-arrays"
    assert {item.name for item in judgement.failed} <= {"shape", "reference"}


def test_what_is_wrong_for_floats_is_not_blamed_on_integers(exam: PreparedAssignment) -> None:
    judgement = judged(exam, "det-gradient", lambda A: 2 * truncates_integers(A))
    assert judgement.diagnosis is not None and judgement.diagnosis.id == "constant-factor"


def test_an_answer_in_integers_is_right_where_it_is(exam: PreparedAssignment) -> None:
    def rounds_where_it_may(A: Any) -> Any:
        G = det_gradient(A)
        return np.rint(G).astype(int) if A.dtype == int else G

    assert judged(exam, "det-gradient", rounds_where_it_may).verdict == "right"


def test_writing_over_earlier_answers_costs_the_points_of_pure_alone(exam: PreparedAssignment) -> None:
    asked = question(exam, "inv-differential")
    given = answers(asked, inv_differential)
    over = [
        replace(answer, overwritten=k > 5) if isinstance(answer, Returned) else answer
        for k, answer in enumerate(given)
    ]
    judgement = judge_answers(asked, over)
    assert [item.name for item in judgement.failed] == ["pure"]
    assert "writes its answer into the array that it returned before" in finding(judgement, "pure").message


def test_a_function_that_fails_on_some_inputs_is_wrong_not_an_error(exam: PreparedAssignment) -> None:
    judgement = judged(exam, "det-gradient", lambda A: det(A) * inv(A).T)
    assert judgement.verdict == "wrong"
    assert judgement.score == 8
    assert judgement.error is not None and judgement.error.kind == "raised"


def test_a_function_that_always_fails_is_an_error_without_points(exam: PreparedAssignment) -> None:
    judgement = judged(exam, "det-gradient", lambda A: A["x"])
    assert judgement.verdict == "error" and judgement.score == 0


def test_a_broken_contract_makes_right_numbers_wrong_at_the_price_of_one_point(
    exam: PreparedAssignment,
) -> None:
    judgement = judged(exam, "inv-differential", changes_input)
    assert [finding.check for finding in judgement.findings if finding.outcome == "failed"] == ["pure"]
    assert judgement.verdict == "wrong" and judgement.score == 9


def test_a_check_without_points_cannot_make_an_answer_wrong(exam: PreparedAssignment) -> None:
    asked = question(exam, "inv-differential")
    free = replace(asked.problem, checks=tuple(replace(check, points=check.points * (check.name != "pure"))
                                               for check in asked.problem.checks))  # fmt: skip
    asked = replace(asked, problem=free, points=free.points)
    judgement = judge_answers(asked, answers(asked, changes_input))
    assert outcome(judgement, "pure") == "failed"
    assert judgement.verdict == "right" and judgement.score == 9


def test_the_counterexample_is_the_smallest_whole_one(exam: PreparedAssignment) -> None:
    example = finding(
        judged(exam, "inv-differential", lambda A, dA: -inv_differential(A, dA)), "reference"
    ).counterexample
    assert example is not None and example.family == "integer"
    assert np.shape(example.inputs["A"]) == (2, 2)
    assert np.allclose(np.array(example.answer), -np.array(example.right))


@pytest.mark.slow
@settings(max_examples=40)
@given(st.floats(-14, 0), st.integers(0, 10**6))
def test_errors_well_above_the_tolerance_are_always_found(
    exam: PreparedAssignment, exponent: float, seed: int
) -> None:
    """A relative error in a random entry is found from 1e-11 on; right answers never have one."""
    rng = np.random.default_rng(seed)
    i, j = rng.integers(2, size=2)

    def off(A: Any, dA: Any) -> Any:
        result = inv_differential(A, dA)
        if len(A) > 1:
            result[i, j] *= 1 + 10.0**exponent
        return result

    assert exponent < -11 or judged(exam, "inv-differential", off).verdict == "wrong"


def test_points_are_scaled_exactly(exam: PreparedAssignment) -> None:
    thirds = replace(question(exam, "inv-differential"), points=Fraction(1, 3))
    judgement = judge_answers(thirds, answers(thirds, inv_differential))
    assert judgement.score == Fraction(1, 3)
    assert sum(finding.score for finding in judgement.findings) == Fraction(1, 3)


def unless_zero(right: Function) -> Function:
    """NaN where the last argument is 0."""

    def wrong(*arguments: Any) -> Any:
        result = right(*arguments)
        return result if np.any(arguments[-1]) else result * np.nan

    return wrong


@pytest.mark.parametrize("id", ["inv-differential", "inv-pullback"])
def test_what_fails_at_a_zero_direction_loses_the_points_of_linearity_alone(
    exam: PreparedAssignment, id: str
) -> None:
    judgement = judged(exam, id, unless_zero(RIGHT[id]))
    assert judgement.verdict == "wrong"
    assert [finding.name for finding in judgement.failed] == ["linear"]
    constant = judged(exam, id, lambda *arguments: RIGHT[id](*arguments) + (not np.any(arguments[-1])))
    assert outcome(constant, "linear") == "failed" and outcome(constant, "reference") == "passed"


@pytest.fixture(scope="module")
def two_directions(course: Course) -> PreparedAssignment:
    """The differential of the solution of A x = b, in A and b."""
    neighbours = course.assignment("lecture05-neighbours")
    return prepare(course, neighbours, 11, only=("solve-differential",), store=user_cache())


LINEAR: list[Function] = [
    lambda A, b, dA, db: inv(A) @ (db + dA @ inv(A) @ b),
    lambda A, b, dA, db: inv(A) @ db,
]


@pytest.mark.parametrize("wrong", LINEAR)
def test_a_wrong_answer_that_is_linear_in_two_directions_is_called_linear(
    two_directions: PreparedAssignment, wrong: Function
) -> None:
    judgement = judged(two_directions, "solve-differential", wrong)
    assert (outcome(judgement, "reference"), outcome(judgement, "linear")) == ("failed", "passed")


@pytest.mark.parametrize("names", [{"dA"}, {"db"}, {"dA", "db"}])
def test_an_early_return_for_directions_of_zeros_is_found(
    two_directions: PreparedAssignment, names: set[str]
) -> None:
    def hasty(A: Any, b: Any, dA: Any, db: Any) -> Any:
        zero = {name for name, direction in (("dA", dA), ("db", db)) if not np.any(direction)}
        answer = inv(A) @ (db - dA @ inv(A) @ b)
        return np.ones_like(answer) if zero >= names else answer

    assert judged(two_directions, "solve-differential", hasty).verdict == "wrong"


def test_at_a_zero_direction_every_check_judges_where_none_is_about_linearity(
    exam: PreparedAssignment,
) -> None:
    asked = question(exam, "inv-differential")
    checks = tuple(check for check in asked.problem.checks if check.name != "linear")
    without = replace(asked, problem=replace(asked.problem, checks=checks))
    judgement = judge_answers(without, answers(without, unless_zero(inv_differential)))
    assert outcome(judgement, "reference") == outcome(judgement, "shape") == "failed"
