"""Grading again: what people decided stays, what did not change is left alone, what did is graded."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader.platforms.nbgrader.autograde import AutogradeOptions, autograde_class
from grader.platforms.nbgrader.grading_context import GradingContext
from grader.platforms.nbgrader.notebook_json import Notebook, read_json
from grader.platforms.nbgrader.result_writer import MOST_BYTES, GradedNotebook, ResultWriter
from grader.platforms.nbgrader.submitted_notebook import SubmittedNotebook, read_submitted
from grader.platforms.nbgrader.timestamp import read_timestamp
from grader.platforms.nbgrader.write_gradebook import GradebookEntry
from grader.reports.report import Failure
from tests.platforms.nbgrader.classes import (
    ASSIGNMENT,
    OURS,
    WRONG,
    autograded,
    cell,
    comments,
    read_released,
    run,
    scores,
    snapshot,
    solved,
    submit,
    to_review,
)

pytestmark = [pytest.mark.nbgrader, pytest.mark.side_by_side]

PLAIN = ("nbgrader", "autograde", ASSIGNMENT)


def decide(course: Path) -> None:
    """A person gives Ben's wrong answer nine points, and says why."""
    where = (
        "cell_id = (SELECT id FROM base_cell WHERE name = ? AND type = ?) AND notebook_id = (SELECT n.id FROM "
        "submitted_notebook n JOIN submitted_assignment s ON s.id = n.assignment_id WHERE s.student_id = 'ben')"
    )
    with closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        database.execute(
            f"UPDATE grade SET manual_score = 9, extra_credit = 1 WHERE {where}",
            ("inv-differential-check", "GradeCell"),
        )
        database.execute(
            f"UPDATE comment SET manual_comment = 'Only the sign.' WHERE {where}",
            ("inv-differential", "SolutionCell"),
        )


def decided(course: Path) -> list[tuple[float, float, str]]:
    query = (
        "SELECT g.manual_score, g.extra_credit, c.manual_comment FROM grade g JOIN comment c USING (notebook_id) "
        "WHERE g.manual_score IS NOT NULL AND c.manual_comment IS NOT NULL"
    )
    with closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize("command", [OURS, PLAIN], ids=["ours", "plain"])
def test_manual_grades_and_comments_survive_and_are_to_be_looked_at_again(
    small: Path, command: tuple[str, ...]
) -> None:
    decide(small)
    before = scores(small)
    run(small, *command, "--force")
    assert decided(small) == [(9.0, 1.0, "Only the sign.")]
    assert scores(small) == before
    assert to_review(small) == {"ada": set(), "ben": {"inv-differential-check"}}


def test_after_either_command_the_other_finds_nothing_to_do(small: Path) -> None:
    before = snapshot(small)
    run(small, *PLAIN)
    assert snapshot(small).keys() == before.keys()
    assert all(now == before[name] for name, now in snapshot(small).items() if name != "gradebook.db")
    shutil.rmtree(small / "autograded" / "ada")
    run(small, *PLAIN)
    between = snapshot(small)
    run(small, *OURS)
    assert snapshot(small) == between


def test_only_what_was_handed_in_again_is_graded_again(small: Path) -> None:
    before = snapshot(small)
    submit(small, "ben", solved(read_released(small)), "2026-02-28 11:00:00 UTC")
    said = run(small, *OURS)
    assert "2 submissions, 1 graded already, 1 to grade" in said
    assert scores(small)["ben"] == {"inv-differential-check": 10.0, "det-gradient-check": 10.0}
    ada = {name: stamp for name, stamp in snapshot(small).items() if "/ada/" in name}
    assert ada == {name: stamp for name, stamp in before.items() if "/ada/" in name}


def test_a_problem_that_changed_is_found_out_and_nothing_is_graded_against_it_silently(small: Path) -> None:
    before = scores(small)
    _change_problem(small)
    run(small, *OURS)
    assert scores(small) == before  # by the text that was released, which source/ still has
    assert "is right" in comments(small)["ada"]["inv-differential"]


def _change_problem(course: Path) -> None:
    """The problem now asks for something else under the same name: another map."""
    path = course.parent / "problems" / "exercises" / "inv-differential" / "problem.yaml"
    path.write_text(path.read_text("utf-8").replace("f: inv(A)", "f: inv(A) + A"), "utf-8")


@pytest.mark.parametrize("command", [OURS, PLAIN], ids=["ours", "plain"])
def test_a_release_whose_text_is_gone_is_refused_and_left_to_a_person(
    own_course: Path, command: tuple[str, ...]
) -> None:
    submit(own_course, "ada", solved(read_released(own_course)))
    _change_problem(own_course)
    for step in ("source", "release"):
        shutil.rmtree(own_course / step / ASSIGNMENT / "exercises")
    run(own_course, *command)
    assert scores(own_course)["ada"] == {"inv-differential-check": None, "det-gradient-check": 10.0}
    assert to_review(own_course)["ada"] == {"inv-differential-check"}
    told = comments(own_course)["ada"]["inv-differential"]
    assert "has changed since this notebook was released" in told and "your instructor" in told
    shown = cell(autograded(own_course, "ada"), "inv-differential-check")["outputs"]
    assert [output["output_type"] for output in shown] == ["display_data", "error"]


def test_a_notebook_that_does_not_say_its_release_is_held_against_the_last_one_and_says_so(
    own_course: Path,
) -> None:
    notebook = solved(read_released(own_course))
    del notebook["metadata"]["frechet_grader"]
    submit(own_course, "ada", notebook)
    run(own_course, *OURS)
    assert scores(own_course)["ada"] == {"inv-differential-check": 10.0, "det-gradient-check": 10.0}
    assert "did not say from which release" in "".join(comments(own_course)["ada"].values())


def test_one_student_can_be_graded_alone(own_course: Path) -> None:
    for name in ("ada", "ben"):
        submit(own_course, name, solved(read_released(own_course)))
    run(own_course, *OURS, "--student", "ben")
    assert scores(own_course).keys() == {"ben"}
    said = run(own_course, *OURS, "--student", "bem", ok=False)
    assert "'bem' has submitted no 'ps1'; did you mean 'ben'?" in said


def test_a_run_that_was_stopped_goes_on_where_it_was(small: Path) -> None:
    """Results that are kept reach the gradebook and the folders without being graded again."""
    shutil.rmtree(small / "autograded" / "ben")
    with closing(sqlite3.connect(small / "gradebook.db")) as database, database:
        database.execute("UPDATE grade SET auto_score = NULL")
    run(small, *OURS)
    assert scores(small)["ben"] == {"inv-differential-check": 3.0, "det-gradient-check": 10.0}
    assert autograded(small, "ben")["cells"]


def test_one_that_the_grader_failed_on_is_tried_again_by_the_next_run(small: Path) -> None:
    right = scores(small)["ben"]
    with closing(sqlite3.connect(small / "frechet-grader" / ASSIGNMENT / "results.sqlite")) as kept, kept:
        kept.execute("UPDATE results SET done = 0 WHERE key = (SELECT key FROM roster WHERE student = 'ben')")
        kept.execute("DELETE FROM files WHERE path = 'ben'")
    with closing(sqlite3.connect(small / "gradebook.db")) as database, database:
        database.execute("UPDATE grade SET auto_score = NULL")
    assert "2 submissions, 1 graded already, 1 to grade" in run(small, *OURS)
    assert scores(small)["ben"] == right
    assert "2 submissions, 2 graded already, 0 to grade" in run(small, *OURS)


def test_marks_of_what_was_there_for_a_moment_are_not_given_to_what_was_there_before_and_after(
    own_course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = solved(read_released(own_course))
    submit(own_course, "ada", first)
    looks = []

    def read(context: GradingContext, student: str, folder: Path) -> SubmittedNotebook | str:
        looks.append(student)
        if len(looks) == 2:  # to grade it; the first is to plan
            submit(own_course, "ada", solved(read_released(own_course), inv_differential=WRONG))
        found = read_submitted(context, student, folder)
        submit(own_course, "ada", first)
        return found

    for module in ("planned_submissions", "autograde"):
        monkeypatch.setattr(f"grader.platforms.nbgrader.{module}.read_submitted", read)
    console = Console(file=io.StringIO(), width=200)
    autograde_class(console, own_course, ASSIGNMENT, AutogradeOptions(jobs=1))
    assert len(looks) == 2 and "something else in the meantime" in console.file.getvalue()  # type: ignore[attr-defined]
    assert scores(own_course) == {}
    run(own_course, *OURS)
    assert scores(own_course)["ada"] == {"inv-differential-check": 10.0, "det-gradient-check": 10.0}


def test_what_is_missing_is_told_in_words(tmp_path: Path, own_course: Path) -> None:
    assert "is not an nbgrader course" in run(tmp_path, "grader", "nbgrader", "autograde", "ps1", ok=False)
    assert "did you mean 'ps1'?" in run(own_course, "grader", "nbgrader", "autograde", "ps2", ok=False)
    assert "There are no submissions in" in run(own_course, *OURS, ok=False)


def test_other_files_of_a_student_are_kept_and_links_are_not_followed(
    own_course: Path, tmp_path: Path
) -> None:
    submit(own_course, "ada", solved(read_released(own_course)))
    folder = own_course / "submitted" / "ada" / ASSIGNMENT
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("mine", "utf-8")
    (folder / "config.yaml").write_text("mine", "utf-8")
    (tmp_path / "secret").write_text("secret", "utf-8")
    (folder / "stolen.txt").symlink_to(tmp_path / "secret")
    run(own_course, *OURS)
    place = own_course / "autograded" / "ada" / ASSIGNMENT
    assert (place / "notes" / "a.txt").read_text("utf-8") == "mine"
    assert "mine" not in (place / "config.yaml").read_text("utf-8")
    assert not (place / "stolen.txt").exists()


def test_our_feedback_pages_say_what_people_decided(small: Path) -> None:
    decide(small)
    run(small, "grader", "nbgrader", "feedback", ASSIGNMENT)
    pages = [
        (small / "feedback" / name / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
        for name in ("ada", "ben")
    ]
    assert "From your instructor" not in pages[0]
    assert "In all 20 of 20 points" in pages[1]
    assert "Only the sign." in pages[1] and "inv-differential</code>: 10 points" in pages[1]
    assert "only the sign is wrong" in pages[1].lower()
    assert all(page.lower().startswith("<!doctype html>") and "&lt;p" not in page for page in pages)


def test_a_link_in_the_place_of_a_timestamp_is_not_followed_into_the_feedback(
    small: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret", "utf-8")
    stamp = small / "submitted" / "ben" / ASSIGNMENT / "timestamp.txt"
    stamp.unlink()
    stamp.symlink_to(tmp_path / "secret")
    run(small, "grader", "nbgrader", "feedback", ASSIGNMENT)
    assert (small / "feedback" / "ada" / ASSIGNMENT / "timestamp.txt").is_file()
    assert (small / "feedback" / "ben" / ASSIGNMENT / f"{ASSIGNMENT}.html").is_file()
    assert not (small / "feedback" / "ben" / ASSIGNMENT / "timestamp.txt").exists()


def test_there_is_no_feedback_before_there_are_marks(own_course: Path) -> None:
    submit(own_course, "ada", solved(read_released(own_course)))
    assert "Nobody is graded yet" in run(own_course, "grader", "nbgrader", "feedback", ASSIGNMENT, ok=False)


def test_odd_names_and_times_of_one_student_stop_nobody_else(own_course: Path) -> None:
    for name in ("ada", "eve", "ben", "cafe", "dan"):
        submit(own_course, name, solved(read_released(own_course)))
    eve = own_course / "submitted" / "eve" / ASSIGNMENT
    (eve / "exercises").write_text("in the way of the instructor's folder", "utf-8")
    (eve / "config.yaml").mkdir()
    (eve / "config.yaml" / "x").write_text("in the way of the instructor's file", "utf-8")
    (own_course / "submitted" / "ben" / ASSIGNMENT / "timestamp.txt").write_text(
        "2026-02-28 10:00:00+02:00 UTC", "utf-8"
    )
    (own_course / "submitted" / "dan" / ASSIGNMENT / "timestamp.txt").write_text(f"10:00{'9' * 32}", "utf-8")
    os.rename(own_course / "submitted" / "cafe", os.fsencode(own_course / "submitted") + b"/caf\xe9")  # noqa: PTH104
    said = run(own_course, *OURS)
    assert "is not a name in UTF-8" in said and "contains no time" in said.replace("\n", " ")
    assert scores(own_course).keys() == {"ada", "ben", "eve"}
    place = own_course / "autograded" / "eve" / ASSIGNMENT
    assert (place / "config.yaml").is_file() and (place / "exercises" / "det-gradient").is_dir()
    with closing(sqlite3.connect(own_course / "gradebook.db")) as database, database:
        query = "SELECT timestamp FROM submitted_assignment WHERE student_id = 'ben'"
        assert database.execute(query).fetchone()[0].startswith("2026-02-28 08:00:00")
    assert "3 submissions, 3 graded already" in run(own_course, *OURS)


def test_a_student_whose_files_cannot_be_read_stops_nobody_else(
    own_course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "ben"):
        submit(own_course, name, solved(read_released(own_course)))

    def timestamp(folder: Path) -> datetime | None:
        if folder.parent.name == "ada" and folder.parts[-3] == "submitted":
            raise PermissionError(errno.EACCES, "Permission denied", str(folder / "timestamp.txt"))
        return read_timestamp(folder)

    monkeypatch.setattr("grader.platforms.nbgrader.submitted_notebook.read_timestamp", timestamp)
    console = Console(file=io.StringIO(), width=500)
    autograde_class(console, own_course, ASSIGNMENT, AutogradeOptions(jobs=1))
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Left out: ada: " in said and "timestamp.txt cannot be read: Permission denied" in said
    assert scores(own_course).keys() == {"ben"}


def test_large_notebooks_are_written_before_they_fill_the_memory() -> None:
    class Kept(ResultWriter):
        def write(self) -> None:
            written.append(len(self._waiting))
            self._waiting.clear()

    written: list[int] = []
    unused: Any = None
    batch = Kept(unused, unused, unused, unused, unused)
    notebook = bytes(MOST_BYTES // 4)
    for _ in range(10):
        batch.add(GradedNotebook("ada", Path(), "", GradebookEntry("ada", None, {}, {}), notebook))
    assert written == [5, 5]


@pytest.mark.parametrize(("depth", "is_read"), [(900, True), (925, False), (5000, False)])
def test_whether_a_nested_notebook_is_read_does_not_depend_on_who_reads_it(depth: int, is_read: bool) -> None:
    nested = "[" * depth + "]" * depth
    data = f'{{"cells": [], "metadata": {{"x": {nested}}}, "nbformat": 4, "nbformat_minor": 5}}'.encode()

    def read(below: int) -> Notebook | Failure:
        return read(below - 1) if below else read_json(data, "ps1.ipynb")

    assert [isinstance(read(below), dict) for below in (0, 15)] == [is_read, is_read]


@pytest.mark.parametrize("text", ["x", "0001-01-01 00:00+10:00 UTC", "10:00" + "9" * 32, "2" * 10**6, "\0"])
def test_what_is_no_time_is_a_value_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "timestamp.txt").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"."):
        read_timestamp(tmp_path)
