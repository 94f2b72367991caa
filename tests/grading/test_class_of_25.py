"""Of a class of 25 none is lost, however it arrives."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grader.answers.collect.find_submissions import find_submissions, read_submitted_files
from grader.answers.submission import parse_submission
from grader.grading.class_run import ClassOptions, begin_run
from grader.grading.deadlines import make_deadlines
from grader.grading.list_class import list_class, make_rules
from grader.grading.result_store import open_results
from grader.grading.roster_file import read_roster
from grader.problems.course import Course, load_course
from tests.answers.packing import as_folder, as_zip
from tests.conftest import MINIMAL
from tests.grading.class_of_25 import CLASS, LAYOUTS, RIGHT, ROSTER

CONFIG = """\
course: A course
seed: 4
assignments:
  hw1: {due: 2026-10-02, penalty: 50% per day, problems: [square-gradient]}
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    home = tmp_path_factory.mktemp("course")
    folder = home / "exercises" / "square-gradient"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(MINIMAL)
    (home / "config.yaml").write_text(CONFIG)
    (home / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return load_course(home)


@pytest.mark.parametrize("pack", [as_folder, as_zip])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_everybody_is_known_by_name_with_the_right_file_or_listed(
    tmp_path: Path, course: Course, layout: str, pack: Callable[[Path, Mapping[str, str]], Path]
) -> None:
    place = pack(tmp_path / "class", LAYOUTS[layout]())
    assignment = course.assignment("hw1")
    found = find_submissions([place], "hw1", make_rules(course, assignment))
    roster = read_roster(course.folder / "roster.csv")
    people = list_class(found, roster, make_deadlines(assignment, (), roster))

    outcomes = dict.fromkeys((person.id for person in people.absent), "not_submitted")
    outcomes |= {one.person.id: "no_file" for one in people.no_file if one.person is not None}
    for file in read_submitted_files(found.submissions):
        person = people.of(file.student).person
        assert person is not None and person.id not in outcomes, file.student
        cells = parse_submission(file).cells
        is_right = any(cell.source == RIGHT for cell in cells)
        outcomes[person.id] = "right" if is_right else "ungradable"
    assert outcomes == {one.id: one.outcome for one in CLASS}

    assert not people.strangers and not people.repeated
    listed = "\n".join((*people.left_out, *people.guesses))
    if layout in ("folders", "canvas"):
        assert "helper.py" in listed
    assert "final version.py" in listed and "answers (1).py" in listed and ".ipynb.json is read as" in listed


@pytest.mark.slow
def test_the_class_graded_has_a_row_for_each_and_late_ones_lose_points(
    tmp_path: Path, course: Course
) -> None:
    place = as_zip(tmp_path / "class", LAYOUTS["canvas"]())
    assignment = course.assignment("hw1")
    roster = read_roster(course.folder / "roster.csv")
    deadlines = make_deadlines(assignment, (), roster)
    found = find_submissions([place], "hw1", make_rules(course, assignment, deadlines))
    with open_results(tmp_path / "out") as results:
        options = ClassOptions(("csv", "class"), jobs=2, seed=4)
        run = begin_run(results, course, assignment, found, options, list_class(found, roster, deadlines))
        assert len(list(run.grade(run.open_workers()))) == len(found.submissions) == 23
        run.files.write_class()

    table = (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8").splitlines()
    rows = {row["id"]: row for row in csv.DictReader(table)}
    assert len(rows) == len(table) - 1 == len(CLASS)
    for pupil in CLASS:
        row = rows[pupil.id]
        is_late = pupil.kind in ("late", "twice")
        status = "graded" if pupil.outcome == "right" else pupil.outcome
        score = {"graded": "1" if is_late else "2", "ungradable": "0"}.get(status, "")
        assert (row["status"], row["score"], row["name"]) == (status, score, f"{pupil.last}, {pupil.first}")
        assert row["days_late"] == ("1" if is_late else "" if not score else "0")

    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert all(pupil.login in page for pupil in CLASS)
