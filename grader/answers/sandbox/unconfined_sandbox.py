"""A sandbox's interface where there is none: one's own file is run in a process of its own, with one's own rights.

Without `fork`, namespaces or filters of system calls there is no wall. Time is limited, as by the sandbox, and memory
is not. Only for a file that its author would run anyway; a class is graded on Linux.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TypeVar

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.cells_to_run import CellsToRun
from grader.answers.sandbox.conversation import Conversation
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.guest.wire import LENGTH
from grader.answers.sandbox.policy import Isolation, find_libraries
from grader.answers.sandbox.questions import Questions
from grader.answers.sandbox.sandbox import Sandbox
from grader.answers.sandbox.zygote_handle import one_thread
from grader.reports.report import Failure

_START_SECONDS = 60.0
_CHUNK = 1 << 16
_Result = TypeVar("_Result")


def open_own_sandbox(limits: Limits, libraries: tuple[str, ...]) -> Sandbox:
    """Open the sandbox, or where this system has none, what runs one's own file without."""
    if can_confine():
        return Sandbox(limits, libraries)
    return UnconfinedSandbox(limits, libraries)


def can_confine() -> bool:
    """Can this system confine what it runs?"""
    return hasattr(os, "fork") and Path("/proc/self/statm").exists()


class UnconfinedSandbox(Sandbox):
    """Runs a submission as its author would, and asks it the same questions as a sandbox."""

    def __init__(self, limits: Limits, libraries: tuple[str, ...] = ("numpy",)) -> None:
        self.limits = limits
        self._zygote = None
        names = tuple(dict.fromkeys(("numpy", *libraries)))
        folders, _ = find_libraries(names)
        hidden = [name for name in names if name not in libraries]
        self._told = json.dumps({"libraries": names, "folders": folders, "hidden": hidden})

    @property
    def isolation(self) -> Isolation:
        """None."""
        return Isolation("none", ("this system has no sandbox",))

    def _with_retry(self, attempt: Callable[[], _Result]) -> _Result:
        return attempt()

    def _converse(
        self, cells: CellsToRun, questions: Questions, deadline: float, *, quiet: bool
    ) -> tuple[Conversation, Failure | None]:
        calls, request = self._pack(cells, questions, quiet=quiet)
        labels = [label for label, _ in cells.sources]
        script = Path(__file__).resolve().parent / "guest" / "unconfined.py"
        conversation = PlainConversation(questions, labels, self.limits, deadline, self._reader)

        with subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(script), self._told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **one_thread()},
        ) as process:
            try:
                conversation.talk(process, LENGTH.pack(len(calls)) + calls + request)
            finally:
                process.kill()
                conversation.end_reading()

        if not conversation.started:
            printed = conversation.output.decode("utf-8", "replace")[-500:].strip()
            raise SandboxError(f"Python cannot be started to run your code: {printed or 'it ended early'}")
        return conversation, conversation.explain_end(process.returncode)


class PlainConversation(Conversation):
    """A conversation over pipes that cannot be waited for, as on Windows: threads read them."""

    _readers: Sequence[threading.Thread] = ()

    def talk(self, process: subprocess.Popen[bytes], request: bytes) -> None:
        """Send the request and listen until the conversation ends."""
        assert process.stdin and process.stdout and process.stderr
        pieces: queue.Queue[tuple[bool, bytes]] = queue.Queue()
        self._readers = [
            threading.Thread(target=_read_all, args=(pipe, is_output, pieces), daemon=True)
            for pipe, is_output in ((process.stdout, False), (process.stderr, True))
        ]
        for reader in self._readers:
            reader.start()

        self._send(request)
        begun = time.monotonic()
        while not self.ended:
            self._write_all(process.stdin)
            self._take_next(pieces, begun)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.0 if self.child_exits else 0.0)
        self._take_output(pieces)
        self._stop_clock()

    def end_reading(self) -> None:
        """Wait for the ends of the pipes, which are those of the process."""
        for reader in self._readers:
            reader.join(timeout=1.0)

    def _write_all(self, pipe: IO[bytes]) -> None:
        if self._unsent:
            with contextlib.suppress(OSError):  # the child is gone; the end of its frames will say so
                pipe.write(self._unsent)
                pipe.flush()
            self._unsent = memoryview(b"")

    def _take_next(self, pieces: queue.Queue[tuple[bool, bytes]], begun: float) -> None:
        """Deal with what comes next, or with the time that is up."""
        deadline = self._deadline() if self.started else begun + _START_SECONDS
        try:
            is_output, data = pieces.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            self._on_timeout(time.monotonic())
            return

        if is_output:
            self._on_output(-1, data)
        elif data:
            self._accept(data, ())
        else:
            self.ended = "closed"

    def _take_output(self, pieces: queue.Queue[tuple[bool, bytes]]) -> None:
        """Keep what was printed up to the end."""
        with contextlib.suppress(queue.Empty):
            while True:
                is_output, data = pieces.get(timeout=0.05)
                if is_output:
                    self._on_output(-1, data)


def _read_all(pipe: IO[bytes], is_output: bool, pieces: queue.Queue[tuple[bool, bytes]]) -> None:
    """Read a pipe to its end, which is an empty piece."""
    while data := os.read(pipe.fileno(), _CHUNK):
        pieces.put((is_output, data))
    if not is_output:
        pieces.put((False, b""))
