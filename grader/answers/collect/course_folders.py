"""A course's own folders: `<student>.py`, `<student>/<assignment>/<file>`, or one student's `<assignment>/<file>`."""

from __future__ import annotations

from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry, is_archive
from grader.answers.collect.student_files import Listing, StudentFile, choose_file, is_candidate


def find_files(listing: Listing) -> tuple[list[StudentFile], list[str]]:
    """Find the file of each student; and say which archives and folders are not looked into."""
    files = []
    groups: dict[str, list[ArchiveEntry]] = {}
    for entry in listing.entries:
        if entry.parts[0] == listing.assignment:
            groups.setdefault("", []).append(entry)
        elif len(entry.parts) == 1 and is_candidate(entry):
            files.append(StudentFile(Path(entry.name).stem, entry))
        elif len(entry.parts) > 1 and entry.parts[1] == listing.assignment:
            groups.setdefault(entry.parts[0], []).append(entry)

    for student, entries in groups.items():
        folder = (student, listing.assignment) if student else (listing.assignment,)
        chosen = _choose(entries, listing.assignment, folder)
        files.append(StudentFile(student or listing.base.resolve().name, chosen))
    return files, _unopened_archives(listing) + _other_folders(listing)


def _choose(entries: list[ArchiveEntry], assignment: str, folder: tuple[str, ...]) -> ArchiveEntry:
    # A link in place of the folder is handed on as it is: reading it says what is wrong.
    for entry in entries:
        if len(entry.parts) == len(folder) and not entry.is_folder:
            return entry
    inside = [entry for entry in entries if len(entry.parts) == len(folder) + 1]
    return choose_file(inside, assignment, folder)


def _unopened_archives(listing: Listing) -> list[str]:
    """Archives among the submissions: whose they are cannot be told, and one may be all that somebody handed in."""
    files = (entry.name for entry in listing.entries if len(entry.parts) == 1 and not entry.is_folder)
    archives = [name for name in files if is_archive(Path(name))]
    return [
        f"{listing.base / name}: an archive among submissions is not opened; unpack it" for name in archives
    ]


def _other_folders(listing: Listing) -> list[str]:
    """Folders that hold none for the assignment, unless all of it is one student's own."""
    folders = {entry.parts[0] for entry in listing.entries if entry.is_folder or len(entry.parts) > 1}
    if listing.assignment in folders:
        return []
    deep = (entry.parts for entry in listing.entries if len(entry.parts) > 1)
    folders -= {parts[0] for parts in deep if parts[1] == listing.assignment}
    return [f"{listing.base / name}: there is no {listing.assignment}/ in it" for name in sorted(folders)]
