"""The gradebook: one row per student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from grader.reports.report import Report, points

# A spreadsheet takes a cell that begins with one of these for a formula; so do wide forms in some locales.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

MOST_CELL = 1000


def grades_csv(reports: Iterable[Report]) -> str:
    """`grades.csv`: `student,assignment,<problem ids…>,score,max_score,status`.

    A problem that a report lacks (its file could not be graded) has an empty cell.
    """
    ids: dict[str, None] = {}
    rows: list[tuple[list[str], dict[str, str], list[str]]] = []
    for report in reports:
        cells = {problem.id: points(problem.score) for problem in report.problems}
        ids.update(dict.fromkeys(cells))
        head = [neutralise(report.student), neutralise(report.assignment)]
        rows.append((head, cells, [points(report.score), points(report.max_score), report.status]))
    titles = ["student", "assignment", *map(neutralise, ids), "score", "max_score", "status"]
    lines = ([*head, *(cells.get(id_, "") for id_ in ids), *tail] for head, cells, tail in rows)
    return csv_text([titles, *lines])


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Write a table as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)  # with its own \r\n, so that a lone \r in a cell is quoted as well
    return out.getvalue()


def neutralise(cell: str) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run as a formula; cut if it is long."""
    cell = cell[:MOST_CELL]
    return "'" + cell if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell
