"""The plain values that come back from the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from grader.answers.sandbox.guest.wire import (
    Array,
    Call,
    Kept,
    checksum,
    unpack_answer,
    unpack_failure,
)
from grader.core.errors import GraderError
from grader.reports.report import Failure

SHORT_ANSWER = 12 << 10
"""Bytes of the longest answer that is kept for the next student who gives the same: a Jacobian for n = 6 is; more would
fill the memory."""
_MOST_KEPT = 1 << 25
"""Bytes of all answers that are kept: those of some hundred different submissions."""
_OVERHEAD = 1 << 10
"""Bytes that an answer takes besides its own."""


class SandboxError(GraderError):
    """The sandbox itself does not work: the grader's fault or the machine's, never the student's."""


class TakesLong(Exception):
    """A submission has not come to its end in the time that somebody would wait for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Returned:
    """What a call returned. Two are equal when their bytes are, so NaN equals NaN and 0.0 is not -0.0.

    Args:
        parts: read-only arrays, as many as the call asked for, in the dtypes the student chose.
        inputs_changed: an argument was changed in place.
        aliased: an array that was returned shares memory with an argument.
        converted: its type before it became an array, such as `list`; empty for arrays and numbers.
        overwritten: a later call wrote over it.
        checksum: of its parts as they were received.
        size: an upper bound on its bytes in memory: a character takes up to four, a number up to eight when shown.
        hash: of all of this.
    """

    parts: tuple[Array, ...]
    inputs_changed: bool
    aliased: bool
    converted: str = ""
    overwritten: bool = False
    checksum: int = 0
    size: int = field(init=False, default=0)
    hash: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        # Once: the same object is the answer of many students.
        arrays = sum(max(part.nbytes, 8 * part.size) for part in self.parts)
        object.__setattr__(self, "size", arrays + 4 * len(self.converted))
        object.__setattr__(self, "hash", hash(self._content()))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Returned) and self._content() == other._content())

    def __hash__(self) -> int:
        return self.hash

    def _content(self) -> tuple[object, ...]:
        parts = ((part.dtype.str, part.shape, part.tobytes()) for part in self.parts)
        return (self.inputs_changed, self.aliased, self.converted, self.overwritten, *parts)


def read_answer(body: bytes) -> Returned:
    """Read the body of a RETURNED frame.

    Raises:
        WireError: it is no answer.
    """
    parts, converted = unpack_answer(body)
    return Returned(parts, False, False, converted, checksum=checksum(parts))


def judge_kept(answer: Returned, call: Call, kept: Kept) -> Returned:
    """Judge what a function did to its arguments and answers, by what is left of those of a call."""
    if kept == (call.checksum, answer.checksum, answer.checksum):
        return answer
    return replace(
        answer,
        inputs_changed=kept.arguments != call.checksum,
        aliased=kept.turned != kept.answer,
        overwritten=kept.answer != answer.checksum,
    )


def read_failure(body: bytes) -> Failure:
    """Read the body of a FAILED or LOAD_FAILED frame.

    Raises:
        WireError: it is no failure.
    """
    return Failure(**unpack_failure(body)._asdict())


class AnswerReader:
    """Reads the answers of a class, and reads none twice.

    Students who compute the same thing return the same bytes. They get the same object for it, so that whoever
    compares answers seldom has to look inside.
    """

    def __init__(self) -> None:
        self._kept: dict[bytes, Returned] = {}
        self._size = 0

    def read(self, body: bytes) -> Returned:
        """Read the body of a RETURNED frame.

        Raises:
            WireError: it is no answer.
        """
        answer = self._kept.get(body)
        if answer is None:
            answer = read_answer(body)
            if len(body) <= SHORT_ANSWER:
                self._keep(body, answer)
        return answer

    def _keep(self, body: bytes, answer: Returned) -> None:
        self._size += 2 * len(body) + _OVERHEAD
        if self._size > _MOST_KEPT:
            self._kept.clear()
            self._size = 0
        self._kept[body] = answer


@dataclass(frozen=True, slots=True)
class Failed:
    """The reason why a call returned nothing that could be judged."""

    failure: Failure

    @property
    def size(self) -> int:
        """An upper bound on the bytes of its texts."""
        characters = len(self.failure.message) + len(self.failure.place) + len(self.failure.text)
        return 4 * characters


Answer = Returned | Failed


@dataclass(frozen=True, slots=True)
class Run:
    """A submission's answers.

    Args:
        answers: one for each call, in the order of the calls.
        load_failures: cells that did not compile or did not run to their end.
        output: the beginning of what was printed, without control characters.
        seconds: wall clock time of each function.
    """

    answers: tuple[Answer, ...]
    load_failures: tuple[Failure, ...]
    output: str
    seconds: dict[str, float]
