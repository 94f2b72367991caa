"""Everything that students' code must not be able to do, tried.

Not imported: its text is run as if it were a submission, before a class is graded. Each function tries one thing
and returns if it succeeded; being refused raises.
"""

import ctypes
import os
import platform
import signal
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
# Calls that the C library has no function for, by architecture.
NUMBERS = {
    "x86_64": {
        "bpf": 321,
        "keyctl": 250,
        "perf_event_open": 298,
        "userfaultfd": 323,
        "mknodat": 259,
        "mq_open": 240,
    },
    "aarch64": {
        "bpf": 280,
        "keyctl": 219,
        "perf_event_open": 241,
        "userfaultfd": 282,
        "mknodat": 33,
        "mq_open": 180,
    },
}
EVERYWHERE = {
    "pidfd_open": 434,
    "io_uring_setup": 425,
    "pidfd_send_signal": 424,
    "open_tree": 428,
    "fsopen": 430,
}


def check(result):
    """Raise if a function of the C library was refused."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def call(name, *arguments):
    """A system call by name."""
    number = EVERYWHERE.get(name) or NUMBERS.get(platform.machine(), {}).get(name)
    if number is None:
        raise OSError("no such call here")
    check(libc.syscall(number, *arguments))


def write_somewhere():
    """Create a file in any of the usual places."""
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/", os.getcwd(), "/root", "/home"):
        try:
            with open(f"{folder}/attempt-{os.getpid()}", "wb") as file:
                file.write(b"x")
            return
        except OSError:
            continue
    raise OSError("refused everywhere")


def see_other_processes():
    """Find a process other than this one and its parent."""
    if os.path.exists("/proc/self/environ"):
        with open("/proc/1/cmdline", "rb") as file:
            file.read()
        return
    raise OSError("no /proc")


def run_child():
    """Fork."""
    if os.fork() == 0:
        os._exit(0)


def hold_strange_descriptors():
    """Find an open descriptor that is none of the four that belong here."""
    found = []
    for number in range(3, 256):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            continue
    if len(found) <= 1:
        raise OSError("none")


def signal_parent():
    """Reach the parent, or whoever it is that process 1 stands for."""
    os.kill(os.getppid(), signal.SIGCONT)


ATTEMPTS = {
    "read a file": lambda: open("/etc/passwd", "rb").read(),
    "list the root folder": lambda: os.listdir("/"),
    "write a file": write_somewhere,
    "see other processes": see_other_processes,
    "read memory": lambda: open("/proc/self/mem", "rb").read(1),
    "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "open a datagram socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "open a local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "open a pair of sockets": socket.socketpair,
    "fork": run_child,
    "run a program": lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),
    "signal the parent": signal_parent,
    "trace the parent": lambda: check(libc.ptrace(16, os.getppid(), 0, 0)),
    "read the parent's memory": lambda: check(libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0)),
    "hold a process": lambda: call("pidfd_open", os.getppid(), 0),
    "hold strange descriptors": hold_strange_descriptors,
    "make shared memory": lambda: check(libc.shmget(0, 4096, 0o1600)),
    "make a file in memory": lambda: check(libc.memfd_create(b"x", 0)),
    "make a message queue": lambda: check(libc.msgget(0, 0o1600)),
    "mount": lambda: check(libc.mount(b"none", b"/", b"tmpfs", 0, None)),
    "mount by handle": lambda: call("fsopen", b"tmpfs", 0),
    "open a tree of mounts": lambda: call("open_tree", -100, b"/", 1),
    "change the root folder": lambda: check(libc.chroot(b"/")),
    "make a device": lambda: call("mknodat", -100, b"/tmp/device", 0o20600, 0x103),
    "leave namespaces": lambda: check(libc.unshare(0x10000000)),
    "become root": lambda: (os.setresuid(0, 0, 0), os.setgroups([0])),
    "name the host": lambda: socket.sethostname("attempt"),
    "change personality": lambda: check(libc.personality(0x0040000)),
    "load a program into the kernel": lambda: call("bpf", 0, None, 0),
    "use keys": lambda: call("keyctl", 0, -3, 1),
    "measure the machine": lambda: call("perf_event_open", None, 0, -1, -1, 0),
    "use io_uring": lambda: call("io_uring_setup", 1, ctypes.create_string_buffer(120)),
    "handle page faults": lambda: call("userfaultfd", 1),
}


def succeeded():
    """The numbers of the attempts that were not refused."""
    found = []
    for number, attempt in enumerate(ATTEMPTS.values()):
        try:
            attempt()
        except Exception:
            continue
        found.append(float(number))
    return [*found, -1.0]
