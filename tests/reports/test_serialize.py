"""Exact JSON gives back what it was given, also that of earlier versions; JSON for programs holds what JSON can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.reports import serialize
from grader.reports.report import Counterexample, Finding, Report
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


@dataclass(frozen=True, slots=True)
class Renamed:
    """A value one of whose fields had another name."""

    lead: str
    points: Fraction = Fraction(0)

    @property
    def message(self) -> str:
        return f"{self.lead}!"


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(serialize, "EARLIER_NAMES", {Renamed: {"message": "lead"}})
    monkeypatch.setattr(serialize, "WITH_MESSAGE", (Renamed,))
    for converter in (serialize._exact_converter, serialize._plain_converter):
        converter.cache_clear()
    yield
    for converter in (serialize._exact_converter, serialize._plain_converter):
        converter.cache_clear()


def test_earlier_names_are_read_and_messages_stand_beside_their_parts(renamed: None) -> None:
    assert read_exact(Renamed, '{"message": "a", "points": "1/3"}') == Renamed("a", Fraction(1, 3))
    assert to_exact_json(Renamed("a")) == '{"lead":"a"}'
    plain = serialize._plain_converter().unstructure(Renamed("a"))
    assert plain == {"lead": "a", "points": 0, "message": "a!"}
