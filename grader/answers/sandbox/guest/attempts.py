"""Everything that students' code must not be able to do, tried.

Not imported: its text is run as if it were a submission, before a class is graded. Each function tries one thing
and returns if it succeeded; being refused raises.
"""

import ctypes
import errno
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
OWN_DESCRIPTORS = 2  # requests and results, besides standard input and output
PRIVATE = []  # what the grader keeps to itself: paths
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
ALLOWED_SINCE_424 = (436, 439)  # close_range, faccessat2


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


def read_private():
    """Read or list any of the paths that the grader keeps to itself."""
    for path in PRIVATE:
        try:
            os.close(os.open(path, os.O_RDONLY))
            return
        except OSError:
            continue
    raise OSError("none")


def write_somewhere():
    """Make a file in any of the usual places; one without a name, of which nothing is left if it succeeds."""
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/", os.getcwd(), "/root", "/home"):
        try:
            os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
            return
        except OSError:
            continue
    os.close(os.open(os.__file__, os.O_WRONLY))


def mount():
    """Reach the point where only the kind of file system is wrong."""
    if libc.mount(b"none", b"/", b"no such kind", 0, None) < 0 and ctypes.get_errno() != errno.ENODEV:
        raise OSError("refused")


def make_device():
    """A second /dev/null."""
    call("mknodat", -100, b"/tmp/attempt-device", 0o20600, 0x103)
    os.unlink("/tmp/attempt-device")


def make_shared_memory():
    """A segment that would outlive this process."""
    segment = libc.shmget(0, 4096, 0o1600)
    check(segment)
    libc.shmctl(segment, 0, None)


def make_message_queue():
    """A queue that would outlive this process."""
    queue = libc.msgget(0, 0o1600)
    check(queue)
    libc.msgctl(queue, 0, None)


def make_unlisted_calls():
    """Reach the kernel with a call that a list made some years ago does not know: it is refused, or not there."""
    for number in range(424, 600):
        if number not in ALLOWED_SINCE_424:
            arguments = [ctypes.c_long(-1)] * 6
            if libc.syscall(number, *arguments) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
                return
    raise OSError("all refused")


def lock_shared_file():
    """Lock a file of Python's, which every submission can ask about; known by what a second lock is told."""
    with open(os.__file__, "rb") as first, open(os.__file__, "rb") as second:
        fcntl.flock(first, fcntl.LOCK_EX)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
    raise OSError("only pretended")


def ask_about_processes():
    """Find out whether a process exists."""
    os.getsid(os.getppid())


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
    """Find an open descriptor that is none of those that belong here."""
    found = []
    for number in range(3, 256):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            continue
    if len(found) <= OWN_DESCRIPTORS:
        raise OSError("none")


def signal_parent():
    """Reach the parent, or whoever it is that process 1 stands for."""
    os.kill(os.getppid(), signal.SIGCONT)


def own_signals():
    """Have the kernel signal the parent, by way of a pipe."""
    reader, writer = os.pipe()
    try:
        fcntl.fcntl(reader, fcntl.F_SETOWN, os.getppid())
    finally:
        os.close(reader)
        os.close(writer)


def raise_limits():
    """More memory than was given."""
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def call_as_32_bit():
    """The gate of 32-bit programs, where calls have other numbers."""
    if platform.machine() != "x86_64":
        raise OSError("no such gate")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
    check(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())


ATTEMPTS = {
    "read a file": lambda: open("/etc/passwd", "rb").read(),
    "read solutions or other submissions": read_private,
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
    "trace the parent": lambda: check(libc.ptrace(0x4206, os.getppid(), 0, 0)),
    "read the parent's memory": lambda: check(libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0)),
    "hold a process": lambda: call("pidfd_open", os.getppid(), 0),
    "lock a file of Python's": lock_shared_file,
    "hold strange descriptors": hold_strange_descriptors,
    "make shared memory": make_shared_memory,
    "make a file in memory": lambda: check(libc.memfd_create(b"x", 0)),
    "make a message queue": make_message_queue,
    "mount": mount,
    "mount by handle": lambda: call("fsopen", b"tmpfs", 0),
    "open a tree of mounts": lambda: call("open_tree", -100, b"/", 1),
    "change the root folder": lambda: check(libc.chroot(b"/")),
    "make a device": make_device,
    "leave namespaces": lambda: check(libc.unshare(0x10000000)),
    "become root": lambda: (os.setresuid(0, 0, 0), os.setgroups([0])),
    "name the host": lambda: socket.sethostname(socket.gethostname()),
    "change personality": lambda: check(libc.personality(0x0040000)),
    "load a program into the kernel": lambda: call("bpf", 0, None, 0),
    "have the parent signalled": own_signals,
    "limit the parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE),
    "raise limits": raise_limits,
    "change a file's mode": lambda: os.chmod(os.__file__, os.stat(os.__file__).st_mode),
    "empty a file": lambda: check(libc.truncate(b"/dev/null", 0)),
    "use keys": lambda: call("keyctl", 0, -3, 1),
    "measure the machine": lambda: call("perf_event_open", None, 0, -1, -1, 0),
    "use io_uring": lambda: call("io_uring_setup", 1, ctypes.create_string_buffer(120)),
    "make calls that are on no list": make_unlisted_calls,
    "ask about other processes": ask_about_processes,
    "write everything to disk": lambda: check(libc.syncfs(0)),
    "handle page faults": lambda: call("userfaultfd", 1),
}


def foreign():
    """1 if a call of another architecture is answered; asked apart, as some filters kill for it."""
    try:
        call_as_32_bit()
    except Exception:
        return 0.0
    return 1.0


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
