"""Answers computed with integers: any kind that holds them is accepted; what was cut or overflowed is told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.load import make_problem
from grader.reports.report import ProblemReport
from tests.judging import answers

INTEGERS = {"shape": ["n", "n"], "space": "integer"}


@pytest.fixture(scope="module")
def asked() -> Callable[[str], PreparedProblem]:
    found: dict[str, PreparedProblem] = {}

    def prepared(f: str) -> PreparedProblem:
        if f not in found:
            fields = {
                "title": "t",
                "statement": "s",
                "signature": "value(A)",
                "ask": "value",
                "inputs": {"A": INTEGERS},
            }
            checks = [{"check": "reference", "points": 1}]
            found[f] = prepare_problem(make_problem({**fields, "f": f, "checks": checks}, "whole"), 3, 16)
        return found[f]

    return prepared


def judged(problem: PreparedProblem, function: Callable[..., Any]) -> ProblemReport:
    return judge_answers(problem, answers(problem, function))


@pytest.mark.parametrize("kind", ["int8", "int32", "int64", "float32", "float64", "object"])
def test_a_kind_that_holds_the_numbers_is_right(asked: Callable[[str], PreparedProblem], kind: str) -> None:
    assert judged(asked("A - 3 * A.T"), lambda A: (A - 3 * A.T).astype(kind).astype(float)).verdict == "right"
    assert (
        judged(asked("where(A > 0, 1, 0)"), lambda A: (A > 0).astype(kind).astype(float)).verdict == "right"
    )


def test_truth_values_are_numbers(asked: Callable[[str], PreparedProblem]) -> None:
    assert judged(asked("where(A > 0, 1, 0)"), lambda A: A > 0).verdict == "right"


OVERFLOWED: list[tuple[str, int, Callable[..., Any]]] = [
    ("A - 3 * A.T", 8, lambda A: A.astype("uint8") - 3 * A.T.astype("uint8")),
    ("A - 3 * A.T", 64, lambda A: A.astype("uint64") - 3 * A.T.astype("uint64")),
    ("power(A, 12)", 16, lambda A: np.linalg.matrix_power(A.astype("int16"), 12)),
    ("power(A, 12)", 32, lambda A: np.linalg.matrix_power(A.astype("int32"), 12)),
    ("power(A, 30)", 64, lambda A: np.linalg.matrix_power(A, 30)),
    ("trace(A @ A)", 8, lambda A: np.uint8(np.trace(A @ A) % 256)),
]


@pytest.mark.parametrize(("f", "bits", "function"), OVERFLOWED, ids=range(len(OVERFLOWED)))
def test_integers_that_overflow_are_named_with_their_bits(
    asked: Callable[[str], PreparedProblem], f: str, bits: int, function: Callable[..., Any]
) -> None:
    diagnosis = judged(asked(f), function).diagnosis
    assert diagnosis is not None and diagnosis.id == "integer-overflow"
    assert f"2^{bits}" in diagnosis.lead


CUT: list[tuple[str, Callable[..., Any]]] = [
    ("rounded down", lambda A: A // 2),
    ("rounded down", lambda A: A >> 1),
    ("truncated", lambda A: (A / 2).astype(int)),
]


@pytest.mark.parametrize(("word", "function"), CUT, ids=["floor", "shift", "cast"])
def test_numbers_that_are_cut_are_named_with_the_way(
    asked: Callable[[str], PreparedProblem], word: str, function: Callable[..., Any]
) -> None:
    diagnosis = judged(asked("A / 2"), function).diagnosis
    assert diagnosis is not None and diagnosis.id == "whole-numbers" and word in diagnosis.lead


@pytest.mark.parametrize("function", [lambda A: A ^ A.T, lambda A: A != 1, lambda A: A - 3 * A.T + 128])
def test_other_whole_numbers_are_not_said_to_overflow(
    asked: Callable[[str], PreparedProblem], function: Callable[..., Any]
) -> None:
    report = judged(asked("A - 3 * A.T"), function)
    assert report.verdict == "wrong"
    assert report.diagnosis is None or report.diagnosis.id != "integer-overflow"
