"""Run students' code where it can do no harm, and bring back plain arrays."""

from grader.answers.sandbox.answer import (
    SHORT_ANSWER,
    Answer,
    Failed,
    Returned,
    Run,
    SandboxError,
    TakesLong,
    judge_kept,
    read_answer,
    read_failure,
)
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.guest.wire import Call, Function, Value
from grader.answers.sandbox.policy import Isolation, Level
from grader.answers.sandbox.sandbox import Sandbox

__all__ = [
    "SHORT_ANSWER",
    "Answer",
    "Call",
    "Failed",
    "Function",
    "Isolation",
    "Level",
    "Limits",
    "Returned",
    "Run",
    "Sandbox",
    "SandboxError",
    "TakesLong",
    "Value",
    "judge_kept",
    "read_answer",
    "read_failure",
]
