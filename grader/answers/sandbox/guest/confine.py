"""Confine students' code: what the zygote does once for all children, and each child before it reads any source.

Levels, the strongest first:

    strong     namespaces of its own for users, files, processes, network, IPC, host name and cgroups; a root
               folder with nothing but Python and the libraries, for reading only
    standard   without namespaces, as in many containers
    none       limits of time and memory only

All layers but the namespaces are the same in `strong` and `standard`. Runs in the worker; imports nothing of ours but
its neighbours.
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
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from . import linux

_SPARE = 64 << 20  # memory kept back, so that running out of it can still be reported
_THREADS = 32
_INSIDE, _NOBODY = 1000, 65534
_STRAY_ROUNDS = 1000
_FLAGS = {
    "root": linux.CLONE_NEWNS, "net": linux.CLONE_NEWNET, "ipc": linux.CLONE_NEWIPC, "uts": linux.CLONE_NEWUTS,
    "cgroup": linux.CLONE_NEWCGROUP,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Confinement:
    """What children are confined with.

    Args:
        level: what the machine allows; reasons: why it is no stronger one.
        layers: those in force.
        nothing: a descriptor of /dev/null; ruleset: one of Landlock's rules, None without.
        uid: whom children become, None to stay.
        memory: address space in use before any student's code.
        folder: where children find their files; none if empty.
    """

    level: str
    reasons: tuple[str, ...]
    layers: frozenset[str]
    nothing: int
    ruleset: int | None
    filter: bytes
    uid: int | None
    memory: int
    folder: str

    def start(self, pipes: Sequence[int], child: Any) -> int:
        """Fork a child that answers one request."""
        pid = os.fork()
        if pid == 0:
            run_child(self, pipes, child)
        with contextlib.suppress(OSError):  # the child does the same; whoever is first
            os.setpgid(pid, pid)
        return pid

    def end(self, pid: int, patience: float) -> int:
        """Kill a child and everything it started; its wait status, which is its own if it ends by itself in time."""
        handle = os.pidfd_open(pid)
        select.select([handle], [], [], patience)
        os.close(handle)
        return _end_all(pid) if os.getpid() == 1 else _end_group(pid)


def make_confinement(policy: Mapping[str, Any]) -> Confinement:
    """Confine the zygote as far as the machine allows, level by level."""
    layers = frozenset(policy["layers"])
    memory = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    reasons: list[str] = []
    linux.adopt_strays()
    readable = tuple(policy["readable"])
    filter = b64decode(policy["seccomp_filter"])
    uid, level = None, policy["strongest"]
    if level != "none" and "uid" in layers:
        with contextlib.suppress(OSError):  # for root only, and not in every user namespace
            os.setgroups([])
    if level == "strong":
        try:
            uid = enter_namespaces(policy, layers)
        except OSError as error:
            reasons.append(f"no namespaces: {error}")
            level = "standard"
    if level == "standard":
        if "landlock" in layers and not linux.landlock_version():
            reasons.append("the kernel has no Landlock")
            level = "none"
        uid = _unused_uid(readable) if os.geteuid() == 0 and "uid" in layers else None
    if level == "none":
        layers &= {"descriptors", "limits"}
        uid = None
    if "capabilities" in layers:  # once for all children: it takes a call for each right
        linux.bound_capabilities()
    if "memory" in layers:  # only now: a process that is hidden cannot be given users
        linux.hide_memory()
    ruleset = _make_rules(readable, policy["folder"], level) if "landlock" in layers else None
    return Confinement(level, tuple(reasons), layers, nothing, ruleset, filter, uid, memory, policy["folder"])


def _make_rules(readable: Sequence[str], folder: str, level: str) -> int:
    """Landlock's rules, as a descriptor.

    What is mounted on a folder obeys the rules for the folder above, which holds nothing else.
    """
    above = (os.path.dirname(folder),) if folder else ()  # noqa: PTH120
    if level == "strong":
        return linux.make_ruleset(readable, above)
    return linux.make_ruleset((*readable, *above))


def enter_namespaces(policy: Mapping[str, Any], layers: frozenset[str]) -> int | None:
    """Move this process into namespaces of its own; whom children become there."""
    inside = None
    if "user" in layers:
        inside = _become_root_of_new_users()
    elif os.geteuid() == 0:
        inside = _NOBODY
    if "pid" in layers:
        _become_init()
    flags = sum(flag for layer, flag in _FLAGS.items() if layer in layers)
    if flags:
        linux.unshare(flags)
    if "uts" in layers:
        linux.name_host("sandbox")
    if "root" in layers:
        linux.enter_root(policy["readable"], policy["links"], [policy["folder"]] if policy["folder"] else [])
    return inside if "uid" in layers else None


def _become_root_of_new_users() -> int | None:
    """A new user namespace in which this process has all rights; whom children can become there, if anyone."""
    uid, me = os.geteuid(), os.getpid()
    # With rights outside, another user can be mapped, but only by a process that has not left.
    rows = [(0, uid), (_INSIDE, _NOBODY)] if uid == 0 else [(0, uid)]
    ready, done = os.pipe(), os.pipe()
    helper = os.fork()
    if helper == 0:
        os.read(ready[0], 1)
        try:
            linux.map_users(me, rows)
        except OSError as error:
            os.write(done[1], str(error).encode())
        os._exit(0)
    os.close(done[1])
    try:
        linux.unshare(linux.CLONE_NEWUSER)
    finally:
        os.write(ready[1], b".")
        failure = os.read(done[0], 1000)
        os.waitpid(helper, 0)
        for descriptor in (*ready, done[0]):
            os.close(descriptor)
    if failure:
        raise OSError(f"users cannot be mapped: {failure.decode()}")
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    return _INSIDE if uid == 0 else None


def _become_init() -> None:
    """Go on in a child that is the first process of a new namespace.

    Nothing in there can signal it, what is orphaned is its own to reap, and what it kills has nowhere to go. The
    process that was started only waits: when either ends, so does the other.
    """
    linux.unshare(linux.CLONE_NEWPID)
    pid = os.fork()
    if pid:
        os.closerange(3, 1 << 16)
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    linux.die_with_parent()


def _unused_uid(readable: Sequence[str]) -> int | None:
    """A user that nobody is, if such a one can read the libraries; else root without its rights reads them."""
    uid = 0x70000000 + os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os._exit(0 if all(os.access(path, os.R_OK) for path in readable) else 1)
        finally:
            os._exit(1)
    return uid if os.waitpid(pid, 0)[1] == 0 else None


def run_child(cell: Confinement, pipes: Sequence[int], child: Any) -> NoReturn:
    """Everything a child does, from fork to exit; what goes wrong before student code runs is the grader's fault."""
    try:
        os.setpgid(0, 0)
        linux.die_with_parent()
        request_pipe, result_pipe, *output_pipes = pipes
        os.dup2(cell.nothing, 0)
        if "descriptors" in cell.layers:
            _keep_only({request_pipe, result_pipe, *output_pipes, cell.ruleset})
        _redirect(output_pipes)
        request = child.read_request(request_pipe)
        if cell.folder:
            write_guest_files(cell, request.files, request.limits.files_kb)
        os.chdir(cell.folder or "/")
        confine(cell, request.limits)
        child.say_started(result_pipe)
        child.answer(request, request_pipe, result_pipe)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(70)
    finally:
        os._exit(0)


def write_guest_files(cell: Confinement, files: Sequence[tuple[str, bytes]], size_kb: int) -> None:
    """Write a child's files where it will find them: in memory of its own to write in, or else for reading only."""
    if cell.level == "strong":
        linux.unshare(linux.CLONE_NEWNS)
        linux.mount_memory(cell.folder, size_kb, cell.uid)
    for name, content in files:
        path = os.path.join(cell.folder, name)  # noqa: PTH118
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(content)
    if cell.level == "strong" and cell.uid is not None:
        for folder, _, names in os.walk(cell.folder):
            for name in ("", *names):
                os.chown(os.path.join(folder, name), cell.uid, cell.uid)  # noqa: PTH118


def confine(cell: Confinement, limits: Any) -> None:
    """All that a child gives up before any of the student's source is compiled.

    Rights go last, so that one of the other layers can be left out and the rest still be put up.
    """
    if "privileges" in cell.layers:
        linux.forbid_new_privileges()
    if "limits" in cell.layers:
        limit_resources(cell.memory, limits)
    if cell.ruleset is not None:
        linux.restrict(cell.ruleset)
        os.close(cell.ruleset)
    if "seccomp" in cell.layers:
        linux.filter_calls(cell.filter)
    if cell.uid is not None:
        os.setresgid(cell.uid, cell.uid, cell.uid)
        os.setresuid(cell.uid, cell.uid, cell.uid)
        linux.die_with_parent()  # a change of user undoes this and the next
        if "memory" in cell.layers:
            linux.hide_memory()
    if "capabilities" in cell.layers:
        linux.drop_capabilities()


def limit_resources(in_use: int, limits: Any) -> None:
    """Bounds for this process; the parent's clock is the one that cannot be reset."""
    memory = in_use + (limits.memory_mb << 20)
    cpu = int(limits.total_seconds) + 1
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory + _SPARE),
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, limits.files_kb << 10, limits.files_kb << 10),  # pipes are not files
        (resource.RLIMIT_NOFILE, 64, 64),
        (resource.RLIMIT_NPROC, _THREADS, _THREADS),  # does not bind root
        (resource.RLIMIT_MSGQUEUE, 0, 0),
    ):
        highest = resource.getrlimit(kind)[1]
        if highest != resource.RLIM_INFINITY:
            soft, hard = min(soft, highest), min(hard, highest)
        resource.setrlimit(kind, (soft, hard))


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


def _keep_only(kept: set[int | None]) -> None:
    """Close every other descriptor."""
    first = 3
    for descriptor in sorted(item for item in kept if item is not None):
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


def _children() -> list[int]:
    """Processes whose parent this one is; from the table of all, as few kernels list a process's children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                    found.append(int(entry.name))
    return found
