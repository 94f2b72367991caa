"""Who handed in which file, told from names: a course's own folders, and those of three platforms.

Gradescope  `submission_<id>/<file>` and `submission_metadata.yml`
Moodle      `<name>_<id>_assignsubmission_file_/<file>`, or the same before the file's name
Canvas      `<surname>_<id>_<id>_<file>`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from grader.answers.collect.archives import ArchiveEntry, is_archive
from grader.answers.submission import SUFFIXES
from grader.core.student_names import refuse_name
from grader.reports.report import Failure

METADATA = "submission_metadata.yml"
_GRADESCOPE = re.compile(r"submission_(\d+)")
_MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)(?:_(.*))?")
_CANVAS = re.compile(r"([^_]+)_(?:late_)?(\d+)_(\d+)_(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StudentFile:
    """A file said to be a student's.

    Args:
        student: a name. identity: what tells people of the same name apart. attempt: the highest is the latest.
    """

    student: str
    found: ArchiveEntry
    identity: str = ""
    attempt: int = 0


Read = Callable[[ArchiveEntry], bytes | Failure]


def is_platforms(name: str) -> bool:
    """Whether a folder's name is one that Gradescope or Moodle gives."""
    return bool(_GRADESCOPE.fullmatch(name) or _MOODLE.fullmatch(name))


def strip_top(members: Sequence[ArchiveEntry], assignment: str) -> tuple[str, Sequence[ArchiveEntry]]:
    """Without the one folder that holds all the rest, if it is nobody's own; and that folder's name."""
    tops = {member.parts[0] for member in members}
    if len(tops) != 1 or any(len(member.parts) == 1 and not member.is_folder for member in members):
        return "", members
    (top,) = tops
    inner = [replace(member, parts=member.parts[1:]) for member in members if len(member.parts) > 1]
    if top == assignment or is_platforms(top) or any(member.parts[0] == assignment for member in inner):
        return "", members
    return top, inner


def claim_all(
    members: Sequence[ArchiveEntry], assignment: str, base: Path, read: Read
) -> tuple[list[StudentFile], list[str]]:
    """One claim for each student, of several attempts the latest; and what is left out, in words."""
    files = [m for m in members if not m.is_folder and len(m.parts) == 1 and _is_candidate(m)]
    left_out: list[str] = []
    if any(_GRADESCOPE.fullmatch(m.parts[0]) and (m.is_folder or len(m.parts) > 1) for m in members):
        claims = list(_claim_gradescope(members, assignment, base, read, left_out))
    elif any(_MOODLE.fullmatch(member.parts[0]) for member in members):
        claims = list(_claim_moodle(members, assignment))
    elif files and all(_CANVAS.fullmatch(member.name) for member in files):
        claims = list(_claim_canvas(members, assignment))
    else:
        left_out += _packed(members, base) + _without(members, assignment, base)
        return list(_claim_course(members, assignment, base)), left_out
    return _latest(_tell_apart(claims), base, left_out), left_out


def _claim_course(members: Sequence[ArchiveEntry], assignment: str, base: Path) -> Iterator[StudentFile]:
    groups: dict[str, list[ArchiveEntry]] = {}
    for member in members:
        if member.parts[0] == assignment:
            groups.setdefault("", []).append(member)
        elif len(member.parts) == 1 and _is_candidate(member):
            yield StudentFile(Path(member.name).stem, member)
        elif len(member.parts) > 1 and member.parts[1] == assignment:
            groups.setdefault(member.parts[0], []).append(member)
    for student, group in groups.items():
        depth = 2 if student else 1
        # A link in place of the folder is handed on as it is: reading it says what is wrong.
        links = [member for member in group if len(member.parts) == depth and not member.is_folder]
        direct = [member for member in group if len(member.parts) == depth + 1]
        folder = (student, assignment) if student else (assignment,)
        yield StudentFile(
            student or base.resolve().name, links[0] if links else choose_file(direct, assignment, folder)
        )


def _packed(members: Sequence[ArchiveEntry], base: Path) -> list[str]:
    """Archives among the submissions: whose they are cannot be told, and one may be all that somebody handed in."""
    archives = [m for m in members if not m.is_folder and len(m.parts) == 1 and is_archive(Path(m.name))]
    return [f"{base / m.name}: an archive among submissions is not opened; unpack it" for m in archives]


def _without(members: Sequence[ArchiveEntry], assignment: str, base: Path) -> list[str]:
    tops = {m.parts[0] for m in members if m.is_folder or len(m.parts) > 1}
    if assignment in tops:  # one student's own folder
        return []
    held = {m.parts[0] for m in members if len(m.parts) > 1 and m.parts[1] == assignment}
    return [f"{base / top}: there is no {assignment}/ in it" for top in sorted(tops - held)]


def _claim_gradescope(
    members: Sequence[ArchiveEntry], assignment: str, base: Path, read: Read, left_out: list[str]
) -> Iterator[StudentFile]:
    about: dict[str, list[tuple[str, str]]] = {}
    metadata = next((member for member in members if member.parts == (METADATA,)), None)
    data = read(metadata) if metadata is not None else None
    if isinstance(data, bytes):
        about = read_metadata(data)
    unnamed = [folder for folder in _by_folder(members, _GRADESCOPE) if not about.get(folder)]
    if unnamed:
        some = f"{unnamed[0]} and {len(unnamed) - 1} more" if len(unnamed) > 1 else unnamed[0]
        left_out.append(f"{base / METADATA}: the name of {some}, which is graded under that of its folder")
    for folder, group in _by_folder(members, _GRADESCOPE).items():
        match = _GRADESCOPE.fullmatch(folder)
        assert match is not None
        chosen = choose_file(group, assignment, (folder,))
        for name, identity in about.get(folder) or [(folder, "")]:
            student = name if not refuse_name(name) else folder
            yield StudentFile(student, chosen, identity, int(match[1]))


def read_metadata(data: bytes) -> dict[str, list[tuple[str, str]]]:
    """Gradescope's metadata: folder → name and number (or address) of each who submitted it.

    It is YAML as Ruby writes it, `submission_1: {":submitters": [{":name": …, ":sid": …, ":email": …}]}`.
    """
    try:
        entries = yaml.load(data, _RubyLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    found: dict[str, list[tuple[str, str]]] = {}
    for folder, entry in entries.items() if isinstance(entries, dict) else ():
        people = entry.get(":submitters") if isinstance(entry, dict) else None
        named = [
            (_text(person.get(":name")), _text(person.get(":sid")) or _text(person.get(":email")))
            for person in (people if isinstance(people, list) else ())
            if isinstance(person, dict)
        ]
        found[str(folder)] = [(name or identity, identity) for name, identity in named if name or identity]
    return found


class _RubyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain values only; objects of Ruby's are None."""


_RubyLoader.add_multi_constructor("!", lambda loader, suffix, node: None)


def _text(value: Any) -> str:
    return " ".join(str(value).split())[:200] if isinstance(value, str | int) else ""


def _claim_moodle(members: Sequence[ArchiveEntry], assignment: str) -> Iterator[StudentFile]:
    flat = [m for m in members if len(m.parts) == 1 and not m.is_folder]
    groups = _by_folder([m for m in members if len(m.parts) > 1 or m.is_folder], _MOODLE)
    people: dict[tuple[str, str], list[tuple[str, ArchiveEntry]]] = {}
    for member in flat:
        match = _MOODLE.fullmatch(member.name)
        if match and ("_onlinetext_" not in member.name or _is_candidate(member)):
            people.setdefault((match[1], match[2]), []).append((match[3] or "", member))
    for folder, group in groups.items():
        match = _MOODLE.fullmatch(folder)
        assert match is not None
        # A text typed into Moodle has a folder of its own, with no file that could be graded.
        if "_onlinetext" not in folder or any(map(_is_candidate, group)):
            people.setdefault((match[1], match[2]), []).extend((m.name, m) for m in group)
    for (name, identity), held in people.items():
        yield StudentFile(name, choose_file([m for _, m in held], assignment, (name,)), identity)


def _claim_canvas(members: Sequence[ArchiveEntry], assignment: str) -> Iterator[StudentFile]:
    people: dict[str, list[tuple[re.Match[str], ArchiveEntry]]] = {}
    for member in members:
        match = _CANVAS.fullmatch(member.parts[0])
        if match and len(member.parts) == 1 and not member.is_folder:
            people.setdefault(f"{match[1]}_{match[2]}", []).append((match, member))
    for student, held in people.items():
        files = [(match, member) for match, member in held if _is_candidate(member)]
        if not files:
            yield StudentFile(student, choose_file([member for _, member in held], assignment, (student,)))
        for match, member in files:
            # Of several files in one attempt, the one named after the assignment; Canvas numbers second tries.
            named = re.fullmatch(rf"{re.escape(assignment)}(-\d+)?\.(ipynb|py)", match[4]) is not None
            yield StudentFile(student, member, attempt=int(match[3]) + (10**18 if named else 0))


def _tell_apart(claims: Sequence[StudentFile]) -> Iterator[StudentFile]:
    """People of the same name get their numbers appended."""
    identities: dict[str, set[str]] = {}
    for claim in claims:
        identities.setdefault(claim.student, set()).add(claim.identity)
    for claim in claims:
        shared = len(identities[claim.student]) > 1 and claim.identity
        yield replace(claim, student=f"{claim.student}_{claim.identity}") if shared else claim


def _latest(claims: Iterable[StudentFile], base: Path, left_out: list[str]) -> list[StudentFile]:
    latest: dict[str, StudentFile] = {}
    for claim in sorted(claims, key=lambda claim: claim.attempt):
        if earlier := latest.get(claim.student):
            where = base.joinpath(*earlier.found.parts)
            left_out.append(f"{where}: {claim.student} has {claim.found.parts[-1]} as well, which is later")
        latest[claim.student] = claim
    return list(latest.values())


def _by_folder(members: Iterable[ArchiveEntry], pattern: re.Pattern[str]) -> dict[str, list[ArchiveEntry]]:
    """Files by the first folder they are in; a folder may hold none."""
    groups: dict[str, list[ArchiveEntry]] = {}
    for member in members:
        if pattern.fullmatch(member.parts[0]):
            group = groups.setdefault(member.parts[0], [])
            if len(member.parts) > 1:
                group.append(member)
    return groups


def choose_file(held: Sequence[ArchiveEntry], assignment: str, folder: tuple[str, ...]) -> ArchiveEntry:
    """The one file to grade among a student's files; otherwise their folder, with the fault that it has."""
    files = [member for member in held if _is_candidate(member)]
    for suffix in (".ipynb", ".py"):
        if named := [member for member in files if member.name == assignment + suffix]:
            return named[0]
    if len(files) == 1:
        return files[0]
    if not files:
        fault = Failure("empty", f"the folder {folder[-1]} holds no .py or .ipynb file", "submit one")
        if held:
            what = "is neither a .py nor an .ipynb file"
            fault = Failure("empty", what, "submit one", subject=held[0].name)
        return ArchiveEntry(folder, fault=fault)
    some = ", ".join(member.name for member in files[:5]) + (", …" if len(files) > 5 else "")
    what = f"there are several files to choose from ({some})"
    return ArchiveEntry(folder, fault=Failure("ambiguous", what, "submit only one"))


def _is_candidate(member: ArchiveEntry) -> bool:
    return not member.is_folder and member.name.lower().endswith(SUFFIXES)
