"""Write files and folders whole or not at all.

Beside its place, under another name, a file or folder is filled, and takes its place in one step. A run that is
killed leaves no more than such a name behind.
"""

from __future__ import annotations

import fnmatch
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.core.hashing import hash_text

RESULTS_FILE = "results.sqlite"
"""The store of a class's results; no submission has this name."""
_DEEPEST = 32
"""Folders that are nested deeper were not made by people."""
UNFINISHED = ".grader-*.tmp"
"""Names of what is being written, or was when a run was killed."""


def write_file(path: Path | str, content: str | bytes) -> None:
    """Write a file so that readers find the old one or the new one, never a part.

    Its folder is made if need be. Characters that UTF-8 lacks (lone surrogates, which an exception's text may hold)
    become `?`.
    """
    path = Path(path)
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    with _unfinished(path) as temporary:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(path)


def write_folder(
    folder: Path, files: Mapping[str, bytes | Path], finish: Callable[[Path], None] | None = None
) -> None:
    """Write a folder anew; what was in it goes.

    Args:
        files: path below it, with slashes → content, or the file to copy.
        finish: is called with the filled folder, under its other name, to set permissions and the like.
    """
    for leftover in folder.parent.glob(_names_for(folder)):
        _remove(leftover)

    with _unfinished(folder) as temporary:
        temporary.mkdir()
        for name, content in files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        if finish is not None:
            finish(temporary)

        before = _other_name(folder)
        if folder.exists():
            folder.rename(before)
        temporary.rename(folder)
        _remove(before)


def list_files(
    folder: Path, is_wanted: Callable[[str], bool], deepest: int = _DEEPEST
) -> Iterator[tuple[str, Path]]:
    """List regular files and folders below a folder by their paths from it; links are neither.

    Not by `os.walk`, which ends in a RecursionError where a stranger nested a thousand folders.

    Args:
        is_wanted: says of a name whether it, and what is in it, is listed.
        deepest: what is in folders nested deeper is left out.
    """
    waiting = [(folder, 1)]
    while waiting:
        current, depth = waiting.pop()
        inner = []
        with os.scandir(current) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if not is_wanted(entry.name) or entry.is_symlink():
                    continue

                path = Path(entry.path)
                if entry.is_dir() and depth < deepest:
                    inner.append((path, depth + 1))
                if entry.is_dir() or entry.is_file():
                    yield path.relative_to(folder).as_posix(), path
        waiting += reversed(inner)


def is_unfinished(path: Path) -> bool:
    """Is this what a killed run has left of a file or folder?"""
    return fnmatch.fnmatch(path.name, UNFINISHED)


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed run has left of files and folders, in a folder and in those directly below it."""
    for pattern in (UNFINISHED, f"*/{UNFINISHED}"):
        for leftover in folder.glob(pattern):
            _remove(leftover)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """Yield another name beside a path; what bears it is removed if something fails."""
    with suppress(FileExistsError):  # a file is in its place: what comes next says "Not a directory"
        path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _other_name(path)
    try:
        yield temporary
    except BaseException:
        _remove(temporary)
        raise


def _other_name(path: Path) -> Path:
    # Not tempfile's: its files are readable by the owner alone, and the umask should decide.
    return path.with_name(_names_for(path).replace("*", secrets.token_hex(6)))


def _names_for(path: Path) -> str:
    """The pattern of the other names of a path, as short for a long name as for a short one."""
    return UNFINISHED.replace("*", f"{hash_text(path.name, 4)}-*")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
