"""Look at every submission before any is graded: which can be, and which are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.grading.result_store import ResultStore
from grader.platforms.nbgrader.course_directory import CourseDirectory
from grader.platforms.nbgrader.grading_context import GradingContext
from grader.platforms.nbgrader.released_versions import VersionMatch
from grader.platforms.nbgrader.submitted_notebook import SubmittedNotebook, read_submitted
from grader.platforms.nbgrader.timestamp import read_timestamp


@dataclass(frozen=True, slots=True)
class PlannedSubmission:
    """A submission that can be graded, without what takes room.

    Args:
        folder: where it was handed in.
        key: of its result.
        is_done: it was graded, and nothing has changed since.
    """

    student: str
    folder: Path
    key: str
    match: VersionMatch
    is_done: bool


def plan_submissions(
    course_directory: CourseDirectory,
    context: GradingContext,
    results: ResultStore,
    students: Mapping[str, Path],
) -> tuple[list[PlannedSubmission], list[str]]:
    """Look at submissions; the second value says in sentences which cannot be graded, and why.

    Args:
        results: of earlier runs.
        students: with the folders where they handed in.
    """
    stamps = results.stamps()
    failed = results.waiting() & results.graded_students().keys()  # by the grader's fault
    planned, left_out = [], []

    for student, folder in students.items():
        submitted = read_submitted(context, student, folder)
        if isinstance(submitted, str):
            left_out.append(submitted)
            continue

        stamp = stamps.get(student)
        is_known = stamp is None or stamp.made_from == submitted.key
        is_done = is_known and student not in failed and _is_written(course_directory, context, submitted)
        planned.append(PlannedSubmission(student, folder, submitted.key, submitted.match, is_done))

    return planned, left_out


def _is_written(
    course_directory: CourseDirectory, context: GradingContext, submitted: SubmittedNotebook
) -> bool:
    """Is there an autograded notebook that is not older? nbgrader goes by that."""
    released = context.released
    folder = course_directory.path_of("autograded", submitted.student, released.assignment)
    if not (folder / released.file_name).is_file():
        return False

    try:
        written = read_timestamp(folder)
    except ValueError:
        return False
    if submitted.timestamp is None or written is None:
        return True
    return submitted.timestamp <= written
