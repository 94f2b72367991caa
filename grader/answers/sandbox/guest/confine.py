"""Confine the zygote, once for all children; what each of them does before it reads any source is in `child.py`.

Levels, the strongest first:

    strong     namespaces of its own for users, files, processes, network, IPC, host name and cgroups; a root
               folder with nothing but Python and the libraries, for reading only
    standard   without namespaces, as in many containers
    basic      without Landlock as well, for root: files are closed by their modes to a user that nobody is
    none       limits of time and memory only

All other layers are the same in the first three. Runs in the zygote; imports nothing of ours but
its neighbours.
"""

from __future__ import annotations

import contextlib
import os
import resource
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import linux

_INSIDE, _NOBODY = 1000, 65534
_MAPS = "/proc/self/maps"
"""Lists the shared libraries that are loaded. A notebook's root holds a copy, which scikit-learn reads."""
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


@dataclass(frozen=True, slots=True)
class EarlyNamespaces:
    """What came of entering namespaces of users and process numbers.

    Args:
        uid: the user that children can become there, if any.
        failure: why they were not entered; empty if they were, or were not wanted.
    """

    uid: int | None = None
    failure: str = ""


def enter_early(policy: Mapping[str, Any]) -> EarlyNamespaces:
    """Enter the namespaces that are closed to a process with threads, as some libraries start when they are loaded."""
    layers = frozenset(policy["layers"])
    if policy["strongest"] != "strong":
        return EarlyNamespaces()
    _leave_groups(layers)

    try:
        uid = None
        if "user" in layers:
            uid = _become_root_of_new_users()
        elif os.geteuid() == 0:
            uid = _NOBODY
        if "pid" in layers:
            _become_init()
    except OSError as error:
        return EarlyNamespaces(failure=str(error))
    return EarlyNamespaces(uid if "uid" in layers else None)


def _leave_groups(layers: frozenset[str]) -> None:
    if "uid" in layers:
        with contextlib.suppress(OSError):  # for root only, and not in every user namespace
            os.setgroups([])


def make_confinement(policy: Mapping[str, Any], early: EarlyNamespaces) -> Confinement:
    """Confine the zygote as far as the machine allows."""
    memory = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    linux.adopt_strays()

    layers = frozenset(policy["layers"])
    level, uid, reasons = _enter_level(policy, layers, early)
    if level == "none":
        layers &= {"descriptors", "limits"}
        uid = None
    if "capabilities" in layers:  # once for all children: it takes a call for each right
        linux.bound_capabilities()
    if "memory" in layers:  # only now: a process that is hidden cannot be given users
        linux.hide_memory()

    ruleset = None
    if "landlock" in layers and level != "basic":
        ruleset = _make_rules(policy, level)
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
    policy: Mapping[str, Any], layers: frozenset[str], early: EarlyNamespaces
) -> tuple[str, int | None, tuple[str, ...]]:
    """Go to the strongest level that the policy asks for and the machine allows.

    Returns:
        The level; the user that children become, None to stay the same; and why the level is no stronger one.
    """
    if policy["strongest"] == "none":
        return "none", None, ()
    _leave_groups(layers)

    reasons = []
    if policy["strongest"] == "strong":
        try:
            _enter_namespaces(policy, layers, early)
            return "strong", early.uid, ()
        except OSError as error:
            reasons.append(f"no namespaces: {error}")

    uid = None
    if os.geteuid() == 0 and "uid" in layers:
        uid = _unused_uid(policy["readable"])
    if policy["strongest"] != "basic":
        if "landlock" not in layers or linux.landlock_version():
            return "standard", uid, tuple(reasons)
        reasons.append("the kernel has no Landlock")

    lacks = _lacks_for_basic(policy, uid)
    return "none" if lacks else "basic", uid, (*reasons, *lacks)


def _lacks_for_basic(policy: Mapping[str, Any], uid: int | None) -> list[str]:
    """Say what keeps this process from closing files by their modes."""
    if policy["folder"]:
        return [
            "a notebook has a folder to write in, which nothing but Landlock or namespaces can confine it to"
        ]
    if os.geteuid() != 0:
        return ["only root can run submissions as another user"]
    return [] if uid is not None else ["other users cannot read Python here"]


def _make_rules(policy: Mapping[str, Any], level: str) -> int:
    """Make Landlock's rules, and return their descriptor.

    What is mounted on a folder obeys the rules for the folder above, which holds nothing else.
    """
    readable, folder = policy["readable"], policy["folder"]
    # In notebooks, libraries look for the records of others: `importlib.metadata` lists where they are installed.
    listed = policy["folders"] if folder else ()
    above = (os.path.dirname(folder),) if folder else ()  # noqa: PTH120
    if level == "strong":
        shown = [_MAPS] if os.path.exists(_MAPS) else []  # noqa: PTH110
        return linux.make_ruleset((*readable, *shown), above, listed)
    return linux.make_ruleset((*readable, *above), (), listed)


def _enter_namespaces(policy: Mapping[str, Any], layers: frozenset[str], early: EarlyNamespaces) -> None:
    """Move this process into the other namespaces of its own."""
    if early.failure:
        raise OSError(early.failure)

    flags = sum(flag for layer, flag in _FLAGS.items() if layer in layers)
    if flags:
        linux.unshare(flags)

    if "uts" in layers:
        linux.name_host("sandbox")
    if "root" in layers:
        empty = [policy["folder"]] if policy["folder"] else []
        files = [(_MAPS, Path(_MAPS).read_bytes())] if policy["folder"] else []
        linux.enter_root(policy["readable"], policy["links"], empty, files)


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
