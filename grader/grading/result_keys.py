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


def exam_key(course: Course, assignment: Assignment, seed: int) -> str:
    """What the results of all submissions depend on: problems, points, cases, seed, limits, code and libraries."""
    digest = Digest()
    digest.add(hash_packages(*_JUDGING), platform.python_version(), version("numpy"), version("python-flint"))
    digest.add(assignment.id, str(seed), str(course.cases), course.limits.model_dump_json())
    digest.add(*course.libraries)
    for id, points in assignment.points.items():
        digest.add(id, str(points))
        for folder in (course.folder / "exercises" / id, course.folder / "solutions" / id):
            for path in files_below(folder):
                digest.add(path.relative_to(course.folder).as_posix(), path.read_bytes())
    return digest.text()


def result_key(exam: str, handin: SubmittedFile) -> str:
    """The key of one submission's result."""
    digest = Digest()
    digest.add(exam, handin.student, handin.name, handin.data)
    if handin.fault is not None:
        digest.add(handin.fault.kind, handin.fault.message)
    return digest.text()


def view_key(sheet: str) -> str:
    """What the files depend on besides a report: the sheet, and the code and templates that write them."""
    digest = Digest()
    digest.add(sheet)
    digest.add(hash_packages(*_SHOWING))
    return digest.text()
