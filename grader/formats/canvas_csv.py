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
from grader.reports.roster import Person

_HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_DOWNLOADED = re.compile(r"([^_]+)_(\d+)")
"""A student as named after a file that Canvas let download: `<surname><first name>_<ID>`."""


def canvas_csv(reports: Iterable[Report]) -> str:
    """`canvas.csv`: a row of the points possible, then one for each student.

    If every submission was downloaded from Canvas, students are told by the number in the file's name, otherwise
    by their login, which the file must then be named after. Who is on the roster stands here as there. Where the
    grader failed the cell is empty.
    """
    rows: list[tuple[str, Person | None, str]] = []
    assignment, possible = "", ""
    for report in reports:
        assignment, possible = report.assignment, points(report.max_score)
        score = "" if report.failed_by_grader else points(report.score)
        rows.append((report.student, report.person, score))

    downloaded = all(_DOWNLOADED.fullmatch(student) for student, _, _ in rows)
    head = [[*_HEADER, neutralise(assignment)], ["    Points Possible", "", "", "", "", possible]]
    lines = ([*_identify(student, person, downloaded), score] for student, person, score in rows)
    return csv_text([*head, *lines])


def _identify(student: str, person: Person | None, downloaded: bool) -> tuple[str, ...]:
    match = _DOWNLOADED.fullmatch(student) if downloaded else None
    if person is not None:
        number = match[2] if match else person.id
        return tuple(map(neutralise, (person.title, number, "", person.login, person.section)))
    name, number, login = (match[1], match[2], "") if match else (student, "", student)
    return neutralise(name), number, "", neutralise(login), ""
