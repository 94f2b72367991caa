"""Open what checks one's own file, and check it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.answers.sandbox.unconfined_sandbox import open_own_sandbox
from grader.grading.course_limits import limits_of
from grader.grading.own_file import CheckOptions, require_file, require_suffix
from grader.problems.course import Course
from grader.reports.report import Report

if TYPE_CHECKING:
    from grader.grading.checker import Checker


@contextmanager
def open_checker(course: Course, options: CheckOptions) -> Iterator[Checker]:
    """Open a checker; its sandbox starts at once, while truths are found, and ends with the block."""
    with open_own_sandbox(limits_of(course), course.libraries) as sandbox:
        # Only now: the sandbox loads numpy in a process of its own meanwhile, and is waited for half as long.
        from grader.grading.checker import Checker

        yield Checker(course, options, sandbox)


def grade_file(
    path: str | Path, course: Course, assignment: str | None = None, seed: int | None = None
) -> Report:
    """Grade one submission, as `grader check` does: confined as far as this machine can, whether that is much or not.

    Args:
        path: a `.py` file, a notebook or a `.txt` file of formulas.
        assignment: its id; if None, the one whose functions the file defines.
        seed: of the random inputs; the course's own if None.

    Raises:
        GraderError: there is no such file or assignment.
        SandboxError: students' code cannot be run.
    """
    file = Path(path)
    require_file(file)
    require_suffix(file)
    with open_checker(course, CheckOptions(assignment=assignment, seed=seed)) as checker:
        return checker.check(file)
