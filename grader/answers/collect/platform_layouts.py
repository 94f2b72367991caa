"""Tell from its names who arranged a folder or an archive: a course itself, or one of three platforms.

Each layout is a module of its own; another platform is another module, and a line in `_PLATFORMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from grader.answers.collect import canvas, course_folders, gradescope, moodle
from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.attempts import choose_attempts
from grader.answers.collect.student_files import Collected, Listing, StudentFile, is_usual, say_guesses
from grader.core.text import count

_IsUsed = Callable[[Sequence[ArchiveEntry]], bool]
_FindFiles = Callable[[Listing], Collected]
_PLATFORMS: tuple[tuple[_IsUsed, _FindFiles], ...] = (
    (gradescope.is_used, gradescope.find_files),
    (moodle.is_used, moodle.find_files),
    (canvas.is_used, canvas.find_files),
)


def is_platform_folder(name: str) -> bool:
    """Whether a folder's name is one that Gradescope or Moodle gives."""
    return bool(gradescope.FOLDER.fullmatch(name) or moodle.NAME.fullmatch(name))


def _find_platform(entries: Sequence[ArchiveEntry]) -> _FindFiles | None:
    """What finds the files of the platform that these are from; None if they are from none."""
    for is_used, find_files in _PLATFORMS:
        if is_used(entries):
            return find_files
    return None


def without_top(
    entries: Sequence[ArchiveEntry], assignment: str, is_packed: bool = True
) -> tuple[str, Sequence[ArchiveEntry]]:
    """Take away the one folder that holds everything else, if it is nobody's own; return its name as well.

    Args:
        is_packed: an archive may have everything in one folder; elsewhere it may be the only student's, unless a
            platform's files are in it.
    """
    tops = {entry.parts[0] for entry in entries}
    if len(tops) != 1 or any(entry.is_top_file for entry in entries):
        return "", entries

    (top,) = tops
    inner = [replace(entry, parts=entry.parts[1:]) for entry in entries if len(entry.parts) > 1]
    if _is_somebodys(top, inner, assignment):
        return "", entries
    if not is_packed and _find_platform(inner) is None:
        return "", entries
    return top, inner


def _is_somebodys(top: str, inner: Sequence[ArchiveEntry], assignment: str) -> bool:
    """Is the folder a student's, or one for the assignment?"""
    if is_platform_folder(top) or top == assignment:
        return True
    # Nobody is called `answers`: the folder that holds such a file is its student's.
    return any(entry.parts[0] == assignment or is_usual(entry, assignment) for entry in inner)


def find_student_files(listing: Listing) -> Collected:
    """Find the file of each student, of several submissions the one that counts; and say what was not certain."""
    find_files = _find_platform(listing.entries) or course_folders.find_files
    found = find_files(listing)

    files, left_out, guesses = choose_attempts(list(_tell_apart(found.files)), listing)
    if found.misfits:
        names = count(len(found.misfits), "name")
        fit = "does" if len(found.misfits) == 1 else "do"
        layout = f"the layout of {listing.base.name}, which most of its names show ({names} {fit} not fit)"
        guesses = [layout, *guesses]
    for file in files:
        guesses += say_guesses(file)
    return replace(found, files=files, left_out=[*found.misfits, *found.left_out, *left_out], guesses=guesses)


def _tell_apart(files: Sequence[StudentFile]) -> Iterator[StudentFile]:
    """Append their numbers to the names of people who have the same name."""
    identities: dict[str, set[str]] = {}
    for file in files:
        identities.setdefault(file.student, set()).add(file.identity)

    for file in files:
        is_shared = len(identities[file.student]) > 1
        if is_shared and file.identity:
            file = replace(file, student=f"{file.student}_{file.identity}")
        yield file
