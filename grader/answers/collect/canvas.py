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
    """A file by its name: `name` and `identity` are whose it is, `attempt` is the file's own number."""

    entry: ArchiveEntry
    name: str
    identity: str
    attempt: int
    file: str
    late: bool


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
    for (name, identity), handed_in_files in people.items():
        student = f"{name}_{identity}"
        found = [one for one in handed_in_files if not one.file.startswith(".")]
        typed = [one.file for one in found if one.attempt < 0]
        found = [one for one in found if one.attempt >= 0]
        if typed and not found:
            without_file.append(
                WithoutFile(student, f"a {typed[0]} typed into Canvas, and no file", identity)
            )
        for is_late in (False, True):
            latest, earlier = _latest([one for one in found if one.late == is_late])
            for old, new in earlier:
                where = listing.where(old.entry)
                left_out.append(f"{where}: {student} also has {new.file}, which is later")
            if latest:
                file = _choose(listing, student, latest)
                files.append(file)
                left_out += [
                    f"{listing.where(entry)}: {student} also has {file.entry.name}, which is graded"
                    for entry in file.choice.passed_over
                ]
    misfits = find_misfits(listing, _NAME, "Canvas")
    return Collected(files, left_out, misfits, without_file=without_file)


def _read_name(entry: ArchiveEntry) -> _HandedIn | None:
    match = _NAME.fullmatch(entry.name)
    if match is None or not entry.is_top_file:
        return None
    late = bool(match["late"] or match["anon_late"])
    attempt, file = (-1, match["typed"]) if match["typed"] else (int(match["attempt"]), match["file"])
    return _HandedIn(entry, match["anon"] or match["name"], match["code"] or match["id"], attempt, file, late)


def _latest(files: Sequence[_HandedIn]) -> tuple[list[_HandedIn], list[tuple[_HandedIn, _HandedIn]]]:
    """Of each file that was handed in again the latest; and each earlier one with that."""
    latest: dict[str, _HandedIn] = {}
    earlier = []
    for one in sorted(files, key=lambda one: one.attempt):
        name = _NUMBER.sub("", one.file).casefold()
        if name in latest:
            earlier.append(latest[name])
        latest[name] = one
    return list(latest.values()), [(old, latest[_NUMBER.sub("", old.file).casefold()]) for old in earlier]


def _choose(listing: Listing, student: str, files: Sequence[_HandedIn]) -> StudentFile:
    """One submission of the files that were handed in together, which are told apart by their own names."""
    originals: dict[tuple[str, ...], ArchiveEntry]
    originals = {(_NUMBER.sub("", one.file),): one.entry for one in files}
    if not any(is_candidate(one.entry) for one in files):
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
