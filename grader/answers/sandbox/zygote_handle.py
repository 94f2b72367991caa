"""The worker process seen from outside, kept alive, and one child of it from fork to reaping."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.listener import Listener, show
from grader.answers.sandbox.policy import Isolation, Policy, read_isolation

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
_Talk = TypeVar("_Talk", bound=Listener)


class ZygoteLost(Exception):
    """The zygote does not answer."""


class ZygoteKeeper:
    """Holds a zygote, and starts another when it is lost.

    Starting one returns at once, while its libraries load in the background; the first child waits for them.

    Raises:
        SandboxError: this machine cannot.
    """

    def __init__(self, policy: Policy) -> None:
        if not hasattr(os, "fork") or not Path("/proc/self/statm").exists():
            raise SandboxError(
                "students' code can be run on Linux only; use WSL or a container on this machine"
            )
        self._policy = policy
        self._zygote: Zygote | None = Zygote(policy)

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

    def _insist(self, attempt: Callable[[], _Result]) -> _Result:
        """What an attempt gives; it is made again if the zygote was lost.

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

    def _ask(self, begin: Callable[[Zygote], tuple[_Talk, bytes]], streams: int = 1) -> tuple[_Talk, int]:
        """One child, from fork to reaping: what was said and its wait status.

        Args:
            begin: makes a conversation and its first words, while the child starts.
            streams: 1 for standard output and errors together, 2 for both apart.
        """
        zygote = self._open()
        with contextlib.ExitStack() as ours:
            theirs = contextlib.ExitStack()
            with theirs:
                request_end, request_pipe = _open_pipe(theirs, ours)
                result_pipe, result_end = _open_pipe(ours, theirs)
                outputs = [_open_pipe(ours, theirs) for _ in range(streams)]
                zygote.start_child(request_end, result_end, *(end for _, end in outputs))
            _enlarge(result_pipe)
            talk, request = begin(zygote)
            output_pipes = [pipe for pipe, _ in outputs]
            talk.hold(request, request_pipe, result_pipe, output_pipes)
            status = zygote.end_child(talk.hung_up)
            for pipe in output_pipes:
                talk.drain(pipe)
        if not talk.started:
            raise ZygoteLost(show(talk.output)[-500:].strip() or f"it ended early, wait status {status}")
        return talk, status


class Zygote:
    """The worker process, seen from outside."""

    def __init__(self, policy: Policy) -> None:
        self._socket, theirs = socket.socketpair()
        # Its standard error, shown if it fails; a file, so that nobody has to read it meanwhile.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._isolation: Isolation | None = None
        worker = Path(__file__).resolve().parent / "guest" / "zygote.py"
        command = [sys.executable, "-I", "-S", "-B", str(worker), str(theirs.fileno()), policy.to_json()]
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
        """Wait until the libraries are loaded and the zygote is confined; how far it is."""
        if self._isolation is None:
            size = self._receive(_START_SECONDS)
            self._isolation = read_isolation(self._receive_bytes(size, _REPLY_SECONDS))
        return self._isolation

    def start_child(self, *pipes: int) -> None:
        """Fork a child that holds these pipes; if that fails, the pipes are closed and `end_child` raises."""
        self._send(b"R", pipes)

    def interrupt_child(self) -> None:
        """What Ctrl-C does in a terminal."""
        self._send(b"I", ())

    def end_child(self, hung_up: bool) -> int:
        """Kill the child and all it started; its wait status, its own if it has ended by itself."""
        self._send(b"W" if hung_up else b"K", ())
        return self._receive(_REPLY_SECONDS)

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
        try:
            socket.send_fds(self._socket, [command], list(pipes))
        except OSError as error:
            raise ZygoteLost(self._last_words(str(error))) from None

    def _receive(self, seconds: float) -> int:
        number: int = struct.unpack("<i", self._receive_bytes(4, seconds))[0]
        return number

    def _receive_bytes(self, size: int, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(size, socket.MSG_WAITALL)
        except OSError as error:
            raise ZygoteLost(self._last_words(str(error))) from None
        if len(data) != size:
            raise ZygoteLost(self._last_words("it has ended"))
        return data

    def _last_words(self, otherwise: str) -> str:
        self._errors.seek(0)
        lines = self._errors.read(100_000).decode("utf-8", "replace").strip().splitlines()
        return wire.make_printable(lines[-1])[:500] if lines else otherwise


def _environment() -> dict[str, str]:
    """All that students' code finds in its environment; nothing of the grader's own."""
    kept = {name: os.environ[name] for name in _LIBRARIES if name in os.environ}
    fixed = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}
    return {**kept, **fixed, **{f"{name}_NUM_THREADS": "1" for name in _ONE_THREAD}}


def _open_pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """A pipe whose ends are closed with their owners."""
    read_end, write_end = os.pipe()
    reader.callback(os.close, read_end)
    writer.callback(os.close, write_end)
    return read_end, write_end


def _enlarge(pipe: int) -> None:
    """Make room for answers while nobody reads them."""
    import fcntl  # where there is none, this module can still be imported

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
