"""Run the program given as arguments as on a system without fork, limits and namespaces: Windows, and in part macOS.

What is missing there is taken away here, in this process and in those that it starts. That stands for these systems; it
is not one of them.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ABSENT = ("resource", "fcntl", "pwd", "grp", "termios", "pyseccomp", "syslog", "_posixshmem")
# `subprocess` itself needs getuid, SIGKILL and WNOHANG on Linux.
CALLS = ["fork", "forkpty", "setsid", "setpgid", "killpg", "setresuid", "setresgid", "chown", "pidfd_open"]
CALLS += ["waitid", "set_blocking", "sched_getaffinity", "O_NOFOLLOW", "O_CLOEXEC"]
SIGNALS = ["setitimer", "ITIMER_PROF", "SIGPROF", "SIGXCPU", "SIGALRM", "SIGCHLD", "pthread_sigmask"]

_popen = subprocess.Popen


def take_away() -> None:
    """Take away what is missing there."""
    for name in ABSENT:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in ((os, CALLS), (signal, SIGNALS)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)


def start_alike(command: list[str], **options: Any) -> Any:
    """Start a Python that has as little."""
    place = command.index(next(part for part in command if part.endswith(".py")))
    return _popen([*command[:place], __file__, *command[place:]], **options)


if __name__ == "__main__":
    is_inner = "-I" in sys.orig_argv
    if not is_inner:
        import multiprocessing

        multiprocessing.get_all_start_methods = lambda: ["spawn"]
        subprocess.Popen = start_alike  # type: ignore[assignment,misc]
    sys.argv = sys.argv[1:]
    take_away()
    if is_inner:
        sys.path[:] = [path for path in sys.path if path != str(Path(__file__).parent)]
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
