"""Who is in a class and who handed in what: all that views of a class show besides the reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from grader.core.grouping import group_pairs
from grader.reports.lateness import NO_PENALTY, Lateness, Penalty, say_late
from grader.reports.overrides import Override, override
from grader.reports.report import Report
from grader.reports.roster import Person, Roster, label_of


@dataclass(frozen=True, slots=True)
class Submitter:
    """What is known of one who handed in, besides the report.

    Args:
        person: as the roster has them; None if they are not on it.
        lateness: when they handed in; None if that is not known.
        due: their own due date, where it differs from the class's.
        address: the name in a platform's download by which it knows whose feedback a file is; empty elsewhere.
    """

    person: Person | None = None
    lateness: Lateness | None = None
    due: str = ""
    address: str = ""


UNKNOWN = Submitter()


@dataclass(frozen=True, slots=True)
class NoFile:
    """Somebody who handed in nothing that can be graded.

    Args:
        student: the name that is given. what: what was handed in instead.
    """

    student: str
    what: str
    person: Person | None = None

    @property
    def sentence(self) -> str:
        """Who it is, and what they handed in."""
        return f"{label_of(self.person, self.student)}: {self.what}"


@dataclass(frozen=True, slots=True)
class Stranger:
    """A submitter who is not on the roster, and who on it may be meant."""

    student: str
    near: Person | None

    @property
    def sentence(self) -> str:
        """Who it is, and who may be meant."""
        return f"{self.student}; is it {self.near.label}?" if self.near else self.student


@dataclass(frozen=True)
class ClassList:
    """The people of a class and their submissions to one assignment.

    Args:
        people: the roster's; empty if there is none.
        submitters: by student, as reports name them.
        no_file: who handed in something else, such as a text typed into the platform.
        penalty: what late submissions lose. overrides: points that people have decided on.
        left_out: in words, the files that nobody is graded for. guesses: in words, what was not certain.
    """

    people: tuple[Person, ...] = ()
    submitters: Mapping[str, Submitter] = field(default_factory=dict)
    no_file: tuple[NoFile, ...] = ()
    left_out: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()
    penalty: Penalty = NO_PENALTY
    overrides: tuple[Override, ...] = ()

    def of(self, student: str) -> Submitter:
        """What is known of a student."""
        return self.graded.get(student, UNKNOWN)

    @cached_property
    def roster(self) -> Roster:
        """Everybody who may get points: the class, and who submitted nothing that can be graded."""
        others = (Person(name=entry.student) for entry in self.no_file if entry.person is None)
        return Roster((*self.people, *others))

    @cached_property
    def graded(self) -> Mapping[str, Submitter]:
        """The submitters, and who has points by a decision alone, such as for answers on paper."""
        named = dict.fromkeys(one.student for one in self.overrides if one.student)
        alone = {name: Submitter(self.roster.find(name)) for name in named if name not in self.submitters}
        return {**self.submitters, **alone}

    def complete(self, report: Report) -> Report:
        """Add to a report what people have decided and what is known of its student, and deduct what lateness costs."""
        report = override(report, self.overrides)
        submitter = self.of(report.student)
        late, raw = submitter.lateness, report.reached
        score = self.penalty.deduct(raw, late) if late else raw
        return replace(report, person=submitter.person, lateness=late, score=score, raw_score=raw)

    def overrides_of(self, student: str) -> tuple[Override, ...]:
        """What people have decided about one student, or about the whole class."""
        return tuple(one for one in self.overrides if one.student in ("", student))

    @cached_property
    def says_more(self) -> bool:
        """Whether there is anything to list besides the students."""
        return any((self.people, self.no_file, self.left_out, self.guesses, self.late))

    @cached_property
    def has_dates(self) -> bool:
        """Whether it is known of anybody when they handed in."""
        return any(submitter.lateness for submitter in self.submitters.values())

    @cached_property
    def late(self) -> tuple[str, ...]:
        """Who is late, and by how much, in words."""
        return tuple(
            f"{label_of(submitter.person, student)}: {say_late(submitter.lateness)}"
            for student, submitter in self.submitters.items()
            if submitter.lateness and submitter.lateness.days
        )

    @cached_property
    def absent(self) -> tuple[Person, ...]:
        """The people of the roster who handed in nothing at all."""
        handed_in = {submitter.person for submitter in self.submitters.values()}
        handed_in |= {entry.person for entry in self.no_file}
        return tuple(person for person in self.people if person not in handed_in)

    @cached_property
    def strangers(self) -> tuple[Stranger, ...]:
        """The submitters who are not on the roster, if there is one; near names of the absent may be meant."""
        if not self.people:
            return ()
        absent = Roster(self.absent)
        named = [student for student, submitter in self.submitters.items() if submitter.person is None]
        named += [entry.student for entry in self.no_file if entry.person is None]
        return tuple(Stranger(student, absent.suggest(student)) for student in named)

    @cached_property
    def repeated(self) -> tuple[str, ...]:
        """The people for whom several submissions were found, under different names, in words."""
        known = group_pairs(
            (submitter.person, student)
            for student, submitter in self.submitters.items()
            if submitter.person is not None
        )
        return tuple(f"{who.label}: {', '.join(names)}" for who, names in known.items() if len(names) > 1)

    @cached_property
    def repeated_advice(self) -> str:
        """What several submissions of one person mean for the tables, and what to do; empty if there are none."""
        if not self.repeated:
            return ""
        return (
            "Each of these submissions has a row of its own in every table, and counts in the statistics; "
            "keep one file of each person and grade again, or one row of each"
        )


NO_CLASS = ClassList()
