"""Put together who handed in what: the submissions that were found, and the roster."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.find_submissions import FoundSubmissions, Place
from grader.answers.collect.student_files import Choice, Rules, StudentFile
from grader.answers.submission import SubmittedFile
from grader.core.student_names import refuse_name
from grader.core.text import count
from grader.grading.deadlines import NO_DEADLINES, Deadlines
from grader.problems.course import Assignment, Course
from grader.reports.class_list import ClassList, NoFile, Submitter
from grader.reports.lateness import NO_PENALTY, Lateness, measure
from grader.reports.roster import Person, Roster

FILE_TIME = "file time"
"""The source of a time that is only that of the file: copying may have changed it."""


def make_rules(course: Course, assignment: Assignment, deadlines: Deadlines = NO_DEADLINES) -> Rules:
    """What decides which of several files or submissions of a student is graded."""

    def is_late(file: StudentFile) -> bool | None:
        return deadlines.is_late(file.student, file.identity, file.submitted)

    functions = frozenset(course.problems[problem].function for problem in assignment.points)
    others = frozenset(course.assignments) - {assignment.id}
    return Rules(functions, others, assignment.late, is_late)


def share_with_groups(found: FoundSubmissions, roster: Roster) -> FoundSubmissions:
    """Give every member of a group on the roster the submission of the group, unless they have their own."""
    submissions = dict(found.submissions)
    files = dict(found.files)
    guesses = list(found.guesses)
    for group, place in found.submissions:
        file = files[group]
        members = _members_of(group, file, roster)
        if not members:
            continue

        del submissions[group], files[group]
        for name, member in {member.key: member for member in members}.items():
            own = replace(place, student=name) if isinstance(place, SubmittedFile) else place
            if submissions.setdefault(name, own) is own:
                files[name] = replace(file, student=name, identity=member.id)
        guesses.append(f"{group} is a group: {', '.join(member.title for member in members)}")

    return replace(found, submissions=tuple(sorted(submissions.items())), files=files, guesses=tuple(guesses))


def _members_of(group: str, file: StudentFile, roster: Roster) -> Sequence[Person]:
    """The members of the group that submitted a file; none if it is from one student, or no group that is known."""
    if roster.find(group, file.identity) is not None:
        return ()
    members = roster.members(group.removesuffix(f"_{file.identity}"))
    has_refused_name = any(refuse_name(member.key) for member in members)
    return () if has_refused_name else members


def list_class(found: FoundSubmissions, roster: Roster, deadlines: Deadlines = NO_DEADLINES) -> ClassList:
    """List the people of the roster, everybody who handed in and when, and the files that are nobody's."""
    submitters = {}
    for student, place in found.submissions:
        file = found.files.get(student, StudentFile(student, Choice(ArchiveEntry((student,)))))
        due = deadlines.of(file.student, file.identity)
        late = _measure(file, place, due, deadlines)
        own = due if due != deadlines.due else ""
        submitters[student] = Submitter(roster.find(student, file.identity), late, own, file.address)

    no_file, beside = _list_without_file(found, roster, submitters)
    known = [submitter.lateness for submitter in submitters.values() if submitter.lateness]
    unknown = deadlines.unknown((student, file.identity) for student, file in found.files.items())
    return ClassList(
        people=roster.people,
        submitters=submitters,
        no_file=no_file,
        left_out=(*found.left_out, *beside),
        guesses=(*found.guesses, *_say_guesses(known, deadlines), *unknown),
        penalty=deadlines.penalty,
    )


def _say_guesses(known: Sequence[Lateness], deadlines: Deadlines) -> Iterator[str]:
    """What is not certain about the times at which students submitted, as far as these are known."""
    by_file = sum(late.source == FILE_TIME for late in known)
    by_mark = sum(late.days > 0 and not late.submitted for late in known)
    if by_file:
        yield f"when {count(by_file, 'student')} submitted, by the times of the files"
    if by_mark:
        marked = count(by_mark, "submission")
        yield f"{marked} late by Canvas's mark, which does not say how late, counted as one day"
    if deadlines.penalty != NO_PENALTY and not known:
        yield "there is a penalty for lateness, and no due date: nothing is deducted"


def _measure(file: StudentFile, place: Place, due: str, deadlines: Deadlines) -> Lateness | None:
    """When a submission was handed in: as the platform says, else by the time of the file if it matters."""
    if file.submitted:
        return measure(file.submitted, file.source, due, deadlines.grace, deadlines.zone)
    if file.late is not None:
        # Canvas's own date is the class's: it says nothing about one who has more time here.
        if file.late and due == deadlines.due:
            return Lateness("", file.source, due, 1.0, 1)
        return Lateness("", file.source, due)
    if not due or deadlines.penalty == NO_PENALTY:
        return None

    modified = _modified(file, place)
    if not modified:
        return Lateness("", "", due)
    moment = datetime.datetime.fromtimestamp(int(modified)).astimezone(deadlines.zone).isoformat()
    return measure(moment, FILE_TIME, due, deadlines.grace, deadlines.zone)


def _modified(file: StudentFile, place: Place) -> float:
    """When the file was written last; 0 if that is not known."""
    if isinstance(place, Path):
        with suppress(OSError):
            return place.lstat().st_mtime
    return file.entry.modified


def _list_without_file(
    found: FoundSubmissions, roster: Roster, submitters: Mapping[str, Submitter]
) -> tuple[tuple[NoFile, ...], tuple[str, ...]]:
    """List who handed in something else; and in words, what lies beside a submission of the same student.

    Of files that may be nobody's, those count that are named after somebody.
    """
    by_person = {one.person: found.files.get(student) for student, one in submitters.items() if one.person}
    by_name = {_own_name(file.student, file.identity): file for file in found.files.values()}

    no_file, beside = [], []
    for entry in found.without_file:
        person = roster.find(entry.student, entry.identity)
        listed = NoFile(entry.student, entry.what, person)
        file = by_person.get(person) if person else by_name.get(_own_name(entry.student, entry.identity))
        if file is not None:
            beside.append(f"{listed.sentence}; {file.entry.name} is graded")
        elif person is not None or entry.certain:
            no_file.append(listed)

    return tuple(no_file), tuple(beside)


def _own_name(student: str, identity: str) -> tuple[str, str]:
    """A student's name without the number that tells namesakes apart, and that number."""
    name = student.removesuffix(f"_{identity}") if identity else student
    return name, identity
