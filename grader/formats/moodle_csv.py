"""A file for Moodle's "Upload grading worksheet", which its gradebook's "Import" reads as well.

Moodle finds a student by `Identifier`, `Participant ` with the number that stands in the names of its download, and
needs a column for when the grade was changed. Students without a number are found by the gradebook's import alone.
Source: mod/assign/feedback/offline/importgradeslib.php of Moodle 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.formats.feedback_archives import MOODLE
from grader.formats.grades_csv import csv_text, neutralise
from grader.reports.class_list import NO_CLASS, ClassList
from grader.reports.report import Report, points

_HEADER = (
    "Identifier",
    "Full name",
    "ID number",
    "Username",
    "Email address",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",
)
_NUMBER = re.compile(rf"_(\d+){MOODLE}")


def moodle_csv(reports: Iterable[Report], class_list: ClassList = NO_CLASS) -> str:
    """`moodle.csv`: a row for each student whose grade is known; whom the grader failed on keeps the grade there is."""
    rows = (_row(report, class_list) for report in reports if not report.failed_by_grader)
    return csv_text(map(neutralise, row) for row in [list(_HEADER), *rows])


def _row(report: Report, class_list: ClassList) -> list[str]:
    found = _NUMBER.search(class_list.of(report.student).address)
    identifier = f"Participant {found[1]}" if found else ""
    person = report.person
    who = [report.student, "", report.student, ""]
    if person is not None:
        who = [person.title, person.id, person.login, person.email]
    # Without a time, Moodle leaves a grade that was given there alone unless it is told otherwise.
    return [identifier, *who, points(report.score), points(report.max_score), ""]
