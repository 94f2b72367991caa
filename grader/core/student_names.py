"""Names of students that can be names of files, here and on other systems."""

from __future__ import annotations

import os
from collections.abc import Callable

from grader.core.errors import GraderError
from grader.core.text import one_line

_MOST_BYTES = 200  # leaves room for a suffix within the 255 bytes that file systems allow
_FAULTS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda name: not name.strip(), "it is empty"),
    (lambda name: name in {".", ".."}, "it names a folder"),
    # The colon starts a drive or a stream on Windows.
    (lambda name: not set("/\\:").isdisjoint(name), "it contains one of / \\ :"),
    # Controls, line separators and lone surrogates; other letters and spaces are fine.
    (lambda name: not name.isprintable(), "it contains characters that cannot be printed"),
    (lambda name: len(os.fsencode(name)) > _MOST_BYTES, f"it is longer than {_MOST_BYTES} bytes"),
)


def refuse_name(student: str) -> str:
    """Say why a student's name cannot be a file name in a results folder; empty if it can."""
    return next((reason for is_so, reason in _FAULTS if is_so(student)), "")


def safe_name(student: str) -> str:
    """Return the student's name if it can be a file name in the results folder.

    Raises:
        GraderError: if a file of that name could lie outside the folder or not be written at all.
    """
    reason = refuse_name(student)
    if reason:
        raise GraderError(f"'{one_line(student, 60)}' cannot be used as a student's name: {reason}")
    return student
