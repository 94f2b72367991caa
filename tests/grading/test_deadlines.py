"""When whose submission is due: dates of the course, and extensions of single students."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.answers.collect.find_submissions import FoundSubmissions, find_submissions
from grader.core.errors import GraderError
from grader.grading.deadlines import Deadlines, Extension, make_deadlines, read_extensions
from grader.grading.list_class import list_class, make_rules
from grader.grading.result_files import make_result_files
from grader.grading.result_store import open_results
from grader.problems.course import Course, load_course
from grader.reports.assignment import PublishedAssignment, PublishedProblem, WorkedSolution
from grader.reports.class_list import ClassList, Submitter
from grader.reports.lateness import Penalty
from grader.reports.roster import NO_ROSTER, Person, Roster
from tests.answers.packing import as_folder, as_zip
from tests.conftest import MINIMAL
from tests.report_factory import make_problem, make_report

ADA, BOB = Person("11", "Lovelace, Ada", "ada"), Person("12", "Bob Byte", "bob")
ROSTER = Roster((ADA, BOB))
TEN = Penalty(percent=10)  # type: ignore[arg-type]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "exercises" / "square-gradient"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(MINIMAL)
    return tmp_path


def course_with(home: Path, keys: str) -> Course:
    problems = "problems: [square-gradient]"
    assignments = f"{{hw1: {{{problems}, {keys}}}, hw2: {{{problems}}}}}"
    (home / "config.yaml").write_text(f"course: A course\nassignments: {assignments}\n")
    return load_course(home)


@pytest.mark.parametrize(
    ("keys", "grace", "penalty"),
    [
        ("title: x", 0, Penalty()),
        ("grace: 15 min", 900, Penalty()),
        ("grace: 1 h 30 min", 5400, Penalty()),
        ("grace: 2 days, penalty: 10% per day", 172800, TEN),
        ("penalty: 0.5 points a day", 0, Penalty(points=0.5)),  # type: ignore[arg-type]
        (
            "penalty: [{after: 1 day, percent: 50}, {after: 0 min, percent: 10}]",
            0,
            Penalty(steps=((0, 10), (86400, 50))),  # type: ignore[arg-type]
        ),
    ],
)
def test_a_course_says_what_lateness_costs(home: Path, keys: str, grace: float, penalty: Penalty) -> None:
    assignment = course_with(home, keys).assignments["hw1"]
    assert (assignment.grace, assignment.penalty) == (grace, penalty)


@pytest.mark.parametrize(
    "keys",
    [
        "grace: 15",
        "grace: soon",
        "grace: 5 lightyears",
        "penalty: 10",
        "penalty: 10% per week",
        "penalty: [{after: 1, percent: 5}]",
        "penalty: [{after: 1 h, percent: 500}]",
        "late: first",
    ],
)
def test_what_could_be_misread_is_refused(home: Path, keys: str) -> None:
    with pytest.raises(GraderError, match=r"assignments\.hw1"):
        course_with(home, keys)


def test_extensions_are_read_with_their_assignments(home: Path) -> None:
    course = course_with(home, "due: 2026-10-01")
    path = home / "extensions.csv"
    path.write_text(
        'student;assignment;due\n"Lovelace, Ada";hw1;2026-10-03\nbob;;2026-10-04 18:00\nada;hw2;2026-11-01\n'
    )
    deadlines = make_deadlines(course.assignment("hw1"), read_extensions(path, course), ROSTER)
    assert deadlines.of("lovelaceada_11", "11") == "2026-10-03"
    assert deadlines.of("Bob Byte", "") == "2026-10-04T18:00:00"
    assert deadlines.of("eve", "") == "2026-10-01" and not deadlines.unknown([])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("ada,hw1,tomorrow", "'tomorrow' must be a date"),
        ("ada,hw1,20261003", "must be a date"),
        ("ada,hw1,2026-13-03", "must be a date"),
        ("ada,hw3,2026-10-03", "no assignment 'hw3'; did you mean"),
        (",hw1,2026-10-03", "it is empty"),
    ],
)
def test_faults_of_extensions_are_told_with_their_lines(home: Path, row: str, words: str) -> None:
    course = course_with(home, "due: 2026-10-01")
    (home / "extensions.csv").write_text(f"student,assignment,due\n{row}\n")
    with pytest.raises(GraderError, match="line 2") as told:
        read_extensions(home / "extensions.csv", course)
    assert words in str(told.value)


def test_columns_that_are_missing_are_told_once_and_not_in_every_line(home: Path) -> None:
    course = course_with(home, "due: 2026-10-01")
    (home / "extensions.csv").write_text(
        "studnt,assignment,until when\nada,hw1,2026-10-03\nbob,hw1,2026-10-04\n"
    )
    with pytest.raises(GraderError) as told:
        read_extensions(home / "extensions.csv", course)
    assert "no column for students and dates; add one of: student, due" in str(told.value)
    assert "found 'studnt', 'assignment', 'until when'" in str(told.value) and "line" not in str(told.value)


def test_a_misspelt_student_of_an_extension_is_told_with_whom_it_may_be(home: Path) -> None:
    (home / "extensions.csv").write_text('student;due\n"Lovelase, Ada";05.10.2026\n')
    extensions = read_extensions(home / "extensions.csv", course_with(home, ""))
    assert [extension.due for extension in extensions] == ["2026-10-05"]
    (told,) = Deadlines(extensions=extensions, roster=ROSTER).unknown([])
    assert "line 2" in told
    assert "did you mean" in told and "Lovelace" in told


def test_a_penalty_without_any_date_is_told(home: Path) -> None:
    (home / "class").mkdir()
    (home / "class" / "ann.py").write_text("x = 1\n")
    found = find_submissions([home / "class"], "hw1")
    penalty = TEN
    told = [
        guess for guess in list_class(found, ROSTER, Deadlines(penalty=penalty)).guesses if "penalty" in guess
    ]
    assert len(told) == 1
    assert not list_class(found, ROSTER, Deadlines("2026-10-01", penalty=penalty)).guesses[1:]


def test_without_a_roster_extensions_find_submitters_by_their_names() -> None:
    extensions = tuple(Extension(name, "", "2026-10-03", name) for name in ("Ada Lovelace", "12", "nobody"))
    deadlines = Deadlines("2026-10-01", extensions=extensions)
    assert deadlines.of("lovelaceada_11", "11") == "2026-10-03" == deadlines.of("bytebob_12", "12")
    assert deadlines.of("eve", "") == "2026-10-01"
    found = deadlines.unknown([("lovelaceada_11", "11"), ("bytebob_12", "12"), ("eve", "")])
    (told,) = found
    assert told.startswith("nobody: nobody is called 'nobody'")


def submit(path: Path, files: dict[str, str]) -> FoundSubmissions:
    return find_submissions([as_folder(path, files)], "hw1")


def test_times_come_from_the_platform_and_from_files_only_where_points_depend_on_them(tmp_path: Path) -> None:
    found = submit(
        tmp_path / "class",
        {
            "ada/hw1/hw1.py": "x",
            "ada/hw1/timestamp.txt": "2026-10-03 10:00:00.000000 UTC",
            "bob/hw1/hw1.py": "x",
        },
    )
    os.utime(
        tmp_path / "class" / "bob" / "hw1" / "hw1.py", (0, datetime(2026, 10, 5, tzinfo=UTC).timestamp())
    )
    dates = Deadlines("2026-10-01T00:00:00+00:00", zone=UTC)
    free = list_class(found, NO_ROSTER, dates)
    measured = free.of("ada").lateness
    assert measured is not None and (measured.source, measured.days) == ("timestamp.txt", 3)
    assert free.of("bob").lateness is None and not free.guesses

    costly = list_class(found, NO_ROSTER, replace(dates, penalty=TEN))
    lateness = costly.of("bob").lateness
    assert lateness is not None and (lateness.source, lateness.days) == ("file time", 4)
    assert costly.guesses == ("when 1 student submitted, by the times of the files",)


def test_a_zip_of_canvas_says_who_is_late_and_an_extension_outweighs_it(tmp_path: Path) -> None:
    files = {"lovelaceada_LATE_11_1_a.py": "x", "bytebob_LATE_12_2_a.py": "x", "eve_13_3_a.py": "x"}
    found = find_submissions([as_zip(tmp_path / "class", files)], "hw1")
    extension = Extension("Bob Byte", "", "2026-10-09")
    people = list_class(
        found, ROSTER, Deadlines("2026-10-01", extensions=(extension,), roster=ROSTER, penalty=TEN)
    )
    days = {student: one.lateness.days for student, one in people.submitters.items() if one.lateness}
    assert days == {"lovelaceada_11": 1, "bytebob_12": 0, "eve_13": 0}
    assert any("1 submission late by Canvas's mark" in guess for guess in people.guesses)


def test_of_gradescopes_submissions_the_last_one_before_the_students_own_date_counts(home: Path) -> None:
    people = {1: ("Ada", 1), 2: ("Ada", 3), 3: ("Bob", 1), 4: ("Bob", 3)}
    metadata = "".join(
        f'submission_{n}:\n  :submitters:\n  - {{":name": {name}}}\n  :created_at: 2026-10-0{day} 10:00:00 Z\n'
        for n, (name, day) in people.items()
    )
    files = {f"submission_{n}/a.py": f"def square_gradient(A): return {n}" for n in people}
    folder = as_folder(home / "class", {"submission_metadata.yml": metadata, **files})
    course = course_with(home, "due: 2026-10-02, late: last_on_time")
    assignment = course.assignment("hw1")
    deadlines = make_deadlines(assignment, (Extension("Bob", "", "2026-10-05"),))
    found = find_submissions([folder], "hw1", make_rules(course, assignment, deadlines))
    chosen = {student: Path(str(place)).parent.name for student, place in found.submissions}
    assert chosen == {"Ada": "submission_1", "Bob": "submission_4"}


WORKED = PublishedAssignment(
    "A course",
    "Homework",
    "2026-10-01",
    None,
    (PublishedProblem("inv-differential", solution=WorkedSolution("Why.", "code")),),
)


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (datetime(2026, 10, 1, 12, tzinfo=UTC), set()),
        (datetime(2026, 10, 2, 12, tzinfo=UTC), {"ada"}),
        (datetime(2026, 10, 6, 12, tzinfo=UTC), {"ada", "bob"}),
    ],
)
def test_each_student_sees_solutions_after_their_own_last_date(
    tmp_path: Path, now: datetime, shown: set[str]
) -> None:
    people = ClassList(submitters={"ada": Submitter(), "bob": Submitter(due="2026-10-05")})
    with open_results(tmp_path) as results:
        files = make_result_files(results, ("html",), WORKED, class_list=people, now=now).student_files
    pages = {
        student: files.render(make_report(make_problem("wrong"), student=student))[f"feedback/{student}.html"]
        for student in ("ada", "bob")
    }
    assert {student for student, page in pages.items() if b"Why." in page} == shown


def test_solutions_wait_for_the_time_of_grace(tmp_path: Path) -> None:
    with open_results(tmp_path) as results:
        for hour, shown in ((1, False), (3, True)):
            now = datetime(2026, 10, 2, hour, tzinfo=UTC)
            files = make_result_files(results, ("html",), replace(WORKED, grace=7200.0), now=now)
            assert bool(files.student_files.seen_by("ada").problems[0].solution) == shown
