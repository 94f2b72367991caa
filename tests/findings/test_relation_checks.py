"""Answers that are not unique: which relations are accepted, which are not, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.load import make_problem
from grader.reports.feedback import explain
from grader.reports.report import ProblemReport
from tests.judging import answers

Array = NDArray[Any]
Function = Callable[..., Any]

QR = {
    "title": "QR factors",
    "statement": "Any.",
    "signature": "qr_factors(A)",
    "returns": {"Q": ["m", "n"], "R": ["n", "n"]},
    "inputs": {"A": {"shape": ["m", "n"], "family": ["integer", "generic", "scaled"]}},
    "sizes": {"m": [2, 3, 5], "n": [1, 2, 3]},
    "where": ["m >= n"],
    "relations": [
        {"holds": "Q @ R - A", "points": 4, "name": "Q R = A"},
        {"holds": "Q.T @ Q - eye(n)", "points": 3, "name": "orthonormal columns"},
    ],
}
SQUARE = {
    **QR,
    "returns": {"Q": ["n", "n"], "R": ["n", "n"]},
    "inputs": {"A": {"shape": ["n", "n"], "family": ["generic", {"ill_conditioned": 1e6}]}},
    "sizes": {"n": [3, 4, 5]},
    "where": [],
}
EIGENVECTOR = {
    "title": "An eigenvector",
    "statement": "Any.",
    "signature": "eigenvector(S)",
    "returns": {"v": ["n"], "w": []},
    "inputs": {"S": {"shape": ["n", "n"], "space": "symmetric", "family": ["integer", "generic"]}},
    "relations": [
        {"holds": "S @ v - w * v", "points": 3},
        {"holds": "v @ v - 1", "points": 1, "name": "length 1"},
    ],
}
NOT_COMMUTING = {
    "title": "B with AB ≠ BA",
    "statement": "Any.",
    "signature": "partner(A)",
    "returns": {"B": ["n", "n"]},
    "inputs": {"A": {"shape": ["n", "n"], "family": ["integer", "generic"]}},
    "relations": [{"is_not": "A @ B - B @ A", "points": 1}],
}
DESCENT = {
    "title": "A direction of descent",
    "statement": "Any.",
    "signature": "descent(g)",
    "returns": {"d": ["n"]},
    "inputs": {"g": {"shape": ["n"], "family": ["integer", "generic"]}},
    "relations": [{"at_least": "-(g @ d)", "strict": True, "points": 1}],
}
SPAN = {
    "title": "A basis of the column space",
    "statement": "Any.",
    "signature": "basis(A)",
    "returns": {"B": ["m", "n"]},
    "inputs": {"A": {"shape": ["m", "n"], "family": ["integer", "generic"]}},
    "sizes": {"m": [4, 5], "n": [2, 3]},
    "where": ["m > n"],
    "relations": [{"span_of": "A", "points": 2}, {"holds": "B.T @ B - eye(n)", "points": 1}],
}


def prepared(fields: dict[str, Any]) -> PreparedProblem:
    return prepare_problem(make_problem(fields, "some-problem"), 1, 24)


def judge(fields: dict[str, Any], function: Function) -> ProblemReport:
    asked = prepared(fields)
    return judge_answers(asked, answers(asked, function))


def failed(report: ProblemReport) -> set[str]:
    return {finding.check for finding in report.findings if finding.outcome == "failed"}


def gram_schmidt(passes: int = 1, modified: bool = False) -> Function:
    def factors(A: Array) -> tuple[Array, Array]:
        n = A.shape[1]
        Q, R = np.zeros(A.shape), np.zeros((n, n))
        for k in range(n):
            v = A[:, k].copy()
            for _ in range(passes):
                if modified:
                    for j in range(k):
                        r = Q[:, j] @ v
                        R[j, k] += r
                        v = v - r * Q[:, j]
                else:
                    r = Q[:, :k].T @ v
                    R[:k, k] += r
                    v = v - Q[:, :k] @ r
            R[k, k] = np.linalg.norm(v)
            Q[:, k] = v / R[k, k]
        return Q, R

    return factors


def some_signs(A: Array) -> tuple[Array, Array]:
    Q, R = np.linalg.qr(A)
    d = np.where(np.arange(A.shape[1]) % 2, 1.0, -1.0)
    return Q * d, d[:, None] * R


@pytest.mark.parametrize("function", [np.linalg.qr, some_signs, gram_schmidt(2)])
def test_every_right_answer_is_right_whichever_it_is(function: Function) -> None:
    report = judge(QR, lambda A: tuple(function(A)))
    assert report.verdict == "right" and report.score == report.max_score


def test_an_unstable_algorithm_loses_digits_and_a_second_pass_keeps_them() -> None:
    report = judge(SQUARE, gram_schmidt())
    assert report.verdict == "loses_digits" and failed(report) == {"orthonormal columns"}
    assert report.diagnosis is not None and report.diagnosis.id == "loses-digits"
    assert judge(SQUARE, gram_schmidt(2)).verdict == "right"


WRONG: list[tuple[dict[str, Any], Function, str, set[str]]] = [
    (QR, lambda A: (np.linalg.qr(A)[0], -np.linalg.qr(A)[1]), "constant-factor", {"Q R = A"}),
    (SQUARE, lambda A: (np.linalg.qr(A)[0].T, np.linalg.qr(A)[1]), "transpose", {"Q R = A"}),
    (SQUARE, lambda A: np.linalg.qr(A)[::-1], "parts-exchanged", {"Q R = A", "orthonormal columns"}),
    (SQUARE, lambda A: (np.linalg.qr(A)[0], np.linalg.inv(np.linalg.qr(A)[1])), "inverse", {"Q R = A"}),
    (SPAN, lambda A: A / np.linalg.norm(A, axis=0), "not-orthogonal", {"B.T @ B - eye(n) = 0"}),
    (SPAN, lambda A: 2 * np.linalg.qr(A)[0], "not-normalised", {"B.T @ B - eye(n) = 0"}),
    (
        EIGENVECTOR,
        lambda S: (np.linalg.eigh(S)[1][:, 0] * 3, np.linalg.eigh(S)[0][0]),
        "not-normalised",
        {"length 1"},
    ),
]


@pytest.mark.parametrize(("fields", "function", "id", "checks"), WRONG)
def test_a_wrong_answer_is_named_by_what_would_make_it_right(
    fields: dict[str, Any], function: Function, id: str, checks: set[str]
) -> None:
    report = judge(fields, lambda *arguments: _tuple(function(*arguments)))
    assert report.verdict == "wrong" and failed(report) == checks
    assert report.diagnosis is not None and report.diagnosis.id == id


def _tuple(result: Any) -> Any:
    return tuple(result) if isinstance(result, tuple) else result


def test_a_random_start_is_no_fault_where_answers_are_not_unique() -> None:
    rng = np.random.default_rng(0)

    def orthonormal(A: Array) -> Array:
        return np.linalg.qr(A @ rng.standard_normal((A.shape[1], A.shape[1])))[0]

    report = judge(SPAN, orthonormal)
    assert report.verdict == "right" and report.score == report.max_score


def test_what_must_not_vanish_may_be_anything_else() -> None:
    def shifts(A: Array) -> Array:
        n = len(A)
        tried = (np.eye(n)[:, [i]] @ np.eye(n)[[j]] for i in range(n) for j in range(n))
        return max(tried, key=lambda B: float(np.linalg.norm(A @ B - B @ A)))

    assert judge(NOT_COMMUTING, shifts).verdict == "right"
    commuting: list[Function] = [lambda A: np.eye(len(A)), lambda A: 0 * A, np.linalg.inv, lambda A: A @ A]
    for function in commuting:
        assert judge(NOT_COMMUTING, function).verdict == "wrong"


def test_an_inequality_may_be_strict() -> None:
    assert judge(DESCENT, lambda g: -g).verdict == "right"
    assert judge(DESCENT, lambda g: 0 * g).verdict == "wrong"
    assert judge(DESCENT, lambda g: g.copy()).verdict == "wrong"
    lenient = {**DESCENT, "relations": [{"at_least": "-(g @ d)", "points": 1}]}
    assert judge(lenient, lambda g: 0 * g).verdict == "right"


def test_numbers_so_large_that_rounding_hides_the_relation_are_wrong() -> None:
    fields = {
        "title": "A generalised inverse",
        "statement": "Any.",
        "signature": "inverse(A)",
        "returns": {"G": ["n", "n"]},
        "inputs": {"A": {"shape": ["n", "n"], "family": ["corank_1"]}},
        "sizes": {"n": [3, 4]},
        "relations": [{"holds": "A @ G @ A - A", "points": 1}],
    }

    def hidden(A: Array) -> Array:
        v = np.linalg.svd(A)[2][-1]
        return 1e18 * np.outer(v, v) + np.eye(len(A))

    assert judge(fields, np.linalg.pinv).verdict == "right"
    assert judge(fields, hidden).verdict == "wrong"


def test_wrong_shapes_numbers_and_counts_are_said() -> None:
    def first(function: Function) -> str:
        report = judge(QR, function)
        return next(finding.what for finding in report.findings if finding.outcome == "failed")

    assert first(lambda A: (np.zeros((9, 9)), np.zeros((9, 9)))).startswith(
        "it must return Q as an array of shape"
    )
    assert first(lambda A: (np.linalg.qr(A)[0] * np.nan, np.linalg.qr(A)[1])) == "it returned NaN"
    assert "complex" in first(lambda A: (np.linalg.qr(A)[0] + 1j, np.linalg.qr(A)[1]))


def test_a_counterexample_shows_what_is_left_of_the_relation() -> None:
    report = judge(QR, lambda A: (np.linalg.qr(A)[0], 2 * np.linalg.qr(A)[1]))
    (finding,) = [finding for finding in report.findings if finding.outcome == "failed"]
    case = finding.counterexample
    assert case is not None and case.right is None and case.names == ("Q", "R")
    assert np.allclose(case.residual, case.inputs["A"])
    assert case.error is not None and np.isclose(case.error, np.linalg.norm(case.inputs["A"]))


def test_a_mistake_that_is_listed_is_found_whatever_its_signs_are() -> None:
    up_to = {
        "title": "The direction of b",
        "statement": "Any.",
        "signature": "direction(b)",
        "f": 'b / norm(b, "fro")',
        "ask": "value",
        "up_to": "sign",
        "inputs": {"b": {"shape": ["n"], "family": ["generic", "scaled"]}},
        "checks": [{"check": "reference", "points": 1}],
    }
    assert judge(up_to, lambda b: -b / np.linalg.norm(b)).verdict == "right"
    assert judge(up_to, lambda b: b / np.linalg.norm(b)).verdict == "right"
    assert judge(up_to, lambda b: b / np.linalg.norm(b, 1)).verdict == "wrong"


def test_a_span_depends_on_no_lengths_and_needs_independent_columns() -> None:
    only = {**SPAN, "relations": [{"span_of": "A", "points": 2}]}

    def nearly_dependent(A: Array) -> Array:
        return np.column_stack([A[:, :-1], A[:, 0] + 1e-16 * A[:, -1]])

    assert judge(only, lambda A: A * 10.0 ** (-9 * np.arange(A.shape[1]))).verdict == "right"
    assert judge(only, lambda A: A @ np.triu(np.ones((A.shape[1], A.shape[1])))).verdict == "right"
    assert judge(only, lambda A: A[:, [0] * A.shape[1]]).verdict == "wrong"
    assert judge(only, nearly_dependent).verdict == "wrong"
    assert judge(only, lambda A: np.eye(*A.shape)).verdict == "wrong"


def test_two_arrays_may_be_asked_of_a_size_alone() -> None:
    fields = {
        "title": "Two matrices that do not commute",
        "statement": "Any.",
        "signature": "pair(n)",
        "parameters": {"n": [2, 3, 4]},
        "sizes": {},
        "returns": {"A": ["n", "n"], "B": ["n", "n"]},
        "relations": [{"is_not": "A @ B - B @ A", "points": 1}],
    }
    assert judge(fields, lambda n: (np.diag(np.arange(1.0, n + 1)), np.ones((n, n)))).verdict == "right"
    assert judge(fields, lambda n: (np.eye(n), np.ones((n, n)))).verdict == "wrong"


def test_the_next_step_is_about_the_relation() -> None:
    report = judge(QR, lambda A: (np.linalg.qr(A)[0], 3 * np.linalg.qr(A)[1]))
    assert report.diagnosis is None
    assert "the residual shows where it fails" in explain(report).step


def test_a_relation_without_points_only_informs() -> None:
    informing = [*SQUARE["relations"], {"at_least": "diag(R)", "points": 0, "name": "positive diagonal"}]
    report = judge({**SQUARE, "relations": informing}, lambda A: tuple(np.linalg.qr(A)))
    assert report.verdict == "right" and failed(report) == {"positive diagonal"}
    wrong = judge({**SQUARE, "relations": informing}, lambda A: (-np.linalg.qr(A)[0], np.linalg.qr(A)[1]))
    assert wrong.diagnosis is not None and wrong.diagnosis.id == "constant-factor"


def test_relations_beside_f_are_checks_of_their_own() -> None:
    fields = {
        "title": "A unit vector along b, upward",
        "statement": "Any.",
        "signature": "upward(b)",
        "f": "b / norm(b)",
        "ask": "value",
        "up_to": "sign",
        "returns": {"x": ["n"]},
        "inputs": {"b": {"shape": ["n"], "family": ["generic", "integer"]}},
        "relations": [{"at_least": "x[0]", "points": 1, "name": "upward"}],
        "checks": [{"check": "reference", "points": 1}],
    }

    def upward(b: Array) -> Array:
        return np.asarray(b / np.linalg.norm(b) * (1.0 if b[0] >= 0 else -1.0))

    assert judge(fields, upward).verdict == "right"
    assert failed(judge(fields, lambda b: b / np.linalg.norm(b))) == {"upward"}
    assert failed(judge(fields, lambda b: 2 * upward(b))) == {"reference"}


def test_equal_mistakes_have_equal_fingerprints_whatever_their_signs_are() -> None:
    def scaled(signs: float, factor: float) -> str:
        def function(A: Array) -> tuple[Array, Array]:
            Q, R = np.linalg.qr(A)
            return signs * Q, factor * signs * R

        return judge(QR, function).residual

    assert scaled(1, 3) == scaled(-1, 3) != scaled(1, 5)
