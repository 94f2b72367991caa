"""The gradebook of a term: students joined over assignments, weights, the lowest dropped."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

from grader.formats.gradebook import gradebook_csv, gradebook_html
from grader.reports.class_list import ClassList
from grader.reports.gradebook import GradedClass, make_gradebook
from grader.reports.report import Report
from grader.reports.roster import Person
from tests.running import run_grader

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
