"""Semaphores of threads in the place of those of processes, which need shared memory: a child has no other process.

`multiprocessing` makes its locks, queues and pools of threads from them, and joblib looks for them when it is imported.
Imports nothing of ours.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

_RECURSIVE_MUTEX = 0


class ThreadSemaphore:
    """Does what `_multiprocessing.SemLock` does, for the threads of one process."""

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> None:
        # Without a name nothing is registered with the process that cleans up behind others.
        self.kind, self.maxvalue, self.name, self.handle = kind, maxvalue, None, 0
        self._changed = threading.Condition()
        self._value = value
        self._holder: int | None = None
        self._depth = 0

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take one, and wait for it if none is left; True if it was taken."""
        me = threading.get_ident()
        with self._changed:
            if self.kind != _RECURSIVE_MUTEX or self._holder != me:
                seconds = timeout if block else 0
                if not self._changed.wait_for(lambda: self._value > 0, seconds):
                    return False
                self._value -= 1
                self._holder = me
            self._depth += 1
        return True

    def release(self) -> None:
        """Give one back."""
        with self._changed:
            if self.kind == _RECURSIVE_MUTEX:
                if self._holder != threading.get_ident():
                    raise AssertionError("attempt to release recursive lock not owned by thread")
            elif self._value >= self.maxvalue:
                raise ValueError("semaphore or lock released too many times")

            self._depth = max(self._depth - 1, 0)
            if self.kind == _RECURSIVE_MUTEX and self._depth:
                return
            self._holder = None
            self._value += 1
            self._changed.notify()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _count(self) -> int:
        return self._depth

    def _is_mine(self) -> bool:
        return self._depth > 0 and self._holder == threading.get_ident()

    def _get_value(self) -> int:
        return self._value

    def _is_zero(self) -> bool:
        return self._value == 0

    def _after_fork(self) -> None:
        """Do nothing: there is no fork."""


def install() -> None:
    """Have `multiprocessing` use them."""
    module: Any = importlib.import_module("_multiprocessing")  # of which type checkers know nothing
    module.SemLock = ThreadSemaphore
    module.sem_unlink = lambda name: None
