"""Run students' code where it can do no harm, and bring back plain arrays."""

from grader.sandbox.policy import Isolation, Level
from grader.sandbox.process import Sandbox
from grader.sandbox.values import SHORT, Answer, Failed, Returned, Run, SandboxError, read_answer
from grader.sandbox.wire import Call, Function, Limits, Value

__all__ = [
    "SHORT",
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
    "Value",
    "read_answer",
]
