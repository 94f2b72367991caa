"""Check a file on every save.

One file is looked at ten times a second. That costs less than can be measured, and also works where the system's
notices do not: on network drives, in containers, when an editor saves by renaming, while the file is not there yet.
The library `watchfiles`, polling, refuses a file that is not there, and misses saves within a second of each other.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.answers.submission import max_bytes_of

_PAUSE = 0.1  # s

_Signature = tuple[int, int, int] | None
"""Inode, size and time of change, one of which changes with every save. None while there is no file."""


def watch_saves(file: Path, sleep: Callable[[float], object] = time.sleep) -> Iterator[bytes | None]:
    """Yield the content of a file now and after every save; None when it is gone, or not there yet.

    A change counts once it has lasted for a pause, so that half of a file, or the moment between two steps of a
    save, is not taken for all of it. A save of what was there already is none.
    """
    signature, content = _signature(file), _read(file)
    yield content

    while True:
        sleep(_PAUSE)
        latest = _signature(file)
        if latest == signature:
            continue

        signature = _wait_until_it_lasts(file, latest, sleep)
        previous, content = content, _read(file)
        if content != previous:
            yield content


def _wait_until_it_lasts(file: Path, latest: _Signature, sleep: Callable[[float], object]) -> _Signature:
    while True:
        sleep(_PAUSE / 2)
        previous, latest = latest, _signature(file)
        if latest == previous:
            return latest


def _signature(file: Path) -> _Signature:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(file: Path) -> bytes | None:
    """Read the beginning of a regular file, more than is checked of one; a pipe or a device might never end."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return None
        with file.open("rb") as opened:
            return opened.read(max_bytes_of(file.name) + 1)
    except OSError:
        return None
