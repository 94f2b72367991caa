"""The system calls that students' code must not make, as a seccomp program."""

from __future__ import annotations

import errno
import signal
import tempfile
from collections.abc import Iterator
from typing import Any

from grader.answers.sandbox.answer import SandboxError

_DENIED_FOR: dict[str, str] = {
    "other programs, other processes": """
        execve execveat fork vfork ptrace process_vm_readv process_vm_writev process_madvise
        process_mrelease kcmp pidfd_open pidfd_getfd pidfd_send_signal kill tkill rt_sigqueueinfo
        rt_tgsigqueueinfo
    """,
    "the network": """
        socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg recvmmsg
    """,
    "memory that no limit counts": """
        shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open
        mq_unlink memfd_create memfd_secret userfaultfd
    """,
    "files and mounts": """
        mount umount2 pivot_root chroot move_mount open_tree fsopen fsmount fsconfig fspick
        mount_setattr mknod mknodat name_to_handle_at open_by_handle_at fanotify_init fanotify_mark
        inotify_init inotify_init1 quotactl quotactl_fd swapon swapoff
    """,
    "changes of files that Landlock, or its older versions, do not know": """
        chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat setxattr lsetxattr fsetxattr
        setxattrat removexattr lremovexattr fremovexattr removexattrat utime utimes futimesat utimensat
        truncate rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat
        rmdir
    """,
    "the kernel and the machine": """
        unshare setns bpf keyctl add_key request_key perf_event_open io_uring_setup io_uring_enter
        io_uring_register io_setup personality kexec_load kexec_file_load init_module finit_module
        delete_module reboot acct syslog sethostname setdomainname settimeofday clock_settime
        clock_adjtime adjtimex iopl ioperm modify_ldt uselib vhangup lookup_dcookie seccomp
        landlock_create_ruleset landlock_add_rule landlock_restrict_self set_mempolicy mbind
        migrate_pages move_pages sched_setscheduler sched_setattr setpriority ioprio_set
    """,
}
"""Why they are denied → their names. Those that an architecture lacks are left out there."""
DENIED: tuple[str, ...] = tuple(name for names in _DENIED_FOR.values() for name in names.split())
"""System calls that fail with EPERM."""
IN_FOLDERS: frozenset[str] = frozenset(
    ("mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2")
)
"""Of those, what Landlock has known from the start: where a child has a folder of its own, it may do so there."""

_CLONE_THREAD = 0x00010000
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15
_PR_SET_PDEATHSIG = 1
_INT = 0xFFFFFFFF  # the kernel looks at no more of an int, whatever the upper half of its register holds


def compile_filter(allowed: frozenset[str] = frozenset()) -> bytes:
    """Compile the program that denies `DENIED`, new processes (not threads), signals to others and foreign calls.

    Calls of other architectures are foreign. The number of the process that is to obey stands as `OWN_PROCESS`.

    Args:
        allowed: calls of `DENIED` that are left out.

    Raises:
        SandboxError: libseccomp is not installed.
    """
    try:
        # Elsewhere than on Linux neither can be imported, but this module must be.
        import pyseccomp

        from grader.answers.sandbox.guest.linux import OWN_PROCESS
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxError(f"system calls cannot be filtered: {error}; install libseccomp") from None

    program = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    denied = pyseccomp.ERRNO(errno.EPERM)
    program.set_attr(pyseccomp.Attr.ACT_BADARCH, denied)
    for name, conditions in _rules(pyseccomp, OWN_PROCESS, allowed):
        try:
            program.add_rule(denied, name, *conditions)
        except OSError:  # this architecture, or this version of libseccomp, does not know it
            continue

    # Its flags are in memory that a filter cannot see; told that there is no such call, libraries use clone.
    program.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()


def _rules(
    pyseccomp: Any, own_process: int, allowed: frozenset[str]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield each call that is denied, and the conditions on its arguments under which it is."""
    arg, differs, masked = pyseccomp.Arg, pyseccomp.NE, pyseccomp.MASKED_EQ
    for name in DENIED:
        if name not in allowed:
            yield name, ()

    yield "clone", (arg(0, masked, _CLONE_THREAD, 0),)
    yield "tgkill", (arg(0, differs, own_process),)
    yield "prlimit64", (arg(0, differs, 0),)  # 0 is the process itself
    yield "sched_setaffinity", (arg(0, differs, 0),)
    yield "prctl", (arg(0, masked, _INT, _PR_SET_PDEATHSIG), arg(1, differs, signal.SIGKILL))
    for command in (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX):
        yield "fcntl", (arg(1, masked, _INT, command),)
