"""The texts of its problems that a submission may be graded against: now, and as they were released."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from grader.authoring.question_notebook import problem_version
from grader.core.errors import AuthorError, AuthorErrors
from grader.problems.course import Course, load_course


@dataclass(frozen=True, slots=True, eq=False)
class ReleasedVersion:
    """A folder of problems, and the version of each of them there."""

    course: Course
    problem_versions: Mapping[str, str]

    def holds(self, problem: str, version: str | None) -> bool:
        """Is the problem here in that version?"""
        return version is not None and self.problem_versions.get(problem) == version


@dataclass(frozen=True, slots=True, eq=False)
class VersionMatch:
    """The version of its problems that a submission is graded against.

    Args:
        problems: those that it has as they were released.
        refused: those whose released text is in no folder.
        assumed: the submission itself did not say with which version it was released.
    """

    version: ReleasedVersion
    problems: tuple[str, ...]
    refused: tuple[str, ...]
    assumed: bool


def find_versions(course: Course, folders: Iterable[Path]) -> tuple[ReleasedVersion, ...]:
    """The course as it is now, then older releases of it in these folders.

    Those have no solutions, so mistakes listed by the author have no names there; marks do not depend on them.
    """
    versions = [_version_of(course)]
    for folder in folders:
        if folder.resolve() == course.folder.resolve() or not (folder / "config.yaml").is_file():
            continue
        try:
            older = open_course_once(folder)
        except (AuthorError, AuthorErrors):
            continue

        older = replace(older, cases=course.cases, libraries=course.libraries, limits=course.limits)
        versions.append(_version_of(older))
    return tuple(versions)


def match_version(
    versions: tuple[ReleasedVersion, ...],
    problems: Iterable[str],
    claimed: Mapping[str, str],
    released: Mapping[str, str],
) -> VersionMatch:
    """Choose the version that has most of the problems as they were when the submission was released.

    Args:
        versions: the first is the course as it is now.
        problems: the ids of the notebook's problems.
        claimed: problem id → version in the submission itself, empty if its metadata was cleared. A student can
            write anything there: what is no version of ours counts as cleared.
        released: the same in the released notebook.
    """
    newest = versions[0].problem_versions
    credible = {
        problem: hashed
        for problem, hashed in claimed.items()
        if any(version.holds(problem, hashed) for version in versions)
    }
    wanted = {
        problem: credible.get(problem) or released.get(problem) or newest.get(problem) for problem in problems
    }
    held = [
        tuple(problem for problem, hashed in wanted.items() if version.holds(problem, hashed))
        for version in versions
    ]
    best = max(range(len(versions)), key=lambda k: len(held[k]))  # the first among equals

    refused = tuple(problem for problem in wanted if problem not in held[best])
    assumed = any(problem not in credible for problem in wanted)
    return VersionMatch(versions[best], held[best], refused, assumed)


def open_course_once(folder: Path) -> Course:
    """The course in a folder; read again only if a file of it changed.

    nbgrader makes its steps anew for each notebook, so what they share has no other place than this module.
    """
    return _load(folder, _stamp(folder))


@lru_cache(maxsize=16)
def _load(folder: Path, stamp: str) -> Course:
    return load_course(folder)


def _stamp(folder: Path) -> str:
    """A text that changes with the course's files."""
    files = [folder / "config.yaml", *sorted((folder / "exercises").glob("*/problem.yaml"))]
    stats = [(path, path.stat()) for path in files if path.is_file()]
    return repr([(path.name, path.parent.name, stat.st_mtime_ns, stat.st_size) for path, stat in stats])


def _version_of(course: Course) -> ReleasedVersion:
    versions = {problem.id: problem_version(problem) for problem in course.problems.values()}
    return ReleasedVersion(course, versions)
