"""Grading in somebody else's container: one submission at a time, with a course that was packed into it.

What is packed: the course with one assignment, and settings. The container gives a folder with what a student
handed in, and wants a file of results; see `grader.platforms.gradescope` and `grader.platforms.prairielearn`.
"""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from grader.answers.collect.archives import ArchiveEntry
from grader.answers.collect.platform_layouts import choose_file
from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission, read_submitted_file
from grader.authoring.release import public_files
from grader.core.errors import GraderError
from grader.core.worker_pool import count_cores
from grader.formats.gradescope_json import Visibility
from grader.formats.score_lines import failed_by_grader
from grader.grading.grade import Grader
from grader.grading.isolation import prove_isolation
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Assignment, Course, load_course
from grader.reports.report import Report
from grader.truths.cache import user_cache

SETTINGS = "settings.json"
COURSE = "course"
Files = Mapping[str, bytes]
"""Paths, with slashes, and what is in these files."""

_PACKAGE = Path(__file__).parents[1]
_LEFT_OUT = frozenset({"__pycache__", "bundled", "sample_class"})
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """How a container grades.

    Args:
        seed: of the random inputs, the same for all students and for every try.
        trusted: whether to grade even where students' code cannot be confined.
        visibility: when students may see which check; Gradescope's alone.
    """

    assignment: str
    seed: int
    trusted: bool = False
    visibility: Mapping[str, Visibility] = dataclasses.field(default_factory=dict)


def make_settings(
    chosen: Assignment, course: Course, seed: int | None, trusted: bool, visibility: Mapping[str, Visibility]
) -> Settings:
    """The settings asked for; without a seed one that nobody knows, since students could look up the usual one's."""
    if seed is None:
        seed = course.secret_seed if course.secret_seed is not None else secrets.randbelow(10**9)
    return Settings(chosen.id, seed, trusted, dict(visibility))


def pack_course(course: Course, chosen: Assignment, settings: Settings) -> Files:
    """The course with one assignment and the settings, to be written below some folder.

    Where students' code may see the container's files, the solutions stay at home: then no listed mistake is named.
    """
    files = {SETTINGS: (json.dumps(dataclasses.asdict(settings), indent=1) + "\n").encode()}
    files |= {f"{COURSE}/{name}": data for name, data in public_files(course, chosen).items()}
    for id in () if settings.trusted else chosen.points:
        for path in _files_below(course.folder / "solutions" / id):
            files[f"{COURSE}/solutions/{id}/{path.name}"] = path.read_bytes()
    return files


def pack_program() -> Files:
    """The grader itself, as it runs here, and what it needs, in the versions installed here."""
    package = _PACKAGE
    files = {
        f"package/grader/{p.relative_to(package).as_posix()}": p.read_bytes() for p in _files_below(package)
    }
    return {**files, "requirements.txt": "".join(f"{line}\n" for line in _requirements()).encode()}


def read_packed(folder: Path) -> tuple[Course, Settings]:
    """What `pack_course` packed.

    Raises:
        GraderError: it is not there.
    """
    try:
        settings = Settings(**json.loads((folder / SETTINGS).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise GraderError(f"{folder / SETTINGS} cannot be read: {error}; build the autograder anew") from None
    return load_course(folder / COURSE), settings


def prepare_packed(course: Course, settings: Settings) -> PreparedAssignment:
    """The exam, its truths from the cache if they were found before."""
    chosen = course.assignment(settings.assignment)
    return prepare(course, chosen, settings.seed, jobs=count_cores(), store=user_cache())


def grade_packed(course: Course, settings: Settings, folder: Path, student: str) -> Report:
    """Grade what lies in a folder.

    Raises:
        GraderError: the grader failed, or students' code cannot be confined. There is no score then, not zero.
    """
    exam = prepare_packed(course, settings)
    prove_isolation(exam, settings.trusted)
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        report = Grader(exam, sandbox).grade(
            parse_submission(find_submitted_file(folder, settings.assignment, student))
        )
    if failed_by_grader(report):
        failed = next((p.error for p in report.problems if p.error), report.error)
        raise GraderError(
            f"The grader failed, not the submission: {failed.message if failed else 'no reason'}"
        )
    return report


def find_submitted_file(folder: Path, assignment: str, student: str) -> SubmittedFile:
    """The one file to grade in a folder and those below it, or why there is none."""
    members = [
        ArchiveEntry(path.relative_to(folder).parts)
        for path in sorted(folder.rglob("*"))
        if not path.is_dir()
        and not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    ]
    chosen = choose_file(members, assignment, (folder.name,))
    if chosen.fault is not None:
        return SubmittedFile(student, chosen.name, fault=chosen.fault)
    return read_submitted_file(folder.joinpath(*chosen.parts), student)


def _files_below(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(folder).parts)
    ]


def _requirements() -> list[str]:
    """The requirements of this package, pinned to what is installed here."""
    lines = []
    for line in _wanted():
        text, _, marker = line.partition(";")
        match = _NAME.match(text)
        if match is None or "extra" in marker:
            continue
        try:
            lines.append(f"{match[0]}=={version(match[0])}")
        except PackageNotFoundError:  # needed on Linux alone, and this is another system
            lines.append(text.strip())
    return lines


def _wanted() -> list[str]:
    project = _PACKAGE.parent / "pyproject.toml"
    if project.is_file():  # a checkout; what was noted when it was installed may be old
        return list(tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"])
    try:
        return requires("frechet-grader") or []
    except PackageNotFoundError:
        raise GraderError("What the grader needs is not known; install it first: pip install .") from None
