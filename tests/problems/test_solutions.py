"""Worked solutions are in no file of a student before the due date or the instructor's word."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.formats import STUDENT_FORMATS
from grader.formats.html.student import student_page
from grader.problems.course import Course, publish_assignment
from grader.reports.assignment import for_students
from tests.conftest import MINIMAL
from tests.grading.test_resume import RIGHT, grade, run
from tests.report_factory import make_problem, make_report

pytestmark = pytest.mark.slow

SECRET = '''\
"""The trace of a square: tr(A²) has the differential 2 tr(A dA)."""


def square_gradient(A):
    return 2 * A.T  # secret
'''
TOLD = ("2 * A.T  # secret", "has the differential 2 tr(A dA)", "Worked solution")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A course with a solution and a student who is right, in other words."""
    for folder in ("exercises/square-gradient", "solutions/square-gradient", "class"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "exercises" / "square-gradient" / "problem.yaml").write_text(MINIMAL)
    (tmp_path / "solutions" / "square-gradient" / "reference.py").write_text(SECRET)
    (tmp_path / "class" / "ada.py").write_text(RIGHT.replace("2 * A.T", "A.T + A.T"))
    return tmp_path


@pytest.fixture
def set_due(home: Path) -> Callable[[str], None]:
    def set_due(due: str) -> None:
        line = f"hw1: {{due: {due}, problems: [square-gradient]}}"
        (home / "config.yaml").write_text(f"course: A course\nassignments: {{{line}}}\n")

    return set_due


def shown(home: Path) -> bool:
    """Whether the student's page has all of the solution; it must have all or nothing, and other files nothing."""
    text = (home / "out" / "feedback" / "ada.html").read_text("utf-8")
    found = [part in text for part in TOLD]
    assert len(set(found)) == 1
    others = [path for path in (home / "out").rglob("*.*") if path.suffix in (".json", ".csv", ".txt")]
    assert others and not any(part in path.read_text("utf-8") for path in others for part in TOLD)
    return found[0]


def test_solutions_come_with_the_due_date_or_with_the_instructors_word(
    home: Path, set_due: Callable[[str], None]
) -> None:
    set_due("2999-01-01")
    assert "solutions" not in grade(home)
    assert not shown(home)
    set_due("2000-01-01")
    said = grade(home)
    assert (
        "1 graded already" in said and "worked solutions are shown: the assignment was due 2000-01-01" in said
    )
    assert shown(home)
    grade(home, "--no-solutions")
    assert not shown(home)
    grade(home)  # as said last
    assert not shown(home)


def test_report_shows_and_hides_them_from_the_store_alone(home: Path, set_due: Callable[[str], None]) -> None:
    set_due("2999-01-01")
    grade(home)
    for gone in ("exercises", "solutions", "class", "config.yaml"):
        path = home / gone
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert "worked solutions are shown: as you asked" in run(home, "report", "out", "--solutions")
    assert shown(home)
    run(home, "report", "out")  # as said last
    assert shown(home)
    run(home, "report", "out", "--no-solutions")
    assert not shown(home)


def test_what_renderers_are_given_before_holds_no_solution(course: Course) -> None:
    sheet = publish_assignment(course, course.assignment("lecture05"))
    assert all(task.solution for task in sheet.problems)
    hidden, open_ = for_students(sheet, datetime.now(UTC)), sheet
    report = make_report(*(make_problem("wrong", id=task.id, title=task.id) for task in sheet.problems))
    for format in STUDENT_FORMATS.values():
        text = format.render(report, hidden)
        assert "np.linalg.svd" not in (text if isinstance(text, str) else text.decode())
    assert "np.linalg.svd" in student_page(report, open_)
    assert repr(hidden).count("svd(") == 0


def test_who_could_not_be_graded_reads_the_solutions_all_the_same(course: Course) -> None:
    sheet = publish_assignment(course, course.assignment("lecture05"))
    report = make_report(make_problem("error", id="adjugate"), status="ungradable")
    assert "Worked solution" in student_page(report, sheet)
    assert "Hint" not in student_page(report, sheet)
