"""What students' code must not do, and which parts of the file system it may see."""

from __future__ import annotations

import errno
import importlib.util
import json
import signal
import sys
import sysconfig
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.requirements import find_requirements

Level = Literal["strong", "standard", "none"]
Layer = Literal[
    "user", "root", "pid", "net", "ipc", "uts", "cgroup", "descriptors", "limits", "uid", "capabilities",
    "privileges", "landlock", "seccomp", "memory",
]  # fmt: skip
LAYERS: tuple[Layer, ...] = get_args(Layer)

DENIED: tuple[str, ...] = (
    # other programs, other processes
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "process_mrelease", "kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kill", "tkill",
    "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    # the network
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
    "recvmmsg",
    # memory that no limit counts
    "shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semtimedop", "semctl", "msgget", "msgsnd", "msgrcv",
    "msgctl", "mq_open", "mq_unlink", "memfd_create", "memfd_secret", "userfaultfd",
    # files and mounts
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick",
    "mount_setattr", "mknod", "mknodat", "name_to_handle_at", "open_by_handle_at", "fanotify_init", "fanotify_mark",
    "inotify_init", "inotify_init1", "quotactl", "quotactl_fd", "swapon", "swapoff",
    # changes of files that Landlock, or its older versions, do not know
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat", "setxattr", "lsetxattr",
    "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat", "utime", "utimes",
    "futimesat", "utimensat", "truncate", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
    "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir",
    # the kernel and the machine
    "unshare", "setns", "bpf", "keyctl", "add_key", "request_key", "perf_event_open", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "io_setup", "personality", "kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "reboot", "acct", "syslog", "sethostname", "setdomainname", "settimeofday",
    "clock_settime", "clock_adjtime", "adjtimex", "iopl", "ioperm", "modify_ldt", "uselib", "vhangup", "lookup_dcookie",
    "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "set_mempolicy", "mbind",
    "migrate_pages", "move_pages", "sched_setscheduler", "sched_setattr", "setpriority", "ioprio_set",
)  # fmt: skip
"""System calls that fail with EPERM; those that an architecture lacks are left out there."""
IN_FOLDERS: frozenset[str] = frozenset(
    ("mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2")
)
"""Of those, what Landlock has known from the start: where a child has a folder of its own, it may do so there."""

_CLONE_THREAD = 0x00010000
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15
_PR_SET_PDEATHSIG = 1
_INT = 0xFFFFFFFF  # the kernel looks at no more of an int, whatever the upper half of its register holds
_INSTALLED = frozenset({"site-packages", "dist-packages", "test", "idlelib", "lib2to3", "ensurepip"})


@dataclass(frozen=True, slots=True)
class Isolation:
    """How far submissions are confined; reasons say why it is no stronger level."""

    level: Level
    reasons: tuple[str, ...] = ()

    def is_weaker_than(self, other: Isolation) -> bool:
        """Whether code that was promised the other's confinement must not run under this one."""
        levels = get_args(Level)  # the strongest first
        return levels.index(self.level) > levels.index(other.level)


def read_isolation(data: bytes) -> Isolation:
    """What a worker says of itself, before any student's code runs in it."""
    said = json.loads(data)
    return Isolation(said["level"], tuple(said["reasons"]))


@dataclass(frozen=True, slots=True)
class Policy:
    """How a worker is to confine its children.

    Args:
        libraries: modules that students may import besides the standard library.
        folders: where to import them from, for `sys.path`.
        readable: folders and files that students' code may read.
        links: symbolic links that the loader needs, as (where, what it says).
        strongest: the level to try first.
        layers: those in force; tests switch single ones off to see what they are good for.
        filter: the seccomp program.
        child: what children do, the name of a module beside the worker.
        folder: where they find their own files, the only thing in its folder; none if empty.
    """

    libraries: tuple[str, ...]
    folders: tuple[str, ...]
    readable: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    strongest: Level
    layers: tuple[Layer, ...]
    filter: bytes
    child: str = "run_submission"
    folder: str = ""

    def to_json(self) -> str:
        """For the worker's command line."""
        return json.dumps(
            {
                "libraries": self.libraries, "folders": self.folders, "readable": self.readable, "links": self.links,
                "strongest": self.strongest, "layers": self.layers, "filter": b64encode(self.filter).decode(),
                "child": self.child, "folder": self.folder,
            }
        )  # fmt: skip


def make_policy(
    libraries: tuple[str, ...], strongest: Level = "strong", without: tuple[Layer, ...] = ()
) -> Policy:
    """The policy for students who may import these libraries.

    Raises:
        SandboxError: a library is not installed here, or system calls cannot be filtered.
    """
    names = tuple(dict.fromkeys(("numpy", *libraries)))
    folders, packages = _find_libraries(names)
    return _confine_to(names, folders, packages, strongest, without)


def make_notebook_policy(
    libraries: tuple[str, ...], folder: Path, strongest: Level = "strong", without: tuple[Layer, ...] = ()
) -> Policy:
    """The policy for notebooks that may import these libraries, and what these need.

    Raises:
        SandboxError: a library is not installed here, or system calls cannot be filtered.
    """
    names = tuple(dict.fromkeys(("IPython", "numpy", *libraries)))
    modules, files = find_requirements(names)
    folders, packages = _find_libraries(modules)
    allowed = frozenset() if strongest == "none" else IN_FOLDERS
    policy = _confine_to(names, folders, [*packages, *files], strongest, without, allowed)
    return replace(policy, child="run_notebook", folder=str(folder))


def _confine_to(
    names: tuple[str, ...],
    folders: Sequence[str],
    packages: Sequence[str],
    strongest: Level,
    without: tuple[Layer, ...],
    allowed: frozenset[str] = frozenset(),
) -> Policy:
    readable = [*_standard_library(), *_shared_objects(), *packages]
    links = [(path, str(Path(path).readlink())) for path in ("/lib", "/lib64") if Path(path).is_symlink()]
    layers = tuple(layer for layer in LAYERS if layer not in without)
    filter = compile_filter(allowed) if strongest != "none" and "seccomp" in layers else b""
    return Policy(
        names, tuple(folders), tuple(dict.fromkeys(readable)), tuple(links), strongest, layers, filter
    )


def _standard_library() -> list[str]:
    """Everything in the folder of the standard library but what was installed there besides, such as this package."""
    folder = Path(sysconfig.get_path("stdlib")).resolve()
    return [
        str(path)
        for path in sorted(folder.iterdir())
        if path.name not in _INSTALLED and not path.is_symlink()
    ]


def _shared_objects() -> list[str]:
    """Where the system's libraries are, which modules of the standard library are linked with."""
    several = sysconfig.get_config_var("MULTIARCH") or "lib64"
    places = {
        Path(path).resolve() for path in (f"/usr/lib/{several}", f"/lib/{several}", "/usr/lib64", "/lib64")
    }
    python = Path(sysconfig.get_config_var("LIBDIR") or "/nonexistent").glob("libpython*.so*")
    return [str(path) for path in sorted({*places, *python}) if path.exists() and not path.is_symlink()]


def _find_libraries(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Folders for `sys.path`, and what of them may be read: these packages and nothing beside them."""
    folders: dict[str, None] = {}
    packages: list[str] = []
    for name in names:
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
        if spec is None or (spec.origin is None and not spec.submodule_search_locations):
            raise SandboxError(f"students may import {name!r}, but it is not installed here; install it")
        if name in sys.stdlib_module_names:
            continue
        for place in map(Path, spec.submodule_search_locations or [str(spec.origin)]):
            folders[str(place.parent)] = None
            packages += [str(path) for path in (place, place.parent / f"{name}.libs") if path.exists()]
    return list(folders), packages


def compile_filter(allowed: frozenset[str] = frozenset()) -> bytes:
    """The seccomp program that denies `DENIED`, new processes (not threads), signals to others and foreign calls.

    What is allowed is left out of `DENIED`. Calls of other architectures are foreign. The
    number of the process that is to obey stands as `OWN_PROCESS`.

    Raises:
        SandboxError: libseccomp is not installed.
    """
    try:
        import pyseccomp

        from grader.answers.sandbox.guest.linux import OWN_PROCESS
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxError(f"system calls cannot be filtered: {error}; install libseccomp") from None
    denied = pyseccomp.ERRNO(errno.EPERM)
    filter = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    filter.set_attr(pyseccomp.Attr.ACT_BADARCH, denied)
    only_if = (
        ("clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0)),
        ("tgkill", pyseccomp.Arg(0, pyseccomp.NE, OWN_PROCESS)),
        ("prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0)),  # 0 is the process itself
        ("sched_setaffinity", pyseccomp.Arg(0, pyseccomp.NE, 0)),
        (
            "prctl",
            pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _INT, _PR_SET_PDEATHSIG),
            pyseccomp.Arg(1, pyseccomp.NE, signal.SIGKILL),
        ),
        *(
            ("fcntl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _INT, command))
            for command in (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX)
        ),
    )
    for name, *when in (*((name,) for name in DENIED if name not in allowed), *only_if):
        try:
            filter.add_rule(denied, name, *when)
        except OSError:  # this architecture, or this version of libseccomp, does not know it
            continue
    # Its flags are in memory that a filter cannot see; told that there is no such call, libraries use clone.
    filter.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        filter.export_bpf(file)
        file.seek(0)
        return file.read()
