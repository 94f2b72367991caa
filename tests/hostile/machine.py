"""Other machines, on this one: run a command as an ordinary user, or where the kernel grants less.

    python machine.py [--keep=FOLDER] [--user] [--open] [--no-namespaces] [--no-landlock] COMMAND…

With `--keep` all files but those in a folder are for reading only, for the command alone. It is there because layers of
isolation are switched off to see what notices it: what a hostile submission then does must end in that folder.

An ordinary user must be able to read Python. Where it lies in a folder that is closed to others, as when root has it in
its home, that folder is covered for the command alone, by one in which only Python and this checkout are seen. With
`--open` the same is done for root, whose submissions run as a user that nobody is.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

import pyseccomp

ROOT = Path(__file__).resolve().parents[2]
USER = 12345
_CLONE_NEWNS, _MS_BIND, _MS_PRIVATE_REC = 0x20000, 4096, (1 << 18) | 16384
_MOUNT_SETATTR, _AT_RECURSIVE, _RDONLY = 442, 0x8000, 1  # the number is the same on every architecture
_libc = ctypes.CDLL(None, use_errno=True)


def closed_folder(path: Path) -> Path | None:
    """The first folder on the way to a path that others may not pass."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 1), None)


def closed_to_others() -> list[Path]:
    """The folders that keep an ordinary user from Python and this checkout."""
    return [folder for path in _needed() if (folder := closed_folder(path))]


def may_mount() -> bool:
    """Whether this process, as root in most places and not in many containers, can arrange mounts of its own."""
    pid = os.fork()
    if pid == 0:
        os._exit(
            0
            if _libc.unshare(_CLONE_NEWNS) == 0
            and _libc.mount(b"none", b"/", None, _MS_PRIVATE_REC, None) == 0
            else 1
        )
    return os.waitpid(pid, 0)[1] == 0


def _needed() -> list[Path]:
    return sorted({*(Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)), ROOT})


def open_to_all(paths: Sequence[Path]) -> None:
    """Cover the closed folders on the way to these paths, for this process and those it starts.

    Raises:
        OSError: this process may not mount.
    """
    closed = {path: folder for path in paths if (folder := closed_folder(path))}
    if not closed:
        return
    _check(_libc.unshare(_CLONE_NEWNS), "leaving the mounts")
    _mount("none", "/", None, _MS_PRIVATE_REC)
    opened = {path: os.open(path, os.O_PATH) for path in closed}
    for folder in sorted(set(closed.values())):
        _mount("none", str(folder), "tmpfs", 0, "mode=755")
    for path, descriptor in opened.items():
        path.mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", str(path), None, _MS_BIND)
        os.close(descriptor)


def keep_safe(folder: Path) -> None:
    """Nothing but what is in this folder, and the kernel's own, can be written to, by this process and those it starts.

    Raises:
        OSError: this process may not mount.
    """
    _check(_libc.unshare(_CLONE_NEWNS), "leaving the mounts")
    _mount("none", "/", None, _MS_PRIVATE_REC)
    _mount(str(folder), str(folder), None, _MS_BIND)
    _set_mount("/", _AT_RECURSIVE, _RDONLY, 0)
    for path in (str(folder), "/proc"):
        _set_mount(path, 0, 0, _RDONLY)


def become_user() -> None:
    """An ordinary user without groups and rights."""
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def deny(*calls: str) -> None:
    """What containers do, and old kernels: these system calls fail."""
    filter = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    filter.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.ALLOW)  # not what is to be tested
    for call in calls:
        filter.add_rule(pyseccomp.ERRNO(errno.EPERM), call)
    filter.load()


def _set_mount(path: str, flags: int, set: int, clear: int) -> None:
    attributes = struct.pack("<QQQQ", set, clear, 0, 0)
    result = _libc.syscall(
        _MOUNT_SETATTR, -100, path.encode(), flags, attributes, ctypes.c_size_t(len(attributes))
    )
    _check(result, f"protecting {path}")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode() if kind else None)
    _check(_libc.mount(*arguments, ctypes.c_ulong(flags), options.encode() or None), f"mounting {target}")


def _check(result: int, what: str) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def main() -> None:
    """Change the machine and become the command."""
    command = sys.argv[1:]
    wanted = set()
    while command[0].startswith("--"):
        wanted.add(command.pop(0))
    for word in sorted(wanted):
        if word.startswith("--keep="):
            keep_safe(Path(word.partition("=")[2]))
    if wanted & {"--user", "--open"}:
        open_to_all(_needed())
    if "--user" in wanted:
        become_user()
    if "--no-namespaces" in wanted:
        deny("unshare")
    if "--no-landlock" in wanted:
        deny("landlock_create_ruleset")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
