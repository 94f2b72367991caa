"""The gradebook: one row per student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from grader.reports.class_list import NO_CLASS, ClassList
from grader.reports.report import ProblemReport, Report, points
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
    cells = {problem.id: _score(problem) for problem in report.problems}
    tail = [_score(report), points(report.max_score), _status(report)]
    if class_list.has_dates:
        tail += _dates(report)
    if class_list.people:
        tail += person_cells(report.person)
    return [report.student, report.assignment], cells, tail


def _score(graded: Report | ProblemReport) -> str:
    """The points; empty where the grader failed."""
    return "" if graded.failed_by_grader else points(graded.score)


def _status(report: Report) -> str:
    if report.failed_by_grader:
        return "grader_error"
    # Where a person gave points after all, it is graded.
    return "graded" if report.status == "grader_error" else report.status


def _rows_without_points(assignment: str, class_list: ClassList) -> Iterator[_Row]:
    """Those on the roster who submitted nothing to grade."""
    graded = {submitter.person for submitter in class_list.graded.values()}
    dates = [""] * len(DATE_COLUMNS) if class_list.has_dates else []
    for person in class_list.people:
        if person not in graded:
            status = "not_submitted" if person in class_list.absent else "no_file"
            yield [person.key, assignment], {}, ["", "", status, *dates, *person_cells(person)]


def _dates(report: Report) -> list[str]:
    late = report.lateness
    when = [str(late.days), late.submitted] if late else ["", ""]
    return [points(report.reached), *when]


def person_cells(person: Person | None) -> list[str]:
    """What the roster says of a student; empty cells for one who is not on it."""
    if person is None:
        return [""] * len(PERSON_COLUMNS)
    return [getattr(person, column) for column in PERSON_COLUMNS]


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Write a table as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)  # with its own \r\n, so that a lone \r in a cell is quoted as well
    return out.getvalue()


def neutralise(cell: str) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run as a formula; cut if it is long."""
    cell = cell[:MOST_CELL]
    is_formula = cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)
    return f"'{cell}" if is_formula else cell
