"""Put together who handed in what: the submissions that were found, and the roster."""

from __future__ import annotations

from dataclasses import replace

from grader.answers.collect.find_submissions import FoundSubmissions
from grader.answers.collect.student_files import Rules
from grader.answers.submission import SubmittedFile
from grader.core.student_names import refuse_name
from grader.problems.course import Assignment, Course
from grader.reports.class_list import ClassList, NoFile, Submitter
from grader.reports.roster import Roster


def make_rules(course: Course, assignment: Assignment) -> Rules:
    """What decides which of several files or submissions of a student is graded."""
    functions = frozenset(course.problems[problem].function for problem in assignment.points)
    others = frozenset(course.assignments) - {assignment.id}
    return Rules(functions, others, assignment.late)


def share_with_groups(found: FoundSubmissions, roster: Roster) -> FoundSubmissions:
    """Give every member of a group on the roster the submission of the group, unless they have their own."""
    submissions = dict(found.submissions)
    files = dict(found.files)
    guesses = list(found.guesses)
    for group, place in found.submissions:
        file = files[group]
        if roster.find(group, file.identity) is not None:
            continue
        members = roster.members(group.removesuffix(f"_{file.identity}"))
        named = {member.login or member.id or member.title: member for member in members}
        if not named or any(map(refuse_name, named)):
            continue

        del submissions[group], files[group]
        for name, member in named.items():
            own = replace(place, student=name) if isinstance(place, SubmittedFile) else place
            if submissions.setdefault(name, own) is own:
                files[name] = replace(file, student=name, identity=member.id)
        guesses.append(f"{group} is a group: {', '.join(member.title for member in members)}")
    return replace(found, submissions=tuple(sorted(submissions.items())), files=files, guesses=tuple(guesses))


def list_class(found: FoundSubmissions, roster: Roster) -> ClassList:
    """List the people of the roster, everybody who handed in, and the files that are nobody's."""
    submitters = {}
    for student, _ in found.submissions:
        file = found.files.get(student)
        person = roster.find(student, file.identity if file else "")
        if roster.people:
            submitters[student] = Submitter(person)
    return ClassList(
        people=roster.people,
        submitters=submitters,
        no_file=_list_without_file(found, roster),
        left_out=found.left_out,
        guesses=found.guesses,
    )


def _list_without_file(found: FoundSubmissions, roster: Roster) -> tuple[NoFile, ...]:
    """List who handed in something else: of files that may be nobody's, those that are named after somebody."""
    listed = []
    for entry in found.without_file:
        person = roster.find(entry.student, entry.identity)
        if person is not None or entry.certain:
            listed.append(NoFile(entry.student, entry.what, person))
    return tuple(listed)
