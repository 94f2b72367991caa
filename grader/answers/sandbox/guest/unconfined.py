"""Run one submission in a process of its own that nothing confines: one's own file, where there is no sandbox.

Started as a script, by `unconfined_sandbox.py`, on any system:

    python -I -S -B unconfined.py <libraries and where they are, as JSON>

It reads from standard input what all children of a zygote are told and one request, and then batches; it writes frames
on standard output. What the student's code prints goes where errors go.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import types
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> None:
    """Load what a submission may import, take over the pipes, and run it."""
    policy = json.loads(arguments[0])
    request_pipe, result_pipe = _take_pipes()
    sys.path.extend(policy["folders"])  # last, so that the standard library wins

    package = types.ModuleType("_sandbox")
    package.__path__ = [str(Path(__file__).resolve().parent)]
    sys.modules["_sandbox"] = package
    names = ("run_submission", "zygote", "wire", "pipes")
    guest, zygote, wire, pipes = (importlib.import_module(f"_sandbox.{name}") for name in names)
    package.__path__ = []

    for library in policy["libraries"]:
        importlib.import_module(library)
    guest.warm_up()
    zygote.guard_imports(policy["libraries"], policy["hidden"])

    (size,) = wire.LENGTH.unpack(pipes.read_exactly(request_pipe, 4))
    shared = guest.read_shared(pipes.read_exactly(request_pipe, size))
    request = guest.read_request(request_pipe, shared)
    guest.say_started(result_pipe)
    guest.answer(request, request_pipe, result_pipe)
    os._exit(0)


def _take_pipes() -> tuple[int, int]:
    """Take standard input and output for the grader; the student's code has nothing to read, and prints as errors."""
    request_pipe, result_pipe = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for pipe in (request_pipe, result_pipe):
            msvcrt.setmode(pipe, os.O_BINARY)

    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    return request_pipe, result_pipe


if __name__ == "__main__":
    main(sys.argv[1:])
