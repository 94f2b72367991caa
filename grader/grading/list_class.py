"""Put together who handed in what: the submissions that were found, and the roster."""

from __future__ import annotations

from grader.answers.collect.find_submissions import FoundSubmissions
from grader.reports.class_list import ClassList, Submitter
from grader.reports.roster import Roster


def list_class(found: FoundSubmissions, roster: Roster) -> ClassList:
    """List the people of the roster, everybody who handed in, and the files that are nobody's."""
    submitters = {}
    for student, _ in found.submissions:
        person = roster.find(student, found.identities.get(student, ""))
        if person is not None:
            submitters[student] = Submitter(person)
        elif roster.people:
            submitters[student] = Submitter()
    return ClassList(people=roster.people, submitters=submitters, left_out=found.left_out)
