"""Prove, before any student's code runs, that what is meant to be denied is denied."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.answers.sandbox.answer import Returned, SandboxError
from grader.answers.sandbox.guest.wire import Call
from grader.answers.sandbox.notebook_conversation import CellRun, NotebookCell
from grader.answers.sandbox.notebook_sandbox import NotebookSandbox
from grader.answers.sandbox.sandbox import Sandbox
from grader.reports.code import CodeCell

_SOURCE = Path(__file__).parent / "guest" / "attempts.py"
READ_PRIVATE = "read solutions or other submissions"
_NOT_PROMISED = {"basic": ("read a file", "list the root folder", "see other processes")}
"""Level → the attempts that may succeed there."""
_NOTEBOOK_DESCRIPTORS = 5  # requests, results, and those of the event loop


def attempts() -> tuple[str, ...]:
    """List in words what is tried: the keys of `ATTEMPTS`, read from the text of a file that is not imported."""
    for node in ast.parse(_SOURCE.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign([ast.Name("ATTEMPTS")], ast.Dict(keys)):
                return tuple(ast.literal_eval(key) for key in keys if key is not None)
    raise AssertionError(f"there is no table ATTEMPTS in {_SOURCE}")


def find_escapes(sandbox: Sandbox, private: Sequence[str] = ()) -> tuple[str, ...]:
    """Find the attempts that succeed in this sandbox and must not.

    Args:
        private: files and folders that must not be read.

    Raises:
        SandboxError: the attempts could not be made.
    """
    source = f"{_SOURCE.read_text(encoding='utf-8')}\nPRIVATE = {list(private)!r}"
    cell = CodeCell("attempts.py", source)
    calls = [Call(name, (), f"{name}()") for name in ("succeeded", "foreign")]
    succeeded, foreign = sandbox.run([cell], calls).answers
    if not isinstance(succeeded, Returned):
        raise SandboxError(f"the sandbox could not be tested: {succeeded.failure.message}")

    made_foreign_call = isinstance(foreign, Returned) and foreign.parts[0] != 0
    escapes = _name(succeeded.parts[0].tolist(), made_foreign_call)
    not_promised = _NOT_PROMISED.get(sandbox.isolation.level, ())
    return tuple(escape for escape in escapes if escape not in not_promised)


def find_notebook_escapes(sandbox: NotebookSandbox) -> tuple[str, ...]:
    """Find the attempts that succeed in a notebook there, away from the folder that is its own.

    Raises:
        SandboxError: the attempts could not be made.
    """
    source = _SOURCE.read_text(encoding="utf-8")
    setup = f"{source}\nOWN_DESCRIPTORS = {_NOTEBOOK_DESCRIPTORS}\nos.chdir('/')"
    run = sandbox.run([NotebookCell(cell) for cell in (setup, "succeeded()", "foreign()")])
    values = [_value(cell) for cell in run.cells]
    if len(values) < 2 or not values[1]:
        raise SandboxError(f"the sandbox could not be tested: {run.failure or 'a notebook gives no outputs'}")
    return _name(ast.literal_eval(values[1]), values[2:] == ["1.0"])


def _value(cell: CellRun) -> str:
    """The value of the cell's last expression, as text; empty if it has none."""
    for message_type, content in cell.messages:
        if message_type == "execute_result":
            value: str = content["data"]["text/plain"]
            return value
    return ""


def _name(numbers: Iterable[float], made_foreign_call: bool) -> tuple[str, ...]:
    words = attempts()
    escapes = [words[int(number)] for number in numbers if number >= 0]
    if made_foreign_call:
        escapes.append("make calls of 32 bits")
    return tuple(escapes)
