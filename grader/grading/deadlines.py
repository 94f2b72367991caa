"""Whose submission was due when: the assignment's date, and extensions of single students."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.core.errors import AuthorError, Fault, suggest
from grader.grading.class_table import read_table
from grader.problems.course import Assignment, Course
from grader.reports.lateness import NO_PENALTY, Penalty, measure
from grader.reports.roster import NO_ROSTER, Person, Roster

EXTENSIONS = "extensions.csv"
_COLUMNS: Mapping[str, Sequence[str]] = {
    "student": ("student", "id", "login", "email", "name", "student id", "username"),
    "assignment": ("assignment",),
    "due": ("due", "until", "due date", "extended until"),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})(?!\d)")
"""As Excel writes a date where days come before months."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A date of one student's own.

    Args:
        student: by any name, number or address. assignment: empty for all of them.
        due: in ISO 8601.
        where: the line of the file.
    """

    student: str
    assignment: str
    due: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The dates of an assignment.

    Args:
        due: the class's, in ISO 8601; empty if there is none. grace: seconds. penalty: what late submissions lose.
        extensions: for this assignment; the last of a student counts.
        zone: of times that name none; that of this machine if None.
    """

    due: str = ""
    grace: float = 0.0
    extensions: tuple[Extension, ...] = ()
    roster: Roster = NO_ROSTER
    zone: datetime.tzinfo | None = None
    penalty: Penalty = NO_PENALTY

    def of(self, student: str, identity: str) -> str:
        """When a student's own submission is due."""
        for extension in reversed(self.extensions):
            if self._means(extension, student, identity):
                return extension.due
        return self.due

    def is_late(self, student: str, identity: str, submitted: str) -> bool | None:
        """Whether a submission is late; None if that is not known."""
        due = self.of(student, identity)
        if not due or not submitted:
            return None
        return measure(submitted, "", due, self.grace, self.zone).days > 0

    def unknown(self, students: Iterable[tuple[str, str]]) -> list[str]:
        """Say which extensions are nobody's.

        Args:
            students: those who handed in, and their identities.
        """
        listed, unknown = list(students), []
        for extension in self.extensions:
            is_listed = any(self._means(extension, *student) for student in listed)
            if is_listed or self.roster.find(extension.student) is not None:
                continue
            words = f"nobody is called {extension.student!r}, so its date is not used"
            unknown.append(f"{extension.where}: {words}{self._near(extension)}")
        return unknown

    def _near(self, extension: Extension) -> str:
        near = self.roster.suggest(extension.student)
        return f"; did you mean {near.label}?" if near else ""

    def _means(self, extension: Extension, student: str, identity: str) -> bool:
        person = self.roster.find(extension.student)
        if person is not None and person == self.roster.find(student, identity):
            return True
        name = student.removesuffix(f"_{identity}") if identity else student
        alone = Roster((Person(id=identity, name=name, login=student),))
        return person is None and alone.find(extension.student) is not None


NO_DEADLINES = Deadlines()


def make_deadlines(
    assignment: Assignment, extensions: Iterable[Extension] = (), roster: Roster = NO_ROSTER
) -> Deadlines:
    """The dates of one assignment."""
    own = tuple(extension for extension in extensions if extension.assignment in ("", assignment.id))
    due = assignment.due.isoformat() if assignment.due else ""
    return Deadlines(due, assignment.grace, own, roster, penalty=assignment.penalty)


def read_extensions(path: Path, course: Course) -> tuple[Extension, ...]:
    """Read `extensions.csv`: student, due, and the assignment if there are several.

    Raises:
        GraderError: it cannot be read, or a row has no date or names an assignment that there is not.
    """
    extensions = []
    faults = []
    for line in read_table(path, _COLUMNS, {"students": ["student"], "dates": ["due"]}):
        due, assignment = _read_due(line["due"]), line["assignment"]
        if not due:
            form = "a date, such as 2026-10-01, or a time, such as 2026-10-01 18:00"
            faults.append(Fault(f"{line['due']!r} must be {form}", "due", line.number))
        if assignment and assignment not in course.assignments:
            message = f"there is no assignment '{assignment}'; {suggest(assignment, course.assignments)}"
            faults.append(Fault(message, "assignment", line.number))
        if not line["student"]:
            message = "it is empty; write a name, a login, a number or an address"
            faults.append(Fault(message, "student", line.number))

        extensions.append(Extension(line["student"], assignment, due, f"{path}, line {line.number}"))
    if faults:
        raise AuthorError(path, faults)
    return tuple(extensions)


def _read_due(text: str) -> str:
    """A date or a time in ISO 8601; empty for anything else, such as a number."""
    text = _DOTTED.sub(lambda date: f"{date[3]}-{date[2]:0>2}-{date[1]:0>2}", text, count=1)
    if not _DATE.match(text):
        return ""
    try:
        if len(text) == len("2026-10-01"):
            return datetime.date.fromisoformat(text).isoformat()
        return datetime.datetime.fromisoformat(text).isoformat()
    except ValueError:
        return ""
