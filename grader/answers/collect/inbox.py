"""Find whose submission is where: in folders and archives as teachers keep them and platforms make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.answers.collect.archives import SUFFIXES as ARCHIVES
from grader.answers.collect.archives import ArchiveEntry, is_archive, list_archive, read_archive
from grader.answers.collect.platform_layouts import StudentFile, claim_all, is_platforms, strip_top
from grader.answers.submission import SubmittedFile, read_submitted_file
from grader.core.errors import GraderError
from grader.core.files import RESULTS_FILE
from grader.core.student_names import refuse_name
from grader.reports.report import Failure

_IGNORED = ("__pycache__", "__MACOSX")
_MAX_ENTRIES = 500_000
_MAX_DEPTH = 6
_MAX_METADATA = 1 << 25
_LAYOUTS = (
    "allowed: a folder of <student>.py or <student>.ipynb, a folder of <student>/<assignment>/<file>, "
    "a single .py or .ipynb file, or what Gradescope, Moodle or Canvas let you download, unpacked or as "
    f"{', '.join(ARCHIVES[:-1])} or {ARCHIVES[-1]}"
)


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A member of an archive."""

    archive: Path
    index: int
    name: str


Place = Path | ArchivedFile | SubmittedFile
"""Where a student's file is; a `SubmittedFile` where it is known already that there is none to grade."""


@dataclass(frozen=True, slots=True)
class FoundSubmissions:
    """Students with their files, sorted; and, in words, what looked like submissions but is not graded."""

    submissions: tuple[tuple[str, Place], ...]
    left_out: tuple[str, ...]


def find_submissions(paths: Sequence[Path], assignment: str) -> FoundSubmissions:
    """Every student and their file for an assignment.

    An odd name or a second file of the same student stops nobody else from being graded.

    Raises:
        GraderError: a path that does not exist, an archive that cannot be read, or nothing found.
    """
    found: dict[str, tuple[Place, str]] = {}
    left_out: list[str] = []
    for path in paths:
        claims, reasons = _find(path, assignment)
        left_out += reasons
        for claim, place, where in claims:
            student = claim.student
            if reason := refuse_name(student):
                left_out.append(f"{where!r} cannot be graded under that name: {reason}; rename it")
            elif student in found and found[student][1] != where:
                other = found[student][1].rpartition("/")[2]
                left_out.append(f"{where}: {student} has {other} as well, which is graded; keep one")
            else:
                found[student] = place, where
    if not found:
        where = ", ".join(str(path) for path in paths) or "an empty list of paths"
        listed = "".join(f"\n  {reason}" for reason in left_out[:5])
        raise GraderError(f"No submission for assignment {assignment!r} in {where}; {_LAYOUTS}{listed}")
    return FoundSubmissions(tuple((student, found[student][0]) for student in sorted(found)), tuple(left_out))


def read_submitted_files(submissions: Sequence[tuple[str, Place]]) -> Iterator[SubmittedFile]:
    """What was handed in, one at a time; each archive is read once, from beginning to end."""
    packed: dict[Path, dict[int, list[str]]] = {}
    for student, place in submissions:
        if isinstance(place, SubmittedFile):
            yield place
        elif isinstance(place, Path):
            yield read_submitted_file(place, student)
        else:
            packed.setdefault(place.archive, {}).setdefault(place.index, []).append(student)
    names = {(p.archive, p.index): p.name for _, p in submissions if isinstance(p, ArchivedFile)}
    for archive, wanted in packed.items():
        for index, data in read_archive(archive, wanted):
            for student in wanted[index]:
                name = names[archive, index]
                if isinstance(data, Failure):
                    yield SubmittedFile(student, name, fault=data)
                else:
                    yield SubmittedFile(student, name, data)


def _find(path: Path, assignment: str) -> tuple[list[tuple[StudentFile, Place, str]], list[str]]:
    """Claims with the places they mean, and how these are called in words."""
    if not path.exists() and not path.is_symlink():
        raise GraderError(f"There is no file or folder {path}; {_LAYOUTS}")
    if path.is_dir():
        members: Sequence[ArchiveEntry] = _list_folder(path, assignment)
        left_out, base = list[str](), path
    elif is_archive(path):
        listed, left_out = list_archive(path)
        top, members = strip_top([member for member in listed if _is_visible(member)], assignment)
        base = path / top
    else:
        return [(StudentFile(path.stem, ArchiveEntry((path.name,))), path, str(path))], []
    read = _reader(path, base)
    claims, reasons = claim_all(members, assignment, base, read)
    return [(claim, *_place(claim, path, base)) for claim in claims], left_out + reasons


def _place(claim: StudentFile, path: Path, base: Path) -> tuple[Place, str]:
    member = claim.found
    where = str(base.joinpath(*member.parts))
    if member.fault is not None:
        return SubmittedFile(claim.student, member.name, fault=member.fault), where
    return (
        base.joinpath(*member.parts) if member.index < 0 else ArchivedFile(path, member.index, member.name)
    ), where


def _reader(path: Path, base: Path) -> Callable[[ArchiveEntry], bytes | Failure]:
    """Reads a file of the platform's own, which may be longer than a submission."""

    def read(member: ArchiveEntry) -> bytes | Failure:
        if member.fault is not None:
            return member.fault
        if member.index >= 0:
            return next(data for _, data in read_archive(path, [member.index], _MAX_METADATA))
        submitted = read_submitted_file(base.joinpath(*member.parts), "", _MAX_METADATA)
        return submitted.fault or submitted.data

    return read


def _list_folder(root: Path, assignment: str) -> list[ArchiveEntry]:
    """What may matter in a folder: of students' own folders the one for the assignment, of platforms' all."""
    found: list[ArchiveEntry] = []
    for entry in _visible(root):
        if entry.is_symlink() or not entry.is_dir():
            found.append(ArchiveEntry((entry.name,)))
        elif entry.name == assignment or is_platforms(entry.name):
            found += _walk(entry, (entry.name,))
        else:
            inner = entry / assignment
            if (entry / RESULTS_FILE).is_file() and not inner.exists():
                continue  # what was graded here before
            found.append(ArchiveEntry((entry.name,), is_folder=True))
            if inner.is_symlink():
                found.append(ArchiveEntry((entry.name, assignment)))
            elif inner.is_dir():
                found += _walk(inner, (entry.name, assignment), depth=1)
        if len(found) > _MAX_ENTRIES:
            raise GraderError(f"The folder {root} holds more than {_MAX_ENTRIES:,} files")
    return found


def _walk(folder: Path, parts: tuple[str, ...], depth: int = _MAX_DEPTH) -> Iterator[ArchiveEntry]:
    yield ArchiveEntry(parts, is_folder=True)
    for entry in _visible(folder):
        if entry.is_dir() and not entry.is_symlink():
            if depth > 1:
                yield from _walk(entry, (*parts, entry.name), depth - 1)
        else:
            yield ArchiveEntry((*parts, entry.name))


def _visible(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise GraderError(f"Cannot list the folder {folder}: {error.strerror}") from None
    return [entry for entry in entries if _is_visible(ArchiveEntry((entry.name,)))]


def _is_visible(member: ArchiveEntry) -> bool:
    return not any(part.startswith(".") or part in _IGNORED for part in member.parts)
