"""The gradebook of a term: the marks of several assignments, student by student."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.reports.class_list import ClassList
from grader.reports.report import Report, points
from grader.reports.roster import Person, Roster, label_of


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
        failed: the grader failed, so that there is no mark; the total is of the others.
    """

    score: Fraction
    max_score: Fraction
    dropped: bool = False
    failed: bool = False

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

    @property
    def label(self) -> str:
        """The student for people to read."""
        return label_of(self.person, self.student)


@dataclass(frozen=True, slots=True)
class Gradebook:
    """A term.

    Args:
        assignments: id → title, in the order given. weights: by id, 1 where nothing else is said.
        dropped: so many of the lowest marks of each student do not count.
        strangers: who is not on the roster, if there is one.
        repeated: in words, who has several marks for one assignment.
    """

    assignments: Mapping[str, str]
    weights: Mapping[str, Fraction]
    dropped: int
    rows: tuple[TermRow, ...]
    strangers: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


def make_gradebook(
    classes: Sequence[GradedClass], weights: Mapping[str, Fraction] | None = None, dropped: int = 0
) -> Gradebook:
    """Join the marks of several assignments; who handed in nothing has 0 points there.

    Students are one person by the roster of any of the assignments, else by the name that reports give. Of several
    marks for one assignment the highest counts. The total is the mean of the shares of points, weighted, without the
    lowest of those that have a weight.
    """
    everybody = {_key("", person): person for one in classes for person in one.class_list.people}
    roster = Roster(tuple(everybody.values()))
    weighed = {one.assignment: (weights or {}).get(one.assignment, Fraction(1)) for one in classes}
    people: dict[str, Person | None] = dict(everybody)
    repeated: dict[tuple[str, str], list[Report]] = {}
    marks: dict[str, dict[str, Mark]] = {}
    most: dict[str, Fraction] = {}

    for one in classes:
        for report in one.reports:
            person = report.person or roster.find(report.student)
            key = _key(report.student, person)
            people.setdefault(key, person)
            repeated.setdefault((one.assignment, key), []).append(report)
            most[one.assignment] = max(report.max_score, most.get(one.assignment, Fraction(0)))
    for (assignment, key), reports in repeated.items():
        best = max(reports, key=lambda report: (not report.failed_by_grader, report.score))
        marks.setdefault(key, {})[assignment] = _mark(best)

    rows = [_row(key, people[key], marks.get(key, {}), most, weighed, dropped) for key in people]
    rows.sort(key=lambda row: row.label.casefold())
    titles = {one.assignment: one.title for one in classes}
    strangers = tuple(row.student for row in rows if row.person is None) if everybody else ()
    several = (_say_several(assignment, reports) for (assignment, _), reports in repeated.items())
    return Gradebook(titles, weighed, dropped, tuple(rows), strangers, tuple(filter(None, several)))


def _say_several(assignment: str, reports: Sequence[Report]) -> str:
    if len(reports) < 2:
        return ""
    found = ", ".join(f"{report.student} {points(report.score)}" for report in reports)
    return f"{assignment}: {found}; the highest counts"


def _mark(report: Report) -> Mark:
    return Mark(report.score, report.max_score, failed=report.failed_by_grader)


def _key(student: str, person: Person | None) -> str:
    """What is the same for one person in all assignments."""
    if person is None:
        return student
    return person.id or person.login or person.email or person.name


def _row(
    student: str,
    person: Person | None,
    marks: Mapping[str, Mark],
    most: Mapping[str, Fraction],
    weights: Mapping[str, Fraction],
    dropped: int,
) -> TermRow:
    counted = {id: marks.get(id, Mark(Fraction(0), most.get(id, Fraction(0)))) for id in weights}
    counted = {id: mark for id, mark in counted.items() if not mark.failed}
    counting = [id for id in counted if weights[id]]
    lowest = sorted(counting, key=lambda id: counted[id].share)[: min(dropped, len(counting) - 1)]
    kept = [id for id in counted if id not in lowest]
    shown = {id: replace(mark, dropped=id in lowest) for id, mark in marks.items()}

    return TermRow(
        person.key if person else student,
        person,
        shown,
        _mean((counted[id].share, weights[id]) for id in kept),
    )


def _mean(shares: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    listed = list(shares)
    weight = sum((weight for _, weight in listed), Fraction(0))
    return sum((share * weight for share, weight in listed), Fraction(0)) / weight if weight else Fraction(0)
