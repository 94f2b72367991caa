"""Pages, tables and exports agree on whose score counts, and what it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from fractions import Fraction

import pytest

from grader.formats.canvas_csv import canvas_csv
from grader.formats.grades_csv import grades_csv
from grader.formats.html.class_page import class_page
from grader.formats.moodle_csv import moodle_csv
from grader.reports.class_list import ClassList
from grader.reports.class_summary import summarise
from grader.reports.gradebook import GradedClass, make_gradebook
from grader.reports.overrides import Override, override
from grader.reports.report import Failure, Report, points
from tests.report_factory import make_problem, make_report

RIGHT = make_report(make_problem(), student="right")
TORN = make_report(
    make_problem("error", score=Fraction(0)),
    student="torn",
    status="ungradable",
    error=Failure("syntax", "x"),
)
ONE_FAILED = make_report(make_problem(id="a"), make_problem("grader_error", id="b"), student="half")
ALL_FAILED = make_report(make_problem("grader_error"), student="none", status="grader_error")
DECIDED = override(
    make_report(make_problem("grader_error"), student="decided", status="grader_error"),
    [Override("", "inv-differential", points=Fraction(3))],
)
COMMENTED = override(
    make_report(make_problem("grader_error"), student="told", status="grader_error"),
    [Override("", "inv-differential", comment="we look into it", keep=True)],
)
CLASS = (RIGHT, TORN, ONE_FAILED, ALL_FAILED, DECIDED, COMMENTED)
SCORES = {"right": "6", "torn": "0", "decided": "3"}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def in_grades() -> dict[str, str]:
    return {
        row["student"]: row["score"] for row in rows(grades_csv(CLASS)) if row["status"] != "grader_error"
    }


def in_canvas() -> dict[str, str]:
    return {row["Student"]: row["hw1"] for row in rows(canvas_csv(CLASS))[1:] if row["hw1"]}


def in_moodle() -> dict[str, str]:
    return {row["Full name"]: row["Grade"] for row in rows(moodle_csv(CLASS))}


def in_gradebook() -> dict[str, str]:
    book = make_gradebook([GradedClass("hw1", "HW 1", CLASS, ClassList())])
    marks = {row.student: row.marks["hw1"] for row in book.rows}
    return {student: points(mark.score) for student, mark in marks.items() if not mark.failed}


def on_the_page() -> dict[str, str]:
    table = class_page(CLASS).partition('id="roster"')[2]
    found = re.findall(r'feedback/(\w+)\.html">.*?class=number>(\w+) (.*?)</td>', table)
    return {student: score for student, score, rest in found if "grader failed" not in rest}


@pytest.mark.parametrize("read", [in_grades, in_canvas, in_moodle, in_gradebook, on_the_page])
def test_the_same_students_have_the_same_scores_everywhere(read: Callable[[], dict[str, str]]) -> None:
    assert read() == SCORES


def test_the_mean_is_that_of_the_scores_that_are_exported() -> None:
    summary = summarise(CLASS)
    assert summary.mean == pytest.approx(sum(float(score) for score in SCORES.values()) / 18)
    assert sum(summary.bins) == len(SCORES)
    page = class_page(CLASS)
    assert "3 students on whom the grader failed" in page and "the grader failed" in page


def test_a_term_is_the_mean_of_the_marks_there_are() -> None:
    failed: Report = make_report(make_problem("grader_error"), student="right", status="grader_error")
    one = GradedClass("hw1", "", (RIGHT,), ClassList())
    other = GradedClass("hw2", "", (failed,), ClassList())
    (row,) = make_gradebook([one, other], dropped=1).rows
    assert row.total == 1
