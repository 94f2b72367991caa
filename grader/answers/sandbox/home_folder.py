"""A folder for the notebooks of one process, which removes it in the end; if it is killed, the next of ours does."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.answers.sandbox.answer import SandboxError

_PREFIX = "grader-"
_YOUNG = 60.0
"""Seconds in which whoever has made a folder has locked it for certain."""


class HomeFolder:
    """A new folder that other users can read, locked for as long as this process lives and has it.

    Raises:
        SandboxError: it cannot be made.
    """

    def __init__(self) -> None:
        for path in _find_left():
            remove(path)
        self._lock: int | None = None
        with _explaining():
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            self._open()

    def restore(self) -> None:
        """Make it, under the same name, if it is not there.

        Raises:
            SandboxError: it cannot be made.
        """
        if self._lock is None:
            with _explaining():
                self.path.mkdir()
                self._open()

    def _open(self) -> None:
        self.path.chmod(0o755)  # where there are no namespaces, another user reads what is in it
        self._lock = _lock(self.path)

    def remove(self) -> None:
        """Remove it; safe to repeat."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        remove(self.path)


def remove(folder: Path) -> None:
    """Remove a folder in which strangers may have made anything; what cannot be removed stays."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:  # thousands of nested folders, which Python removes from 3.13 on
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False)


@contextlib.contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SandboxError(f"no folder can be made for notebooks: {error}") from None


def _find_left() -> Iterator[Path]:
    """The folders that processes of ours have left, as they were killed: nobody holds their locks."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            state = path.lstat()
            if state.st_uid != os.geteuid() or time.time() - state.st_mtime < _YOUNG:
                continue
            lock = _lock(path)
            if lock is not None:
                os.close(lock)
                yield path


def _lock(folder: Path) -> int | None:
    """Lock a folder; None if another process has done so."""
    import fcntl  # where there is none, this module can still be imported

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
