"""Listen to one child until it is done, breaks a rule or runs out of time.

The child is hostile: its frames are taken only in the one order that makes sense, and this side's clock counts.
"""

from __future__ import annotations

import os
import selectors
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Literal

from grader.answers.sandbox.guest import wire

KEPT_OUTPUT = 64 * 1024
_CHUNK = 1 << 20
Ended = Literal["", "done", "silent", "late", "all_late", "output", "protocol"]


class Listener(ABC):
    """One side of a conversation with a child.

    Args:
        deadline: when the time for the whole submission is up, on the clock of `time.monotonic`.
        bodies: kind of frame → the most bytes that it may have; received: the most bytes of all frames.
        output_kb: the most that may be printed past the frames.
    """

    pause = 0.0
    """Seconds between two looks at what came."""

    def __init__(self, deadline: float, bodies: Mapping[int, int], received: int, output_kb: int) -> None:
        self.ended: Ended = ""
        self.started = False  # everything before is the grader's doing, everything after the student's
        self.output = bytearray()
        self._last = deadline
        self._began = time.monotonic()
        self._frames = wire.Frames(bodies)
        self._unsent = memoryview(b"")
        self._room = received
        self._printable = output_kb * 1024

    @property
    def hung_up(self) -> bool:
        """Whether the child ends by itself now."""
        return self.ended in ("done", "silent")

    @abstractmethod
    def _take(self, kind: int, index: int, body: bytes) -> None:
        """One frame, if it is its turn; raises WireError otherwise."""

    @abstractmethod
    def _deadline(self) -> float:
        """When the time for what runs now is up."""

    def _is_last(self, kind: int) -> bool:
        """Whether all was printed that belongs to what this frame ends."""
        return kind == wire.DONE

    def _be_late(self, now: float) -> None:
        """The deadline has passed."""
        self.ended = "all_late" if now >= self._last else "late"

    def hold(self, request: bytes, request_pipe: int, result_pipe: int, output_pipes: Sequence[int]) -> None:
        """Send the request and listen until there is nothing more to hear; closes none of the pipes."""
        self._say(request)
        with selectors.DefaultSelector() as selector:
            for pipe in (request_pipe, result_pipe, *output_pipes):
                os.set_blocking(pipe, False)
            for pipe in (result_pipe, *output_pipes):
                selector.register(pipe, selectors.EVENT_READ)
            asking = False
            while not self.ended:
                if asking != bool(self._unsent):
                    asking = not asking
                    if asking:
                        selector.register(request_pipe, selectors.EVENT_WRITE)
                    else:
                        selector.unregister(request_pipe)
                for key, _ in selector.select(max(0.0, self._deadline() - time.monotonic())):
                    if key.fd == request_pipe:
                        self._send(request_pipe)
                    elif key.fd != result_pipe:
                        if not self.drain(key.fd):
                            selector.unregister(key.fd)
                    else:
                        self._listen(result_pipe, output_pipes)
                now = time.monotonic()
                if not self.ended and not self._unsent and self.pause and now < self._deadline():
                    time.sleep(self.pause)
                if not self.ended and now >= self._deadline():
                    self._be_late(now)

    def _say(self, words: bytes) -> None:
        self._unsent = memoryview(bytes(self._unsent) + words)

    def drain(self, output_pipe: int) -> bool:
        """Read what was printed; False at the end of it."""
        while True:
            try:
                data = os.read(output_pipe, _CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._hear(output_pipe, data)
            self._printable -= len(data)
            if self._printable < 0:
                self.ended = self.ended or "output"
                return True

    def _hear(self, output_pipe: int, data: bytes) -> None:
        """Something was printed."""
        self.output += data[: max(0, KEPT_OUTPUT - len(self.output))]

    def _listen(self, result_pipe: int, output_pipes: Sequence[int]) -> None:
        try:
            data = os.read(result_pipe, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self.ended = "silent"
            return
        self._room -= len(data)
        try:
            if self._room < 0:
                raise wire.WireError("too much of it")
            for kind, index, body in self._frames.feed(data):
                if self._is_last(kind):
                    for pipe in output_pipes:
                        self.drain(pipe)  # it was printed before the frame was sent
                    if self.ended:
                        return
                self._take(kind, index, body)
                if self.ended:
                    return
        except wire.WireError:
            self.ended = "protocol"

    def _send(self, pipe: int) -> None:
        try:
            self._unsent = self._unsent[os.write(pipe, self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # the child is gone; the result pipe will say so
            self._unsent = self._unsent[:0]


def show(output: bytes | bytearray) -> str:
    """The first of what was printed, fit to be shown."""
    text = wire.make_printable(output[:KEPT_OUTPUT].decode("utf-8", "replace"), keep="\n\t")
    return text + "\n… (more was printed)" if len(output) >= KEPT_OUTPUT else text
