"""Confine students' code: what the zygote does once for all children, and each child before it reads any source.

Levels, the strongest first:

    strong     namespaces of its own for users, files, processes, network, IPC, host name and cgroups; a root
               folder with nothing but Python and the libraries, for reading only
    standard   without namespaces, as in many containers
    none       limits of time and memory only

All layers but the namespaces are the same in `strong` and `standard`. Runs in the zygote and its children; imports
nothing of ours but its neighbours.
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
from typing import TYPE_CHECKING, Any, NoReturn

from . import linux

if TYPE_CHECKING:
    from .guest import Guest
    from .wire import Limits

_SPARE = 64 << 20  # memory kept back, so that running out of it can still be reported
_THREADS = 32
_INSIDE, _NOBODY = 1000, 65534
_STRAY_ROUNDS = 1000
_FLAGS = {
    "root": linux.CLONE_NEWNS,
    "net": linux.CLONE_NEWNET,
    "ipc": linux.CLONE_NEWIPC,
    "uts": linux.CLONE_NEWUTS,
    "cgroup": linux.CLONE_NEWCGROUP,
}


@dataclass(frozen=True, slots=True)
class Confinement:
    """What children are confined with.

    Args:
        level: what the machine allows.
        reasons: why it is no stronger one.
        layers: those in force.
        null: a descriptor of /dev/null.
        ruleset: one of Landlock's rules, None without.
        seccomp_filter: the compiled program.
        uid: the user that children become, None to stay the same.
        memory: bytes of address space in use before any student's code.
        folder: where children find their files; empty if they have none.
    """

    level: str
    reasons: tuple[str, ...]
    layers: frozenset[str]
    null: int
    ruleset: int | None
    seccomp_filter: bytes
    uid: int | None
    memory: int
    folder: str

    def start(self, pipes: Sequence[int], guest: Guest[Any]) -> int:
        """Fork a child that answers one request, and return its process number."""
        pid = os.fork()
        if pid == 0:
            run_child(self, pipes, guest)
        with contextlib.suppress(OSError):  # the child does the same; whoever is first
            os.setpgid(pid, pid)
        return pid

    def end(self, pid: int, patience: float) -> int:
        """Kill a child and everything it started, and return its wait status.

        Args:
            patience: seconds that it has to exit by itself, so that the status is its own.
        """
        handle = os.pidfd_open(pid)
        select.select([handle], [], [], patience)
        os.close(handle)
        return _end_all(pid) if os.getpid() == 1 else _end_group(pid)


def make_confinement(policy: Mapping[str, Any]) -> Confinement:
    """Confine the zygote as far as the machine allows."""
    memory = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    linux.adopt_strays()

    layers = frozenset(policy["layers"])
    level, uid, reasons = _enter_level(policy, layers)
    if level == "none":
        layers &= {"descriptors", "limits"}
    if "capabilities" in layers:  # once for all children: it takes a call for each right
        linux.bound_capabilities()
    if "memory" in layers:  # only now: a process that is hidden cannot be given users
        linux.hide_memory()

    ruleset = None
    if "landlock" in layers:
        ruleset = _make_rules(policy["readable"], policy["folder"], level)
    return Confinement(
        level=level,
        reasons=reasons,
        layers=layers,
        null=null,
        ruleset=ruleset,
        seccomp_filter=b64decode(policy["seccomp_filter"]),
        uid=uid,
        memory=memory,
        folder=policy["folder"],
    )


def _enter_level(
    policy: Mapping[str, Any], layers: frozenset[str]
) -> tuple[str, int | None, tuple[str, ...]]:
    """Go to the strongest level that the policy asks for and the machine allows.

    Returns:
        The level; the user that children become, None to stay the same; and why the level is no stronger one.
    """
    if policy["strongest"] == "none":
        return "none", None, ()
    if "uid" in layers:
        with contextlib.suppress(OSError):  # for root only, and not in every user namespace
            os.setgroups([])

    reasons = []
    if policy["strongest"] == "strong":
        try:
            return "strong", enter_namespaces(policy, layers), ()
        except OSError as error:
            reasons.append(f"no namespaces: {error}")

    if "landlock" in layers and not linux.landlock_version():
        return "none", None, (*reasons, "the kernel has no Landlock")
    uid = None
    if os.geteuid() == 0 and "uid" in layers:
        uid = _unused_uid(policy["readable"])
    return "standard", uid, tuple(reasons)


def _make_rules(readable: Sequence[str], folder: str, level: str) -> int:
    """Make Landlock's rules, and return their descriptor.

    What is mounted on a folder obeys the rules for the folder above, which holds nothing else.
    """
    above = (os.path.dirname(folder),) if folder else ()  # noqa: PTH120
    if level == "strong":
        return linux.make_ruleset(readable, above)
    return linux.make_ruleset((*readable, *above))


def enter_namespaces(policy: Mapping[str, Any], layers: frozenset[str]) -> int | None:
    """Move this process into namespaces of its own, and return the user that children become there."""
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
        empty = [policy["folder"]] if policy["folder"] else []
        linux.enter_root(policy["readable"], policy["links"], empty)
    return inside if "uid" in layers else None


def _become_root_of_new_users() -> int | None:
    """Enter a new user namespace with all rights, and return the user that children can become there, if any."""
    uid, own_pid = os.geteuid(), os.getpid()
    # With rights outside, another user can be mapped, but only by a process that has not left.
    rows = [(0, uid), (_INSIDE, _NOBODY)] if uid == 0 else [(0, uid)]
    ready, done = os.pipe(), os.pipe()
    helper = os.fork()
    if helper == 0:
        os.read(ready[0], 1)
        try:
            linux.map_users(own_pid, rows)
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
    """Find a user that nobody is; None if such a one cannot read the libraries, as root without its rights can."""
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


def run_child(confinement: Confinement, pipes: Sequence[int], guest: Guest[Any]) -> NoReturn:
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

        request = guest.read_request(request_pipe)
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
