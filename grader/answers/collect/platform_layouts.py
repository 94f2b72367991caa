"""Tell from its names who arranged a folder or an archive: a course itself, or one of three platforms.

Each layout is a module of its own; another platform is another module, and a line in `_PLATFORMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.answers.collect import canvas, course_folders, gradescope, moodle
from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.student_files import Listing, StudentFile

_IsUsed = Callable[[Sequence[ArchiveEntry]], bool]
_FindFiles = Callable[[Listing], tuple[list[StudentFile], list[str]]]
_PLATFORMS: tuple[tuple[_IsUsed, _FindFiles], ...] = (
    (gradescope.is_used, gradescope.find_files),
    (moodle.is_used, moodle.find_files),
    (canvas.is_used, canvas.find_files),
)


def is_platform_folder(name: str) -> bool:
    """Whether a folder's name is one that Gradescope or Moodle gives."""
    return bool(gradescope.FOLDER.fullmatch(name) or moodle.NAME.fullmatch(name))


def without_top(entries: Sequence[ArchiveEntry], assignment: str) -> tuple[str, Sequence[ArchiveEntry]]:
    """Take away the one folder that holds everything else, if it is nobody's own; return its name as well."""
    tops = {entry.parts[0] for entry in entries}
    if len(tops) != 1 or any(entry.is_top_file for entry in entries):
        return "", entries

    (top,) = tops
    inner = [replace(entry, parts=entry.parts[1:]) for entry in entries if len(entry.parts) > 1]
    is_own = top == assignment or is_platform_folder(top)
    if is_own or any(entry.parts[0] == assignment for entry in inner):
        return "", entries
    return top, inner


def find_student_files(listing: Listing) -> tuple[list[StudentFile], list[str]]:
    """Find the file of each student, of several attempts the latest; and say what is left out, and why."""
    for is_used, find_files in _PLATFORMS:
        if is_used(listing.entries):
            files, left_out = find_files(listing)
            latest, earlier = _latest(_tell_apart(files), listing.base)
            return latest, left_out + earlier
    return course_folders.find_files(listing)


def _tell_apart(files: Sequence[StudentFile]) -> Iterator[StudentFile]:
    """Append their numbers to the names of people who have the same name."""
    identities: dict[str, set[str]] = {}
    for file in files:
        identities.setdefault(file.student, set()).add(file.identity)
    for file in files:
        is_shared = len(identities[file.student]) > 1 and file.identity
        yield replace(file, student=f"{file.student}_{file.identity}") if is_shared else file


def _latest(files: Iterable[StudentFile], base: Path) -> tuple[list[StudentFile], list[str]]:
    latest: dict[str, StudentFile] = {}
    left_out = []
    for file in sorted(files, key=lambda file: file.attempt):
        if earlier := latest.get(file.student):
            where = base.joinpath(*earlier.entry.parts)
            left_out.append(f"{where}: {file.student} also has {file.entry.name}, which is later")
        latest[file.student] = file
    return list(latest.values()), left_out
