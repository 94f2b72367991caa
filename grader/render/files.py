"""Writing results to disk: whole or not at all, and only where they belong."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from grader.errors import GraderError
from grader.render.clean import one_line

_MOST_BYTES = 200  # leaves room for a suffix within the 255 bytes that file systems allow
_SEPARATORS = frozenset("/\\:")  # the colon starts a drive or a stream on Windows


def write_atomically(path: Path | str, text: str | bytes) -> None:
    """Write a file so that readers find the old one or the new one, never a part.

    A temporary file in the same folder takes the old one's place in one step. The folder is made if need be.
    Characters that UTF-8 lacks (lone surrogates, which an exception's text may hold) become `?`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    # Not tempfile: its files are readable by the owner alone, and the umask should decide.
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def safe_name(student: str) -> str:
    """The student's name, fit to be a file name in the results folder.

    Raises:
        GraderError: if a file of that name could lie outside the folder or not be written at all.
    """
    reason = _refuse(student)
    if reason:
        raise GraderError(f"'{one_line(student, 60)}' cannot be used as a student's name: {reason}")
    return student


def _refuse(student: str) -> str:
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
