"""Feedback that goes back to Moodle and Canvas is found by them: each reads names as the platform's own code does."""

from __future__ import annotations

import ast
import csv
import io
import re
import zipfile
from pathlib import Path

import nbformat
import pytest

from grader.answers.collect.find_submissions import find_submissions
from grader.core.errors import GraderError
from grader.grading.class_run import ClassOptions, begin_run
from grader.grading.deadlines import NO_DEADLINES
from grader.grading.list_class import list_class, make_rules
from grader.grading.result_store import open_results
from grader.grading.roster_file import read_roster
from grader.problems.course import Course, load_course
from tests.answers.packing import as_zip
from tests.conftest import MINIMAL
from tests.grading.class_of_25 import CLASS, LAYOUTS, ROSTER

pytestmark = pytest.mark.slow

UNREAD = ("typed", "pdf", "docx", "absent")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    home = tmp_path_factory.mktemp("course")
    folder = home / "exercises" / "square-gradient"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(MINIMAL)
    (home / "config.yaml").write_text(
        "course: A course\nseed: 4\nassignments:\n  hw1: {problems: [square-gradient]}\n"
    )
    (home / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return load_course(home)


def grade(course: Course, files: dict[str, str], folder: Path, *formats: str) -> Path:
    folder.mkdir(exist_ok=True)
    place = as_zip(folder / "class", files)
    assignment = course.assignment("hw1")
    found = find_submissions([place], "hw1", make_rules(course, assignment))
    people = list_class(found, read_roster(course.folder / "roster.csv"), NO_DEADLINES)
    with open_results(folder / "out") as results:
        options = ClassOptions(formats, jobs=1, seed=4, trusted=True)
        run = begin_run(results, course, assignment, found, options, people)
        list(run.grade(run.open_workers()))
        run.files.write_class()
    return folder / "out"


def participant(path: str) -> tuple[int, str] | None:
    """Whose file Moodle takes it for, and what it then calls it: its own loop over the parts of a path."""
    parts = path.split("/")
    while parts:
        words = parts.pop(0).split("_", 4)
        if len(words) < 4 or not words[1].isdigit() or words[2] != "assignsubmission":
            continue
        return int(words[1]), "/".join([*words[4:], *parts]).lstrip("/")
    return None


def test_moodle_finds_the_page_of_each_student_by_the_number_in_its_folder(
    tmp_path: Path, course: Course
) -> None:
    out = grade(course, LAYOUTS["moodle"](), tmp_path, "html", "moodle-feedback", "moodle")
    graded = {int(one.id): one for one in CLASS if one.kind not in ("typed", "absent")}
    with zipfile.ZipFile(out / "moodle-feedback.zip") as archive:
        found = {participant(name): archive.read(name).decode() for name in archive.namelist()}
    assert set(found) == {(number, "feedback.html") for number in graded}
    for number, one in graded.items():
        page = found[number, "feedback.html"]
        assert f"({one.login})" in page
        assert "Everything you submitted" in page or one.kind in UNREAD
    pages = {path.read_text(encoding="utf-8") for path in (out / "feedback").glob("*.html")}
    assert set(found.values()) == pages

    with (out / "moodle.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["Identifier"] for row in rows} == {f"Participant {number}" for number in graded}
    assert {(row["Maximum Grade"], row["Last modified (grade)"]) for row in rows} == {("2", "")}


def test_moodle_takes_files_without_folders_as_well(tmp_path: Path, course: Course) -> None:
    text = next(iter(LAYOUTS["moodle"]().values()))
    name = "Ada Lovelace_101_assignsubmission_file_answers.py"
    out = grade(course, {name: text or "def square_gradient(A): return A", "Bob_7_assignsubmission_file_b.py": "x = 1"},
                tmp_path, "moodle-feedback")  # fmt: skip
    with zipfile.ZipFile(out / "moodle-feedback.zip") as archive:
        assert {participant(name) for name in archive.namelist()} == {
            (101, "feedback.html"),
            (7, "feedback.html"),
        }


def test_canvas_gets_its_own_names_back_with_files_of_their_kind(tmp_path: Path, course: Course) -> None:
    files = LAYOUTS["canvas"]()
    out = grade(course, files, tmp_path, "canvas-feedback")
    with zipfile.ZipFile(out / "canvas-feedback.zip") as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(found) <= set(files)
    # The person and the file are the first two words that are numbers.
    people = {next(word for word in name.split("_") if word.isdigit()) for name in found}
    assert people == {one.id for one in CLASS if one.kind not in UNREAD}
    for name, text in found.items():
        if ".ipynb" in name:
            nbformat.validate(nbformat.reads(text, as_version=4))
        else:
            assert ast.parse(text).body == [] and "square_gradient" in text
            assert re.search(r"of 2 points", text)


def test_equal_feedback_makes_equal_archives(tmp_path: Path, course: Course) -> None:
    files = {
        "Ada_1_assignsubmission_file_/a.py": "def square_gradient(A): return A\n",
        "B_2_assignsubmission_file_/b.py": "x = 1",
    }
    first, second = (
        (grade(course, files, tmp_path / name, "moodle-feedback") / "moodle-feedback.zip").read_bytes()
        for name in ("a", "b")
    )
    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None


def test_a_class_from_elsewhere_is_told_so(tmp_path: Path, course: Course) -> None:
    files = {"ann.py": "x = 1", "bob.py": "x = 2"}
    with pytest.raises(GraderError, match="downloaded from Moodle"):
        grade(course, files, tmp_path, "moodle-feedback")
