"""Files said to be students': what a folder or an archive lists, and which of a student's files is graded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.submission import SUFFIXES
from grader.reports.report import Failure


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder or an archive holds.

    Args:
        base: what all names are below; of an archive, its own path and that of the one folder in it, if there is one.
        read: reads a file of the platform's own.
    """

    entries: Sequence[ArchiveEntry]
    assignment: str
    base: Path
    read: Callable[[ArchiveEntry], bytes | Failure]


@dataclass(frozen=True, slots=True)
class StudentFile:
    """A file said to be a student's.

    Args:
        student: a name.
        entry: the file, or the folder in which there is none to grade.
        identity: what tells people of the same name apart.
        attempt: the highest is the latest.
    """

    student: str
    entry: ArchiveEntry
    identity: str = ""
    attempt: int = 0


def is_candidate(entry: ArchiveEntry) -> bool:
    """Whether it could be a submission."""
    return not entry.is_folder and entry.name.lower().endswith(SUFFIXES)


def are_mostly_named(entries: Iterable[ArchiveEntry], pattern: re.Pattern[str]) -> bool:
    """Whether most of the folders and files that could be submissions, none of them in another, are named so.

    One that a student has named does not decide for all.
    """
    names = {entry.parts[0] for entry in entries if not entry.is_top_file or is_candidate(entry)}
    named = [name for name in names if pattern.fullmatch(name)]
    return 2 * len(named) > len(names)


def group_by_folder(
    entries: Iterable[ArchiveEntry], pattern: re.Pattern[str]
) -> dict[str, list[ArchiveEntry]]:
    """Group files by the first folder that they are in, for folders of such names; a folder may hold none."""
    groups: dict[str, list[ArchiveEntry]] = {}
    for entry in entries:
        if pattern.fullmatch(entry.parts[0]):
            group = groups.setdefault(entry.parts[0], [])
            if len(entry.parts) > 1:
                group.append(entry)
    return groups


def choose_file(entries: Sequence[ArchiveEntry], assignment: str, folder: tuple[str, ...]) -> ArchiveEntry:
    """Choose the one file to grade among a student's files; without one, return their folder and its fault."""
    files = [entry for entry in entries if is_candidate(entry)]
    for suffix in (".ipynb", ".py"):
        for entry in files:
            if entry.name == assignment + suffix:
                return entry

    if len(files) == 1:
        return files[0]
    if files:
        names = ", ".join(entry.name for entry in files[:5]) + (", …" if len(files) > 5 else "")
        fault = Failure("ambiguous", f"there are several files to choose from ({names})", "submit only one")
    elif closed := [
        entry for entry in entries if entry.fault is not None and entry.fault.kind == "unreadable"
    ]:
        return closed[0]
    elif entries:
        what = "is neither a .py nor an .ipynb file"
        fault = Failure("empty", what, "submit one", subject=entries[0].name)
    else:
        fault = Failure("empty", f"the folder {folder[-1]} holds no .py or .ipynb file", "submit one")
    return ArchiveEntry(folder, fault=fault)
