"""An assignment as it is published: statements, worked solutions and the due date, which pages need besides reports."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.reports.lateness import find_deadline


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
        show_solutions: what the instructor said about worked solutions; None leaves it to the due date.
        grace: seconds after the due date for which it is not yet past.
    """

    course: str = ""
    title: str = ""
    due: str = ""
    show_solutions: bool | None = None
    problems: tuple[PublishedProblem, ...] = ()
    grace: float = 0.0

    @property
    def by_id(self) -> Mapping[str, PublishedProblem]:
        """Problems by id."""
        return {problem.id: problem for problem in self.problems}


NO_ASSIGNMENT = PublishedAssignment()


def for_students(published: PublishedAssignment, now: datetime.datetime) -> PublishedAssignment:
    """The assignment as students may see it: without worked solutions before they are due.

    Args:
        now: with its time zone, which is also that of a due date that names none.
    """
    shown = published.show_solutions
    if shown is None:
        shown = is_past(published.due, now, published.grace)
    if shown:
        return published
    return replace(published, problems=tuple(replace(p, solution=None) for p in published.problems))


def is_past(due: str, now: datetime.datetime, grace: float = 0.0) -> bool:
    """Is a due date over? A day is when it has ended, a time when it has come.

    Args:
        grace: seconds that are added.
    """
    return bool(due) and now >= find_deadline(due, now.tzinfo) + datetime.timedelta(seconds=grace)
