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
    people, reports_of = _gather(classes)
    marks: dict[str, dict[str, Mark]] = {}
    most: dict[str, Fraction] = {}
    for (assignment, key), reports in reports_of.items():
        marks.setdefault(key, {})[assignment] = _best_mark(reports)
        most[assignment] = max(most.get(assignment, Fraction(0)), *(one.max_score for one in reports))

    titles = {one.assignment: one.title for one in classes}
    weighed = {id: (weights or {}).get(id, Fraction(1)) for id in titles}
    rows = [_row(key, person, marks.get(key, {}), most, weighed, dropped) for key, person in people.items()]
    rows.sort(key=lambda row: row.label.casefold())

    strangers: tuple[str, ...] = ()
    if any(one.class_list.people for one in classes):
        strangers = tuple(row.student for row in rows if row.person is None)
    several = [_say_several(id, reports) for (id, _), reports in reports_of.items() if len(reports) > 1]
    return Gradebook(titles, weighed, dropped, tuple(rows), strangers, tuple(several))


def _gather(
    classes: Sequence[GradedClass],
) -> tuple[dict[str, Person | None], dict[tuple[str, str], list[Report]]]:
    """The people by what is the same for one person everywhere, and the reports by assignment and by that."""
    listed = {_key("", person): person for one in classes for person in one.class_list.people}
    roster = Roster(tuple(listed.values()))
    people: dict[str, Person | None] = dict(listed)
    reports_of: dict[tuple[str, str], list[Report]] = {}

    for one in classes:
        for report in one.reports:
            person = report.person or roster.find(report.student)
            key = _key(report.student, person)
            people.setdefault(key, person)
            reports_of.setdefault((one.assignment, key), []).append(report)
    return people, reports_of


def _say_several(assignment: str, reports: Iterable[Report]) -> str:
    found = ", ".join(f"{report.student} {points(report.score)}" for report in reports)
    return f"{assignment}: {found}; the highest counts"


def _best_mark(reports: Iterable[Report]) -> Mark:
    best = max(reports, key=lambda report: (not report.failed_by_grader, report.score))
    return Mark(best.score, best.max_score, failed=best.failed_by_grader)


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
    counted: dict[str, Mark] = {}
    for id in weights:
        mark = marks.get(id, Mark(Fraction(0), most.get(id, Fraction(0))))
        if not mark.failed:
            counted[id] = mark

    weighing = [id for id in counted if weights[id]]
    by_share = sorted(weighing, key=lambda id: counted[id].share)
    lowest = by_share[: min(dropped, len(by_share) - 1)]
    total = _mean((mark.share, weights[id]) for id, mark in counted.items() if id not in lowest)

    shown = {id: replace(mark, dropped=id in lowest) for id, mark in marks.items()}
    return TermRow(person.key if person else student, person, shown, total)


def _mean(shares: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    weighted = [(share * weight, weight) for share, weight in shares]
    weight = sum((weight for _, weight in weighted), Fraction(0))
    if not weight:
        return Fraction(0)
    return sum((share for share, _ in weighted), Fraction(0)) / weight
