"""One side of what is said between the grader and a child that runs a notebook: cells go out, outputs come back.

The child is hostile: a message counts for the cell that runs, a reply ends it, anything else ends the conversation.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.answers.sandbox.guest import notebook_wire, wire
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.guest.notebook_wire import CUT
from grader.answers.sandbox.listener import Ending, Listener, Pipes
from grader.answers.sandbox.notebook_messages import Content, count_values, read_message, read_reply

_GRACE_SECONDS = 4.0
_MOST_MESSAGES, _MOST_VALUES = 20_000, 500_000
"""Of a notebook; what is beyond them is dropped, as it would fill the grader's memory."""


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """A cell to run.

    Args:
        seconds: how long until it is interrupted; None for as long as the notebook may.
        stops: whether an error in it ends the notebook.
    """

    source: str
    seconds: float | None = 30.0
    stops: bool = False


@dataclass(frozen=True, slots=True)
class CellRun:
    """What became of a cell.

    Args:
        messages: (type, content) of each output, as Jupyter's protocol has them, checked and bounded.
        reply: the content of the reply; None if the cell did not come to its end.
        interrupted: it took too long, and was interrupted.
    """

    messages: tuple[tuple[str, Content], ...] = ()
    reply: Content | None = None
    interrupted: bool = False


class NotebookConversation(Listener):
    """Tells a child to run one cell after another.

    Args:
        deadline: when time is up for the whole notebook, on the clock of `time.monotonic`.
        interrupt: interrupts the child.
    """

    def __init__(
        self, cells: Sequence[NotebookCell], limits: Limits, deadline: float, interrupt: Callable[[], None]
    ) -> None:
        super().__init__(deadline, notebook_wire.BODIES, notebook_wire.MAX_RECEIVED, limits.output_kb)
        self.runs: list[CellRun] = []

        self._cells = cells
        self._limits = limits
        self._interrupt = interrupt
        self._interrupted = False
        self._token: int | None = None
        self._cell_deadline = deadline
        self._messages: list[tuple[str, Content]] = []
        self._printed: dict[int, bytearray] = {}
        self._messages_left, self._values_left = _MOST_MESSAGES, _MOST_VALUES

    @property
    def child_exits(self) -> bool:
        """Whether the child is about to exit by itself; one that is done waits for another cell."""
        return self.ended == "closed"

    def run(self, request: bytes, pipes: Pipes) -> None:
        """Send the setting and the cells, and listen until the conversation ends; closes none of the pipes."""
        self._printed = {pipe: bytearray() for pipe in pipes.outputs}
        super().run(request, pipes)
        if self.ended != "done" and self.started:
            self._close_cell(None)

    def explain_end(self, status: int) -> str:
        """Explain why the notebook did not run to its end, given the child's wait status; empty if it did."""
        return "" if self.ended == "done" else _explain(self.ended, status, self._limits)

    def _deadline(self) -> float:
        return min(self._cell_deadline, self._total_deadline)

    def _on_timeout(self, now: float) -> None:
        if now >= self._total_deadline or self._interrupted or not self.started:
            super()._on_timeout(now)
            return
        self._interrupted = True
        self._cell_deadline = now + _GRACE_SECONDS
        self._interrupt()

    def _completes_output(self, kind: int) -> bool:
        return kind == notebook_wire.REPLY

    def _on_output(self, pipe: int, data: bytes) -> None:
        super()._on_output(pipe, data)
        most, printed = self._limits.output_kb << 10, self._printed[pipe]
        if len(printed) > most:
            return
        printed += data[: most - len(printed)]
        if len(printed) == most:
            printed += CUT.encode()

    def _on_frame(self, kind: int, index: int, body: bytes) -> None:
        if kind == wire.STARTED and not self.started:
            self.started = True
            self._next_cell()
        elif kind == notebook_wire.MESSAGE and self._is_running(index):
            self._messages_left -= 1
            self._values_left -= count_values(body)
            if min(self._messages_left, self._values_left) >= 0:
                self._messages.append(read_message(body))
        elif kind == notebook_wire.REPLY and self._is_running(index):
            self._close_cell(read_reply(body))
            self._next_cell()
        else:
            raise wire.WireError(f"a frame of kind {kind} out of turn")

    def _is_running(self, token: int) -> bool:
        return self.started and token == self._token

    def _next_cell(self) -> None:
        """Send the next cell, if there is one.

        It is sent when the one before is done, so that its source is not known to those before it. Nor is the number
        that its answers have to bear, so that they cannot lie ready.
        """
        number = len(self.runs)
        if number == len(self._cells) or self._has_stopped():
            self.ended = "done"
            return

        cell = self._cells[number]
        self._interrupted = False
        self._cell_deadline = self._total_deadline
        if cell.seconds is not None:
            self._cell_deadline = time.monotonic() + cell.seconds
        self._token = secrets.randbits(32)
        self._send(notebook_wire.pack_cell(self._token, cell.source))

    def _has_stopped(self) -> bool:
        """Whether the last cell failed and is one that ends the notebook."""
        reply = self.runs[-1].reply if self.runs else None
        return reply is not None and reply["status"] == "error" and self._cells[len(self.runs) - 1].stops

    def _close_cell(self, reply: Content | None) -> None:
        """Note what became of the cell; libraries print some things past the shell's streams, and these come last."""
        for name, printed in zip(("stdout", "stderr"), self._printed.values(), strict=True):
            if printed:
                content = {"name": name, "text": printed.decode("utf-8", "replace")}
                self._messages.append(("stream", content))
                printed.clear()
        self.runs.append(CellRun(tuple(self._messages), reply, self._interrupted))
        self._messages = []


def _explain(ending: Ending, status: int, limits: Limits) -> str:
    """Explain why a child was stopped or stopped by itself."""
    reasons: dict[Ending, str] = {
        "total_timeout": f"the {limits.total_seconds:g} s allowed for the whole notebook were used up",
        "timeout": "it took too long and could not be interrupted",
        "protocol": "it wrote something that is not the output of a cell",
    }
    if ending in reasons:
        return reasons[ending]

    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        return f"it ran for more than the {limits.total_seconds:g} s of processor time allowed for the whole notebook"
    if code == -signal.SIGSEGV:
        return "Python crashed (segmentation fault); look for a recursion that never stops"
    if code < 0:
        return f"Python was killed by signal {-code}"
    return f"Python was ended (exit code {code}), as os._exit does"
