"""Files said to be students': what a folder or an archive lists, and which of a student's files is graded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.submission import FORMULA_FILE, SUFFIXES, SubmittedFile
from grader.answers.written_functions import count_written
from grader.core.text import list_first
from grader.reports.lateness import LatePolicy
from grader.reports.report import Failure

NOTES = (".txt", ".md", ".csv", ".yml", ".yaml", ".json", ".toml", ".ini", ".cfg", ".log", ".sqlite", ".db")
"""Ends of names that an instructor's own files beside submissions have."""
NO_SUBMISSION = "is neither a .py nor an .ipynb file, nor formulas in answers.txt"
_DISGUISED = re.compile(r"(.+\.(?:py|ipynb))\.(?:txt|json|html?)", re.IGNORECASE)
"""A name to which a browser or a system has added what it took the content for."""
_MARK = r" ?\(\d+\)| - copy(?: \(\d+\))?|[ _]copy"
_COPY_MARK = re.compile(rf"(?:{_MARK})(?=\.\w+$)", re.IGNORECASE)
_COPY = re.compile(rf"(?:{_MARK}|-\d+|-checkpoint)(?=\.\w+$)", re.IGNORECASE)
"""What systems add to the names of copies."""
_USUAL = "answers"
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides which of several files or submissions is graded.

    Args:
        functions: those of the assignment.
        others: the ids of the course's other assignments.
        late: see `LatePolicy`.
        is_late: whether a submission came after its student's own due date; None where the platform is to say.
    """

    functions: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    late: LatePolicy = "last"
    is_late: Callable[[StudentFile], bool | None] = lambda file: None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder or an archive holds.

    Args:
        base: what all names are below; of an archive, its own path and that of the one folder in it, if there is one.
        read: reads a file of the platform's own, or as much of a student's as is graded.
        counts: see `count`; None to read each file for it.
    """

    entries: Sequence[ArchiveEntry]
    assignment: str
    base: Path
    read: Callable[[ArchiveEntry], bytes | Failure]
    rules: Rules = Rules()
    counts: Callable[[ArchiveEntry], int] | None = None

    def where(self, entry: ArchiveEntry) -> str:
        """The path of an entry, for messages."""
        return str(self.base.joinpath(*entry.parts))

    def choose(self, entries: Sequence[ArchiveEntry], folder: tuple[str, ...]) -> Choice:
        """Choose the file to grade; see `choose_file`."""
        return choose_file(entries, self.assignment, folder, self.count)

    def count(self, entry: ArchiveEntry) -> int:
        """Count the functions of the assignment that a file defines."""
        if self.counts is not None:
            return self.counts(entry)
        data = self.read(entry) if self.rules.functions else b""
        if isinstance(data, Failure):
            return 0
        return count_written(SubmittedFile("", plain_name(entry.name), data), self.rules.functions)


@dataclass(frozen=True, slots=True)
class Choice:
    """The file to grade among a student's files, or their folder with the fault for which there is none.

    Args:
        passed_over: the others that could have been meant.
    """

    entry: ArchiveEntry
    passed_over: tuple[ArchiveEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class StudentFile:
    """A file said to be a student's.

    Args:
        student: a name.
        choice: the file, or the folder in which there is none to grade.
        identity: what tells people of the same name apart.
        attempt: the highest is the latest.
        submitted: when, in ISO 8601, if the platform tells; source: where it does.
        late: whether it says that this was too late; None if it says nothing.
        address: the name by which the platform knows whose feedback a file is.
    """

    student: str
    choice: Choice
    identity: str = ""
    attempt: int = 0
    submitted: str = ""
    late: bool | None = None
    source: str = ""
    address: str = ""

    @property
    def entry(self) -> ArchiveEntry:
        """The file that was chosen."""
        return self.choice.entry


@dataclass(frozen=True, slots=True)
class WithoutFile:
    """Somebody who handed in nothing that can be graded, such as a text typed into the platform.

    Args:
        certain: False for a file in a folder of all kinds of files, which may be nobody's.
    """

    student: str
    what: str
    identity: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Collected:
    """What was found in a folder or an archive.

    Args:
        left_out: in words, what is not graded, and why. guesses: in words, what was not certain.
        misfits: in words, what is not graded since it does not fit how most of it is arranged.
    """

    files: Sequence[StudentFile] = ()
    left_out: Sequence[str] = ()
    misfits: Sequence[str] = ()
    guesses: Sequence[str] = ()
    without_file: Sequence[WithoutFile] = ()


def plain_name(name: str) -> str:
    """The name without what a browser has appended: `answers.ipynb.json` is `answers.ipynb`."""
    match = _DISGUISED.fullmatch(name)
    return match[1] if match else name


def without_copy_mark(name: str) -> str:
    """The name without `(1)` or `copy`; other numbers may be a student's own."""
    return _COPY_MARK.sub("", name)


def is_candidate(entry: ArchiveEntry) -> bool:
    """Whether it could be a submission."""
    name = plain_name(entry.name).lower()
    return not entry.is_folder and (name.endswith(SUFFIXES) or _COPY.sub("", name).endswith(FORMULA_FILE))


def is_usual(entry: ArchiveEntry, assignment: str) -> bool:
    """Whether it is a file at the top that is named after the assignment, or `answers`."""
    return entry.is_top_file and is_candidate(entry) and _rank_name(entry.name, assignment) > 0


def are_mostly_named(entries: Iterable[ArchiveEntry], pattern: re.Pattern[str]) -> bool:
    """Whether most of the folders and files that could be submissions, none of them in another, are named so.

    One that a student has named does not decide for all.
    """
    names = {entry.parts[0] for entry in entries if not entry.is_top_file or is_candidate(entry)}
    named = [name for name in names if pattern.fullmatch(name)]
    return 2 * len(named) > len(names)


def find_misfits(listing: Listing, pattern: re.Pattern[str], platform: str) -> list[str]:
    """Say which files and folders of a platform's download are not named as it names them: they are nobody's."""
    entries = [entry for entry in listing.entries if not entry.is_folder]
    candidates = {entry.parts[0]: entry for entry in entries if _may_be_handed_in(entry)}
    odd = [entry for name, entry in candidates.items() if not pattern.fullmatch(name)]
    return [f"{listing.where(entry)}: not named as {platform} names files; it is not graded" for entry in odd]


def _may_be_handed_in(entry: ArchiveEntry) -> bool:
    return is_candidate(entry) or not entry.name.lower().endswith(NOTES)


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


def choose_file(
    entries: Sequence[ArchiveEntry],
    assignment: str,
    folder: tuple[str, ...],
    count: Callable[[ArchiveEntry], int] = lambda entry: 0,
) -> Choice:
    """Choose the one file to grade among a student's files; without one, return their folder and its fault.

    A file with some of the functions goes before one with none. Then the shallowest counts, then the one that is
    named after the assignment or `answers`, then the one with most functions; if several are left, none does. If no
    file has any of the functions, only such a name decides.

    Args:
        count: how many of the assignment's functions a file defines.
    """
    files = [entry for entry in entries if is_candidate(entry)]
    if len(files) == 1:
        return Choice(files[0])
    if not files:
        return Choice(_without_candidates(entries, folder))

    ranks = {entry.parts: _rank(entry, assignment, count(entry)) for entry in files}
    best = max(ranks.values())
    first, *ties = (entry for entry in files if ranks[entry.parts] == best)
    if ties:
        names = [entry.name for entry in (first, *ties)]
        what = f"there are several files to choose from ({list_first(names, _MOST_NAMED)})"
        return Choice(ArchiveEntry(folder, fault=Failure("ambiguous", what, "submit only one")))
    return Choice(first, tuple(entry for entry in files if entry is not first))


def _rank(entry: ArchiveEntry, assignment: str, functions: int) -> tuple[int, ...]:
    named, depth = _rank_name(entry.name, assignment), len(entry.parts)
    is_notebook = plain_name(entry.name).lower().endswith(".ipynb") and named > 1
    if functions:
        return 1, -depth, named, functions, is_notebook
    # Of files that show nothing of the assignment only the names say which is meant.
    return 0, named, -depth if named else 0, is_notebook


def _rank_name(name: str, assignment: str) -> int:
    """3 for the assignment's name, 2 for `answers`, 1 for a copy of these."""
    name = plain_name(name).lower()
    usual = {assignment.lower(): 3, _USUAL: 2}
    if named := usual.get(Path(name).stem, 0):
        return named
    return 1 if Path(_COPY.sub("", name)).stem in usual else 0


def _without_candidates(entries: Sequence[ArchiveEntry], folder: tuple[str, ...]) -> ArchiveEntry:
    """The folder of who handed in no file that could be graded, and why."""
    closed = [entry for entry in entries if entry.fault is not None and entry.fault.kind == "unreadable"]
    if closed:
        return closed[0]

    handed_in = [entry for entry in entries if not entry.is_folder]
    if handed_in:
        fault = Failure("empty", NO_SUBMISSION, "submit one", subject=handed_in[0].name)
    else:
        what = f"the folder {folder[-1]} holds no .py or .ipynb file and no answers.txt"
        fault = Failure("empty", what, "submit one")
    return ArchiveEntry(folder, fault=fault)


def say_guesses(file: StudentFile) -> list[str]:
    """Say if a student's file was chosen of several, or is read under another name."""
    guesses = []
    graded = "/".join(file.entry.parts)
    name = plain_name(file.entry.name)
    if file.entry.fault is None and name != file.entry.name:
        guesses.append(f"{graded} is read as {name}")
    if file.choice.passed_over:
        others = ["/".join(entry.parts) for entry in file.choice.passed_over]
        guesses.append(f"{graded} is graded, not {list_first(others, _MOST_NAMED)}")
    return guesses
