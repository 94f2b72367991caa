"""Prove, before any student's code runs, that what is meant to be denied is denied."""

from __future__ import annotations

import ast
from pathlib import Path

from grader.sandbox.process import Sandbox
from grader.sandbox.values import Returned, SandboxError
from grader.sandbox.wire import Call
from grader.submission import Cell

_SOURCE = Path(__file__).with_name("attempts.py")


def attempts() -> tuple[str, ...]:
    """What is tried, in words."""
    tree = ast.parse(_SOURCE.read_text(encoding="utf-8"))
    (table,) = (node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
                and ast.unparse(node.targets[0]) == "ATTEMPTS")  # fmt: skip
    return tuple(ast.literal_eval(key) for key in table.keys if key is not None)


def find_leaks(sandbox: Sandbox) -> tuple[str, ...]:
    """The attempts that succeed in this sandbox.

    Raises:
        SandboxError: the attempts could not be made.
    """
    cell = Cell("attempts.py", _SOURCE.read_text(encoding="utf-8"))
    run = sandbox.run([cell], [Call("succeeded", (), "succeeded()"), Call("foreign", (), "foreign()")])
    answer, foreign = run.answers
    if not isinstance(answer, Returned):
        raise SandboxError(f"the sandbox could not be tested: {answer.failure.message}")
    words = attempts()
    leaks = [words[int(number)] for number in answer.parts[0] if number >= 0]
    if isinstance(foreign, Returned) and foreign.parts[0] != 0:
        leaks.append("make calls of 32 bits")
    return tuple(leaks)
