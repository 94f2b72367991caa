"""Where results are written to disk: only where they belong."""

from __future__ import annotations

from grader.errors import GraderError
from grader.names import refuse_name
from grader.render.clean import one_line


def safe_name(student: str) -> str:
    """The student's name, fit to be a file name in the results folder.

    Raises:
        GraderError: if a file of that name could lie outside the folder or not be written at all.
    """
    reason = refuse_name(student)
    if reason:
        raise GraderError(f"'{one_line(student, 60)}' cannot be used as a student's name: {reason}")
    return student
