"""Run students' code where it can do no harm, and bring back plain arrays."""

from grader.sandbox.process import ISOLATION, Sandbox
from grader.sandbox.values import Answer, Failed, Returned, Run, SandboxError
from grader.sandbox.wire import Call, Function, Limits, Value

__all__ = [
    "ISOLATION",
    "Answer",
    "Call",
    "Failed",
    "Function",
    "Limits",
    "Returned",
    "Run",
    "Sandbox",
    "SandboxError",
    "Value",
]
