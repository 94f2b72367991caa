"""What Canvas lets one download: `<surname>_<id>_<id>_<file>`, all in one folder, with `LATE` before the first id.

A text typed into Canvas is `<surname>_<id>_text.html`, a link `…_link.html`; where names are hidden it is
`anon_<five letters and digits>_<id>_<file>`. Of several submissions of one person Canvas packs the last one, with all
of its files; more of them come from several downloads in one folder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.student_files import (
    Choice,
    Collected,
    Listing,
    StudentFile,
    WithoutFile,
    choose_file,
    find_misfits,
    is_candidate,
)
from grader.core.grouping import group_pairs

_NAME = re.compile(
    r"(?:(?P<anon>anon)_(?P<anon_late>late_)?(?P<code>[a-z0-9]{5})|(?P<name>.+?)_(?P<late>late_)?(?P<id>\d+))"
    r"_(?:(?P<attempt>\d+)_(?P<file>.+)|(?P<typed>text|link)\.html)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"-\d+(?=\.\w+(?:\.\w+)?$)")
"""What Canvas appends to the name of a file that is handed in again."""


@dataclass(frozen=True, slots=True)
class _HandedIn:
    """A file by its name.

    Args:
        name, identity: whose it is.
        attempt: the file's own number; -1 for what was typed.
        file: its own name; `text` or `link` for what was typed.
    """

    entry: ArchiveEntry
    name: str
    identity: str
    attempt: int
    file: str
    late: bool

    @property
    def original_name(self) -> str:
        """The name of the file on the student's computer, without what Canvas has appended."""
        return _NUMBER.sub("", self.file)

    @property
    def key(self) -> str:
        """Equal for a file and for the same one handed in again."""
        return self.original_name.casefold()


def is_used(entries: Sequence[ArchiveEntry]) -> bool:
    """Whether these are from Canvas: most of the files that could be submissions are named so."""
    files = [entry.name for entry in entries if entry.is_top_file and is_candidate(entry)]
    named = [name for name in files if _NAME.fullmatch(name)]
    return 2 * len(named) > len(files)


def find_files(listing: Listing) -> Collected:
    """Find the files of each who submitted; those in time and those that are late are submissions of their own."""
    handed_in = filter(None, map(_read_name, listing.entries))
    people = group_pairs(((one.name, one.identity), one) for one in handed_in)

    files: list[StudentFile] = []
    left_out: list[str] = []
    without_file: list[WithoutFile] = []
    for (name, identity), group in people.items():
        student = f"{name}_{identity}"
        typed = [one for one in group if one.attempt < 0]
        # `._` is what macOS adds to a name.
        uploaded = [one for one in group if one.attempt >= 0 and not one.file.startswith(".")]
        if typed and not uploaded:
            what = f"a {typed[0].file} typed into Canvas, and no file"
            without_file.append(WithoutFile(student, what, identity))

        in_time = [one for one in uploaded if not one.late]
        late = [one for one in uploaded if one.late]
        for together in filter(None, (in_time, late)):
            file, others = _choose(together, student, listing)
            files.append(file)
            left_out += others
    misfits = find_misfits(listing, _NAME, "Canvas")
    return Collected(files, left_out, misfits, without_file=without_file)


def _read_name(entry: ArchiveEntry) -> _HandedIn | None:
    match = _NAME.fullmatch(entry.name)
    if match is None or not entry.is_top_file:
        return None

    name, identity = match["anon"] or match["name"], match["code"] or match["id"]
    late = bool(match["late"] or match["anon_late"])
    if match["typed"]:
        return _HandedIn(entry, name, identity, -1, match["typed"], late)
    return _HandedIn(entry, name, identity, int(match["attempt"]), match["file"], late)


def _choose(files: Sequence[_HandedIn], student: str, listing: Listing) -> tuple[StudentFile, list[str]]:
    """Choose one of the files that were handed in together; and say why the others are not graded."""
    latest, earlier = _latest(files)
    file = _choose_latest(latest, student, listing)

    left_out = [
        f"{listing.where(old.entry)}: {student} also has {new.file}, which is later" for old, new in earlier
    ]
    left_out += [
        f"{listing.where(entry)}: {student} also has {file.entry.name}, which is graded"
        for entry in file.choice.passed_over
    ]
    return file, left_out


def _latest(files: Sequence[_HandedIn]) -> tuple[list[_HandedIn], list[tuple[_HandedIn, _HandedIn]]]:
    """Of each file that was handed in again the latest; and each earlier one with that."""
    latest: dict[str, _HandedIn] = {}
    earlier = []
    for one in sorted(files, key=lambda one: one.attempt):
        if one.key in latest:
            earlier.append(latest[one.key])
        latest[one.key] = one
    return list(latest.values()), [(old, latest[old.key]) for old in earlier]


def _choose_latest(files: Sequence[_HandedIn], student: str, listing: Listing) -> StudentFile:
    """One submission of these files, which are told apart by their own names."""
    originals: dict[tuple[str, ...], ArchiveEntry]
    if any(is_candidate(one.entry) for one in files):
        originals = {(one.original_name,): one.entry for one in files}
    else:
        originals = {one.entry.parts: one.entry for one in files}

    bare = [replace(entry, parts=parts) for parts, entry in originals.items()]
    chosen = choose_file(
        bare, listing.assignment, (student,), lambda entry: listing.count(originals[entry.parts])
    )
    original = originals.get(chosen.entry.parts, chosen.entry)
    passed_over = tuple(originals[entry.parts] for entry in chosen.passed_over)

    return StudentFile(
        student=student,
        choice=Choice(original, passed_over),
        identity=files[0].identity,
        attempt=max(one.attempt for one in files),
        late=files[0].late,
        source="Canvas",
        address=original.name,
    )
