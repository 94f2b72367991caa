"""A course's own folders: `<student>.py`, `<student>/<assignment>/<file>`, `<student>/<file>`, or one student's own.

Which of them it is, most names decide; files and folders with one for the assignment may be mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry, is_archive
from grader.answers.collect.student_files import (
    NO_SUBMISSION,
    NOTES,
    Choice,
    Collected,
    Listing,
    StudentFile,
    WithoutFile,
    is_candidate,
    plain_name,
    without_copy_mark,
)
from grader.answers.collect.timestamps import read_time
from grader.answers.written_functions import has_answers
from grader.core.grouping import group_pairs
from grader.reports.code import FORMULAS

_TIMESTAMP = "timestamp.txt"


def find_files(listing: Listing) -> Collected:
    """Find the file of each student; and say which archives, folders and files are not looked into."""
    files = [entry for entry in listing.entries if entry.is_top_file]
    own = [entry for entry in files if is_candidate(entry) or _has_formulas(entry, listing)]
    taken = set(own)
    without_file = [_without_file(entry) for entry in files if entry not in taken]
    left_out = _say_unopened(listing, files)

    inside = [entry for entry in listing.entries if not entry.is_top_file]
    folders = group_pairs((entry.parts[0], entry) for entry in inside)
    for_assignment, others = _split(folders, listing)
    found = [_in_assignment(name, inner, listing) for name, inner in for_assignment.items()]

    with_files = [inner for inner in others.values() if any(map(is_candidate, inner))]
    most_are_students = len(with_files) > len(for_assignment) + len(own)
    if most_are_students:
        students, unused = _in_folders(others, listing)
        misfits = [f"{listing.where(entry)}: not in a student's folder; it is not graded" for entry in own]
        return Collected([*found, *students], [*left_out, *unused], misfits, without_file=without_file)

    found += _named_files(own)
    # All of it is one student's own if the assignment's folder stands on top.
    if listing.assignment in folders:
        return Collected(found, left_out, without_file=without_file)
    with_answers = [name for name, inner in sorted(others.items()) if _has_answers(inner, listing)]
    misfits = [
        f"{listing.base / name}: a folder with answers, where most students have a file; it is not graded, unless "
        f"its file stands beside theirs as {name}.py"
        for name in with_answers
    ]
    nothing = f"there is nothing for {listing.assignment} in it"
    left_out += [f"{listing.base / name}: {nothing}" for name in sorted(others) if name not in with_answers]
    return Collected(found, left_out, misfits, without_file=without_file)


def _has_answers(inner: Iterable[ArchiveEntry], listing: Listing) -> bool:
    return any(is_candidate(entry) and listing.count(entry) > 0 for entry in inner)


def _named_files(own: Iterable[ArchiveEntry]) -> list[StudentFile]:
    """Files that are named after their students."""
    stems = {Path(plain_name(entry.name)).stem for entry in own}
    spellings = group_pairs((stem.casefold(), stem) for stem in stems)
    return [StudentFile(_student(entry, spellings), Choice(entry)) for entry in own]


def _has_formulas(entry: ArchiveEntry, listing: Listing) -> bool:
    """Is it a text that answers something by a formula, misspelt perhaps? Most others are notes."""
    if not _is_text(entry):
        return False
    return listing.count(entry) > 0 or has_answers(listing.read(entry))


def _is_text(entry: ArchiveEntry) -> bool:
    return plain_name(entry.name).lower().endswith(FORMULAS)


_Folders = dict[str, list[ArchiveEntry]]
"""Name of a folder → what is in it."""


def _split(folders: _Folders, listing: Listing) -> tuple[_Folders, _Folders]:
    """The folders with one for the assignment; and the others, without what is for other assignments."""
    for_assignment, others = {}, {}
    for name, inner in folders.items():
        if _is_for_assignment(name, inner, listing):
            for_assignment[name] = inner
        else:
            others[name] = _of_this(inner, listing)
    return for_assignment, others


def _in_folders(
    folders: Mapping[str, Sequence[ArchiveEntry]], listing: Listing
) -> tuple[list[StudentFile], list[str]]:
    """The file of each student by whose name a folder is; and which folders have nothing for the assignment."""
    found, unused = [], []
    for name, inner in folders.items():
        if all(entry.is_folder for entry in inner):
            unused.append(f"{listing.base / name}: there is nothing for {listing.assignment} in it")
        else:
            found.append(_choose(name, (name,), inner, listing))
    return found, unused


def _is_for_assignment(name: str, inner: Iterable[ArchiveEntry], listing: Listing) -> bool:
    return name == listing.assignment or any(entry.parts[1:2] == (listing.assignment,) for entry in inner)


def _student(entry: ArchiveEntry, spellings: Mapping[str, Sequence[str]]) -> str:
    """The student that a file is named after; of a copy, the student whose file was copied, if that is there too.

    Args:
        spellings: of the names of all files, by their small letters.
    """
    name = plain_name(entry.name)
    original = Path(without_copy_mark(name)).stem
    alike = spellings.get(original.casefold(), [])
    if original in alike:
        return original
    # `Kim (1).py` is a copy of `kim.py`, unless there is a `KIM.py` as well.
    return alike[0] if len(alike) == 1 else Path(name).stem


def _of_this(inner: Iterable[ArchiveEntry], listing: Listing) -> list[ArchiveEntry]:
    """What is not in a folder for another assignment."""
    return [entry for entry in inner if not listing.rules.others.intersection(entry.parts[1:])]


def _in_assignment(name: str, inner: Sequence[ArchiveEntry], listing: Listing) -> StudentFile:
    folder: tuple[str, ...]
    if name == listing.assignment:  # it is on top, and all of it is one student's
        student, folder = listing.base.resolve().name, (name,)
    else:
        student, folder = name, (name, listing.assignment)

    # A link in place of the folder is handed on as it is: reading it says what is wrong.
    for entry in inner:
        if entry.parts == folder and not entry.is_folder:
            return StudentFile(student, Choice(entry))
    return _choose(student, folder, inner, listing)


def _choose(
    student: str, folder: tuple[str, ...], entries: Iterable[ArchiveEntry], listing: Listing
) -> StudentFile:
    """Choose a student's file among what is in a folder, and read when it was submitted."""
    handed_in, submitted = [], ""

    for entry in entries:
        *above, name = entry.parts
        is_inside = tuple(above[: len(folder)]) == folder
        if is_inside and name != _TIMESTAMP:
            handed_in.append(entry)
        elif tuple(above) == folder:
            submitted = _read_timestamp(entry, listing)

    return StudentFile(student, listing.choose(handed_in, folder), submitted=submitted, source=_TIMESTAMP)


def _read_timestamp(entry: ArchiveEntry, listing: Listing) -> str:
    data = listing.read(entry)
    return read_time(data.decode("utf-8", "replace")) if isinstance(data, bytes) else ""


def _say_unopened(listing: Listing, files: Iterable[ArchiveEntry]) -> list[str]:
    archives = [listing.where(entry) for entry in files if is_archive(Path(entry.name))]
    return [f"{archive}: an archive among submissions is not opened; unpack it" for archive in archives]


def _without_file(entry: ArchiveEntry) -> WithoutFile:
    """Somebody who may have handed in something else, by the name of a file."""
    path = Path(entry.name)
    what = "has no formula such as f(A) = inv(A)" if _is_text(entry) else NO_SUBMISSION
    may_be_nobodys = entry.name.lower().endswith(NOTES) or is_archive(path)
    return WithoutFile(path.stem, f"{entry.name} {what}", certain=not may_be_nobodys)
