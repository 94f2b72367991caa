"""The zygote, seen from outside: started, kept alive, and told to fork and end children.

The zygote itself is `guest/zygote.py`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.listener import Listener, Pipes, show_output
from grader.answers.sandbox.policy import Isolation, Layer, Level, Policy, read_isolation
from grader.answers.sandbox.processor_clock import ProcessorClock, make_clock

_START_SECONDS = 60.0
_REPLY_SECONDS = 20.0
_ONE_THREAD = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "BLIS", "VECLIB_MAXIMUM")
# Where libraries are, and which kernels they compute with: a student's last bits are to come from the same ones as the
# grader's own doubles, and whoever works around a kernel that fails on this machine does so for both.
_LIBRARIES = (
    "LD_LIBRARY_PATH",
    "OPENBLAS_CORETYPE",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "BLIS_ARCH_TYPE",
    "NPY_DISABLE_CPU_FEATURES",
)
_Result = TypeVar("_Result")
_Conversation = TypeVar("_Conversation", bound=Listener)


class ZygoteLost(Exception):
    """The zygote does not answer."""


class ZygoteKeeper(ABC):
    """A sandbox that keeps a zygote alive, and starts another when it is lost.

    Starting one returns at once, while its libraries load in the background; the first child waits for them.

    Args:
        limits: what each child may use.
        libraries: what may be imported besides the standard library; loaded once, before any child is forked.
        strongest: the level of isolation to try first.
        without: layers to leave out, to see what they are good for.

    Raises:
        SandboxError: this machine cannot, or a library is not installed.
    """

    def __init__(
        self,
        limits: Limits,
        libraries: tuple[str, ...] = ("numpy",),
        strongest: Level = "strong",
        without: tuple[Layer, ...] = (),
    ) -> None:
        if not hasattr(os, "fork") or not Path("/proc/self/statm").exists():
            raise SandboxError(
                "students' code can be run on Linux only; use WSL or a container on this machine"
            )

        self.limits = limits
        self._zygote: Zygote | None = None
        try:
            self._policy = self._make_policy(libraries, strongest, without)
            self._open()
        except BaseException:
            self.close()
            raise

    @abstractmethod
    def _make_policy(
        self, libraries: tuple[str, ...], strongest: Level, without: tuple[Layer, ...]
    ) -> Policy:
        """Say what children of this sandbox must not do."""

    @property
    def isolation(self) -> Isolation:
        """How far submissions are confined here; waits until that is known."""
        return self._open().wait_ready()

    def _open(self) -> Zygote:
        if self._zygote is None:
            self._zygote = Zygote(self._policy)
        return self._zygote

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; safe to repeat."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def _with_retry(self, attempt: Callable[[], _Result]) -> _Result:
        """Return what an attempt does; make it again, with another zygote, if the first is lost.

        Raises:
            SandboxError: the sandbox failed, twice.
        """
        for _ in range(2):
            try:
                self._open().wait_ready()
                return attempt()
            except ZygoteLost as lost:
                reason = str(lost)
                self.close()
            except BaseException:  # such as Ctrl-C: a child must not keep running
                self.close()
                raise

        raise SandboxError(f"the process that runs students' code failed twice: {reason}")

    def _talk(
        self, begin: Callable[[Zygote], tuple[_Conversation, bytes]], outputs: int = 1
    ) -> tuple[_Conversation, int]:
        """Fork a child, talk to it until the end, and reap it.

        Args:
            begin: makes a conversation and its first message, while the child starts.
            outputs: 1 pipe for standard output and errors together, or 2, one for each.

        Returns:
            The conversation, and the child's wait status.
        """
        zygote = self._open()
        with contextlib.ExitStack() as ours:
            with contextlib.ExitStack() as theirs:
                request_end, request_pipe = _open_pipe(theirs, ours)
                result_pipe, result_end = _open_pipe(ours, theirs)
                output_pipes = [_open_pipe(ours, theirs) for _ in range(outputs)]
                zygote.start_child(request_end, result_end, *(end for _, end in output_pipes))
            for pipe in (result_pipe, *(pipe for pipe, _ in output_pipes)):
                _enlarge(pipe)

            conversation, request = begin(zygote)
            conversation.clock = zygote.open_clock()
            pipes = Pipes(request_pipe, result_pipe, tuple(pipe for pipe, _ in output_pipes))
            conversation.run(request, pipes)
            status = zygote.end_child(conversation.child_exits)
            for pipe in pipes.outputs:
                conversation.drain(pipe)

        if not conversation.started:
            printed = show_output(conversation.output)[-500:].strip()
            raise ZygoteLost(printed or f"it ended early, wait status {status}")
        return conversation, status


class Zygote:
    """The process that forks a child for each submission, seen from outside."""

    def __init__(self, policy: Policy) -> None:
        self._socket, theirs = socket.socketpair()
        # Its standard error, shown if it fails; a file, so that nobody has to read it meanwhile.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._isolation: Isolation | None = None
        self._shared = b""

        script = Path(__file__).resolve().parent / "guest" / "zygote.py"
        command = [sys.executable, "-I", "-S", "-B", str(script), str(theirs.fileno()), policy.to_json()]
        with theirs, self._closing_on_error():
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                cwd="/",
                start_new_session=True,
            )

    @contextlib.contextmanager
    def _closing_on_error(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._socket.close()
            self._errors.close()
            raise SandboxError(f"Python cannot be started to run students' code: {error}") from None

    def wait_ready(self) -> Isolation:
        """Wait until the libraries are loaded and the zygote is confined, and say how far it is."""
        if self._isolation is None:
            size = self._receive_number(_START_SECONDS)
            self._isolation = read_isolation(self._receive(size, _REPLY_SECONDS))
        return self._isolation

    def share(self, data: bytes) -> None:
        """Tell the zygote what all children are to know from now on, unless it knows already."""
        if data == self._shared:
            return

        self._socket.settimeout(_REPLY_SECONDS)
        with self._telling_if_lost():
            self._socket.sendall(b"C" + struct.pack("<I", len(data)) + data)
        self._shared = data

    def start_child(self, *pipes: int) -> None:
        """Fork a child that holds these pipes; if that fails, the pipes are closed and `open_clock` raises."""
        self._send(b"R", pipes)

    def open_clock(self) -> ProcessorClock:
        """Wait until the child is there, and return what reads its processor time."""
        self._socket.settimeout(_REPLY_SECONDS)
        with self._telling_if_lost():
            reply, handles, _, _ = socket.recv_fds(self._socket, 1, 1)
        if reply != b"R":
            raise ZygoteLost(self._last_error("it has ended"))
        return make_clock(handles[0]) if handles else lambda: 0.0

    def interrupt_child(self) -> None:
        """Do what Ctrl-C does in a terminal."""
        self._send(b"I", ())

    def end_child(self, it_exits: bool) -> int:
        """Kill the child and all it started, and return its wait status.

        Args:
            it_exits: give it a moment to exit by itself, so that the status is its own.
        """
        self._send(b"W" if it_exits else b"K", ())
        return self._receive_number(_REPLY_SECONDS)

    def close(self) -> None:
        """End the zygote, and by that its child."""
        self._socket.close()
        try:
            self._process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _send(self, command: bytes, pipes: Sequence[int]) -> None:
        with self._telling_if_lost():
            socket.send_fds(self._socket, [command], list(pipes))

    def _receive_number(self, seconds: float) -> int:
        number: int = struct.unpack("<i", self._receive(4, seconds))[0]
        return number

    def _receive(self, size: int, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        with self._telling_if_lost():
            data = self._socket.recv(size, socket.MSG_WAITALL)
        if len(data) != size:
            raise ZygoteLost(self._last_error("it has ended"))
        return data

    @contextlib.contextmanager
    def _telling_if_lost(self) -> Iterator[None]:
        """Raise ZygoteLost, with what the zygote said last, where its connection fails."""
        try:
            yield
        except OSError as error:
            raise ZygoteLost(self._last_error(str(error))) from None

    def _last_error(self, default: str) -> str:
        self._errors.seek(0)
        lines = self._errors.read(100_000).decode("utf-8", "replace").strip().splitlines()
        return wire.make_printable(lines[-1])[:500] if lines else default


def _environment() -> dict[str, str]:
    """Make the environment of students' code; nothing of the grader's own is in it."""
    kept = {name: os.environ[name] for name in _LIBRARIES if name in os.environ}
    fixed = {
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        "PATH": "/usr/bin:/bin",
    }
    return {**kept, **fixed, **one_thread()}


def one_thread() -> dict[str, str]:
    """Make the variables with which libraries compute in one thread."""
    return {f"{name}_NUM_THREADS": "1" for name in _ONE_THREAD}


def _open_pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """Open a pipe whose ends are closed with their owners."""
    read_end, write_end = os.pipe()
    reader.callback(os.close, read_end)
    writer.callback(os.close, write_end)
    return read_end, write_end


def _enlarge(pipe: int) -> None:
    """Make room for answers, and for what is printed, while nobody reads them."""
    import fcntl  # where there is none, this module can still be imported

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
