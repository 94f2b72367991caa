"""A class on nbgrader from the source to the feedback, with nbgrader's own commands and with ours."""

from __future__ import annotations

import csv
import html
import json
import re

import pytest

from tests.platforms.nbgrader.classes import (
    ASSIGNMENT,
    PROBLEMS,
    autograded,
    comments,
    grade_id_of,
    penalties,
    run,
    scores,
    snapshot,
    submit,
    to_review,
)
from tests.platforms.nbgrader.conftest import Graded

pytestmark = pytest.mark.nbgrader

FULL = {f"{id}-check": 10.0 for id in PROBLEMS}
NOTHING = dict.fromkeys(FULL, 0.0)


def test_both_ways_give_every_cell_of_thirty_submissions_the_same_mark(graded: Graded) -> None:
    ours, plain = scores(graded.ours), scores(graded.plain)
    assert len(ours) >= 30
    assert ours == plain
    assert to_review(graded.ours) == to_review(graded.plain)
    assert comments(graded.ours) == comments(graded.plain)
    assert penalties(graded.ours) == penalties(graded.plain)


@pytest.mark.parametrize(
    "student", ["right", "another-way", "warns", "imports-check", "doubled-answer", "late"]
)
def test_right_answers_get_all_points_whatever_is_around_them(graded: Graded, student: str) -> None:
    assert scores(graded.ours)[student] == FULL


ODD = ["mistyped", "deep-metadata", "half-characters", "byte-order-mark"]


@pytest.mark.parametrize("student", ODD)
def test_odd_files_cost_nothing_as_long_as_their_answers_can_be_read(graded: Graded, student: str) -> None:
    assert scores(graded.ours)[student] == FULL
    run(graded.ours, "nbgrader", "generate_feedback", ASSIGNMENT, "--student", student)


@pytest.mark.parametrize("student", ["empty", "not-json", "too-deep"])
def test_no_answers_get_no_points(graded: Graded, student: str) -> None:
    assert scores(graded.ours)[student] == NOTHING


@pytest.mark.parametrize(
    "student", ["syntax-error", "raises", "renamed", "prints-half", "endless", "hog", "shuts-down"]
)
def test_a_broken_answer_costs_its_own_points_only(graded: Graded, student: str) -> None:
    assert scores(graded.ours)[student] == FULL | {"inv-differential-check": 0.0}


def test_every_mistake_loses_points_and_is_named_in_the_comment(graded: Graded) -> None:
    found = [name for name in scores(graded.ours) if name.startswith(PROBLEMS)]
    assert len(found) >= 15
    for name in found:
        wrong = next(id for id in PROBLEMS if name.startswith(id))
        got = scores(graded.ours)[name]
        assert (got[f"{wrong}-check"] or 0) < 10, name
        # The seed is drawn: at some, inv(A + dA) of a wrong formula does not exist, which costs its last points.
        assert sum(score or 0 for score in got.values()) >= 10
        assert "is wrong:" in comments(graded.ours)[name][wrong], name


@pytest.mark.parametrize(
    ("student", "told"),
    [
        ("edited-test", "had been changed"),
        ("deleted-test", "was missing"),
        ("doubled-test", "There were copies of the test cell"),
        ("cleared", "had lost what nbgrader keeps"),
    ],
)
def test_what_was_done_to_test_cells_changes_no_mark_and_is_told(
    graded: Graded, student: str, told: str
) -> None:
    honest = scores(graded.ours)["inv-differential-sign"]
    assert scores(graded.ours)[student] == honest
    assert re.search(told, comments(graded.ours)[student]["inv-differential"])
    assert "Note:" not in comments(graded.ours)["inv-differential-sign"]["inv-differential"]


@pytest.mark.parametrize("student", ["invented-cell", "forged-outputs", "unlocked-test"])
def test_forged_cells_outputs_and_metadata_change_no_mark(graded: Graded, student: str) -> None:
    assert scores(graded.ours)[student] == scores(graded.ours)["inv-differential-sign"]


def test_a_comment_has_the_diagnosis_and_the_counterexample_and_the_card_has_the_hints_folded(
    graded: Graded,
) -> None:
    told = comments(graded.ours)["inv-differential-sign"]["inv-differential"]
    assert "only the sign is wrong" in told
    assert "Smallest case:" in told and "dA = " in told
    assert "There is an equation between" not in told
    shown = next(
        "".join(output["data"]["text/html"])
        for cell in autograded(graded.ours, "inv-differential-sign")["cells"]
        if grade_id_of(cell) == "inv-differential-check"
        for output in cell["outputs"][:1]
    )
    assert shown.index("Hint 1 of") < shown.index("There is an equation between A and A⁻¹")
    assert "nly the sign is wrong" not in shown and "smallest case" not in shown


def test_what_a_student_wrote_is_escaped_in_comments(graded: Graded) -> None:
    told = comments(graded.ours)["raises"]["inv-differential"]
    assert "&lt;b&gt;" in told
    for line in told.splitlines():
        assert "<b>" not in line or line.startswith("    "), "only a block of code shows it as it is"


def test_late_work_loses_what_the_course_says(graded: Graded) -> None:
    assert penalties(graded.ours)["late"] == 20.0
    assert set(penalties(graded.ours).values()) == {0.0, 20.0}


def test_the_autograded_notebook_shows_what_the_gradebook_says(graded: Graded) -> None:
    for course in (graded.ours, graded.plain):
        for student, marks in scores(course).items():
            cells = {grade_id_of(cell): cell for cell in autograded(course, student)["cells"]}
            for name, mark in marks.items():
                shown, result = cells[name]["outputs"]
                assert float("".join(result["data"]["text/plain"])) == mark
                told = comments(course)[student][name.removesuffix("-check")]
                assert "".join(shown["data"]["text/markdown"]) == told


def test_both_ways_leave_the_same_notebooks_and_files(graded: Graded) -> None:
    names = [
        {str(path.relative_to(course)) for path in (course / "autograded").rglob("*")}
        for course in (graded.ours, graded.plain)
    ]
    assert names[0] == names[1]
    for student in scores(graded.ours):
        ours, plain = autograded(graded.ours, student), autograded(graded.plain, student)
        assert [_plain(cell) for cell in ours["cells"]] == [_plain(cell) for cell in plain["cells"]], student
        assert ours["metadata"] == plain["metadata"]


def _plain(cell: dict[str, object]) -> dict[str, object]:
    """A cell without its id, which nbformat draws at random where one is missing or appears twice."""
    return {key: value for key, value in cell.items() if key != "id"}


def test_files_are_as_nbgrader_leaves_them(graded: Graded) -> None:
    for name in (f"{ASSIGNMENT}.ipynb", "timestamp.txt", "config.yaml"):
        paths = [
            course / "autograded" / "right" / ASSIGNMENT / name for course in (graded.ours, graded.plain)
        ]
        assert paths[0].stat().st_mode == paths[1].stat().st_mode


def test_the_feedback_shows_verdict_counterexample_and_hint_and_no_hidden_test(graded: Graded) -> None:
    for course in (graded.ours, graded.plain):
        run(course, "nbgrader", "generate_feedback", ASSIGNMENT, "--student", "inv-differential-sign")
        path = course / "feedback" / "inv-differential-sign" / ASSIGNMENT / f"{ASSIGNMENT}.html"
        page = html.unescape(path.read_text("utf-8"))
        assert "only the sign is wrong" in page
        assert "Smallest case" in page and "There is an equation between" in page
        seed = json.loads((course / "frechet-grader" / "seeds.json").read_text("utf-8"))[ASSIGNMENT]
        assert str(seed) not in page
        assert "return -X @ dA @ X" not in page and "BEGIN SOLUTION" not in page


def test_the_export_has_the_expected_numbers(graded: Graded) -> None:
    for course in (graded.ours, graded.plain):
        run(course, "nbgrader", "export", "--to", "grades.csv")
        with (course / "grades.csv").open(encoding="utf-8") as file:
            rows = {row["student_id"]: row for row in csv.DictReader(file)}
        marks = scores(course)
        assert rows.keys() == marks.keys()
        for student, row in rows.items():
            assert float(row["raw_score"]) == pytest.approx(sum(marks[student].values()))
            assert float(row["max_score"]) == 20
        assert (float(rows["right"]["score"]), float(rows["late"]["score"])) == (20, 0)


def test_a_second_run_with_nothing_changed_does_nothing(graded: Graded) -> None:
    before = snapshot(graded.ours)
    said = run(graded.ours, "grader", "nbgrader", "autograde", ASSIGNMENT)
    assert f"{len(scores(graded.ours))} graded already, 0 to grade" in said
    assert snapshot(graded.ours) == before


def test_a_notebook_of_another_name_is_told_with_it_and_has_no_mark(graded: Graded) -> None:
    submit(graded.ours, "misnamed", b"{}")
    notebook = graded.ours / "submitted" / "misnamed" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook.rename(notebook.with_name("homework.ipynb"))
    said = " ".join(run(graded.ours, "grader", "nbgrader", "autograde", ASSIGNMENT).split())
    assert f"misnamed has no {ASSIGNMENT}.ipynb, but homework.ipynb; rename it and repeat" in said
    assert "misnamed" not in scores(graded.ours)
