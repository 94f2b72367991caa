"""A child of the zygote: forked, confined before it reads any of the student's source, run and ended.

Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import linux

if TYPE_CHECKING:
    from .confine import Confinement
    from .guest import Guest
    from .limits import Limits

_SPARE = 64 << 20  # memory kept back, so that running out of it can still be reported
_THREADS = 32
_STRAY_ROUNDS = 1000


def start_child(confinement: Confinement, pipes: Sequence[int], guest: Guest[Any], shared: Any) -> int:
    """Fork a child that answers one request, and return its process number."""
    pid = os.fork()
    if pid == 0:
        run_child(confinement, pipes, guest, shared)
    with contextlib.suppress(OSError):  # the child does the same; whoever is first
        os.setpgid(pid, pid)
    return pid


def end_child(pid: int, patience: float) -> int:
    """Kill a child and everything it started, and return its wait status.

    Args:
        patience: seconds that it has to exit by itself, so that the status is its own.
    """
    _await_exit(pid, patience)
    return _end_all(pid) if os.getpid() == 1 else _end_group(pid)


def _await_exit(pid: int, patience: float) -> None:
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # Linux before 5.3 has no such descriptors
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and not os.waitid(
            os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
        ):
            time.sleep(0.001)
        return

    select.select([handle], [], [], patience)
    os.close(handle)


def run_child(confinement: Confinement, pipes: Sequence[int], guest: Guest[Any], shared: Any) -> NoReturn:
    """Do everything that a child does, from fork to exit.

    What goes wrong before the student's code runs is the grader's fault: it is printed, and the child never says
    that it has started.
    """
    try:
        os.setpgid(0, 0)
        linux.die_with_parent()
        request_pipe, result_pipe, *output_pipes = pipes
        os.dup2(confinement.null, 0)
        if "descriptors" in confinement.layers:
            _keep_only({request_pipe, result_pipe, *output_pipes, confinement.ruleset})
        _redirect(output_pipes)

        request = guest.read_request(request_pipe, shared)
        if confinement.folder:
            write_guest_files(confinement, request.files, request.limits.files_kb)
        os.chdir(confinement.folder or "/")

        confine(confinement, request.limits)
        guest.say_started(result_pipe)
        guest.answer(request, request_pipe, result_pipe)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(70)
    finally:
        os._exit(0)


def write_guest_files(confinement: Confinement, files: Sequence[tuple[str, bytes]], size_kb: int) -> None:
    """Write a child's files where it will find them: in memory of its own to write in, or else for reading only."""
    has_memory = confinement.level == "strong"
    if has_memory:
        linux.unshare(linux.CLONE_NEWNS)
        linux.mount_memory(confinement.folder, size_kb, confinement.uid)

    for name, content in files:
        path = os.path.join(confinement.folder, name)  # noqa: PTH118
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(content)

    if has_memory and confinement.uid is not None:
        for folder, _, names in os.walk(confinement.folder):
            for name in ("", *names):
                os.chown(os.path.join(folder, name), confinement.uid, confinement.uid)  # noqa: PTH118


def confine(confinement: Confinement, limits: Limits) -> None:
    """Give up all that a child gives up before any of the student's source is compiled.

    Rights go last, so that one of the other layers can be left out and the rest still be put up.
    """
    layers, uid = confinement.layers, confinement.uid
    if "privileges" in layers:
        linux.forbid_new_privileges()
    if "limits" in layers:
        limit_resources(confinement.memory, limits)
    if confinement.ruleset is not None:
        linux.restrict(confinement.ruleset)
        os.close(confinement.ruleset)
    if "seccomp" in layers:
        linux.filter_calls(confinement.seccomp_filter)

    if uid is not None:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        linux.die_with_parent()  # a change of user undoes this and the next
        if "memory" in layers:
            linux.hide_memory()
    if "capabilities" in layers:
        linux.drop_capabilities()


def limit_resources(in_use: int, limits: Limits) -> None:
    """Set the bounds for this process; the parent's clock is the one that cannot be reset."""
    memory = in_use + (limits.memory_mb << 20)
    file_size = limits.files_kb << 10  # pipes are not files
    cpu = int(limits.total_seconds) + 1
    bounds = {
        resource.RLIMIT_AS: (memory, memory + _SPARE),
        resource.RLIMIT_CPU: (cpu, cpu + 1),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (file_size, file_size),
        resource.RLIMIT_NOFILE: (64, 64),
        resource.RLIMIT_NPROC: (_THREADS, _THREADS),  # does not bind root
        resource.RLIMIT_MSGQUEUE: (0, 0),
    }

    for kind, (soft, hard) in bounds.items():
        highest = resource.getrlimit(kind)[1]
        if highest != resource.RLIM_INFINITY:
            soft, hard = min(soft, highest), min(hard, highest)
        resource.setrlimit(kind, (soft, hard))


def _keep_only(kept: set[int | None]) -> None:
    """Close every other descriptor."""
    first = 3
    for descriptor in sorted(number for number in kept if number is not None):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, 1 << 16)


def _redirect(output_pipes: Sequence[int]) -> None:
    """Print on the first and show errors on the last, which may be the same."""
    os.dup2(output_pipes[0], 1)
    os.dup2(output_pipes[-1], 2)
    for pipe in output_pipes:
        os.close(pipe)

    # New objects: those of the zygote remember that they wrote to something else.
    sys.stdout = sys.__stdout__ = _open_text(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _open_text(2)  # type: ignore[misc]


def _open_text(descriptor: int) -> io.TextIOWrapper:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)


def _end_all(pid: int) -> int:
    """Kill every other process of this namespace, at once, so that none can start another meanwhile."""
    with contextlib.suppress(OSError):
        os.kill(-1, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return status


def _end_group(pid: int) -> int:
    """Kill the child's group, and whatever has left it."""
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


def _children() -> list[int]:
    """List this process's children, from the table of all processes: few kernels list them by parent."""
    own_pid = os.getpid()
    children = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue

        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == own_pid:
                children.append(int(entry.name))
    return children
