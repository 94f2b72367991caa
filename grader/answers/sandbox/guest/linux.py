"""The kernel's calls for isolation, as Python functions: namespaces, mounts, Landlock, seccomp, capabilities.

Runs in the zygote and its children before any student's code. Imports nothing of ours.

Source: the manual pages namespaces(7), user_namespaces(7), pivot_root(2), landlock(7), seccomp(2), capabilities(7).
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import stat
import struct
from collections.abc import Iterable, Sequence
from typing import Any

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT = 1, 2, 4, 32
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_MNT_DETACH = 2
# What statvfs reports of a mount and a user namespace may not take away from it.
_LOCKED = ((os.ST_NOSUID, _MS_NOSUID), (4, _MS_NODEV), (8, 8), (1024, 1024), (2048, 2048), (4096, 1 << 21))

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 36, 38, 22
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION = 0x20080522
_LAST_CAPABILITY = 63

_LANDLOCK_CREATE, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture
_LANDLOCK_VERSION = 1
_LANDLOCK_PATH = 1
_READ_FILE, _READ = 1 << 2, (1 << 2) | (1 << 3)  # the second also lists folders
# Write, read, list; remove folders and files; make folders and files; move and shorten them.
_READ_AND_WRITE = sum(1 << right for right in (1, 2, 3, 4, 5, 7, 8, 13, 14))
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP, _TCP_SINCE = 0b11, 4
_SCOPES, _SCOPES_SINCE = 0b11, 6  # abstract sockets, signals
OWN_PROCESS = 0x5EEDF00D
"""Stands in filters for the number of the process that will obey them."""

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc: Any = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _buffer(form: str, *fields: int) -> Any:
    """A structure of the kernel's, without a byte after it."""
    packed = struct.pack(form, *fields)
    return ctypes.create_string_buffer(packed, len(packed))


def _prctl(option: int, *arguments: int) -> None:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(option, *values), f"prctl {option}")


def adopt_strays() -> None:
    """Become the parent of what a child leaves running, so that it can be killed."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """End this process when the one that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def hide_memory() -> None:
    """Keep other processes of the same user from reading or stopping this one."""
    _prctl(_PR_SET_DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """Keep programs that are started from having more rights than this process."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def bound_capabilities() -> None:
    """Keep programs that are started from getting any of root's rights."""
    for capability in range(_LAST_CAPABILITY + 1):  # the kernel may know fewer, or forbid it
        _libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)


def drop_capabilities() -> None:
    """Give up all of root's rights for good, in this process."""
    header = ctypes.create_string_buffer(struct.pack("<Ii", _CAPABILITY_VERSION, 0))
    _check(_libc.capset(header, ctypes.create_string_buffer(24)), "capset")


def unshare(flags: int) -> None:
    """Leave the namespaces that these flags name for new ones; that of processes is left by children to come."""
    _check(_libc.unshare(flags), "unshare")


def map_users(process: int, rows: Iterable[tuple[int, int]]) -> None:
    """Say which users inside of a process's user namespace are which outside; groups likewise."""
    text = "".join(f"{inside} {outside} 1\n" for inside, outside in rows)
    for name, content in (("setgroups", "deny"), ("uid_map", text), ("gid_map", text)):
        with open(f"/proc/{process}/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - no pathlib here
            file.write(content)


def name_host(name: str) -> None:
    """Name the machine in this namespace."""
    _check(_libc.sethostname(name.encode(), len(name)), "sethostname")


def mount(source: str, target: str, file_system: str | None, flags: int, options: str = "") -> None:
    """Attach a file system to a folder."""
    arguments = (
        source.encode(),
        target.encode(),
        file_system.encode() if file_system else None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _check(_libc.mount(*arguments), f"mount {target}")


def bind_read_only(descriptor: int, target: str) -> None:
    """Show a folder or file, opened with O_PATH, at another place, for reading only."""
    mounted_with = os.statvfs(descriptor).f_flag
    mount(f"/proc/self/fd/{descriptor}", target, None, _MS_BIND)
    locked = sum(flag for reported, flag in _LOCKED if mounted_with & reported)
    mount("none", target, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID | _MS_NODEV | locked)


def mount_memory(folder: str, size_kb: int, owner: int | None) -> None:
    """Cover a folder with an empty one in memory, for this process and its children alone; its mounts are its own."""
    mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    owned = f",uid={owner},gid={owner}" if owner is not None else ""
    mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, f"size={size_kb}k,nr_inodes=2k,mode=755{owned}")


def enter_root(
    paths: Sequence[str],
    links: Sequence[tuple[str, str]],
    empty: Sequence[str] = (),
    files: Sequence[tuple[str, bytes]] = (),
) -> None:
    """Make a file system of nothing but these paths, for reading only, and leave the old one for good.

    Args:
        links: symbolic links as (where, what it says).
        empty: folders to mount something on.
        files: (path, content) of files that are there besides.
    """
    opened = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in paths]
    mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    top = "/tmp"  # any folder will do: it is covered for this process alone
    mount("tmpfs", top, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=4m,nr_inodes=2k,mode=755")

    for path, descriptor in opened:
        folder = path if stat.S_ISDIR(os.fstat(descriptor).st_mode) else os.path.dirname(path)  # noqa: PTH120
        os.makedirs(top + folder, exist_ok=True)  # noqa: PTH103
        if folder != path:
            os.close(os.open(top + path, os.O_CREAT | os.O_WRONLY))
        bind_read_only(descriptor, top + path)
        os.close(descriptor)
    for folder in empty:
        os.makedirs(top + folder, exist_ok=True)  # noqa: PTH103
    for path, content in files:
        os.makedirs(os.path.dirname(top + path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(top + path, "wb") as file:  # noqa: PTH123
            file.write(content)
    for where, what in links:
        os.symlink(what, top + where)  # noqa: PTH211

    os.chdir(top)
    pivot = _PIVOT_ROOT[platform.machine()]
    _check(_libc.syscall(pivot, b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", _MNT_DETACH), "umount")
    os.chdir("/")
    mount("none", "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)


def landlock_version() -> int:
    """Ask the kernel for the version of its Landlock, 0 if it has none."""
    flags = ctypes.c_uint32(_LANDLOCK_VERSION)
    version = int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), flags))
    return max(version, 0)


def make_ruleset(paths: Sequence[str], writable: Sequence[str] = (), listed: Sequence[str] = ()) -> int:
    """Make Landlock rules: read below these paths; no other file, no TCP, no signal to outside.

    Args:
        writable: folders below which everything is allowed but to run it and to make devices and sockets.
        listed: folders that may be listed, with those below, and not read.

    Returns:
        Their descriptor.

    Raises:
        OSError: the kernel has no Landlock.
    """
    version = landlock_version()
    if not version:
        raise OSError("the kernel has no Landlock")

    rights = max(mask for since, mask in _FILE_RIGHTS.items() if since <= version)
    fields = [rights]
    if version >= _TCP_SINCE:
        fields.append(_TCP)
    if version >= _SCOPES_SINCE:
        fields.append(_SCOPES)
    attributes = _buffer(f"<{len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    ruleset = _check(_libc.syscall(_LANDLOCK_CREATE, attributes, size, 0), "landlock_create_ruleset")

    for path in paths:
        allowed = _READ if os.path.isdir(path) else _READ_FILE  # noqa: PTH112
        _add_rule(ruleset, path, allowed)
    for path in listed:
        _add_rule(ruleset, path, _READ & ~_READ_FILE)
    for path in writable:
        _add_rule(ruleset, path, rights & _READ_AND_WRITE)
    return ruleset


def _add_rule(ruleset: int, path: str, allowed: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    below = _buffer("<Qi", allowed, descriptor)
    result = _libc.syscall(_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_PATH, below, 0)
    _check(result, f"landlock_add_rule {path}")
    os.close(descriptor)


def restrict(ruleset: int) -> None:
    """Obey Landlock rules from now on."""
    _check(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "landlock_restrict_self")


def filter_calls(program: bytes) -> None:
    """Have the kernel run this program, by seccomp, before every system call from now on."""
    program = program.replace(OWN_PROCESS.to_bytes(4, "little"), os.getpid().to_bytes(4, "little"))
    code = ctypes.create_string_buffer(program, len(program))
    header = _buffer("<HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(header))
