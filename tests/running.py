"""Run commands in a process of their own, and notebooks in real kernels, as a user does."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PATIENCE = 900
"""Seconds after which a test that hangs is ended; none is ended for being slow on a busy machine."""

LOADED = {
    "grader": ("grader.cli.student", "grader.cli.instructor", "grader.cli.author", "grader.grading.checker", "rich"),
    "nbgrader": ("grader.cli.platforms", "grader.platforms.nbgrader.autograde", "nbgrader.apps.nbgraderapp"),
    "pytest": ("pytest", "grader.grading.grade"),
}  # fmt: skip
"""What a command of each kind imports anyway; not our plugin of pytest, whose assertions pytest rewrites."""
_READ_AT_START = ("PYTHONIOENCODING", "LANG", "LC_ALL")


def run_grader(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`grader …` in a folder; nothing of the environment tells a seed."""
    kept = {name: value for name, value in os.environ.items() if name != "GRADER_SEED"}
    shown = {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"}
    return run_module("grader", *arguments, cwd=cwd, environment={**kept, **shown, **environment})


def run_module(
    module: str,
    *arguments: str | Path,
    cwd: Path,
    environment: Mapping[str, str],
    seconds: float = PATIENCE,
    afresh: bool = False,
) -> subprocess.CompletedProcess[str]:
    """`python -m module …`, forked from a process that has imported what it needs.

    Args:
        afresh: start Python instead, for claims about what is loaded. A command that is told its language is always
            started afresh, since Python reads that when it starts.
    """
    words = [str(argument) for argument in arguments]
    if afresh or any(environment.get(name) != os.environ.get(name) for name in _READ_AT_START):
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False, env=environment,
        )  # fmt: skip
    loaded = "nbgrader" if "nbgrader" in (module, *words[:1]) else module
    return _server(loaded).run(module, words, cwd, environment, seconds)


class ForkServer:
    """A process that has loaded modules and forks another for each command; see `tests/fork_server.py`."""

    def __init__(self, *modules: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fork_server", *modules],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def run(
        self, module: str, arguments: list[str], cwd: Path, environment: Mapping[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        assert self._process.stdin and self._process.stdout
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            out.touch()
            err.touch()
            request = {
                "module": module,
                "arguments": arguments,
                "cwd": str(cwd),
                "environment": dict(environment),
                "out": str(out),
                "err": str(err),
            }
            print(json.dumps(request), file=self._process.stdin, flush=True)
            if not select.select([self._process.stdout], [], [], seconds)[0]:
                _server.cache_clear()
                self.close()
                raise TimeoutError(f"{module} {' '.join(arguments)} took more than {seconds} s")
            code = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(
                [module, *arguments], code, out.read_text("utf-8"), err.read_text("utf-8")
            )

    def close(self) -> None:
        """End it, and what it runs."""
        with self._process, contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


@cache
def _server(loaded: str) -> ForkServer:
    """One for each kind of command, started when it is first needed."""
    server = ForkServer(*LOADED[loaded])
    atexit.register(server.close)
    return server


def run_cells(notebook: Any, folder: Path) -> Any:
    """The notebook after every cell was run in a real kernel that was started in a folder."""
    from nbclient import NotebookClient

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("GRADER_SEED", raising=False)
        where = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3", resources=where).execute()
    return notebook
