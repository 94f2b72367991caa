"""What one child is asked about a submission, and what came back so far."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence

from grader.answers.sandbox.answer import Answer, Failed, read_answer
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.wire import Call, Limits
from grader.answers.sandbox.listener import Ended, Listener
from grader.reports.report import Failure

_MAX_RECEIVED = 1 << 27
_BEFORE_LOADED = -1


class Conversation(Listener):
    """What one child was asked, and what came back so far.

    Args:
        groups: function name → indices of its calls, in the order in which they are asked.
        deadline: when the time for the whole submission is up, on the clock of `time.monotonic`.
    """

    # Each answer is a write of its own, so that none is lost if the next call dies. Not being here to be woken by
    # every one of them makes both sides several times faster.
    pause = 0.001

    def __init__(
        self, calls: Sequence[Call], groups: dict[str, range], cells: int, limits: Limits, deadline: float
    ) -> None:
        super().__init__(deadline, wire.BODIES, _MAX_RECEIVED, limits.output_kb)
        self.answers: dict[int, Answer] = {}
        self.load: dict[int, Failure] = {}
        self.seconds: dict[str, float] = {}
        self.loaded = False
        self._calls = calls
        self._groups = list(groups.items())
        self._cells = cells
        self._limits = limits
        self._current = _BEFORE_LOADED

    @property
    def function(self) -> str | None:
        """The function that is being asked; None while the top-level code runs and when all is done."""
        return self._groups[self._current][0] if 0 <= self._current < len(self._groups) else None

    def hold(self, request: bytes, request_pipe: int, result_pipe: int, output_pipes: Sequence[int]) -> None:
        """Send the request and listen until there is nothing more to hear; closes none of the pipes."""
        super().hold(request, request_pipe, result_pipe, output_pipes)
        self._close_group()

    def finish(self, status: int) -> Failure | None:
        """Why the child ended before it was done, given its wait status; None when it was done."""
        everything = self.loaded and self._current + 1 >= len(self._groups) and not self._unanswered()
        if self.ended == "done" or (everything and self.ended == "silent"):
            return None
        name = self.function or "the code outside of functions"
        return _explain(self.ended, status, name, self.function is not None, self._limits)

    def _deadline(self) -> float:
        return min(self._began + self._limits.seconds, self._last)

    def _unanswered(self) -> list[int]:
        """Calls of the present function that have no answer yet."""
        if not 0 <= self._current < len(self._groups):
            return []
        return [index for index in self._groups[self._current][1] if index not in self.answers]

    def _take(self, kind: int, index: int, body: bytes) -> None:
        """One frame, if it is its turn."""
        if kind in (wire.RETURNED, wire.FAILED):
            self._take_answer(kind, index, body)
        elif kind == wire.STARTED and not self.started:
            self.started = True
        elif (
            kind == wire.LOAD_FAILED and self._is_loading() and index < self._cells and index not in self.load
        ):
            self.load[index] = Failure(**wire.unpack_failure(body)._asdict())
        elif kind == wire.LOADED and self._is_loading():
            self.loaded = True
        elif kind == wire.BEGIN and self._may_begin(index):
            self._close_group()
            self._current = index
        elif kind == wire.DONE and self.loaded and self._may_begin(len(self._groups)):
            self.ended = "done"
        else:
            raise wire.WireError(f"a frame of kind {kind} out of turn")

    def _is_loading(self) -> bool:
        return self.started and not self.loaded

    def _may_begin(self, group: int) -> bool:
        return self.loaded and group == self._current + 1 and not self._unanswered()

    def _take_answer(self, kind: int, index: int, body: bytes) -> None:
        if self._current < 0 or index not in self._groups[self._current][1] or index in self.answers:
            raise wire.WireError("an answer to what was not asked")
        if kind == wire.FAILED:
            self.answers[index] = Failed(Failure(**wire.unpack_failure(body)._asdict()))
            return
        answer = read_answer(body)
        if len(answer.parts) != self._calls[index].parts:
            raise wire.WireError("an answer in the wrong number of parts")
        self.answers[index] = answer

    def _close_group(self) -> None:
        now = time.monotonic()
        if self.function is not None:
            self.seconds[self.function] = now - self._began
        self._began = now


def _explain(ended: Ended, status: int, name: str, in_function: bool, limits: Limits) -> Failure:
    """Explain why a child was stopped or stopped by itself."""
    loop = "look for a loop that never ends"
    if not in_function:
        loop = "remove all but the functions, or look for a loop"

    if ended == "all_late":
        what = f"the {limits.total_seconds:g} s for the whole file are up"
        return Failure("too_slow", what, "look for what takes long")
    if ended == "late":
        return Failure("too_slow", f"did not finish within {limits.seconds:g} s", loop, subject=name)
    if ended == "output":
        what = f"printed more than {limits.output_kb} KB"
        return Failure("output", what, "remove the print in its loop", subject=name)
    if ended == "protocol":
        what = "sent the grader something that is no answer"
        return Failure("protocol", what, "do not write to open files", subject=name)

    code = os.waitstatus_to_exitcode(status)
    if code in (-signal.SIGPROF, -signal.SIGXCPU):
        return Failure("too_slow", f"computed for more than {limits.cpu_seconds:g} s", loop, subject=name)
    if code >= 0:
        what, advice = f"ended Python (exit code {code})", "remove os._exit and the like"
    elif code == -signal.SIGSEGV:
        what, advice = "crashed Python (segmentation fault)", "look for a recursion without end"
    elif code == -signal.SIGKILL:
        what, advice = "was killed or hung up on the grader", "run it alone to see what it does"
    else:
        what, advice = f"crashed Python ({_signal_name(-code)})", "run it alone to see where"
    return Failure("died", what, advice, subject=name)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the real-time signals have none
        return f"signal {number}"
