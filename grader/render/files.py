"""Writing results to disk: whole or not at all, and only where they belong."""

from __future__ import annotations

import secrets
from pathlib import Path

from grader.errors import GraderError
from grader.names import refuse_name
from grader.render.clean import one_line


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
    reason = refuse_name(student)
    if reason:
        raise GraderError(f"'{one_line(student, 60)}' cannot be used as a student's name: {reason}")
    return student
