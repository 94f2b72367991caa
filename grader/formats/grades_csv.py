"""The gradebook: one row per student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from grader.reports.class_list import NO_CLASS, ClassList
from grader.reports.report import Report, points
from grader.reports.roster import Person

# A spreadsheet takes a cell that begins with one of these for a formula; so do wide forms in some locales.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

MOST_CELL = 1000
DATE_COLUMNS = ("raw_score", "days_late", "submitted")
PERSON_COLUMNS = ("name", "id", "login", "email", "section")

_Row = tuple[list[str], dict[str, str], list[str]]
"""What stands before the columns of the problems, problem → points, and what stands behind."""


def grades_csv(reports: Iterable[Report], class_list: ClassList = NO_CLASS) -> str:
    """`grades.csv`: `student,assignment,<problem ids…>,score,max_score,status`, and what the roster says.

    A problem that a report lacks has an empty cell, and so has a score where the grader failed, since it is none.
    With a roster there are columns for `name,id,login,email,section`, and rows without points for those who submitted
    nothing to grade; where it is known when students submitted, columns for `raw_score,days_late,submitted`.
    """
    rows: list[_Row] = []
    assignment = ""
    for report in reports:
        assignment = report.assignment
        rows.append(_row_of(report, class_list))
    rows += _rows_without_points(assignment, class_list)

    ids = dict.fromkeys(chain.from_iterable(cells for _, cells, _ in rows))
    titles = ["student", "assignment", *ids, "score", "max_score", "status"]
    if class_list.has_dates:
        titles += DATE_COLUMNS
    if class_list.people:
        titles += PERSON_COLUMNS
    lines = ([*head, *(cells.get(id_, "") for id_ in ids), *tail] for head, cells, tail in rows)
    return csv_text(map(neutralise, line) for line in [titles, *lines])


def _row_of(report: Report, class_list: ClassList) -> _Row:
    failed = report.failed_by_grader
    cells = {p.id: "" if p.failed_by_grader else points(p.score) for p in report.problems}
    score = "" if failed else points(report.score)
    # Where a person gave points after all, it is graded.
    status = "grader_error" if failed else report.status.replace("grader_error", "graded")
    dates = _dates(report) if class_list.has_dates else []
    tail = [score, points(report.max_score), status, *dates, *_fields(report.person, class_list)]
    return [report.student, report.assignment], cells, tail


def _rows_without_points(assignment: str, class_list: ClassList) -> Iterator[_Row]:
    """Those on the roster who submitted nothing to grade."""
    graded = {submitter.person for submitter in class_list.graded.values()}
    dates = [""] * len(DATE_COLUMNS) if class_list.has_dates else []
    for person in class_list.people:
        if person not in graded:
            status = "not_submitted" if person in class_list.absent else "no_file"
            yield [person.key, assignment], {}, ["", "", status, *dates, *_fields(person, class_list)]


def _dates(report: Report) -> list[str]:
    late = report.lateness
    return [points(report.reached), str(late.days) if late else "", late.submitted if late else ""]


def _fields(person: Person | None, class_list: ClassList) -> list[str]:
    """What the roster says of a student; nothing without a roster."""
    if not class_list.people:
        return []
    return [getattr(person, column) if person else "" for column in PERSON_COLUMNS]


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Write a table as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)  # with its own \r\n, so that a lone \r in a cell is quoted as well
    return out.getvalue()


def neutralise(cell: str) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run as a formula; cut if it is long."""
    cell = cell[:MOST_CELL]
    return "'" + cell if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell
