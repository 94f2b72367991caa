"""A term's gradebook as a table for spreadsheets and as a page."""

from __future__ import annotations

from fractions import Fraction

from grader.formats.grades_csv import PERSON_COLUMNS, csv_text, neutralise, person_cells
from grader.formats.html.template_engine import environment
from grader.reports.gradebook import Gradebook, Mark, TermRow
from grader.reports.report import points


def gradebook_csv(book: Gradebook) -> str:
    """`student,<assignment ids…>,total_percent,name,id,login,email,section`; no points where nothing was handed in."""
    titles = ["student", *book.assignments, "total_percent", *PERSON_COLUMNS]
    lines = [_line(row, book) for row in book.rows]
    return csv_text(map(neutralise, line) for line in [titles, *lines])


def _line(row: TermRow, book: Gradebook) -> list[str]:
    cells = [_points(row.marks.get(id)) for id in book.assignments]
    return [row.student, *cells, _percent(row.total), *person_cells(row.person)]


def _points(mark: Mark | None) -> str:
    if mark is None or mark.failed:
        return ""
    return points(mark.score)


def gradebook_html(book: Gradebook) -> str:
    """One page, without script."""
    rules = [f"{title}: weight {points(book.weights[id])}" for id, title in book.assignments.items()]
    if book.dropped:
        rules.append(f"the lowest {book.dropped} of each student do not count")

    rows = []
    for row in book.rows:
        marks = list(map(row.marks.get, book.assignments))
        rows.append((row.label, marks, _percent(row.total)))
    return (
        environment()
        .get_template("gradebook.html")
        .render(titles=list(book.assignments.values()), rules="; ".join(rules), rows=rows)
    )


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.1f}"
