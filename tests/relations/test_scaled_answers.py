"""Answers with huge or tiny columns: what is allowed for one column does not excuse another, and lengths are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.load import make_problem
from grader.reports.report import ProblemReport
from tests.judging import answers

pytestmark = pytest.mark.sampled

Entry = Mapping[str, Any]
WIDE = {"A": {"shape": ["m", "n"], "family": ["integer", "generic"]}}
SQUARE = {"A": {"shape": ["n", "n"], "family": ["integer", "generic"]}}
SYMMETRIC = {"A": {"shape": ["n", "n"], "space": "symmetric", "family": ["integer", "generic"]}}


def holds(**residuals: str) -> list[dict[str, Any]]:
    return [{"holds": residual, "name": name, "points": 1} for name, residual in residuals.items()]


PROBLEMS: Mapping[str, Entry] = {
    "eigenvectors": {
        "returns": {"w": ["n"], "V": ["n", "n"]},
        "inputs": SYMMETRIC,
        "relations": holds(pairs="A @ V - V @ diag(w)"),
    },
    "unit-eigenvectors": {
        "returns": {"w": ["n"], "V": ["n", "n"]},
        "inputs": SYMMETRIC,
        "relations": holds(pairs="A @ V - V @ diag(w)", unit="V.T @ V - eye(n)"),
    },
    "null-vectors": {
        "returns": {"N": ["n", 2]},
        "inputs": WIDE,
        "sizes": {"m": [2], "n": [4]},
        "relations": holds(null="A @ N"),
    },
    "orthonormal-null-vectors": {
        "returns": {"N": ["n", 2]},
        "inputs": WIDE,
        "sizes": {"m": [2], "n": [4]},
        "relations": holds(null="A @ N", unit="N.T @ N - eye(2)"),
    },
    "left-null-vectors": {
        "returns": {"N": [2, "n"]},
        "inputs": WIDE,
        "sizes": {"m": [2], "n": [4]},
        "relations": holds(null="N @ A.T"),
    },
    "singular-vectors": {
        "returns": {"U": ["n", "n"], "s": ["n"], "V": ["n", "n"]},
        "inputs": SQUARE,
        "relations": holds(
            right="A @ V - U @ diag(s)",
            left="A.T @ U - V @ diag(s)",
            U="U.T @ U - eye(n)",
            V="V.T @ V - eye(n)",
        ),
    },
}


def asked_about(id: str) -> PreparedProblem:
    sizes = {} if "sizes" in PROBLEMS[id] else {"sizes": {"n": [3, 4]}}
    common = {"title": "Test", "statement": "Test.", "signature": "answer(A)", "larger": False}
    return prepare_problem(make_problem({**common, **sizes, **PROBLEMS[id]}, id), 1, 12)


def judged(id: str, function: Callable[[Any], Any]) -> ProblemReport:
    asked = asked_about(id)
    return judge_answers(asked, answers(asked, function))


def null(A: Any) -> Any:
    return np.linalg.svd(A)[2][2:].T


def singular(A: Any) -> tuple[Any, Any, Any]:
    U, s, Vh = np.linalg.svd(A)
    return U, s, Vh.T


RIGHT: Mapping[str, Callable[[Any], Any]] = {
    "eigenvectors": np.linalg.eigh,
    "unit-eigenvectors": np.linalg.eigh,
    "null-vectors": null,
    "orthonormal-null-vectors": null,
    "left-null-vectors": lambda A: null(A).T,
    "singular-vectors": singular,
}


def scaled(x: Any, *factors: float) -> Any:
    """The first columns times factors."""
    y = np.array(x, float)
    y[:, : len(factors)] *= factors
    return y


def spoilt(x: Any, factor: float) -> Any:
    """The first column huge or tiny, the second wrong."""
    y = scaled(x, factor)
    y[:, 1] += y[::-1, 1] + 1
    return y


@pytest.mark.parametrize("id", PROBLEMS)
def test_a_good_algorithm_is_right(id: str) -> None:
    assert judged(id, RIGHT[id]).verdict == "right"


@pytest.mark.parametrize("factor", [1e8, 1e16, 1e200, 1e-8, 1e-200])
def test_columns_of_any_length_are_right_where_the_relation_does_not_ask_for_one(factor: float) -> None:
    def eigenvectors(A: Any) -> Any:
        w, V = np.linalg.eigh(A)
        return w, scaled(V, factor)

    assert judged("eigenvectors", eigenvectors).verdict == "right"
    assert judged("null-vectors", lambda A: scaled(null(A), factor)).verdict == "right"
    assert judged("left-null-vectors", lambda A: scaled(null(A), factor).T).verdict == "right"


@pytest.mark.parametrize("factor", [1e16, 1e100, 1e200, 1e300])
def test_a_huge_column_does_not_excuse_a_wrong_one(factor: float) -> None:
    def eigenvectors(A: Any) -> Any:
        w, V = np.linalg.eigh(A)
        return w, spoilt(V, factor)

    def other_column(A: Any) -> Any:
        U, s, V = singular(A)
        return spoilt(U, factor), s, spoilt(V, factor)

    assert judged("eigenvectors", eigenvectors).verdict == "wrong"
    assert judged("unit-eigenvectors", eigenvectors).score == 0
    assert judged("null-vectors", lambda A: spoilt(null(A), factor)).verdict == "wrong"
    assert judged("left-null-vectors", lambda A: spoilt(null(A), factor).T).verdict == "wrong"
    assert judged("singular-vectors", other_column).score == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("id", PROBLEMS)
def test_what_is_not_finite_satisfies_nothing(id: str, value: float) -> None:
    def answer(A: Any) -> Any:
        found = RIGHT[id](A)
        return tuple(part * value for part in found) if isinstance(found, tuple) else found * value

    assert judged(id, answer).score == 0


@pytest.mark.parametrize("factor", [2.0, 1e-3, 1e16, 1e200, 1e-200])
def test_vectors_that_are_not_of_length_1_are_told_so(factor: float) -> None:
    def eigenvectors(A: Any) -> Any:
        w, V = np.linalg.eigh(A)
        return w, V * factor

    def singular_vectors(A: Any) -> Any:
        U, s, V = singular(A)
        return U * factor, s, V * factor

    for id, function in (
        ("unit-eigenvectors", eigenvectors),
        ("orthonormal-null-vectors", lambda A: null(A) * factor),
        ("singular-vectors", singular_vectors),
    ):
        report = judged(id, function)
        assert report.verdict == "wrong"
        assert report.diagnosis is not None and report.diagnosis.id == "not-normalised", (
            id,
            report.diagnosis,
        )
