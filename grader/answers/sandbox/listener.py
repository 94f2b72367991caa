"""Listen to one child until it is done, breaks a rule or runs out of time.

The child is hostile: its frames are accepted only in the one order that makes sense, and only this side's clock counts.
"""

from __future__ import annotations

import os
import selectors
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.limits import KEPT_OUTPUT
from grader.answers.sandbox.processor_clock import ProcessorClock

_CHUNK = 1 << 20
_MOST_CHUNKS = 4
"""More than a pipe holds: whoever prints without end must not keep the grader from looking at its clock."""
_PAUSE_PART = 1 / 20
"""A pause is this part of the time that has passed, and"""
_LONGEST_PAUSE = 0.008
"""no more seconds than this."""
Ending = Literal["", "done", "closed", "timeout", "cpu_timeout", "total_timeout", "protocol"]
"""Why nobody listens any more: the child said that it was done, it closed its pipe (as a process that ends does), time
was up for what ran (by the wall or by the processor) or for everything, or it broke the protocol. Empty while the child
is heard."""


@dataclass(frozen=True, slots=True)
class Pipes:
    """Our ends of the pipes to a child: to write requests to, to read frames from, and to read its output."""

    request: int
    result: int
    outputs: tuple[int, ...]


class Listener(ABC):
    """Our side of a conversation with a child.

    Args:
        deadline: when time is up for the whole submission, on the clock of `time.monotonic`.
        bodies: frame kind → the most bytes that its body may have.
        received: the most bytes of all frames together.
        output_kb: how much is kept of what is printed past the frames; the rest is read and dropped.
    """

    pause = 0.0
    """Seconds to wait at least before looking again at what has come; more the longer the child runs, so that looking
    costs little beside what it does."""

    def __init__(self, deadline: float, bodies: Mapping[int, int], received: int, output_kb: int) -> None:
        self.ended: Ending = ""
        self.started = False  # before that, faults are the grader's; after it, the student's
        self.output = bytearray()
        self.clock: ProcessorClock = lambda: 0.0
        self._total_deadline = deadline
        self._began = self._opened = time.monotonic()
        self._frames = wire.Frames(bodies)
        self._unsent = memoryview(b"")
        self._receivable = received
        self._kept = kept_bytes(output_kb)

    @property
    def child_exits(self) -> bool:
        """Whether the child is about to exit by itself."""
        return self.ended in ("done", "closed")

    @abstractmethod
    def _on_frame(self, kind: int, index: int, body: bytes) -> None:
        """Accept a frame, or raise WireError if it is not its turn."""

    @abstractmethod
    def _deadline(self) -> float:
        """When time is up for what runs now."""

    def _on_output(self, pipe: int, data: bytes) -> None:
        """Keep the beginning of what was printed, and one byte more if it is too long."""
        self.output += data[: self._kept + 1 - len(self.output)]

    @property
    def prints_much(self) -> bool:
        """Was more printed than is kept?"""
        return len(self.output) > self._kept

    def _on_timeout(self, now: float) -> None:
        """The deadline has passed."""
        self.ended = "total_timeout" if now >= self._total_deadline else "timeout"

    def _completes_output(self, kind: int) -> bool:
        """Whether what was printed before a frame of this kind is to be read before the frame is."""
        return kind == wire.DONE

    def run(self, request: bytes, pipes: Pipes) -> None:
        """Send the request and listen until the conversation ends; closes none of the pipes."""
        self._send(request)
        for pipe in (pipes.request, pipes.result, *pipes.outputs):
            os.set_blocking(pipe, False)

        with selectors.DefaultSelector() as selector:
            for pipe in (pipes.result, *pipes.outputs):
                selector.register(pipe, selectors.EVENT_READ)
            while not self.ended:
                self._listen(selector, pipes)

    def _listen(self, selector: selectors.BaseSelector, pipes: Pipes) -> None:
        """Wait until something happens or time is up, and deal with it."""
        if self._unsent and pipes.request not in selector.get_map():
            selector.register(pipes.request, selectors.EVENT_WRITE)

        for key, _ in selector.select(max(0.0, self._deadline() - time.monotonic())):
            if key.fd == pipes.result:
                self._read_frames(pipes)
            elif key.fd != pipes.request:
                is_open = self.drain(key.fd)
                if not is_open:
                    selector.unregister(key.fd)
            else:
                self._write_unsent(key.fd)
                if not self._unsent:
                    selector.unregister(key.fd)
        if self.ended:
            return

        now = time.monotonic()
        if self.pause and not self._unsent and now < self._deadline():
            time.sleep(max(self.pause, min((now - self._opened) * _PAUSE_PART, _LONGEST_PAUSE)))
        if now >= self._deadline():
            self._on_timeout(now)

    def _send(self, message: bytes) -> None:
        """Send a message as soon as the child reads it."""
        self._unsent = memoryview(bytes(self._unsent) + message)

    def _write_unsent(self, pipe: int) -> None:
        try:
            self._unsent = self._unsent[os.write(pipe, self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # the child is gone; the result pipe will say so
            self._unsent = self._unsent[:0]

    def drain(self, output_pipe: int) -> bool:
        """Read what was printed so far; False if no more can come."""
        for _ in range(_MOST_CHUNKS):
            try:
                data = os.read(output_pipe, _CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._on_output(output_pipe, data)
        return True

    def _read_frames(self, pipes: Pipes) -> None:
        try:
            data = os.read(pipes.result, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self.ended = "closed"
            return

        self._accept(data, pipes.outputs)

    def _accept(self, data: bytes, outputs: Sequence[int]) -> None:
        """Take in what came on the result pipe."""
        self._receivable -= len(data)
        if self._receivable < 0:
            self.ended = "protocol"
            return

        try:
            for kind, index, body in self._frames.feed(data):
                if self._completes_output(kind):
                    for pipe in outputs:
                        self.drain(pipe)
                if not self.ended:
                    self._on_frame(kind, index, body)
                if self.ended:
                    return
        except wire.WireError:
            self.ended = "protocol"


def kept_bytes(output_kb: int) -> int:
    """How many bytes of what is printed are kept under this limit."""
    return min(output_kb << 10, KEPT_OUTPUT)


def show_output(output: bytes | bytearray, output_kb: int = KEPT_OUTPUT >> 10) -> str:
    """The beginning of what was printed, fit to be shown; if it is cut, it says so."""
    most = kept_bytes(output_kb)
    text = wire.make_printable(output[:most].decode("utf-8", "replace"), keep="\n\t")
    if len(output) <= most:
        return text
    return f"{text}\n… (more than {most >> 10} KB were printed; the rest is left out)"
