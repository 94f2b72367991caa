"""What Canvas lets one download: `<surname>_<id>_<id>_<file>`, all in one folder."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.student_files import Listing, StudentFile, choose_file, is_candidate

_NAME = re.compile(r"(?P<name>[^_]+)_(?:late_)?(?P<id>\d+)_(?P<attempt>\d+)_(?P<file>.+)", re.IGNORECASE)
_PREFERRED = 10**18
"""More than any number of an attempt."""


def is_used(entries: Sequence[ArchiveEntry]) -> bool:
    """Whether these are from Canvas."""
    files = [entry for entry in entries if entry.is_top_file and is_candidate(entry)]
    return bool(files) and all(_NAME.fullmatch(entry.name) for entry in files)


def find_files(listing: Listing) -> tuple[list[StudentFile], list[str]]:
    """Find the files of each who submitted, with the numbers of the attempts."""
    people: dict[tuple[str, str], list[ArchiveEntry]] = {}
    for entry in listing.entries:
        match = _NAME.fullmatch(entry.name)
        if match and entry.is_top_file:
            people.setdefault((match["name"], match["id"]), []).append(entry)

    files = []
    for (name, identity), entries in people.items():
        student = f"{name}_{identity}"
        candidates = [entry for entry in entries if is_candidate(entry)]
        if not candidates:
            chosen = choose_file(entries, listing.assignment, (student,))
            files.append(StudentFile(student, chosen, identity))
        for entry in candidates:
            attempt = _attempt(entry.name, listing.assignment)
            files.append(StudentFile(student, entry, identity, attempt))
    return files, []


def _attempt(name: str, assignment: str) -> int:
    """Number a file: of several in one attempt, the one that is named after the assignment counts as the latest."""
    match = _NAME.fullmatch(name)
    assert match is not None
    attempt = int(match["attempt"])
    # Canvas numbers second tries.
    is_named = re.fullmatch(rf"{re.escape(assignment)}(-\d+)?\.(ipynb|py)", match["file"])
    return attempt + _PREFERRED if is_named else attempt
