"""Forks a process for each command, with its modules loaded: most of a short command is starting Python and importing.

`tests.running` starts it with the modules to load. Each line that it reads is a command as JSON; for each it writes a
line with the exit code.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import sys
from typing import Any


def serve() -> dict[str, Any] | None:
    """Answer requests; in a forked process, the request to carry out; at the end of the input, None."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            request: dict[str, Any] = json.loads(line)
            return request
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def become(request: dict[str, Any]) -> None:
    """Run a module as `python -m` does: its folder, environment, streams and arguments."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, err = (os.open(request[name], os.O_WRONLY) for name in ("out", "err"))
    for number, file in enumerate((nothing, out, err)):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, closefd=False)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [request["module"], *request["arguments"]]
    sys.path[0] = request["cwd"]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.freeze()
    if asked := serve():
        become(asked)
