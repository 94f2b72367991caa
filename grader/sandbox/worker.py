"""The zygote: a process that has numpy loaded and forks a child for every request.

Started as a script, by `process.py`, without the `grader` package and with an almost empty environment:

    python -I -S -B worker.py <socket> <library,library> <folder to import them from>…

It reads one-byte commands from the socket. `R`, with three pipes: fork a child that reads its request from the
first and answers on the second. `K`: kill the child and all it started, reply with its wait
status. The zygote itself never reads a request, so no child inherits another student's source.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import os
import resource
import signal
import socket
import struct
import sys
import time
import types
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from grader.sandbox.wire import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SPARE = 64 << 20  # memory kept back, so that running out of it can still be reported
_STRAY_ROUNDS = 1000


class Refuse:
    """Says plainly which modules are not available; a courtesy to students, not a barrier to attackers."""

    def __init__(self, libraries: Sequence[str]) -> None:
        self._libraries = ", ".join(libraries)
        loaded = {name.partition(".")[0] for name in sys.modules}
        self._allowed = (loaded | set(sys.stdlib_module_names) | set(libraries)) - {"grader"}

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Finds nothing; raises for what the other finders must not find either."""
        if name.partition(".")[0] not in self._allowed:
            raise ModuleNotFoundError(
                f"No module named {name!r} here; there are {self._libraries} and the standard library",
                name=name,
            )


def main(arguments: Sequence[str]) -> None:
    """Load everything that children share, say so, and serve."""
    connection = socket.socket(fileno=int(arguments[0]))
    libraries = arguments[1].split(",")
    sys.path.extend(arguments[2:])  # last, so that the standard library wins
    child = _load_child()
    for library in libraries:
        importlib.import_module(library)
    child.warm_up()
    sys.meta_path.insert(0, Refuse(libraries))
    libc = _load_libc()
    if libc is not None:  # what a child leaves running becomes ours to kill
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    gc.collect()
    gc.freeze()
    connection.sendall(struct.pack("<i", 0))
    serve(connection, child, libc)


def serve(connection: socket.socket, child: Any, libc: Any) -> None:
    """Fork and kill children as told, until the grader hangs up."""
    pid = 0
    while True:
        try:
            command, pipes, _, _ = socket.recv_fds(connection, 1, 3)
        except ConnectionError:
            command = b""
        if command == b"R":
            pid = os.fork()
            if pid == 0:
                run_child(pipes, child, libc)
            with contextlib.suppress(OSError):  # the child does the same; whoever is first
                os.setpgid(pid, pid)
            for pipe in pipes:
                os.close(pipe)
            continue
        status = end_child(pid) if pid else 0
        pid = 0
        if command != b"K":
            return
        connection.sendall(struct.pack("<i", status))


def end_child(pid: int) -> int:
    """Kill a child and everything it started; its wait status, which is its own if it had ended by itself."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    for _ in range(_STRAY_ROUNDS):  # processes that moved to another group are our children now
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            break
        for stray in _children():
            with contextlib.suppress(OSError):
                os.kill(stray, signal.SIGKILL)
        time.sleep(0.001)
    return status


def run_child(pipes: Sequence[int], child: Any, libc: Any) -> NoReturn:
    """Everything a child does, from fork to exit; what goes wrong before student code runs is the grader's fault."""
    try:
        os.setpgid(0, 0)
        if libc is not None:  # a child does not outlive the zygote
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        request_pipe, result_pipe, output_pipe = pipes
        _keep_only(request_pipe, result_pipe, output_pipe)
        os.chdir("/")
        request = child.read_request(request_pipe)
        os.close(request_pipe)
        limit_resources(request.limits)
        confine(request.limits)
        child.say_started(result_pipe)
        child.answer(request, result_pipe)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(70)
    finally:
        os._exit(0)


def confine(limits: Limits) -> None:
    """The place for isolation by the kernel (namespaces, seccomp, Landlock), before student code is compiled."""


def limit_resources(limits: Limits) -> None:
    """Bounds for this process; the parent's clock is the one that cannot be reset."""
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    memory = in_use + (limits.memory_mb << 20)
    cpu = int(limits.total_seconds) + 1
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory + _SPARE),
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, 0, 0),  # pipes are not files
        (resource.RLIMIT_NOFILE, 64, 64),
        (resource.RLIMIT_NPROC, 0, 0),  # no processes, no threads; does not bind root
    ):
        highest = resource.getrlimit(kind)[1]
        if highest != resource.RLIM_INFINITY:
            soft, hard = min(soft, highest), min(hard, highest)
        resource.setrlimit(kind, (soft, hard))


def _keep_only(request_pipe: int, result_pipe: int, output_pipe: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output_pipe, 1)
    os.dup2(output_pipe, 2)
    first, second = sorted((request_pipe, result_pipe))
    os.closerange(3, first)
    os.closerange(first + 1, second)
    os.closerange(second + 1, 1 << 16)
    # New objects: those of the zygote remember that they wrote to something else.
    sys.stdout = sys.__stdout__ = _open_text(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _open_text(2)  # type: ignore[misc]


def _open_text(descriptor: int) -> io.TextIOWrapper:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)


def _children() -> list[int]:
    """Processes whose parent this one is; from the table of all, as few kernels list a process's children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                    found.append(int(entry.name))
    return found


def _load_libc() -> Any:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def _load_child() -> Any:
    """Import `child.py` and its neighbours from this folder, as a package that nothing can be added to."""
    package = types.ModuleType("_sandbox")
    package.__path__ = [str(Path(__file__).resolve().parent)]
    sys.modules["_sandbox"] = package
    child = importlib.import_module("_sandbox.child")
    package.__path__ = []
    return child


if __name__ == "__main__":
    main(sys.argv[1:])
