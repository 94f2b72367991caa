"""The gradebook of a term: students joined over assignments, weights, the lowest dropped."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from grader.formats.gradebook import gradebook_csv, gradebook_html
from grader.reports.class_list import ClassList
from grader.reports.gradebook import GradedClass, make_gradebook
from grader.reports.report import Report
from grader.reports.roster import Person
from tests.conftest import ROOT
from tests.running import run_grader

pytestmark = pytest.mark.slow

ANN, BOB = Person(id="1", name="Ann A", login="ann"), Person(id="2", name="Bob B", login="bob")


def report(student: str, assignment: str, score: int, person: Person | None = None) -> Report:
    return Report(
        student=student,
        assignment=assignment,
        status="graded",
        score=Fraction(score),
        max_score=Fraction(10),
        isolation="none",
        seed=1,
        versions={},
        problems=(),
        person=person,
    )


def graded(assignment: str, *reports: Report) -> GradedClass:
    return GradedClass(assignment, assignment.upper(), reports, ClassList(people=(ANN, BOB)))


TERM = (
    graded("a", report("ann", "a", 10, ANN), report("bob_2", "a", 4, BOB), report("eve", "a", 5)),
    graded("b", report("ann_1", "b", 5, ANN)),
    graded("c", report("ann", "c", 8, ANN), report("bob", "c", 10, BOB), report("eve", "c", 10)),
)


def totals(**options: object) -> dict[str, float]:
    book = make_gradebook(TERM, **options)  # type: ignore[arg-type]
    return {row.person.name if row.person else row.student: float(row.total) for row in book.rows}


def test_one_person_is_one_row_whatever_files_are_called() -> None:
    book = make_gradebook(TERM)
    assert [row.person.name if row.person else row.student for row in book.rows] == ["Ann A", "Bob B", "eve"]
    assert [sorted(row.marks) for row in book.rows] == [["a", "b", "c"], ["a", "c"], ["a", "c"]]


def test_the_total_is_the_mean_with_0_where_nothing_was_handed_in() -> None:
    assert totals() == {"Ann A": 23 / 30, "Bob B": 14 / 30, "eve": 0.5}


def test_weights_count_and_the_lowest_are_dropped() -> None:
    assert totals(weights={"c": Fraction(2)})["Bob B"] == 0.6
    assert totals(dropped=1) == {"Ann A": 0.9, "Bob B": 0.7, "eve": 0.75}


def test_marks_without_weight_are_not_among_the_dropped() -> None:
    assert totals(weights={"a": Fraction(0), "c": Fraction(0)}, dropped=1)["Bob B"] == 0.0
    assert totals(weights={"b": Fraction(0)}, dropped=1)["Bob B"] == 1.0


def test_students_have_the_names_of_the_other_tables_and_strangers_are_told() -> None:
    book = make_gradebook(TERM)
    assert [row.student for row in book.rows] == ["ann", "bob", "eve"]
    assert book.strangers == ("eve",)


def test_an_assignment_graded_without_the_roster_joins_those_with_it() -> None:
    alone = GradedClass("d", "D", (report("ann", "d", 2), report("Bob B", "d", 3)), ClassList())
    book = make_gradebook((*TERM, alone))
    assert [(row.student, "d" in row.marks) for row in book.rows] == [
        ("ann", True),
        ("bob", True),
        ("eve", False),
    ]


def test_of_several_marks_for_one_assignment_the_highest_counts_and_that_is_said() -> None:
    book = make_gradebook((graded("a", report("ann", "a", 7, ANN), report("ann_late", "a", 4, ANN)),))
    assert book.rows[0].marks["a"].score == 7
    (told,) = book.repeated
    assert "ann 7, ann_late 4" in told


def test_table_and_page_have_everybody() -> None:
    book = make_gradebook(TERM, dropped=1)
    rows = list(csv.DictReader(gradebook_csv(book).splitlines()))
    assert [(row["name"], row["b"], row["total_percent"]) for row in rows][:2] == [
        ("Ann A", "5", "90.0"),
        ("Bob B", "", "70.0"),
    ]
    page = gradebook_html(book)
    assert "Bob B (bob)" in page
    assert page.count("(dropped)") == 1
    assert page.count("nothing submitted") == 2


def test_mistakes_are_told_in_sentences(tmp_path: Path) -> None:
    missing = run_grader("gradebook", str(tmp_path / "none"), cwd=tmp_path)
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("term")
    (folder / "class").mkdir()
    (folder / "class" / "ann.txt").write_text("det_gradient(A) = adj(A)^T\n")
    options = ("-o", "week1", "--course", str(ROOT), "--seed", "3", "-f", "csv")
    graded = run_grader("grade", "class", *options, cwd=folder)
    assert graded.returncode == 0, graded.stderr
    return folder / "week1"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--drop", "-1"), "--drop must be 0 or more"),
        (("--drop", "1"), "drop 0 at most"),
        (("--weight", "lecture05"), "--weight lecture05=2"),
        (("--weight", "lecture05=-1"), "'-1' must be 0 or more"),
        (("--weight", "lecture05=0"), "All weights are 0"),
        (("--weight", "lecture5=1"), "did you mean 'lecture05'?"),
        (("week1",), "give each assignment once"),
    ],
)
def test_options_that_mean_nothing_are_told(results: Path, options: tuple[str, ...], words: str) -> None:
    said = run_grader("gradebook", "week1", *options, cwd=results.parent)
    assert said.returncode == 2
    assert words in " ".join(said.stderr.split())
