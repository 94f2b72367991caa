"""The gradebook of a term: the marks of several assignments, student by student."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.reports.class_list import ClassList
from grader.reports.report import Report
from grader.reports.roster import Person


@dataclass(frozen=True, slots=True)
class GradedClass:
    """One assignment as it was graded: its id and title, the complete reports, and who is in the class."""

    assignment: str
    title: str
    reports: tuple[Report, ...]
    class_list: ClassList


@dataclass(frozen=True, slots=True)
class Mark:
    """The points of one student for one assignment.

    Args:
        dropped: among the lowest, which do not count.
    """

    score: Fraction
    max_score: Fraction
    dropped: bool = False

    @property
    def share(self) -> Fraction:
        """The part of the points that was reached, from 0 to 1."""
        return self.score / self.max_score if self.max_score else Fraction(0)


@dataclass(frozen=True, slots=True)
class TermRow:
    """One student: the marks by assignment, without one where nothing was handed in; total is a part of 1."""

    student: str
    person: Person | None
    marks: Mapping[str, Mark]
    total: Fraction


@dataclass(frozen=True, slots=True)
class Gradebook:
    """A term.

    Args:
        assignments: id → title, in the order given. weights: by id, 1 where nothing else is said.
        dropped: so many of the lowest marks of each student do not count.
    """

    assignments: Mapping[str, str]
    weights: Mapping[str, Fraction]
    dropped: int
    rows: tuple[TermRow, ...]


def make_gradebook(
    classes: Sequence[GradedClass], weights: Mapping[str, Fraction] | None = None, dropped: int = 0
) -> Gradebook:
    """Join the marks of several assignments; who handed in nothing has 0 points there.

    Students are one person by the roster, else by the name that reports give. The total is the mean of the shares of
    points, weighted, without the lowest.
    """
    weighed = {one.assignment: (weights or {}).get(one.assignment, Fraction(1)) for one in classes}
    people: dict[str, Person | None] = {}
    marks: dict[str, dict[str, Mark]] = {}
    most: dict[str, Fraction] = {}
    for one in classes:
        for person in one.class_list.people:
            people.setdefault(_key(person.login or person.id or person.title, person), person)
        for report in one.reports:
            key = _key(report.student, report.person)
            people[key] = report.person or people.get(key)
            marks.setdefault(key, {})[one.assignment] = Mark(report.score, report.max_score)
            most[one.assignment] = max(report.max_score, most.get(one.assignment, Fraction(0)))

    rows = [_row(key, people[key], marks.get(key, {}), most, weighed, dropped) for key in people]
    rows.sort(key=lambda row: (row.person.label if row.person else row.student).casefold())
    titles = {one.assignment: one.title for one in classes}
    return Gradebook(titles, weighed, dropped, tuple(rows))


def _key(student: str, person: Person | None) -> str:
    return (person.id or person.login or person.email or person.name) if person else student


def _row(
    student: str,
    person: Person | None,
    marks: Mapping[str, Mark],
    most: Mapping[str, Fraction],
    weights: Mapping[str, Fraction],
    dropped: int,
) -> TermRow:
    counted = {id: marks.get(id, Mark(Fraction(0), most.get(id, Fraction(0)))) for id in weights}
    lowest = sorted(counted, key=lambda id: counted[id].share)[: min(dropped, len(counted) - 1)]
    kept = [id for id in counted if id not in lowest]
    shown = {id: Mark(mark.score, mark.max_score, id in lowest) for id, mark in marks.items()}
    return TermRow(student, person, shown, _mean((counted[id].share, weights[id]) for id in kept))


def _mean(shares: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    listed = list(shares)
    weight = sum((weight for _, weight in listed), Fraction(0))
    return sum((share * weight for share, weight in listed), Fraction(0)) / weight if weight else Fraction(0)
