"""What Moodle lets one download: `<name>_<id>_assignsubmission_file_/<file>`, or the same before the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.student_files import (
    Collected,
    Listing,
    StudentFile,
    WithoutFile,
    are_mostly_named,
    find_misfits,
    group_by_folder,
    is_candidate,
)

NAME = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?")


def is_used(entries: Sequence[ArchiveEntry]) -> bool:
    """Whether these are from Moodle."""
    return are_mostly_named(entries, NAME)


def find_files(listing: Listing) -> Collected:
    """Find the file of each who submitted."""
    people: dict[tuple[str, str], list[ArchiveEntry]] = {}
    addresses: dict[tuple[str, str], str] = {}
    typed: dict[tuple[str, str], None] = {}
    for match, entries in _named_groups(listing):
        person = match["name"], match["id"]
        if match["kind"] == "file" or any(map(is_candidate, entries)):
            people.setdefault(person, []).extend(entries)
            addresses[person] = _address(match, entries)
        else:
            typed[person] = None

    files = []
    for (student, identity), entries in people.items():
        choice = listing.choose(entries, (student,))
        files.append(StudentFile(student, choice, identity, address=addresses[student, identity]))
    without_file = [
        WithoutFile(student, "a text typed into Moodle, and no file", identity)
        for student, identity in typed
        if (student, identity) not in people
    ]
    return Collected(files, misfits=find_misfits(listing, NAME, "Moodle"), without_file=without_file)


def _named_groups(listing: Listing) -> Iterator[tuple[re.Match[str], list[ArchiveEntry]]]:
    """Yield the parts of each name that Moodle gave, and what has that name: one file, or all that a folder holds."""
    groups = [(entry.name, [entry]) for entry in listing.entries if entry.is_top_file]
    in_folders = (entry for entry in listing.entries if not entry.is_top_file)
    groups += group_by_folder(in_folders, NAME).items()

    for name, entries in groups:
        match = NAME.fullmatch(name)
        # Of a file in no folder the own name follows Moodle's; `._` is what macOS adds to it.
        if match is not None and not (match["file"] or "").startswith("."):
            yield match, entries


def _address(match: re.Match[str], entries: Sequence[ArchiveEntry]) -> str:
    """How the names of somebody's feedback begin: as that of their file, or with their folder, which may be empty."""
    is_file = any(entry.is_top_file for entry in entries)
    return match.string[: match.start("file")] if is_file else f"{match.string}/"
