"""The sheet of an assignment: what students may see of it, and when."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.core.files import RESULTS_FILE
from grader.grading.result_store import RunRecord, open_results
from grader.problems.course import Course, publish_assignment
from grader.problems.solution import read_worked
from grader.reports.assignment import (
    NO_ASSIGNMENT,
    PublishedAssignment,
    PublishedProblem,
    WorkedSolution,
    for_students,
    is_past,
)
from grader.reports.serialize import read_assignment, write_assignment

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
SHEET = PublishedAssignment(
    "Course",
    "Homework",
    "2026-05-01",
    problems=(PublishedProblem("a", "f(A)", "Do.", WorkedSolution("Why.", "def f(A): ...")),),
)


@pytest.mark.parametrize(
    ("due", "past"),
    [
        ("", False),
        ("2026-04-30", True),
        ("2026-05-01", False),  # a day is over when it has ended
        ("2026-05-01T11:59:00", True),
        ("2026-05-01T12:01:00", False),
        ("2026-05-01T09:59:00+00:00", True),
        ("2026-05-01T10:01:00+00:00", False),
    ],
)
def test_a_due_date_is_past_in_its_own_time_zone_or_in_that_of_the_machine(due: str, past: bool) -> None:
    assert is_past(due, NOW) == past


@pytest.mark.parametrize(
    ("due", "told", "shown"),
    [
        ("2026-04-30", None, True),
        ("2026-05-02", None, False),
        ("", None, False),
        ("2026-05-02", True, True),
        ("2026-04-30", False, False),
    ],
)
def test_solutions_show_when_told_or_else_after_the_due_date(
    due: str, told: bool | None, shown: bool
) -> None:
    sheet = for_students(replace(SHEET, due=due, show_solutions=told), NOW)
    assert (sheet.by_id["a"].solution is not None) == shown
    assert sheet.by_id["a"].statement == "Do."


def test_a_sheet_comes_back_exactly_from_its_text() -> None:
    for sheet in (NO_ASSIGNMENT, SHEET, replace(SHEET, show_solutions=False)):
        assert read_assignment(write_assignment(sheet)) == sheet
    assert read_assignment("") == NO_ASSIGNMENT
    with pytest.raises(ValueError, match="PublishedAssignment"):
        read_assignment("[]")


def test_every_problem_of_the_course_has_a_statement_and_a_worked_solution(course: Course) -> None:
    for assignment in course.assignments.values():
        sheet = publish_assignment(course, assignment)
        assert [published.id for published in sheet.problems] == list(assignment.points)
        for published in sheet.problems:
            assert published.statement and published.solution
            worked, problem = published.solution, course.problem(published.id)
            assert f"def {problem.function}(" in worked.code and '"""' not in worked.code
            solution = course.solution(published.id)
            assert solution and worked.derivation.split() == solution.derivation.split()


def test_a_derivation_may_stand_in_the_function(tmp_path: Path) -> None:
    text = '"""Module."""\n\ndef f(A):\n    """Because\n    of this."""\n    return A\n'
    (tmp_path / "reference.py").write_text(text, "utf-8")
    assert read_worked(tmp_path, "f") == WorkedSolution(
        "Because\nof this.", '"""Module."""\n\ndef f(A):\n    return A'
    )
    assert read_worked(tmp_path, "g").derivation == "Module."
    (tmp_path / "reference.py").write_text("def f(A):\n    return A\n", "utf-8")
    assert read_worked(tmp_path, "f") == WorkedSolution("", "def f(A):\n    return A")


def test_the_store_keeps_the_sheet_of_the_latest_run(tmp_path: Path) -> None:
    with open_results(tmp_path) as results:
        results.begin(RunRecord("hw1", "Homework", 7, SHEET), [])
        assert results.run == RunRecord("hw1", "Homework", 7, SHEET)
        results.keep_published(replace(SHEET, show_solutions=True))
    with open_results(tmp_path) as results:
        assert results.run == RunRecord("hw1", "Homework", 7, replace(SHEET, show_solutions=True))


def test_a_store_of_the_version_before_is_read_with_an_empty_sheet(tmp_path: Path) -> None:
    with open_results(tmp_path) as results:
        results.begin(RunRecord("hw1", "Homework", 7, SHEET), [])
    with closing(sqlite3.connect(tmp_path / RESULTS_FILE)) as connection, connection:
        connection.executescript(
            "ALTER TABLE run DROP COLUMN sheet; ALTER TABLE results DROP COLUMN digest; PRAGMA user_version = 1;"
        )
    connection.close()
    with open_results(tmp_path) as results:
        assert results.run == RunRecord("hw1", "Homework", 7, NO_ASSIGNMENT)
        results.begin(RunRecord("hw1", "Homework", 7, SHEET), [])
        assert results.run == RunRecord("hw1", "Homework", 7, SHEET)


def test_a_damaged_sheet_is_told_in_words(tmp_path: Path) -> None:
    with open_results(tmp_path) as results:
        results.begin(RunRecord("hw1", "Homework", 7), [])
    with closing(sqlite3.connect(tmp_path / RESULTS_FILE)) as connection, connection:
        connection.execute("UPDATE run SET sheet = '[]'")
    connection.close()
    with open_results(tmp_path) as results:
        assert "lost the record of the latest run" in results.repaired
        assert results.run is None
