"""Keys of results: everything a result depends on, in one short text, so that equal keys mean equal results."""

from __future__ import annotations

import platform
from importlib.metadata import version

from grader.answers.submission import SubmittedFile
from grader.core.hashing import Digest, files_below, hash_packages
from grader.problems.course import Assignment, Course

_JUDGING = ("core", "problems", "cases", "truths", "answers", "findings", "reports", "grading")
"""The packages that a result depends on."""
_SHOWING = ("core", "reports", "formats")
"""The packages that a file for a reader depends on, besides the report."""


def assignment_key(course: Course, assignment: Assignment, seed: int) -> str:
    """The key of what all results depend on: problems, points, cases, seed, limits, code and libraries."""
    digest = Digest()
    digest.add(hash_packages(*_JUDGING), platform.python_version(), version("numpy"), version("python-flint"))
    digest.add(assignment.id, str(seed), str(course.cases), course.limits.model_dump_json())
    digest.add(*course.libraries)

    for problem_id, points in assignment.points.items():
        digest.add(problem_id, str(points))
        for folder in ("exercises", "solutions"):
            for path in files_below(course.folder / folder / problem_id):
                digest.add(path.relative_to(course.folder).as_posix(), path.read_bytes())
    return digest.text()


def result_key(assignment: str, submitted: SubmittedFile) -> str:
    """The key of one submission's result, given the assignment's."""
    digest = Digest()
    digest.add(assignment, submitted.student, submitted.name, submitted.data)
    if submitted.fault is not None:
        digest.add(submitted.fault.kind, submitted.fault.message)
    return digest.text()


def view_key(published: str) -> str:
    """The key of what files depend on besides a report: the published assignment, and the code that writes them."""
    digest = Digest()
    digest.add(published, hash_packages(*_SHOWING))
    return digest.text()
