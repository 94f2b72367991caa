"""What a page needs of the assignment besides the reports: statements, worked solutions, the date they are due."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.reports.serialize import read_exact, to_exact_json


@dataclass(frozen=True, slots=True)
class WorkedSolution:
    """A worked solution: its derivation, in Markdown, and the code of the reference."""

    derivation: str
    code: str


@dataclass(frozen=True, slots=True)
class PublishedProblem:
    """A problem as it is set: the statement, in Markdown with LaTeX."""

    id: str
    signature: str = ""
    statement: str = ""
    solution: WorkedSolution | None = None


NO_PROBLEM = PublishedProblem("")


@dataclass(frozen=True, slots=True)
class PublishedAssignment:
    """An assignment as it is set, the same for the whole class.

    Args:
        due: a date, or a date and time, in ISO 8601; empty if there is none.
        told: whether the instructor said to show worked solutions; None leaves it to the due date.
    """

    course: str = ""
    title: str = ""
    due: str = ""
    told: bool | None = None
    tasks: tuple[PublishedProblem, ...] = ()

    def task(self, id: str) -> PublishedProblem:
        """The problem of that id; an empty one if it is not on the sheet."""
        return self.by_id.get(id, NO_PROBLEM)

    @property
    def by_id(self) -> Mapping[str, PublishedProblem]:
        """Problems by id."""
        return {task.id: task for task in self.tasks}


NO_ASSIGNMENT = PublishedAssignment()


def for_students(sheet: PublishedAssignment, now: datetime.datetime) -> PublishedAssignment:
    """The sheet as students may see it: with worked solutions only if told so or, not told, after the due date.

    Args:
        now: with its time zone, which is also that of a due date that names none.
    """
    shown = sheet.told if sheet.told is not None else is_past(sheet.due, now)
    return sheet if shown else replace(sheet, tasks=tuple(replace(t, solution=None) for t in sheet.tasks))


def is_past(due: str, now: datetime.datetime) -> bool:
    """Whether a due date is over: a day when it has ended, a time when it has come."""
    if not due:
        return False
    if "T" not in due:
        return now.date() > datetime.date.fromisoformat(due)
    moment = datetime.datetime.fromisoformat(due)
    return now >= (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo))


def write_assignment(sheet: PublishedAssignment) -> str:
    """The sheet as JSON, from which `read_assignment` makes it again."""
    return to_exact_json(sheet)


def read_assignment(text: str) -> PublishedAssignment:
    """The sheet that `write_assignment` was given; an empty one for an empty text.

    Raises:
        ValueError: the text is something else.
    """
    return read_exact(PublishedAssignment, text) if text else NO_ASSIGNMENT
