"""A class and a single file are graded from Python as from the command line."""

from __future__ import annotations

import csv
import json
import multiprocessing
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.answers.collect.find_submissions import find_submissions
from grader.core.errors import GraderError
from grader.grading.class_run import (
    ClassOptions,
    ClassRun,
    begin_run,
    choose_seed,
    grade_class,
    reopen_files,
)
from grader.grading.deadlines import make_deadlines
from grader.grading.list_class import list_class
from grader.grading.result_files import render
from grader.grading.result_store import open_results
from grader.grading.self_check import grade_file
from grader.problems.course import Course, load_course
from grader.reports.report import Report
from grader.reports.roster import NO_ROSTER, Person, Roster
from tests.conftest import MINIMAL

pytestmark = pytest.mark.slow

RIGHT = "def square_gradient(A):\n    return 2 * A.T\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A course with one quick problem, and a class of four in which one file is no submission."""
    folder = tmp_path / "exercises" / "square-gradient"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(MINIMAL)
    (tmp_path / "config.yaml").write_text(
        "course: A course\nseed: 4\nassignments: {hw1: {problems: [square-gradient]}}\n"
    )
    (tmp_path / "class").mkdir()
    answers = {"ada": RIGHT, "bob": RIGHT.replace(".T", ""), "cyd": "def (", "dan": RIGHT}
    for student, text in answers.items():
        (tmp_path / "class" / f"{student}.py").write_text(text)
    return tmp_path


def essence(report: Report) -> Report:
    """All but the time that it took."""
    problems = tuple(replace(problem, seconds=0.0) for problem in report.problems)
    return replace(report, problems=problems)


def test_a_class_is_graded_from_python_and_nothing_is_written(home: Path) -> None:
    before = sorted(home.rglob("*"))
    reports = {
        report.student: report
        for report in grade_class(home / "class", load_course(home), "hw1", jobs=2, seed=7)
    }
    assert {student: report.score for student, report in reports.items()} == {
        "ada": 2,
        "bob": 0,
        "cyd": 0,
        "dan": 2,
    }
    assert reports["cyd"].status == "ungradable" and reports["bob"].problems[0].verdict == "wrong"
    assert {report.seed for report in reports.values()} == {7}
    assert sorted(home.rglob("*")) == before


def test_a_class_of_which_only_the_first_is_wanted_leaves_no_worker_behind(home: Path) -> None:
    reports = grade_class(str(home / "class"), load_course(home), jobs=2)
    assert next(reports).assignment == "hw1"
    del reports
    assert not multiprocessing.active_children()


def test_whoever_is_left_out_is_named_in_a_warning(home: Path) -> None:
    (home / "class" / "notes.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.warns(UserWarning, match=r"left out: .*notes\.zip"):
        assert len(list(grade_class(home / "class", load_course(home), jobs=1))) == 4


def test_what_cannot_be_graded_is_refused_before_anything_runs(home: Path) -> None:
    course = load_course(home)
    with pytest.raises(GraderError, match="no file or folder"):
        grade_class(home / "nowhere", course)
    with pytest.raises(GraderError, match="no assignment 'hw2'"):
        grade_class(home / "class", course, "hw2")
    with pytest.raises(GraderError, match="is a folder"):
        grade_file(home / "class", course)


def test_a_file_has_the_report_that_it_has_in_its_class(home: Path) -> None:
    course = load_course(home)
    alone = grade_file(home / "class" / "bob.py", course, assignment="hw1", seed=7)
    in_class = {report.student: report for report in grade_class(home / "class", course, seed=7, jobs=1)}
    command = f"grader check {home / 'class' / 'bob.py'} --problem square-gradient --seed 7"
    assert alone.problems[0].reproduce == command
    assert in_class["bob"].problems[0].reproduce == "grader check bob.py --problem square-gradient"
    assert essence(alone).problems[0].findings == essence(in_class["bob"]).problems[0].findings
    assert grade_file(str(home / "class" / "ada.py"), course).seed == 4


def test_reports_are_rendered_in_the_formats_of_one_report_or_of_many(home: Path) -> None:
    reports = list(grade_class(home / "class", load_course(home), seed=7, jobs=1))
    page = render(reports[0], "html")
    assert isinstance(page, str) and page.startswith("<!doctype html>")
    table = render(iter(reports), "csv")
    assert str(table).count("\n") == 5
    with pytest.raises(GraderError, match="no format 'csv'"):
        render(reports[0], "csv")
    with pytest.raises(GraderError, match="no format 'htm'; did you mean 'html'"):
        render(reports[0], "htm")


def begin(
    home: Path,
    out: Path,
    seed: int | None,
    formats: Sequence[str] = ("csv",),
    roster: Roster = NO_ROSTER,
) -> ClassRun:
    course = load_course(home)
    found = find_submissions([home / "class"], "hw1")
    options = ClassOptions(tuple(formats), jobs=1, seed=seed)
    with open_results(out) as results:
        assignment = course.assignment("hw1")
        people = list_class(found, roster, make_deadlines(assignment))
        run = begin_run(results, course, assignment, found, options, people)
        if run.waiting:
            assert len(list(run.grade(run.open_workers()))) == len(run.waiting)
        run.files.refresh_students(1)
        run.files.write_class()
        return run


def test_a_run_says_what_it_decided_and_a_second_one_finds_everything_done(home: Path) -> None:
    first = begin(home, home / "out", seed=7)
    second = begin(home, home / "out", seed=None)
    assert (first.seed, first.seed_origin, len(first.waiting)) == (7, "given", 4)
    assert (second.seed, second.seed_origin, len(second.waiting)) == (7, "kept", 0)
    assert (home / "out" / "grades.csv").read_text().count("\n") == 5


def test_a_seed_that_nobody_gave_is_the_environments_or_drawn(home: Path, course: Course) -> None:
    chosen = course.assignment(None)
    known = replace(course, secret_seed=9)
    assert choose_seed(known, chosen, 8) == (8, "given")
    assert choose_seed(known, chosen, None) == (9, "given")
    drawn = {choose_seed(replace(course, secret_seed=None), chosen, None) for _ in range(3)}
    assert len(drawn) == 3 and {origin for _, origin in drawn} == {"drawn"}


def test_with_a_roster_files_name_people_and_those_who_handed_in_nothing(home: Path) -> None:
    ada, eve = Person("11", "Lovelace, Ada", "ada", section="A"), Person("12", "Eve Nobody", "eve")
    begin(home, home / "out", 7, ("csv", "json", "canvas", "class"), Roster((ada, eve)))
    table = (home / "out" / "grades.csv").read_text().splitlines()
    rows = {row["student"]: row for row in csv.DictReader(table)}
    assert rows.keys() == {"ada", "bob", "cyd", "dan", "eve"}
    assert (rows["ada"]["name"], rows["ada"]["id"], rows["ada"]["section"]) == ("Lovelace, Ada", "11", "A")
    assert (rows["eve"]["status"], rows["eve"]["score"]) == ("not_submitted", "")
    assert rows["bob"]["id"] == ""
    assert '"Lovelace, Ada",11,,ada,A,2' in (home / "out" / "canvas.csv").read_text()
    report = json.loads((home / "out" / "results" / "ada.json").read_text())
    assert (report["student"], report["person"]["id"]) == ("ada", "11")

    page = (home / "out" / "class.html").read_text()
    with open_results(home / "out") as results:
        _, files = reopen_files(results, ("csv", "class"), None)
        assert files.class_list.absent == (eve,)
        files.write_class()
    assert (home / "out" / "class.html").read_text() == page and "Eve Nobody (eve)" in page


def test_a_new_roster_writes_the_files_anew_and_grades_nobody(home: Path) -> None:
    begin(home, home / "out", 7, ("csv", "json"))
    assert (home / "out" / "grades.csv").read_text().splitlines()[0].endswith(",status")
    again = begin(home, home / "out", 7, ("csv", "json"), Roster((Person("11", "Ada Lovelace", "ada"),)))
    assert not again.waiting
    assert "Ada Lovelace" in (home / "out" / "grades.csv").read_text()
    assert "Ada Lovelace" in (home / "out" / "results" / "ada.json").read_text()
