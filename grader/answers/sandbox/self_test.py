"""Prove, before any student's code runs, that what is meant to be denied is denied."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from grader.answers.sandbox.answer import Returned, SandboxError
from grader.answers.sandbox.guest.wire import Call
from grader.answers.sandbox.notebook_conversation import CellRun, NotebookCell
from grader.answers.sandbox.notebook_sandbox import NotebookSandbox
from grader.answers.sandbox.sandbox import Sandbox
from grader.answers.submission import CodeCell

_SOURCE = Path(__file__).parent / "guest" / "attempts.py"
_SHELL_DESCRIPTORS = 5  # questions, answers, and those of the event loop


def attempts() -> tuple[str, ...]:
    """What is tried, in words."""
    tree = ast.parse(_SOURCE.read_text(encoding="utf-8"))
    (table,) = (node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
                and ast.unparse(node.targets[0]) == "ATTEMPTS")  # fmt: skip
    return tuple(ast.literal_eval(key) for key in table.keys if key is not None)


def find_escapes(sandbox: Sandbox) -> tuple[str, ...]:
    """The attempts that succeed in this sandbox.

    Raises:
        SandboxError: the attempts could not be made.
    """
    cell = CodeCell("attempts.py", _SOURCE.read_text(encoding="utf-8"))
    run = sandbox.run([cell], [Call("succeeded", (), "succeeded()"), Call("foreign", (), "foreign()")])
    answer, foreign = run.answers
    if not isinstance(answer, Returned):
        raise SandboxError(f"the sandbox could not be tested: {answer.failure.message}")
    strange = isinstance(foreign, Returned) and foreign.parts[0] != 0
    return _name(answer.parts[0].tolist(), strange)


def find_notebook_escapes(shells: NotebookSandbox) -> tuple[str, ...]:
    """The attempts that succeed in a notebook there, away from the folder that is its own.

    Raises:
        SandboxError: the attempts could not be made.
    """
    source = _SOURCE.read_text(encoding="utf-8")
    cells = (f"{source}\nOWN_DESCRIPTORS = {_SHELL_DESCRIPTORS}\nos.chdir('/')", "succeeded()", "foreign()")
    run = shells.run([NotebookCell(cell) for cell in cells])
    values = [_value(cell) for cell in run.cells]
    if len(values) < 2 or not values[1]:
        raise SandboxError(f"the sandbox could not be tested: {run.failure or 'a notebook gives no outputs'}")
    return _name(ast.literal_eval(values[1]), values[2:] == ["1.0"])


def _value(cell: CellRun) -> str:
    shown = [content["data"]["text/plain"] for kind, content in cell.messages if kind == "execute_result"]
    return shown[0] if shown else ""


def _name(numbers: Iterable[float], strange: bool) -> tuple[str, ...]:
    words = attempts()
    leaks = [words[int(number)] for number in numbers if number >= 0]
    return (*leaks, "make calls of 32 bits") if strange else tuple(leaks)
