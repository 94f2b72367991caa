"""The system calls that students' code may make, as a seccomp program: what is not listed here is refused."""

from __future__ import annotations

import contextlib
import errno
import signal
import tempfile
from collections.abc import Iterator
from typing import Any

from grader.answers.sandbox.answer import SandboxError

ALLOWED: dict[str, str] = {
    "memory": "brk mmap munmap mremap mprotect madvise msync",
    "reading files, and writing to its own pipes": """
        read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek close close_range
        getdents getdents64 dup dup2 dup3 pipe pipe2
    """,
    "looking at files": """
        stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getcwd chdir
        fchdir umask
    """,
    "waiting": """
        poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd
        eventfd2 nanosleep clock_nanosleep pause wait4 waitid restart_syscall
    """,
    "its own signals and timers": """
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
        alarm getitimer setitimer
    """,
    "threads": """
        futex set_robust_list set_tid_address rseq gettid sched_yield sched_get_priority_max
        sched_get_priority_min arch_prctl exit exit_group
    """,
    "the time": "clock_gettime clock_getres gettimeofday time times getrusage",
    "itself and the machine": """
        getpid getppid getuid geteuid getgid getegid getgroups getresuid getresgid getrlimit setrlimit
        uname sysinfo getcpu getrandom
    """,
    "giving up rights": "setresuid setresgid capset capget",
}
"""What they are for → their names. Those that an architecture lacks are left out there."""

IN_FOLDERS: dict[str, str] = {
    "files in a folder of its own": """
        open openat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 ftruncate fallocate sendfile
        copy_file_range statfs fstatfs
    """,
}
"""More of them, where a child has a folder of its own; Landlock closes all others."""

PRETENDED: tuple[str, ...] = ("flock", "fsync", "fdatasync")
"""Calls that do nothing and succeed in such a folder: nobody else uses its files, and none outlives the child."""

_FCNTL = {"F_DUPFD": 0, "F_GETFD": 1, "F_SETFD": 2, "F_GETFL": 3, "F_SETFL": 4, "F_DUPFD_CLOEXEC": 1030}
_FCNTL_LOCKS = {"F_SETLK": 6, "F_SETLKW": 7, "F_OFD_SETLK": 37, "F_OFD_SETLKW": 38}
_IOCTL = {
    "TCGETS": 0x5401,
    "TIOCGWINSZ": 0x5413,
    "FIONREAD": 0x541B,
    "FIONBIO": 0x5421,
    "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451,
}
_CLONE_THREAD = 0x00010000
# O_WRONLY and O_RDWR, O_CREAT, O_TRUNC, and what O_TMPFILE adds to a folder
_TO_WRITE = 0o3 | 0o100 | 0o1000 | 0o20000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME, _PR_GET_NAME = 1, 4, 15, 16
_INT = 0xFFFFFFFF  # the kernel looks at no more of an int, whatever the upper half of its register holds


def compile_filter(has_folder: bool = False) -> bytes:
    """Compile the program that allows `ALLOWED` and a few more calls with some arguments, and refuses all others.

    Calls of other architectures are refused. The number of the process that is to obey stands as `OWN_PROCESS`.

    Args:
        has_folder: the process has a folder of its own to write in.

    Raises:
        SandboxError: libseccomp is not installed.
    """
    try:
        # Elsewhere than on Linux neither can be imported, but this module must be.
        import pyseccomp

        from grader.answers.sandbox.guest.linux import OWN_PROCESS
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxError(f"system calls cannot be filtered: {error}; install libseccomp") from None

    refused = pyseccomp.ERRNO(errno.EPERM)
    program = pyseccomp.SyscallFilter(defaction=refused)
    program.set_attr(pyseccomp.Attr.ACT_BADARCH, refused)
    for action, name, conditions in _rules(pyseccomp, OWN_PROCESS, has_folder):
        # What this architecture, or this version of libseccomp, does not know is refused.
        with contextlib.suppress(OSError):
            program.add_rule(action, name, *conditions)

    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()


def _rules(pyseccomp: Any, own_process: int, has_folder: bool) -> Iterator[tuple[Any, str, tuple[Any, ...]]]:
    """Yield what is done with each call that is not refused, and the conditions on its arguments."""
    arg, equals, masked = pyseccomp.Arg, pyseccomp.EQ, pyseccomp.MASKED_EQ
    allow, succeed, unknown = pyseccomp.ALLOW, pyseccomp.ERRNO(0), pyseccomp.ERRNO(errno.ENOSYS)
    groups = {**ALLOWED, **IN_FOLDERS} if has_folder else ALLOWED
    for names in groups.values():
        for name in names.split():
            yield allow, name, ()

    yield allow, "clone", (arg(0, masked, _CLONE_THREAD, _CLONE_THREAD),)
    # Its flags are in memory that a filter cannot see; told that there is no such call, libraries use clone.
    yield unknown, "clone3", ()
    yield allow, "tgkill", (arg(0, equals, own_process),)
    yield allow, "prlimit64", (arg(0, equals, 0),)  # 0 is the process itself
    for process in (0, own_process):
        yield allow, "sched_getaffinity", (arg(0, equals, process),)
        yield allow, "sched_setaffinity", (arg(0, equals, process),)

    yield allow, "prctl", (arg(0, masked, _INT, _PR_SET_PDEATHSIG), arg(1, equals, signal.SIGKILL))
    yield allow, "prctl", (arg(0, masked, _INT, _PR_SET_DUMPABLE), arg(1, equals, 0))
    for option in (_PR_SET_NAME, _PR_GET_NAME):
        yield allow, "prctl", (arg(0, masked, _INT, option),)
    for command in _FCNTL.values():
        yield allow, "fcntl", (arg(1, masked, _INT, command),)
    for request in _IOCTL.values():
        yield allow, "ioctl", (arg(1, masked, _INT, request),)

    if not has_folder:
        yield allow, "open", (arg(1, masked, _TO_WRITE, 0),)
        yield allow, "openat", (arg(2, masked, _TO_WRITE, 0),)
    else:
        for name in PRETENDED:
            yield succeed, name, ()
        for command in _FCNTL_LOCKS.values():
            yield succeed, "fcntl", (arg(1, masked, _INT, command),)
