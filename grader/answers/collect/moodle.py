"""What Moodle lets one download: `<name>_<id>_assignsubmission_file_/<file>`, or the same before the file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.student_files import (
    Listing,
    StudentFile,
    are_mostly_named,
    choose_file,
    group_by_folder,
    is_candidate,
)

NAME = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_.*)?")


def is_used(entries: Sequence[ArchiveEntry]) -> bool:
    """Whether these are from Moodle."""
    return are_mostly_named(entries, NAME)


def find_files(listing: Listing) -> tuple[list[StudentFile], list[str]]:
    """Find the file of each who submitted."""
    groups = [(entry.name, [entry]) for entry in listing.entries if entry.is_top_file]
    in_folders = (entry for entry in listing.entries if not entry.is_top_file)
    groups += group_by_folder(in_folders, NAME).items()

    people: dict[tuple[str, str], list[ArchiveEntry]] = {}
    for name, entries in groups:
        match = NAME.fullmatch(name)
        # A text typed into Moodle has a place of its own, with no file that could be graded.
        if match and (match["kind"] == "file" or any(map(is_candidate, entries))):
            people.setdefault((match["name"], match["id"]), []).extend(entries)

    files = []
    for (student, identity), entries in people.items():
        chosen = choose_file(entries, listing.assignment, (student,))
        files.append(StudentFile(student, chosen, identity))
    return files, []
