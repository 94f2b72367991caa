"""A file for Canvas' "Import Grades": one column for the assignment.

Canvas finds a student by `ID` (its own number) or by `SIS Login ID`, and takes a title it does not know for a new
assignment. An empty cell leaves a grade as it is.
Source: https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.formats.grades_csv import csv_text, neutralise
from grader.reports.report import Report, points

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_DOWNLOADED = re.compile(r"([^_]+)_(\d+)")
"""A student as named after a file that Canvas let download: `<surname><first name>_<ID>`."""


def canvas_csv(reports: Iterable[Report]) -> str:
    """`canvas.csv`: a row of the points possible, then one for each student.

    If every submission was downloaded from Canvas, students are told by the number in the file's name, otherwise
    by their login, which the file must then be named after. Where the grader failed the cell is empty.
    """
    rows = []
    assignment, possible = "", ""
    for report in reports:
        assignment, possible = report.assignment, points(report.max_score)
        rows.append((report.student, "" if report.failed_by_grader else points(report.score)))
    downloaded = all(_DOWNLOADED.fullmatch(student) for student, _ in rows)
    head = [[*HEADER, neutralise(assignment)], ["    Points Possible", "", "", "", "", possible]]
    return csv_text([*head, *([*_identify(student, downloaded), score] for student, score in rows)])


def _identify(student: str, downloaded: bool) -> tuple[str, ...]:
    match = _DOWNLOADED.fullmatch(student) if downloaded else None
    name, number, login = (match[1], match[2], "") if match else (student, "", student)
    return neutralise(name), number, "", neutralise(login), ""
