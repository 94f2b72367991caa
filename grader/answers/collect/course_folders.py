"""A course's own folders: `<student>.py`, `<student>/<assignment>/<file>`, or one student's `<assignment>/<file>`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry, is_archive
from grader.answers.collect.student_files import Listing, StudentFile, choose_file, is_candidate


def find_files(listing: Listing) -> tuple[list[StudentFile], list[str]]:
    """Find the file of each student; and say which archives and folders are not looked into."""
    files = []
    groups: dict[str, list[ArchiveEntry]] = {}
    for entry in listing.entries:
        top, *inner = entry.parts
        if top == listing.assignment:
            groups.setdefault("", []).append(entry)
        elif inner and inner[0] == listing.assignment:
            groups.setdefault(top, []).append(entry)
        elif entry.is_top_file and is_candidate(entry):
            files.append(StudentFile(Path(top).stem, entry))

    for student, entries in groups.items():
        folder = (student, listing.assignment) if student else (listing.assignment,)
        chosen = _choose(entries, listing.assignment, folder)
        files.append(StudentFile(student or listing.base.resolve().name, chosen))

    archives = [e.name for e in listing.entries if e.is_top_file and is_archive(Path(e.name))]
    unopened = [
        f"{listing.base / name}: an archive among submissions is not opened; unpack it" for name in archives
    ]
    return files, unopened + _other_folders(listing, groups)


def _choose(entries: list[ArchiveEntry], assignment: str, folder: tuple[str, ...]) -> ArchiveEntry:
    # A link in place of the folder is handed on as it is: reading it says what is wrong.
    for entry in entries:
        if len(entry.parts) == len(folder) and not entry.is_folder:
            return entry
    inside = [entry for entry in entries if len(entry.parts) == len(folder) + 1]
    return choose_file(inside, assignment, folder)


def _other_folders(listing: Listing, students: Collection[str]) -> list[str]:
    """Say which folders hold none for the assignment, unless all of it is one student's own."""
    folders = {entry.parts[0] for entry in listing.entries if not entry.is_top_file}
    if listing.assignment in folders:
        return []
    others = sorted(folders.difference(students))
    return [f"{listing.base / name}: there is no {listing.assignment}/ in it" for name in others]
