"""What comes back from the sandbox, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from grader.errors import GraderError
from grader.report import Failure
from grader.sandbox.wire import Array


class SandboxError(GraderError):
    """The sandbox itself does not work: the grader's fault or the machine's, never the student's."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a call returned.

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


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a call gave no answer."""

    failure: Failure


Answer = Returned | Failed


@dataclass(frozen=True, slots=True)
class Run:
    """A submission's answers.

    Args:
        answers: one for each call, in the order of the calls.
        load: cells that did not compile or did not run to their end.
        output: the first of what was printed, cleaned of control characters.
        seconds: wall clock of each function.
    """

    answers: tuple[Answer, ...]
    load: tuple[Failure, ...]
    output: str
    seconds: dict[str, float]
