"""Grading in somebody else's container: one submission at a time, with a course that was packed into it.

Packed are the course with one assignment, and settings. The container gives a folder with a student's files, and
wants a file of results; see `grader.platforms.gradescope` and `grader.platforms.prairielearn`.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Collection, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.student_files import choose_file
from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission, read_submitted_file
from grader.answers.written_functions import count_written
from grader.authoring.release import Files, public_files, sealed_files
from grader.core.errors import GraderError
from grader.core.hashing import files_below
from grader.core.seeds import draw_seed
from grader.core.worker_pool import count_cores
from grader.formats.gradescope_json import Visibility
from grader.formats.terminal.left_out import print_left_out
from grader.grading.grade import Grader
from grader.grading.isolation_proof import prove_isolation
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Assignment, Course, load_course, open_course
from grader.reports.report import Report
from grader.truths.cache import user_cache

_SETTINGS = "settings.json"
COURSE = "course"

_PACKAGE = Path(__file__).parents[1]
_LEFT_OUT = frozenset({"bundled", "sample_class"})
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """Settings with which a container grades.

    Args:
        seed: of the random inputs, the same for all students and for every try.
        trusted: grade even where students' code cannot be confined.
        visibility: when students may see which check; Gradescope's alone.
    """

    assignment: str
    seed: int
    trusted: bool = False
    visibility: Mapping[str, Visibility] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class PackOptions:
    """What an instructor says of the assignment to pack.

    Args:
        assignment: its id.
        folder: the course's; found upward from here if None.
        seed: of the random inputs; drawn if None.
        trusted: grade even where students' code cannot be confined.
    """

    assignment: str
    folder: Path | None = None
    seed: int | None = None
    trusted: bool = False

    def open(self) -> tuple[Course, Assignment]:
        """Read the course, and say which of its problems cannot be used."""
        course = open_course(self.folder)
        chosen = course.assignment(self.assignment)
        print_left_out(course.faulty.values())
        return course, chosen

    def settings(self, course: Course, visibility: Mapping[str, Visibility] | None = None) -> Settings:
        """The settings, with the environment's seed or one that nobody knows: students could look up the course's."""
        seed = self.seed
        if seed is None:
            seed = course.secret_seed
        if seed is None:
            seed = draw_seed()
        return Settings(self.assignment, seed, self.trusted, dict(visibility or {}))


def pack_course(course: Course, assignment: Assignment, settings: Settings) -> Files:
    """The course with one assignment and the settings, to be written below some folder.

    Where students' code may see the container's files, the solutions stay at home, and listed mistakes come sealed.
    """
    files = {_SETTINGS: (json.dumps(dataclasses.asdict(settings), indent=1) + "\n").encode()}
    for name, data in public_files(course, assignment).items():
        files[f"{COURSE}/{name}"] = data

    if settings.trusted:
        for name, data in sealed_files(course, assignment, settings.seed).items():
            files[f"{COURSE}/{name}"] = data
    else:
        for problem in assignment.points:
            for path in files_below(course.folder / "solutions" / problem):
                files[f"{COURSE}/solutions/{problem}/{path.name}"] = path.read_bytes()
    return files


def pack_program() -> Files:
    """The grader itself, as it runs here, and its requirements, in the versions installed here."""
    files = {}
    for path in files_below(_PACKAGE):
        place = path.relative_to(_PACKAGE)
        if place.parts[0] not in _LEFT_OUT:
            files[f"package/grader/{place.as_posix()}"] = path.read_bytes()
    files["requirements.txt"] = "".join(f"{line}\n" for line in _requirements()).encode()
    return files


def read_packed(folder: Path) -> tuple[Course, Settings]:
    """Read what `pack_course` packed.

    Raises:
        GraderError: it is not there.
    """
    try:
        settings = Settings(**json.loads((folder / _SETTINGS).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise GraderError(
            f"{folder / _SETTINGS} cannot be read: {error}; build the autograder again"
        ) from None
    return load_course(folder / COURSE), settings


def prepare_packed(course: Course, settings: Settings) -> PreparedAssignment:
    """Prepare the assignment, its truths from the cache if they were found before."""
    assignment = course.assignment(settings.assignment)
    return prepare(course, assignment, settings.seed, jobs=count_cores(), store=user_cache())


def grade_packed(course: Course, settings: Settings, folder: Path, student: str) -> Report:
    """Grade the submission in a folder.

    Raises:
        GraderError: the grader failed, or students' code cannot be confined. There is no score then, not zero.
    """
    prepared = prepare_packed(course, settings)
    prove_isolation(prepared, settings.trusted)
    functions = [problem.problem.function for problem in prepared.problems]
    submission = parse_submission(find_submitted_file(folder, settings.assignment, student, functions))
    with Sandbox(prepared.limits, prepared.libraries) as sandbox:
        report = Grader(prepared, sandbox).grade(submission)

    if report.failed_by_grader:
        failures = [problem.error for problem in report.problems if problem.error]
        failure = failures[0] if failures else report.error
        reason = failure.message if failure else "no reason"
        raise GraderError(f"The grader failed, not the submission: {reason}")
    return report


def find_submitted_file(
    folder: Path, assignment: str, student: str, functions: Collection[str] = ()
) -> SubmittedFile:
    """Find the one file to grade in a folder and those below it, or say why there is none.

    Args:
        functions: those of the assignment, by which one of several files is chosen.
    """
    entries = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_hidden = any(part.startswith((".", "__")) for part in parts)
        if not is_hidden and not path.is_dir():
            entries.append(ArchiveEntry(parts))

    def count(entry: ArchiveEntry) -> int:
        return count_written(read_submitted_file(folder.joinpath(*entry.parts), student), functions)

    chosen = choose_file(entries, assignment, (folder.name,), count).entry
    if chosen.fault is not None:
        return SubmittedFile(student, chosen.name, fault=chosen.fault)
    return read_submitted_file(folder.joinpath(*chosen.parts), student)


def _requirements() -> list[str]:
    """The requirements of this package, pinned to the versions installed here."""
    lines = []
    for requirement in _declared():
        text, _, marker = requirement.partition(";")
        match = _NAME.match(text)
        if match is None or "extra" in marker:
            continue
        try:
            lines.append(f"{match[0]}=={version(match[0])}")
        except PackageNotFoundError:  # needed on Linux alone, and this is another system
            lines.append(text.strip())
    return lines


def _declared() -> list[str]:
    project = _PACKAGE.parent / "pyproject.toml"
    if project.is_file():  # a checkout, whose installed metadata may be old
        return list(tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"])

    try:
        return requires("frechet-grader") or []
    except PackageNotFoundError:
        raise GraderError("What the grader needs is not known; install it first: pip install .") from None
