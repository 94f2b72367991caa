"""Which names of students can be names of files, here and on other systems."""

from __future__ import annotations

import os

from grader.core.errors import GraderError
from grader.core.text import one_line

_MOST_BYTES = 200  # leaves room for a suffix within the 255 bytes that file systems allow
_SEPARATORS = frozenset("/\\:")  # the colon starts a drive or a stream on Windows


def refuse_name(student: str) -> str:
    """Why a student's name cannot be a file name in a results folder; empty if it can."""
    if not student.strip():
        return "it is empty"
    if student in {".", ".."}:
        return "it names a folder"
    if _SEPARATORS & set(student):
        return "it holds one of / \\ :"
    # Controls, line separators and lone surrogates; other letters and spaces are fine.
    if any(not char.isprintable() for char in student):
        return "it holds characters that cannot be printed"
    if len(os.fsencode(student)) > _MOST_BYTES:
        return f"it is longer than {_MOST_BYTES} bytes"
    return ""


def safe_name(student: str) -> str:
    """The student's name, fit to be a file name in the results folder.

    Raises:
        GraderError: if a file of that name could lie outside the folder or not be written at all.
    """
    reason = refuse_name(student)
    if reason:
        raise GraderError(f"'{one_line(student, 60)}' cannot be used as a student's name: {reason}")
    return student
