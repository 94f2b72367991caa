"""What comes back from the sandbox, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from grader.answers.sandbox.guest.wire import Array, unpack_answer
from grader.core.errors import GraderError
from grader.reports.report import Failure

SHORT_ANSWER = 8192
"""Bytes of an answer that is kept for the next student who gives the same; more is not kept, as it may be 100 MB."""


class SandboxError(GraderError):
    """The sandbox itself does not work: the grader's fault or the machine's, never the student's."""


@dataclass(frozen=True, slots=True, eq=False)
class Returned:
    """What a call returned; equal to another of the same bytes, whatever numbers these are.

    Args:
        parts: read-only arrays, as many as the call asked for, in the dtypes the student chose.
        inputs_changed: an argument was changed in place.
        aliased: an array that was returned shares memory with an argument.
        converted: what it was before it was made an array, such as `list`; empty for arrays and numbers.
    """

    parts: tuple[Array, ...]
    inputs_changed: bool
    aliased: bool
    converted: str = ""

    @property
    def size(self) -> int:
        """Bytes that it takes, at most: some characters take four, and a small number takes eight where it is shown."""
        return sum(max(part.nbytes, 8 * part.size) for part in self.parts) + 4 * len(self.converted)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Returned) and self._content() == other._content())

    def __hash__(self) -> int:
        return hash(self._content())

    def _content(self) -> tuple[object, ...]:
        parts = ((part.dtype.str, part.shape, part.tobytes()) for part in self.parts)
        return (self.inputs_changed, self.aliased, self.converted, *parts)


def read_answer(body: bytes) -> Returned:
    """The answer in the body of a RETURNED frame.

    Raises:
        WireError: it is no answer.
    """
    return _read_short(body) if len(body) <= SHORT_ANSWER else Returned(*unpack_answer(body))


@lru_cache(maxsize=4096)
def _read_short(body: bytes) -> Returned:
    return Returned(*unpack_answer(body))


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a call gave no answer."""

    failure: Failure

    @property
    def size(self) -> int:
        """Bytes that its texts take, at most."""
        return 4 * (len(self.failure.message) + len(self.failure.place) + len(self.failure.text))


Answer = Returned | Failed


@dataclass(frozen=True, slots=True)
class Run:
    """A submission's answers.

    Args:
        answers: one for each call, in the order of the calls.
        load_failures: cells that did not compile or did not run to their end.
        output: the first of what was printed, cleaned of control characters.
        seconds: wall clock of each function.
    """

    answers: tuple[Answer, ...]
    load_failures: tuple[Failure, ...]
    output: str
    seconds: dict[str, float]
