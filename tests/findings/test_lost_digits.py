"""Right, but losing digits: what is called that, what it costs, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.linalg import inv, matrix_power

from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.course import open_course
from grader.reports.feedback import explain, say_headline
from grader.reports.report import ProblemReport
from grader.truths.cache import find_truths
from tests.conftest import ROOT
from tests.judging import answers, finding

pytestmark = pytest.mark.slow

Function = Callable[..., Any]
COURSE = open_course(ROOT)


def prepared(id: str, seed: int) -> PreparedProblem:
    return prepare_problem(COURSE.problem(id), seed, COURSE.cases, solve=find_truths)


def judged(asked: PreparedProblem, function: Function) -> ProblemReport:
    return judge_answers(asked, answers(asked, function))


def inverse_of_kronecker(A: Any) -> Any:
    return -inv(np.kron(A.T, A))


def powers_between_inverses(A: Any, k: int, dA: Any) -> Any:
    """d(X^m) = -X^m d(A^m) X^m, in which huge and tiny powers of an ill-conditioned A cancel."""
    m = abs(k)
    D = sum((matrix_power(A, j) @ dA @ matrix_power(A, m - 1 - j) for j in range(m)), 0 * (A + dA))
    return D if k >= 0 else -matrix_power(inv(A), m) @ D @ matrix_power(inv(A), m)


@pytest.mark.parametrize("seed", range(4))
def test_a_right_formula_that_rounding_spoils_costs_the_points_of_accuracy_alone(seed: int) -> None:
    judgement = judged(prepared("inv-jacobian", seed), inverse_of_kronecker)
    assert judgement.verdict == "loses_digits"
    assert judgement.score == judgement.max_score - 1
    assert finding(judgement, "reference (ill-conditioned A)").outcome == "failed"
    assert judgement.diagnosis is not None and judgement.diagnosis.id == "loses-digits"


@pytest.mark.parametrize("seed", range(4))
def test_an_unstable_formula_is_never_called_wrong(seed: int) -> None:
    """Whether it meets a power at which it loses digits depends on the cases."""
    judgement = judged(prepared("matrix-power-differential", seed), powers_between_inverses)
    assert judgement.verdict in ("right", "loses_digits")
    assert judgement.score >= judgement.max_score - 1


def reference_of(id: str) -> Function:
    solution = COURSE.solution(id)
    assert solution is not None
    return solution.reference


def polar_factor_by_gram_matrix(A: Any, kind: str) -> Any:
    """A(AᵀA)^(−1/2) for UVᵀ, which is well-conditioned though A is not."""
    if kind != "nuc":
        return reference_of("norm-gradient")(A, kind)
    if A.shape[0] < A.shape[1]:
        return polar_factor_by_gram_matrix(A.T, kind).T
    squares, V = np.linalg.eigh(A.T @ A)
    return A @ (V / np.sqrt(squares)) @ V.T


def test_digits_lost_to_the_condition_of_a_matrix_alone_are_lost_digits_too() -> None:
    """The draw of whole numbers at this seed is nearly singular, κ(A) = 4e4."""
    judgement = judged(prepared("norm-gradient", 2003), polar_factor_by_gram_matrix)
    assert judgement.verdict == "loses_digits"


@pytest.mark.parametrize("factor", [1 + 1e-6, 1 + 1e-11])
def test_an_error_at_every_matrix_is_wrong_however_small(factor: float) -> None:
    reference = reference_of("norm-gradient")
    assert judged(prepared("norm-gradient", 2003), lambda A, k: factor * reference(A, k)).verdict == "wrong"


def differential_beside(A: Any, dA: Any) -> Any:
    """Off by what rounding [[A, dA], [0, A]] in its last bit brings."""
    D = -inv(A) @ dA @ inv(A)
    return D + np.finfo(float).eps * np.max(np.abs(dA)) / np.max(np.abs(A)) * np.linalg.norm(D) / len(A)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_direction_much_larger_than_the_matrix_costs_is_lost_digits(seed: int) -> None:
    assert judged(prepared("inv-differential", seed), differential_beside).verdict in (
        "right",
        "loses_digits",
    )


def test_it_reads_as_right_but_losing_digits() -> None:
    judgement = judged(prepared("inv-jacobian", 0), inverse_of_kronecker)
    assert "".join(say_headline(judgement, explain(judgement))).startswith(
        "inv_jacobian is right, but loses digits: your answers are right at ordinary inputs"
    )


def at_hard_inputs(change: Function) -> Function:
    def function(A: Any) -> Any:
        J = np.kron(-inv(A).T, inv(A))
        return J if np.linalg.cond(A) < 1e4 else change(J)

    return function


@pytest.mark.parametrize(
    "wrong",
    [
        at_hard_inputs(lambda J: 0 * J),
        at_hard_inputs(lambda J: J * 1.1),
        at_hard_inputs(lambda J: J * np.nan),
        at_hard_inputs(lambda J: J * (1 + 1e-5j)),
        at_hard_inputs(lambda J: J[None] * (1 + 1e-5)),
        lambda A: -np.kron(inv(A).T, inv(A)) * (1 + 1e-9),
        lambda A: np.round(-np.kron(inv(A).T, inv(A)), 8),
    ],
)
def test_what_rounding_at_hard_inputs_does_not_explain_is_wrong(wrong: Function) -> None:
    assert judged(prepared("inv-jacobian", 0), wrong).verdict == "wrong"


def test_another_fault_beside_lost_digits_is_told_as_wrong() -> None:
    def changes_its_argument(A: Any) -> Any:
        J = inverse_of_kronecker(A)
        A[0, 0] += 1.0
        return J

    assert judged(prepared("inv-jacobian", 0), changes_its_argument).verdict == "wrong"


def test_lost_digits_that_cost_no_points_are_right() -> None:
    asked = prepared("inv-jacobian", 0)
    checks = tuple(
        replace(check, points=Fraction(0)) if check.families else check for check in asked.problem.checks
    )
    free = replace(asked, problem=replace(asked.problem, checks=checks))
    judgement = judged(free, inverse_of_kronecker)
    assert judgement.verdict == "right" and judgement.score == judgement.max_score
