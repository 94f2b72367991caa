"""Find whose submission is where: in folders and archives as teachers keep them and platforms make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.answers.collect.archives import SUFFIXES as ARCHIVES
from grader.answers.collect.archives import ArchiveEntry, is_archive, list_archive, read_archive
from grader.answers.collect.platform_layouts import find_student_files, without_top
from grader.answers.collect.student_files import (
    Choice,
    Listing,
    Rules,
    StudentFile,
    WithoutFile,
    is_candidate,
    plain_name,
)
from grader.answers.submission import SubmittedFile, read_submitted_file
from grader.answers.written_functions import count_written
from grader.core.errors import GraderError, find_nearest
from grader.core.files import RESULTS_FILE
from grader.core.student_names import refuse_name
from grader.reports.report import Failure

NO_RULES = Rules()
_IGNORED = ("__pycache__", "__macosx")
_MAX_ENTRIES = 500_000
_MAX_DEPTH = 6
_MAX_METADATA = 1 << 25
_MOST_REASONS = 5
_LAYOUTS = (
    "allowed: a folder of <student>.py or <student>.ipynb, a folder of <student>/<assignment>/<file> or "
    "<student>/<file>, "
    "a single .py or .ipynb file, or what Gradescope, Moodle or Canvas let you download, unpacked or as "
    f"{', '.join(ARCHIVES[:-1])} or {ARCHIVES[-1]}"
)
_EMPTY = "it is empty; put the submissions there, or give the folder or archive that holds them"


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
    """The files of a class.

    Args:
        submissions: each student and where the file is, sorted.
        left_out: in words, what looked like submissions but is not graded.
        files: student → what the platform says besides: number or address, time, lateness.
        guesses: in words, what was not certain.
        without_file: who handed in nothing that could be graded.
    """

    submissions: tuple[tuple[str, Place], ...]
    left_out: tuple[str, ...]
    files: Mapping[str, StudentFile] = field(default_factory=dict)
    guesses: tuple[str, ...] = ()
    without_file: tuple[WithoutFile, ...] = ()

    def paths(self) -> tuple[str, ...]:
        """The files and archives that were handed in."""
        paths: dict[str, None] = {}
        for _, place in self.submissions:
            path = place.archive if isinstance(place, ArchivedFile) else place
            if isinstance(path, Path):
                paths[str(path.resolve())] = None
        return tuple(paths)


def find_submissions(paths: Sequence[Path], assignment: str, rules: Rules = NO_RULES) -> FoundSubmissions:
    """Find every student and their file for an assignment.

    An odd name or a second file of the same student stops nobody else from being graded.

    Args:
        rules: which of several files of a student is graded.

    Raises:
        GraderError: a path that does not exist, an archive that cannot be read, or nothing found.
    """
    chosen: dict[str, _Located] = {}
    left_out: list[str] = []
    guesses: list[str] = []
    without_file: list[WithoutFile] = []
    for path in paths:
        found = _find(path, assignment, rules)
        left_out += found.left_out
        guesses += found.guesses
        without_file += found.without_file
        for located in found.located:
            reason = _refuse(located, chosen)
            if reason:
                left_out.append(reason)
            else:
                chosen[located.file.student] = located

    if not chosen:
        raise GraderError(_say_nothing_found(paths, assignment, left_out))
    submissions = tuple((student, chosen[student].place) for student in sorted(chosen))
    files = {student: located.file for student, located in chosen.items()}
    return FoundSubmissions(submissions, tuple(left_out), files, tuple(guesses), tuple(without_file))


def _say_nothing_found(paths: Sequence[Path], assignment: str, left_out: Sequence[str]) -> str:
    places = ", ".join(map(str, paths)) or "an empty list of paths"
    wanted = f"No submission for assignment {assignment!r} in {places}"
    if paths and all(path.is_dir() and _is_empty(path) for path in paths):
        return f"{wanted}: {_EMPTY}"
    listed = "".join(f"\n  {reason}" for reason in left_out[:_MOST_REASONS])
    return f"{wanted}; {_LAYOUTS}{listed}"


def _refuse(located: _Located, chosen: Mapping[str, _Located]) -> str:
    """Say why a file is not graded after those that were chosen; empty if it is."""
    student, where = located.file.student, located.where
    if reason := refuse_name(student):
        return f"{where!r} cannot be graded under that name: {reason}; rename it"

    other = chosen.get(student)
    if other is None or other.where == where:
        return ""
    name = other.where.rpartition("/")[2]
    return f"{where}: {student} also has {name}, which is graded; keep one"


def read_submitted_files(submissions: Sequence[tuple[str, Place]]) -> Iterator[SubmittedFile]:
    """Read the files one at a time; each archive is read once, from beginning to end."""
    archived: dict[Path, dict[int, list[tuple[str, str]]]] = {}
    for student, place in submissions:
        if isinstance(place, SubmittedFile):
            yield place
        elif isinstance(place, Path):
            yield _under_plain_name(read_submitted_file(place, student))
        else:
            wanted = archived.setdefault(place.archive, {})
            wanted.setdefault(place.index, []).append((student, place.name))

    for archive, wanted in archived.items():
        for index, data in read_archive(archive, wanted):
            for student, name in wanted[index]:
                yield _from_archive(student, name, data)


def _from_archive(student: str, name: str, data: bytes | Failure) -> SubmittedFile:
    if isinstance(data, Failure):
        return SubmittedFile(student, name, fault=data)
    return _under_plain_name(SubmittedFile(student, name, data))


def _under_plain_name(submitted: SubmittedFile) -> SubmittedFile:
    """The file under its name without what a browser appended; a web page stays one."""
    name = plain_name(submitted.name)
    if name == submitted.name or submitted.fault is not None:
        return submitted
    if submitted.data.lstrip().startswith(b"<"):
        fault = Failure("unknown_type", "is a web page", f"submit {name} itself", subject=submitted.name)
        return SubmittedFile(submitted.student, submitted.name, fault=fault)
    return replace(submitted, name=name)


@dataclass(frozen=True, slots=True)
class _Located:
    """A student's file: where it is, for us and in words."""

    file: StudentFile
    place: Place
    where: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in one path; see `Collected`."""

    located: Sequence[_Located]
    left_out: Sequence[str] = ()
    guesses: Sequence[str] = ()
    without_file: Sequence[WithoutFile] = ()


def _find(path: Path, assignment: str, rules: Rules) -> _Found:
    if not path.exists() and not path.is_symlink():
        near = _find_near_path(path)
        step = f"did you mean {near}?" if near else _LAYOUTS
        raise GraderError(f"There is no file or folder {path}; {step}")

    if path.is_dir() and _is_empty(path):
        return _Found([], [f"{path}: the folder is empty"])

    left_out: list[str] = []
    if path.is_dir():
        entries: Sequence[ArchiveEntry] = _list_folder(path, assignment)
    elif is_archive(path):
        listed, left_out = list_archive(path)
        entries = [entry for entry in listed if _is_visible(entry)]
    else:
        entry = ArchiveEntry((path.name,))
        file = StudentFile(Path(plain_name(path.name)).stem, Choice(entry))
        return _Found([_Located(file, path, str(path))])

    top, entries = without_top(entries, assignment, is_packed=is_archive(path))
    base = path / top
    counts = _counter(path, entries, rules) if is_archive(path) else None
    listing = Listing(entries, assignment, base, _reader(path, base), rules, counts)
    found = find_student_files(listing)
    located = [_locate(file, path, base) for file in found.files]
    return _Found(located, [*left_out, *found.left_out], found.guesses, found.without_file)


def _find_near_path(path: Path) -> Path | None:
    """Find what may be meant by a path that does not exist, by the name of its first part that is missing."""
    missing = next(part for part in (*reversed(path.parents), path) if not part.exists())
    try:
        names = [other.name for other in _visible(missing.parent) if _may_hold_submissions(other)]
    except OSError:
        return None

    near = find_nearest(missing.name, names)
    return missing.parent / near if near else None


def _may_hold_submissions(path: Path) -> bool:
    return path.is_dir() or is_archive(path) or is_candidate(ArchiveEntry((path.name,)))


def _is_empty(folder: Path) -> bool:
    """Whether a folder shows nothing; one that cannot be listed may hold something."""
    try:
        return not _visible(folder)
    except OSError:
        return False


def _counter(path: Path, entries: Sequence[ArchiveEntry], rules: Rules) -> Callable[[ArchiveEntry], int]:
    """Make what counts the functions in a member; all are counted when the first is asked for, in one pass."""
    candidates = [entry for entry in entries if is_candidate(entry) and not entry.fault]
    names = {entry.index: plain_name(entry.name) for entry in candidates}
    counts: dict[int, int] = {}

    def count(entry: ArchiveEntry) -> int:
        if not counts and rules.functions:
            for index, data in read_archive(path, names):
                submitted = SubmittedFile("", names[index], data if isinstance(data, bytes) else b"")
                counts[index] = count_written(submitted, rules.functions)
        return counts.get(entry.index, 0)

    return count


def _locate(file: StudentFile, path: Path, base: Path) -> _Located:
    entry = file.entry
    name = base.joinpath(*entry.parts)
    place: Place = name
    if entry.fault is not None:
        place = SubmittedFile(file.student, entry.name, fault=entry.fault)
    elif entry.index >= 0:
        place = ArchivedFile(path, entry.index, entry.name)
    return _Located(file, place, str(name))


def _reader(path: Path, base: Path) -> Callable[[ArchiveEntry], bytes | Failure]:
    """Make what reads a file of the platform's own, which may be longer than a submission."""

    def read(entry: ArchiveEntry) -> bytes | Failure:
        if entry.fault is not None:
            return entry.fault
        if entry.index >= 0:
            return next(data for _, data in read_archive(path, [entry.index], _MAX_METADATA))
        submitted = read_submitted_file(base.joinpath(*entry.parts), "", _MAX_METADATA)
        return submitted.fault or submitted.data

    return read


def _list_folder(root: Path, assignment: str) -> list[ArchiveEntry]:
    """List a class's folder, but for folders of results."""
    try:
        tops = _visible(root)
    except OSError as error:
        raise GraderError(f"Cannot list the folder {root}: {error.strerror}") from None

    entries: list[ArchiveEntry] = []
    for path in tops:
        try:
            entries += _list_top(path, assignment)
        except OSError as error:  # the student's, who may have closed it
            entries.append(ArchiveEntry((path.name,), is_folder=True))
            entries.append(_closed((path.name, assignment), error))
        if len(entries) > _MAX_ENTRIES:
            raise GraderError(f"The folder {root} contains more than {_MAX_ENTRIES:,} files")
    return entries


def _closed(parts: tuple[str, ...], error: OSError) -> ArchiveEntry:
    what = f"cannot be listed: {error.strerror or type(error).__name__}"
    advice = "give the grader permission to read it"
    return ArchiveEntry(parts, fault=Failure("unreadable", what, advice, subject=parts[-2]))


def _list_top(path: Path, assignment: str) -> Iterator[ArchiveEntry]:
    """List what matters of one file or folder in a class's folder."""
    name = path.name
    if path.is_symlink() and path.is_dir():
        what, advice = "is a link to a folder, perhaps somebody else's", "submit the files themselves"
        yield ArchiveEntry((name,), is_folder=True)
        yield ArchiveEntry((name, assignment), fault=Failure("not_regular", what, advice, subject=name))
        return

    if not path.is_dir():
        yield ArchiveEntry((name,))
        return

    if (path / RESULTS_FILE).is_file() and not (path / assignment).exists():
        return  # what was graded here before
    yield from _walk(path, (name,))


def _walk(folder: Path, parts: tuple[str, ...], depth: int = _MAX_DEPTH) -> Iterator[ArchiveEntry]:
    """List a folder and what is in it, so many folders deep."""
    yield ArchiveEntry(parts, is_folder=True)
    try:
        inner = _visible(folder)
    except OSError as error:
        yield _closed((*parts, parts[-1]), error)
        return

    for path in inner:
        if not path.is_dir() or path.is_symlink():
            yield ArchiveEntry((*parts, path.name))
        elif depth > 1:
            yield from _walk(path, (*parts, path.name), depth - 1)


def _visible(folder: Path) -> list[Path]:
    paths = sorted(folder.iterdir())
    return [path for path in paths if _is_visible(ArchiveEntry((path.name,)))]


def _is_visible(entry: ArchiveEntry) -> bool:
    return not any(part.startswith(".") or part.lower() in _IGNORED for part in entry.parts)
