"""The formats that other programs read: each against a written-down schema or a program that reads it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import junitparser
import pytest
import xmlschema

from grader.authoring.json_schemas import REPORT_FILE, json_schema, schema_text
from grader.formats import ARCHIVE_FORMATS, CLASS_FORMATS, PROBLEM_FORMATS, STUDENT_FORMATS
from grader.formats.canvas_csv import canvas_csv
from grader.formats.gradescope_json import gradescope_json
from grader.formats.junit_xml import junit_xml
from grader.formats.plain_text import problem_text
from grader.formats.prairielearn_json import MOST_BYTES, prairielearn_json
from grader.formats.score_lines import list_score_lines
from grader.reports.report import Counterexample, Failure, Report, as_number
from grader.reports.serialize import to_json
from tests.conftest import ROOT
from tests.report_factory import make_finding, make_full_report, make_problem, make_report

SCHEMAS = Path(__file__).parent / "schemas"
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit.xsd")
SYNTAX = Failure(
    "syntax",
    "is not valid Python: '(' was never closed",
    place="line 3",
    text="x = (1",
    subject="answers.py",
)
BROKEN = make_report(make_problem("error", error=SYNTAX), status="ungradable", error=SYNTAX)
OURS = make_report(make_problem("grader_error"), status="grader_error", error=Failure("grader_error", "boom"))


def read_schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))


SAMPLE_CLASS = pytest.param("sample class", marks=pytest.mark.slow)


@pytest.fixture(params=[SAMPLE_CLASS, "every verdict", "broken file", "the grader's trouble"])
def reports(request: pytest.FixtureRequest) -> list[Report]:
    if request.param == "sample class":
        return list(request.getfixturevalue("sample_reports").values())
    return {"every verdict": [make_full_report()], "broken file": [BROKEN]}.get(request.param, [OURS])


# The report itself


def test_every_report_is_valid_by_the_published_schema(reports: list[Report]) -> None:
    validator = jsonschema.Draft202012Validator(json_schema("report"))
    for report in reports:
        validator.validate(json.loads(to_json(report)))


def test_the_published_schema_is_that_of_the_program() -> None:
    shipped = (ROOT / REPORT_FILE).read_text("utf-8")
    assert shipped == schema_text("report"), f"run: grader schema report -o {REPORT_FILE}"
    jsonschema.Draft202012Validator.check_schema(json.loads(shipped))


def drop(*path: str | int) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return change


def put(value: Any, *path: str | int) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        drop("schema"),
        drop("problems", 0, "verdict"),
        drop("problems", 1, "findings", 0, "message"),
        drop("problems", 1, "findings", 1, "counterexample", "inputs"),
        put(2, "schema"),
        put("fine", "status"),
        put("80", "score"),
        put(-1, "score"),
        put("correct", "problems", 0, "verdict"),
        put({"kind": "mistake"}, "problems", 1, "diagnosis"),
        put({"real": 1}, "problems", 1, "findings", 1, "counterexample", "answer"),
        put("large", "problems", 1, "findings", 1, "counterexample", "error"),
        put({}, "problems"),
        put("seven", "seed"),
    ],
)
def test_a_report_with_something_wrong_is_not_valid(change: Callable[[Any], None]) -> None:
    data = json.loads(to_json(make_full_report()))
    change(data)
    assert not jsonschema.Draft202012Validator(json_schema("report")).is_valid(data)


def test_keys_may_be_added_within_a_version() -> None:
    data = json.loads(to_json(make_full_report())) | {"added": 1}
    assert jsonschema.Draft202012Validator(json_schema("report")).is_valid(data)


# What every format of lines has in common


def test_the_lines_of_a_report_add_up_to_its_score(reports: list[Report]) -> None:
    for report in reports:
        items = list(list_score_lines(report))
        if report.status == "graded" and report.file.endswith(".py") and report.assignment == "lecture05":
            assert sum((item.score for item in items), Fraction(0)) == report.score
            assert sum((item.max_score for item in items), Fraction(0)) == report.max_score
        assert len({item.number for item in items}) == len(items)
        assert all(item.name and item.message for item in items)


@pytest.mark.slow
def test_what_a_student_reads_of_a_problem_is_said_once(sample_reports: dict[str, Report]) -> None:
    for report in sample_reports.values():
        for problem in report.problems:
            said = [
                item.detail for item in list_score_lines(report) if item.problem is problem and item.detail
            ]
            assert len(said) == (problem.verdict != "right"), (report.file, problem.id)


def test_plain_text_has_the_reason_the_step_and_the_case() -> None:
    text = problem_text(make_problem("wrong"))
    assert text.startswith("inv_differential is wrong: you returned exactly minus the right answer.\n")
    assert "keep the sign.\n\nSmallest case:\n  A = [[1, 2], [3, 4]]\n" in text
    assert "  you: [[4, -2], [-3, 1.5]]\n  right: [[-4, 2], [3, -1.5]]\n" in text
    assert problem_text(make_problem()) == ""


def test_plain_text_elides_what_is_large() -> None:
    rows = [[float(10 * i + j) for j in range(30)] for i in range(30)]
    case = Counterexample(0, "", {"A": rows}, [1.0, 2.0], 3.0)
    problem = make_problem("wrong", findings=(make_finding("x", "failed", counterexample=case),))
    text = problem_text(problem)
    assert "A = [[0, 1, 2, …, 28, 29], [10," in text and "you: [1, 2]\n" in text and text.endswith("right: 3")


# JUnit


def test_junit_is_valid_and_read_by_others(reports: list[Report]) -> None:
    for report in reports:
        text = junit_xml(report)
        JUNIT.validate(text)
        read = junitparser.JUnitXml.fromstring(text.encode())
        assert read.tests == sum(suite.tests for suite in read) == sum(len(list(suite)) for suite in read)
        assert read.failures == sum(suite.failures for suite in read)
        cases = [case for suite in read for case in suite]
        results = [type(result).__name__ for case in cases for result in case.result]
        assert (results.count("Failure"), results.count("Error")) == (read.failures, read.errors)


def test_junit_has_a_suite_for_each_problem_with_its_points() -> None:
    read = junitparser.JUnitXml.fromstring(junit_xml(make_full_report()).encode())
    suites = {suite.name: {item.name: item.value for item in suite.properties()} for suite in read}
    assert suites["inv-differential"] == {
        "student": "ada",
        "verdict": "wrong",
        "score": "2",
        "max_score": "6",
        "diagnosis": "relation/minus",
        "points: shape": "2/2",
        "points: reference": "0/2",
        "points: taylor": "0/2",
    }
    assert len(suites) == 8


@pytest.mark.parametrize(
    ("verdict", "tags"),
    [
        ("right", []),
        ("wrong", ["failure", "skipped"]),
        ("missing", ["failure"]),
        ("error", ["error"]),
        ("grader_error", ["error"]),
    ],
)
def test_junit_tells_what_is_wrong_from_what_broke(verdict: str, tags: list[str]) -> None:
    root = Xml.fromstring(junit_xml(make_report(make_problem(verdict))))
    assert [child.tag for case in root.iter("testcase") for child in case] == tags


def test_the_schema_of_junit_rejects_what_jenkins_would() -> None:
    text = junit_xml(make_full_report())
    for old, new in (('tests="3"', ""), ("<failure ", "<fault "), ("testcase classname=", "testcase class=")):
        changed = text.replace(old, new).replace("</failure>", "</fault>" if "fault" in new else "</failure>")
        assert changed != text and not JUNIT.is_valid(changed)


# Gradescope


def test_gradescope_is_valid(reports: list[Report]) -> None:
    for report in reports:
        data = json.loads(gradescope_json(report))
        jsonschema.validate(data, read_schema("gradescope"))
        assert data["score"] == as_number(report.score)
        if report.assignment == "lecture05":
            assert abs(sum(test["score"] for test in data["tests"]) - data["score"]) < 0.01
            assert abs(sum(test["max_score"] for test in data["tests"]) - 80) < 0.01


def test_gradescope_shows_a_check_when_it_is_told_to() -> None:
    def seen(**visibility: Any) -> dict[str, str]:
        data = json.loads(gradescope_json(make_full_report(), visibility))
        jsonschema.validate(data, read_schema("gradescope"))
        return {test["number"]: test["visibility"] for test in data["tests"]}

    assert set(seen().values()) == {"visible"}
    assert set(seen(all="after_published").values()) == {"after_published"}
    mixed = seen(all="hidden", reference="visible")
    assert (mixed["2.1"], mixed["2.2"], mixed["4"]) == ("hidden", "visible", "hidden")


def test_a_check_of_some_families_is_shown_like_the_others_of_its_kind() -> None:
    check = make_finding("reference (singular A)", name="reference")
    data = json.loads(
        gradescope_json(make_report(make_problem(findings=(check,))), {"reference": "after_due_date"})
    )
    assert data["tests"][0]["visibility"] == "after_due_date"


@pytest.mark.parametrize("change", [drop("score"), put("1", "score"), put("seen", "tests", 0, "visibility")])
def test_the_schema_of_gradescope_rejects(change: Callable[[Any], None]) -> None:
    data = json.loads(gradescope_json(make_full_report()))
    for test in data["tests"][:1]:
        del test["score"]
    change(data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, read_schema("gradescope"))


# PrairieLearn


def test_prairielearn_is_valid_and_small(reports: list[Report]) -> None:
    for report in reports:
        text = prairielearn_json(report)
        data = json.loads(text)
        jsonschema.validate(data, read_schema("prairielearn"))
        assert len(text.encode()) <= MOST_BYTES
        assert data["gradable"] == (report.status == "graded" and report.file != "" and not _ours(report))
        if data["gradable"]:
            assert abs(data["score"] - float(report.score / report.max_score)) < 1e-6


def _ours(report: Report) -> bool:
    return any(problem.verdict == "grader_error" for problem in report.problems)


def test_a_file_that_cannot_run_costs_no_attempt_in_prairielearn() -> None:
    data = json.loads(prairielearn_json(BROKEN))
    assert data == {
        "gradable": False,
        "format_errors": ["answers.py is not valid Python: '(' was never closed.", "line 3:  x = (1"],
    }
    said = json.loads(prairielearn_json(OURS))["format_errors"][0]
    assert "the grader's problem, not yours" in said


@pytest.mark.slow
@pytest.mark.parametrize(("problems", "tests"), [(500, 1500), (1500, 4500), (6000, 0)])
def test_prairielearns_limit_costs_words_and_no_points(problems: int, tests: int) -> None:
    many = tuple(make_problem("wrong", id=f"p{i}", function=f"f{i}") for i in range(problems))
    report = make_report(*many)
    text = prairielearn_json(report)
    data = json.loads(text)
    jsonschema.validate(data, read_schema("prairielearn"))
    assert len(text) <= MOST_BYTES and round(data["score"], 6) == round(1 / 3, 6)
    assert len(data.get("tests", ())) == tests
    assert (problems == 500) == ("keep the sign" in text)


# Canvas


def rows(text: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""))


def test_canvas_has_its_header_the_points_possible_and_a_row_for_each_student() -> None:
    wrong = make_report(make_problem("wrong", score=Fraction(7, 3)), student="bob")
    assert list(rows(canvas_csv([make_report(make_problem()), wrong]))) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "hw1"],
        ["    Points Possible", "", "", "", "", "6"],
        ["ada", "", "", "ada", "", "6"],
        ["bob", "", "", "bob", "", "2.3333"],
    ]


def test_canvas_finds_students_by_the_number_in_the_names_that_it_gave() -> None:
    reports = [make_report(make_problem(), student=name) for name in ("lovelaceada_1001", "liwei_17")]
    found = list(rows(canvas_csv(reports)))[2:]
    assert found == [["lovelaceada", "1001", "", "", "", "6"], ["liwei", "17", "", "", "", "6"]]


def test_a_login_that_looks_like_a_name_of_canvas_is_not_taken_for_one() -> None:
    """A number of somebody else's would give them the grade."""
    reports = [make_report(make_problem(), student=name) for name in ("ada_2024", "bob")]
    assert [row[1:4] for row in rows(canvas_csv(reports))][2:] == [["", "", "ada_2024"], ["", "", "bob"]]


def test_where_the_grader_failed_canvas_keeps_the_grade_it_has() -> None:
    found = list(rows(canvas_csv([OURS, replace(BROKEN, student="bob")])))
    assert [row[-1] for row in found[2:]] == ["", "0"]


def test_an_empty_class_is_a_file_all_the_same() -> None:
    assert len(list(rows(canvas_csv([])))) == 2


# The tables


def test_every_format_says_what_it_is() -> None:
    assert all(format.about for format in STUDENT_FORMATS.values())
    assert all(format.about for format in CLASS_FORMATS.values())
    assert all(format.about for format in PROBLEM_FORMATS.values())
    assert all(format.about for format in ARCHIVE_FORMATS.values())
    names = [*STUDENT_FORMATS, *CLASS_FORMATS, *PROBLEM_FORMATS, *ARCHIVE_FORMATS]
    assert len(set(names)) == len(names)
