"""One side of what is said between the grader and a child that runs a submission: calls go out, answers come back."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import ClassVar

from grader.answers.sandbox.answer import (
    Answer,
    AnswerReader,
    Failed,
    Returned,
    judge_kept,
    read_failure,
)
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.guest.request import pack_batch
from grader.answers.sandbox.listener import Ending, Listener, Pipes
from grader.answers.sandbox.progress import Progress, explain_slowness
from grader.answers.sandbox.questions import Questions
from grader.reports.report import Failure

_MAX_RECEIVED = 1 << 27
_BEFORE_LOADED = -1
_LOOK_SECONDS = 0.1  # between two looks at the processor time
_CPU_SLACK = 0.1  # a child that plays by the rules is ended by the kernel before
_DEATHS = {
    "SIGSEGV": ("crashed Python (segmentation fault)", "look for a recursion that never stops"),
    "SIGKILL": ("was killed, or closed its connection to the grader", "run it alone to see what it does"),
}
"""Signal that ended a child → what happened, and what to do."""


class Conversation(Listener):
    """What one child is asked, and what has come back so far.

    Args:
        questions: those that wait for an answer are asked; the answers are noted there.
        cells: the labels of the submission's cells.
        deadline: when time is up for the whole submission, on the clock of `time.monotonic`.
        reader: reads the answers.
    """

    # Each answer is a write of its own, so that none is lost if the next call dies. Being woken by every one of
    # them would make both sides several times slower.
    pause = 0.001

    def __init__(
        self,
        questions: Questions,
        cells: Sequence[str],
        limits: Limits,
        deadline: float,
        reader: AnswerReader,
    ) -> None:
        super().__init__(deadline, wire.BODIES, _MAX_RECEIVED, limits.output_kb)

        self.load_failures: dict[int, Failure] = {}
        self.seconds: dict[str, float] = {}
        self.loaded = False
        self.cell: int | None = None
        """The cell that runs, or ran last."""

        self._cpu_before = 0.0
        self._next_look = self._began + _LOOK_SECONDS
        self._answered_at = 0.0
        self._slowest = (0.0, "")
        self._questions = questions
        self._groups = _group(questions, questions.waiting())
        self._group = _BEFORE_LOADED
        self._pending: set[int] = set()  # those of the present group without an answer
        self._returned: dict[int, Returned] = {}  # the answers of the present group
        self._is_read_again = True
        self._has_asked_all = not self._groups
        self._cells = cells
        self._limits = limits
        self._reader = reader

    @property
    def function(self) -> str | None:
        """The function that is being called; None while the cells run."""
        return None if self._group == _BEFORE_LOADED else self._groups[self._group][0]

    @property
    def running(self) -> str:
        """What runs while no function does."""
        if self.cell is None or len(self._cells) == 1:
            return "the code outside of functions"
        return self._cells[self.cell]

    def run(self, request: bytes, pipes: Pipes) -> None:
        """Send the request and listen until the conversation ends; closes none of the pipes."""
        super().run(request, pipes)
        self._stop_clock()

    def explain_end(self, code: int) -> Failure | None:
        """Explain why the child ended before it was done, given its exit code; None if it was done."""
        is_complete = self.loaded and self._may_begin(len(self._groups))
        if self.ended == "done" or (self.ended == "closed" and is_complete):
            return None
        failure = _explain(self.ended, code, self.function or self.running, self._limits, self._progress())
        if failure.kind == "too_slow" and self.prints_much:
            return replace(failure, advice=f"{failure.advice}, and print less: that takes time too")
        return failure

    def lost_questions(self) -> Sequence[int]:
        """The numbers of the calls that need not be made again, given that the child ended before it was done.

        Only the function that was being called has failed, unless there is no time for any other. Answers to all of
        its calls that were not read again are none.
        """
        unanswered = self._questions.unanswered()
        if not self._is_read_again and not self._pending:
            unanswered += self._returned
        if self.function is None or self.ended == "total_timeout":
            return unanswered
        return [number for number in unanswered if self._questions.calls[number].function == self.function]

    def _deadline(self) -> float:
        return min(self._began + self._limits.seconds, self._total_deadline, self._next_look)

    def _on_timeout(self, now: float) -> None:
        if now >= min(self._began + self._limits.seconds, self._total_deadline):
            super()._on_timeout(now)
            return

        self._next_look = now + _LOOK_SECONDS
        if self.clock() - self._cpu_before > self._limits.cpu_seconds + _CPU_SLACK:
            self.ended = "cpu_timeout"

    def _on_frame(self, kind: int, index: int, body: bytes) -> None:
        self._HANDLERS[kind](self, index, body)

    def _on_started(self, index: int, body: bytes) -> None:
        _require(not self.started)
        self.started = True
        self._stop_clock()  # loading numpy was none of the student's doing

    def _on_cell(self, index: int, body: bytes) -> None:
        before = -1 if self.cell is None else self.cell
        _require(self._is_loading() and index == before + 1 < len(self._cells))
        self.cell = index

    def _on_load_failed(self, index: int, body: bytes) -> None:
        _require(self._is_loading() and index < len(self._cells) and index not in self.load_failures)
        self.load_failures[index] = read_failure(body)

    def _on_loaded(self, index: int, body: bytes) -> None:
        _require(self._is_loading())
        self.loaded = True

    def _on_begin(self, index: int, body: bytes) -> None:
        _require(index < len(self._groups) and self._may_begin(index))
        self._stop_clock()
        self._group, self._pending = index, set(self._groups[index][1])
        self._returned, self._is_read_again = {}, False
        self._answered_at, self._slowest = self._began, (0.0, "")

    def _on_returned(self, index: int, body: bytes) -> None:
        _require(index in self._pending)
        answer = self._reader.read(body)
        if len(answer.parts) != self._questions.calls[index].parts:
            raise wire.WireError("an answer in the wrong number of parts")
        self._returned[index] = answer
        self._note(index, answer)

    def _on_failed(self, index: int, body: bytes) -> None:
        _require(index in self._pending)
        self._note(index, Failed(read_failure(body)))

    def _on_kept(self, index: int, body: bytes) -> None:
        _require(index == self._group and not self._pending and not self._is_read_again)
        self._is_read_again = True
        kept = wire.unpack_kept(body, len(self._returned))
        for (number, answer), left in zip(self._returned.items(), kept, strict=True):
            self._questions.answers[number] = judge_kept(answer, self._questions.calls[number], left)

    def _note(self, index: int, answer: Answer) -> None:
        """Note an answer, and how long it took if none of this function took longer."""
        now = time.monotonic()
        self._slowest = max(self._slowest, (now - self._answered_at, self._questions.calls[index].about))
        self._answered_at = now
        self._questions.answers[index] = answer
        self._pending.discard(index)

    def _on_waiting(self, index: int, body: bytes) -> None:
        _require(self._may_begin(len(self._groups)) and not self._has_asked_all)
        self._stop_clock()
        numbers = self._questions.waiting()
        self._groups += _group(self._questions, numbers)
        self._has_asked_all = not numbers
        self._send(pack_batch(self._questions.batch(numbers)))
        self._began = time.monotonic()  # the time that judging took is not the child's

    def _on_done(self, index: int, body: bytes) -> None:
        _require(self._may_begin(len(self._groups)) and self._has_asked_all)
        self.ended = "done"

    _HANDLERS: ClassVar[dict[int, Callable[[Conversation, int, bytes], None]]] = {
        wire.STARTED: _on_started,
        wire.LOAD_FAILED: _on_load_failed,
        wire.LOADED: _on_loaded,
        wire.BEGIN: _on_begin,
        wire.RETURNED: _on_returned,
        wire.FAILED: _on_failed,
        wire.WAITING: _on_waiting,
        wire.DONE: _on_done,
        wire.KEPT: _on_kept,
        wire.CELL: _on_cell,
    }
    """The kinds of `wire.BODIES`: frames of other kinds do not get this far."""

    def _is_loading(self) -> bool:
        return self.started and not self.loaded

    def _may_begin(self, group: int) -> bool:
        """Whether this group is the next one and the present one is answered and read again."""
        return self.loaded and group == self._group + 1 and self._is_read_again

    def _progress(self) -> Progress | None:
        """How far the function that is being called has come; None if none is."""
        if self._group == _BEFORE_LOADED:
            return None
        numbers = self._groups[self._group][1]
        about = self._questions.calls[min(self._pending)].about if self._pending else ""
        running = (time.monotonic() - self._answered_at, about)
        return Progress(len(numbers) - len(self._pending), len(numbers), self._slowest, running)

    def _stop_clock(self) -> None:
        """Note how long the present function took, if any ran, and start again."""
        now = time.monotonic()
        if self.function is not None:
            self.seconds[self.function] = self.seconds.get(self.function, 0.0) + now - self._began
        self._began = now
        self._next_look = now + _LOOK_SECONDS
        self._cpu_before = self.clock()


def _group(questions: Questions, numbers: Sequence[int]) -> list[tuple[str, frozenset[int]]]:
    """(function name, numbers of its questions), in the order in which they are asked."""
    groups = groupby(numbers, key=lambda number: questions.calls[number].function)
    return [(name, frozenset(group)) for name, group in groups]


def _require(is_its_turn: bool) -> None:
    if not is_its_turn:
        raise wire.WireError("a frame out of turn")


def _explain(ending: Ending, code: int, name: str, limits: Limits, progress: Progress | None) -> Failure:
    """Explain why a child was stopped or stopped by itself."""
    if ending == "total_timeout":
        what = f"the whole file took more than {limits.total_seconds:g} s"
        return Failure("too_slow", what, "look for what takes so long")
    if ending == "timeout":
        return explain_slowness(name, f"{limits.seconds:g} s", progress)
    if ending == "protocol":
        what = "sent the grader something that is not an answer"
        return Failure("protocol", what, "do not write to open files", subject=name)

    killed_by = _signal_name(-code) if code < 0 else ""
    if ending == "cpu_timeout" or killed_by in ("SIGPROF", "SIGXCPU"):
        return explain_slowness(name, f"{limits.cpu_seconds:g} s of processor time", progress)

    what, advice = _DEATHS.get(killed_by, (f"crashed Python ({killed_by})", "run it alone to see where"))
    if code >= 0:
        what, advice = f"ended Python (exit code {code})", "remove os._exit and the like"
    return Failure("died", what, advice, subject=name)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the real-time signals have none
        return f"signal {number}"
