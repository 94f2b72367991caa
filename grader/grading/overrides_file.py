"""Read `overrides.csv`: points and comments that people decide on, kept through every regrading."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from grader.core.errors import AuthorError, Fault, suggest
from grader.grading.class_table import Line, read_table
from grader.reports.overrides import Override
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


def find_overrides(results: Path) -> Path | None:
    """Find the file of decisions in a results folder."""
    path = results / OVERRIDES
    return path if path.is_file() else None


def read_overrides(
    path: Path, students: Collection[str], roster: Roster, checks: Mapping[str, Collection[str]]
) -> tuple[Override, ...]:
    """Read the decisions of a class.

    Args:
        students: who handed in, as reports name them. checks: of each problem of the assignment, by its id.

    Raises:
        GraderError: it cannot be read; or rows name nobody, no problem or check, no number of points, or contradict
            each other: all of them are told.
    """
    overrides: dict[tuple[str, ...], tuple[int, Override]] = {}
    faults: list[Fault] = []
    for line in read_table(path, COLUMNS):
        row = _read_row(line, students, roster, checks, faults)
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
    faults: list[Fault],
) -> Override | None:
    """One row; None, with faults, if it means nothing."""
    before = len(faults)
    student = _find_student(line["student"], students, roster)
    if student is None:
        near = suggest(line["student"], students)
        faults.append(
            Fault(f"nobody who submitted is called {line['student']!r}; {near}", "student", line.number)
        )

    if line["problem"] not in checks:
        near = suggest(line["problem"], checks)
        faults.append(Fault(f"there is no problem {line['problem']!r}; {near}", "problem", line.number))
    known = checks.get(line["problem"], ())
    if line["check"] and known and line["check"] not in known:
        near = suggest(line["check"], known)
        faults.append(Fault(f"there is no check {line['check']!r}; {near}", "check", line.number))

    keep = not line["points"] and bool(line["comment"])
    points = None if keep else _read_points(line["points"])
    if points is not None and points < 0:
        message = f"{line['points']!r} must be a number of points, or 'full', or empty beside a comment"
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
    """The student of a row, empty for all of them; None if there is none."""
    if text.lower() in ALL:
        return ""
    if text in students:
        return text
    person = roster.find(text)
    return next((name for name in students if person and roster.find(name) == person), None)


def _read_points(text: str) -> Fraction | None:
    """None for all points, and −1 for what is no number."""
    if text.lower() in FULL:
        return None
    try:
        return Fraction(text.replace(",", "."))
    except (ValueError, ZeroDivisionError):
        return Fraction(-1)
