"""The context of grading: everything that marks for a notebook depend on, except the submission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from sqlalchemy import Connection

from grader.core.errors import GraderError, suggest
from grader.grading.result_keys import assignment_key
from grader.platforms.nbgrader.course_directory import CourseDirectory
from grader.platforms.nbgrader.kept_seed import choose_assignment_seed
from grader.platforms.nbgrader.notebook_json import Notebook
from grader.platforms.nbgrader.read_gradebook import list_notebooks, read_released
from grader.platforms.nbgrader.released_notebook import ReleasedNotebook, claimed_versions
from grader.platforms.nbgrader.released_versions import (
    ReleasedVersion,
    VersionMatch,
    find_versions,
    match_version,
    open_course_once,
)
from grader.platforms.nbgrader.settings import FrechetGrader
from grader.problems.course import Assignment, Course, find_course, publish_assignment
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment


@dataclass(frozen=True, slots=True, eq=False)
class GradingContext:
    """Everything that marks for a notebook depend on, except the submission.

    Args:
        released: the notebook as students got it.
        course: the problems as they are now.
        versions: the course as it is now, then older releases of it.
        seed: of the random inputs.
    """

    released: ReleasedNotebook
    course: Course
    versions: tuple[ReleasedVersion, ...]
    seed: int
    _keys: dict[tuple[Path, tuple[str, ...]], str] = field(default_factory=dict)

    @property
    def published(self) -> PublishedAssignment:
        """The assignment as our course sets it; an empty one if it is gone from there."""
        assignment = self.course.assignments.get(self.released.assignment)
        return publish_assignment(self.course, assignment) if assignment else NO_ASSIGNMENT

    def match(self, notebook: Notebook) -> VersionMatch:
        """Find the version that a submission is graded against."""
        released = self.released
        claimed = claimed_versions(notebook)
        return match_version(self.versions, released.points, claimed, released.problem_versions)

    def assignment(self, match: VersionMatch) -> Assignment:
        """The problems that can be graded, with the gradebook's points."""
        name, points = self.released.assignment, self.released.points
        exact = {problem: Fraction(str(points[problem])) for problem in match.problems}
        return Assignment(name, name, None, exact)

    def key(self, match: VersionMatch) -> str:
        """The key of the prepared assignment, on which all results depend; computed once for a class."""
        course = match.version.course
        which = (course.folder, match.problems)
        if which not in self._keys:
            self._keys[which] = assignment_key(course, self.assignment(match), self.seed)
        return self._keys[which]


def open_context(
    root: Path,
    released: ReleasedNotebook,
    folders: Sequence[Path],
    settings: FrechetGrader,
    seed: int | None = None,
) -> GradingContext:
    """The context of a notebook.

    Args:
        root: the nbgrader course's folder.
        folders: they may hold the problems of older releases.
        settings: where the course with its solutions is, else it is found upward from `root`; and a seed.
        seed: instead of the one in the settings.
    """
    folder = root / settings.problems if settings.problems else find_course(root)
    course = open_course_once(folder.resolve())
    chosen = choose_assignment_seed(
        root, released.assignment, course, settings.seed if seed is None else seed
    )
    return GradingContext(released, course, find_versions(course, folders), chosen)


def find_context(
    course_directory: CourseDirectory,
    gradebook: Connection,
    assignment: str,
    settings: FrechetGrader,
    seed: int | None = None,
) -> GradingContext:
    """The context of an assignment, which must be one notebook of ours.

    Raises:
        GraderError: there is no such assignment, or it is not ours.
    """
    folder = course_directory.path_of("release", ".", assignment)
    notebooks = [
        read_released(gradebook, assignment, name, folder / f"{name}.ipynb")
        for name in _notebook_names(gradebook, assignment)
    ]
    if len(notebooks) != 1 or not notebooks[0].points:
        raise GraderError(
            f"The assignment {assignment!r} is not one of this grader; grade it with nbgrader autograde {assignment}"
        )

    folders = [course_directory.path_of("source", ".", assignment), folder]
    return open_context(course_directory.root, notebooks[0], folders, settings, seed)


def _notebook_names(gradebook: Connection, assignment: str) -> list[str]:
    known = list_notebooks(gradebook)
    if assignment in known:
        return known[assignment]

    hint = suggest(assignment, known) if known else "it has none yet"
    raise GraderError(
        f"The gradebook has no assignment {assignment!r}: {hint}; "
        f"run nbgrader generate_assignment {assignment} first"
    )
