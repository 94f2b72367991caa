"""Read `overrides.csv`: points and comments that people decide on, kept through every regrading."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from grader.core.errors import AuthorError, Fault, suggest
from grader.grading.class_table import Columns, Line, read_number, read_table
from grader.reports.overrides import Override
from grader.reports.report import points as points_text
from grader.reports.roster import Roster

OVERRIDES = "overrides.csv"
_COLUMNS: Columns = {
    "student": ("student", "id", "login", "email", "name"),
    "problem": ("problem", "exercise"),
    "check": ("check",),
    "points": ("points", "score"),
    "comment": ("comment", "reason", "why"),
    "by": ("by", "grader", "person"),
    "diagnosis": ("diagnosis", "mistake"),
}
_NEEDED: Columns = {"students": ["student"], "problems": ["problem"], "points": ["points", "comment"]}
_ALL = ("*", "all", "everybody", "everyone")
FULL = ("full", "all", "max")
Part = tuple[str, str]
"""The id of a problem, and the name of a check; empty for the whole problem."""
_NO_POINTS: Mapping[Part, Fraction] = {}


def find_overrides(results: Path) -> Path | None:
    """Find the file of decisions in a results folder."""
    path = results / OVERRIDES
    return path if path.is_file() else None


def read_overrides(
    path: Path,
    students: Collection[str],
    roster: Roster,
    checks: Mapping[str, Collection[str]],
    most: Mapping[Part, Fraction] = _NO_POINTS,
) -> tuple[Override, ...]:
    """Read the decisions of a class.

    Args:
        students: who submitted, as reports name them. roster: who else may get points.
        checks: of each problem of the assignment, by its id. most: the points that there are, where they are known.

    Raises:
        GraderError: it cannot be read; or rows name nobody, no problem or check, no number of points or too many, or
            contradict each other: all of them are told.
    """
    known = _Known(students, roster, checks, most)
    overrides: dict[tuple[str, ...], tuple[int, Override]] = {}
    faults: list[Fault] = []
    for line in read_table(path, _COLUMNS, _NEEDED):
        own_faults = list(_find_faults(line, known))
        faults += own_faults
        if own_faults:
            continue

        row = _read_row(line, known)
        # Comments do not contradict each other.
        told = row.comment if row.keep else ""
        key = (row.student, row.problem, row.check, row.diagnosis, told)
        number, earlier = overrides.setdefault(key, (line.number, row))
        if earlier != row:
            faults.append(Fault(f"it contradicts line {number}", "points", line.number))

    if faults:
        raise AuthorError(path, faults)
    return tuple(row for _, row in overrides.values())


@dataclass(frozen=True, slots=True)
class _Known:
    """Whom and what rows may be about; see `read_overrides`."""

    students: Collection[str]
    roster: Roster
    checks: Mapping[str, Collection[str]]
    most: Mapping[Part, Fraction]


def _read_row(line: Line, known: _Known) -> Override:
    """A row without faults."""
    keep = _only_comments(line)
    is_full = line["points"].lower() in FULL
    return Override(
        student=_find_student(line["student"], known.students, known.roster) or "",
        problem=line["problem"],
        check=line["check"],
        points=None if keep or is_full else read_number(line["points"]),
        comment=line["comment"],
        by=line["by"],
        diagnosis=line["diagnosis"],
        keep=keep,
    )


def _only_comments(line: Line) -> bool:
    return not line["points"] and bool(line["comment"])


def _find_faults(line: Line, known: _Known) -> Iterator[Fault]:
    """What is wrong with a row, by columns."""
    for column, explain in _EXPLANATIONS.items():
        message = explain(line, known)
        if message:
            yield Fault(message, column, line.number)


def _explain_student(line: Line, known: _Known) -> str:
    if _find_student(line["student"], known.students, known.roster) is not None:
        return ""
    return _explain_nobody(line["student"], known.students, known.roster)


def _explain_problem(line: Line, known: _Known) -> str:
    problem, problems = line["problem"], known.checks
    if problem in problems:
        return ""
    if not problem:
        return f"it is empty; a row is about one problem: {', '.join(problems)}"
    return f"there is no problem {problem!r}; {suggest(problem, problems)}"


def _explain_check(line: Line, known: _Known) -> str:
    check, checks = line["check"], known.checks.get(line["problem"], ())
    if not check or not checks or check in checks:
        return ""
    return f"there is no check {check!r}; {suggest(check, checks)}"


def _explain_points(line: Line, known: _Known) -> str:
    text, problem, check = line["points"], line["problem"], line["check"]
    if text.lower() in FULL or _only_comments(line):
        return ""
    points = read_number(text)
    if points is None:
        return f"{text!r} must be a number of points, or 'full', or empty beside a comment"

    allowed = known.most.get((problem, check))
    if allowed is None or points <= allowed:
        return ""
    part = f"{problem}, check {check}" if check else problem
    return f"{text} is more than the {points_text(allowed)} points of {part}; for all, write full"


_EXPLANATIONS: Mapping[str, Callable[[Line, _Known], str]] = {
    "student": _explain_student,
    "problem": _explain_problem,
    "check": _explain_check,
    "points": _explain_points,
}
"""Column → what says why its value means nothing, empty if it means something."""


def _find_student(text: str, students: Collection[str], roster: Roster) -> str | None:
    """The student of a row, empty for all of them; None if there is none.

    Who is on the roster and submitted nothing has the name that `grades.csv` gives.
    """
    if text.lower() in _ALL:
        return ""
    if text in students:
        return text
    person = roster.find(text)
    if person is None:
        return None
    return next((name for name in students if roster.find(name) == person), person.key)


def _explain_nobody(text: str, students: Collection[str], roster: Roster) -> str:
    if not text:
        return "it is empty; write a student, or * for the whole class"
    names = [*students, *(person.key for person in roster.people)]
    who, advice = "submitted or is on the roster", ""
    if not roster.people:
        who, advice = "submitted", " (points for somebody who submitted nothing need a roster)"
    return f"nobody who {who} is called {text!r}; {suggest(text, names)}{advice}"
