"""Writing files: whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path

RESULTS_FILE = "results.sqlite"
"""The store of a class's results; no submission has this name."""


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
