"""Exact JSON gives back what it was given, also that of earlier versions; JSON for programs holds what JSON can."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.reports.report import Counterexample, Diagnosis, Finding, Report
from grader.reports.serialize import MOST_TEXT, read_exact, shorten, to_exact_json, to_json
from tests.report_factory import make_full_report, make_problem, make_report


def with_answer(answer: Any) -> Report:
    """A wrong report whose counterexample holds this answer."""
    case = Counterexample(0, "integer", {"A": [[1.0]]}, answer, [[2.0]])
    finding = Finding("reference", "failed", Fraction(0), Fraction(1), "It is wrong.", case)
    return make_report(make_problem("wrong", findings=(finding,)))


def answer_in(text: str) -> Any:
    return json.loads(text)["problems"][0]["findings"][0]["counterexample"]["answer"]


def test_exact_json_gives_back_the_report() -> None:
    report = make_full_report()
    thirds = replace(report, score=Fraction(7, 3), output="\ud800\u202e\n", file="\udcff.py")
    for each in (report, shorten(report), thirds):
        assert read_exact(Report, to_exact_json(each)) == each


def test_exact_json_keeps_numbers_that_json_lacks() -> None:
    again = read_exact(Report, to_exact_json(with_answer([float("inf"), float("nan")])))
    case = again.problems[0].findings[0].counterexample
    assert case is not None and case.answer[0] == float("inf") and case.answer[1] != case.answer[1]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), np.float64("nan")])
def test_json_has_texts_for_numbers_that_it_lacks(number: float) -> None:
    text = to_json(with_answer([[number, 1.5], {"real": 2, "imag": number}]))
    assert answer_in(text) == [[str(number), 1.5], {"real": 2, "imag": str(number)}]


def test_json_cuts_long_texts() -> None:
    report = replace(make_full_report(), file="x" * (MOST_TEXT + 1), output="y" * (MOST_TEXT + 1))
    data = json.loads(to_json(report))
    assert data["file"] == "x" * MOST_TEXT + "…"
    assert data["output"] == report.output


@pytest.mark.parametrize("text", ["", "[]", "null", "7", "{}", '{"student": "ada"}', "[" * 10_000])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a Report"):
        read_exact(Report, text)


def test_fields_of_later_versions_are_left_out_and_missing_ones_are_as_usual() -> None:
    node = json.loads(to_exact_json(make_report(make_problem("right"))))
    node["problems"][0]["added"] = {"later": [1]}
    del node["problems"][0]["title"]
    with pytest.raises(ValueError, match="title"):  # it has no default
        read_exact(Report, json.dumps(node))
    node["problems"][0]["title"] = "Inverse"
    del node["problems"][0]["hints"]
    assert read_exact(Report, json.dumps(node)).problems[0].hints == ()


def earlier(problem: dict[str, Any]) -> Report:
    """A report of one problem as an earlier version stored it."""
    usual = {"id": "inv", "function": "inv_d", "title": "Inverse", "score": "0", "max_score": "1"}
    node = json.loads(to_exact_json(make_report(make_problem())))
    node["problems"] = [{**usual, "verdict": "wrong", **problem}]
    return read_exact(Report, json.dumps(node))


def test_an_earlier_diagnosis_is_a_sentence_and_a_step() -> None:
    diagnosis = {
        "kind": "mistake",
        "id": "sign",
        "message": "It is right, e.g. at I. Keep\nthe sign! Then A.",
    }
    (problem,) = earlier({"diagnosis": diagnosis}).problems
    assert problem.diagnosis == Diagnosis(
        "mistake", "sign", "It is right, e.g. at I.", "Keep\nthe sign! Then A."
    )


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("inv_d returned None; did you forget it?", ("inv_d", "returned None", "did you forget it?")),
        ("there is no function inv_d", ("", "there is no function inv_d", "")),
        ("inv_d raised Odd: a; b", ("inv_d", "raised Odd: a; b", "")),
        ("a; b; c", ("", "a; b", "c")),
    ],
)
def test_an_earlier_failure_is_what_happened_and_advice(message: str, parts: tuple[str, str, str]) -> None:
    (problem,) = earlier({"error": {"kind": "raised", "message": message, "place": "line 7"}}).problems
    assert problem.error is not None and problem.error.place == "line 7"
    assert (problem.error.subject, problem.error.what, problem.error.advice) == parts
    assert problem.error.message == message


@pytest.mark.parametrize(
    ("message", "counts"),
    [
        ("It is linear.", (0, 0, 0)),
        ("inv_d raised Odd: a (in every case).", (1, 0, 1)),
        ("It is far off (b) (in 3 of 24 cases).", (3, 0, 24)),
        ("It is far off (in 3 of 24 cases; no answer in 2 more).", (5, 2, 24)),
    ],
)
def test_an_earlier_finding_tells_its_cases_apart(message: str, counts: tuple[int, int, int]) -> None:
    finding = {"check": "taylor", "outcome": "failed", "score": "0", "max_score": "1", "message": message}
    (problem,) = earlier({"findings": [finding]}).problems
    (read,) = problem.findings
    assert (read.failed, read.unanswered, read.cases) == counts
    assert read.message == message
