"""Read `overrides.csv`: points and comments that people decide on, kept through every regrading."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from grader.core.errors import AuthorError, Fault, suggest
from grader.grading.class_table import Line, read_number, read_table
from grader.reports.overrides import Override
from grader.reports.report import points as points_text
from grader.reports.roster import Roster

OVERRIDES = "overrides.csv"
COLUMNS: Mapping[str, Sequence[str]] = {
    "student": ("student", "id", "login", "email", "name"),
    "problem": ("problem", "exercise"),
    "check": ("check",),
    "points": ("points", "score"),
    "comment": ("comment", "reason", "why"),
    "by": ("by", "grader", "person"),
    "diagnosis": ("diagnosis", "mistake"),
}
ALL = ("*", "all", "everybody", "everyone")
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
    overrides: dict[tuple[str, ...], tuple[int, Override]] = {}
    faults: list[Fault] = []
    for line in read_table(path, COLUMNS):
        row = _read_row(line, students, roster, checks, most, faults)
        if row is None:
            continue
        # Comments do not contradict each other.
        told = row.comment if row.keep else ""
        key = (row.student, row.problem, row.check, row.diagnosis, told)
        number, earlier = overrides.setdefault(key, (line.number, row))
        if earlier != row:
            faults.append(Fault(f"it contradicts line {number}", "points", line.number))
    if faults:
        raise AuthorError(path, faults)
    return tuple(row for _, row in overrides.values())


def _read_row(
    line: Line,
    students: Collection[str],
    roster: Roster,
    checks: Mapping[str, Collection[str]],
    most: Mapping[Part, Fraction],
    faults: list[Fault],
) -> Override | None:
    """One row; None, with faults, if it means nothing."""
    before = len(faults)
    student = _find_student(line["student"], students, roster)
    if student is None:
        message = _explain_nobody(line["student"], students, roster)
        faults.append(Fault(message, "student", line.number))

    if line["problem"] not in checks:
        message = f"there is no problem {line['problem']!r}; {suggest(line['problem'], checks)}"
        if not line["problem"]:
            message = f"it is empty; a row is about one problem: {', '.join(checks)}"
        faults.append(Fault(message, "problem", line.number))
    known = checks.get(line["problem"], ())
    if line["check"] and known and line["check"] not in known:
        near = suggest(line["check"], known)
        faults.append(Fault(f"there is no check {line['check']!r}; {near}", "check", line.number))

    keep = not line["points"] and bool(line["comment"])
    is_full = line["points"].lower() in FULL
    points = None if keep or is_full else read_number(line["points"])
    if points is None and not (keep or is_full):
        message = f"{line['points']!r} must be a number of points, or 'full', or empty beside a comment"
        faults.append(Fault(message, "points", line.number))
    allowed = most.get((line["problem"], line["check"]))
    if points is not None and allowed is not None and points > allowed:
        part = f"{line['problem']}, check {line['check']}" if line["check"] else line["problem"]
        message = (
            f"{line['points']} is more than the {points_text(allowed)} points of {part}; for all, write full"
        )
        faults.append(Fault(message, "points", line.number))
    if len(faults) > before or student is None:
        return None
    return Override(
        student=student,
        problem=line["problem"],
        check=line["check"],
        points=points,
        comment=line["comment"],
        by=line["by"],
        diagnosis=line["diagnosis"],
        keep=keep,
    )


def _find_student(text: str, students: Collection[str], roster: Roster) -> str | None:
    """The student of a row, empty for all of them; None if there is none.

    Who is on the roster and submitted nothing has the name that `grades.csv` gives.
    """
    if text.lower() in ALL:
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
    who = "submitted or is on the roster" if roster.people else "submitted"
    advice = "" if roster.people else " (points for somebody who submitted nothing need a roster)"
    return f"nobody who {who} is called {text!r}; {suggest(text, names)}{advice}"
