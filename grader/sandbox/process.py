"""Run a student's code in processes of its own, forked from one that has numpy loaded already."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from grader.report import Failure
from grader.sandbox import wire
from grader.sandbox.policy import Isolation, Layer, Level, Policy, make_policy, read_isolation
from grader.sandbox.supervise import KEPT_OUTPUT, Conversation
from grader.sandbox.values import Answer, Failed, Run, SandboxError
from grader.sandbox.wire import Call, Limits
from grader.submission import Cell

_START_SECONDS = 60.0
_REPLY_SECONDS = 20.0
_ONE_THREAD = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "BLIS", "VECLIB_MAXIMUM")


class _ZygoteLost(Exception):
    """The zygote does not answer."""


class Sandbox:
    """Runs submissions one after another, each in fresh processes.

    Args:
        limits: what each submission may use.
        libraries: what students may import besides the standard library; loaded once, before any of them.
        strongest: the level of isolation to try first.
        without: layers to leave out, to see what they are good for.

    Starting one returns at once, while its libraries load in the background; the first `run` waits for them.

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
        self._policy = make_policy(libraries, strongest, without)
        self._zygote: _Zygote | None = _Zygote(self._policy)

    @property
    def isolation(self) -> Isolation:
        """How far submissions are confined here; waits until that is known."""
        return self._open().wait_ready()

    def _open(self) -> _Zygote:
        if self._zygote is None:
            self._zygote = _Zygote(self._policy)
        return self._zygote

    def __enter__(self) -> Sandbox:
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

    def run(self, cells: Sequence[Cell], calls: Sequence[Call]) -> Run:
        """Run the cells, then the calls.

        A function that hangs or dies loses its own calls; the others are asked again in a new process.

        Raises:
            SandboxError: the sandbox failed, twice.
        """
        for _ in range(2):
            try:
                return self._run(cells, calls)
            except _ZygoteLost as lost:
                reason = str(lost)
                self.close()
            except BaseException:  # such as Ctrl-C: a child must not keep running
                self.close()
                raise
        raise SandboxError(f"the process that runs students' code failed twice: {reason}")

    def _run(self, cells: Sequence[Cell], calls: Sequence[Call]) -> Run:
        self._open().wait_ready()
        deadline = time.monotonic() + self.limits.total_seconds
        order = _grouped(calls)
        answers: dict[int, Answer] = {}
        load: tuple[Failure, ...] = ()
        output, seconds = bytearray(), dict[str, float]()
        left = list(order)
        first = True
        while first or left:
            indices = [index for name in left for index in order[name]]
            talk, failure = self._ask(cells, [calls[index] for index in indices], deadline, not first)
            answers.update((indices[at], answer) for at, answer in talk.answers.items())
            seconds.update(talk.seconds)
            if first:
                load = tuple(talk.load[cell] for cell in sorted(talk.load))
                load += (failure,) if failure is not None and not talk.loaded else ()
            output += talk.output
            first = False
            left = [name for name in left if any(index not in answers for index in order[name])]
            if failure is not None:
                # Only the function that was being asked has failed, unless no other could be asked either.
                alone = talk.function is not None and talk.ended != "all_late"
                lost = [name for name in left if name == talk.function or not alone]
                for name in lost:
                    answers.update((index, Failed(failure)) for index in order[name] if index not in answers)
                left = [name for name in left if name not in lost]
        return Run(tuple(answers[index] for index in range(len(calls))), load, _show(output), seconds)

    def _ask(
        self, cells: Sequence[Cell], calls: Sequence[Call], deadline: float, quiet: bool
    ) -> tuple[Conversation, Failure | None]:
        """One child, from fork to reaping; calls are in groups of the same function."""
        assert self._zygote is not None
        sources = tuple((cell.label, cell.source) for cell in cells)
        groups: dict[str, range] = {}
        for index, call in enumerate(calls):
            groups[call.function] = range(groups.get(call.function, range(index, index)).start, index + 1)
        with contextlib.ExitStack() as ours:
            theirs = contextlib.ExitStack()
            with theirs:
                request_end, request_pipe = _open_pipe(theirs, ours)
                result_pipe, result_end = _open_pipe(ours, theirs)
                output_pipe, output_end = _open_pipe(ours, theirs)
                self._zygote.start_child(request_end, result_end, output_end)
            _enlarge(result_pipe)
            request = _pack(wire.Request(self.limits, sources, tuple(calls), quiet))  # while the child starts
            talk = Conversation(calls, groups, len(cells), self.limits, deadline)
            talk.hold(request, request_pipe, result_pipe, output_pipe)
            status = self._zygote.end_child(has_hung_up=talk.ended in ("done", "silent"))
            talk.drain(output_pipe)
        if not talk.started:
            raise _ZygoteLost(_show(talk.output)[-500:].strip() or f"it ended early, wait status {status}")
        return talk, talk.finish(status)


class _Zygote:
    """The worker process, seen from outside."""

    def __init__(self, policy: Policy) -> None:
        self._socket, theirs = socket.socketpair()
        # Its standard error, shown if it fails; a file, so that nobody has to read it meanwhile.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._isolation: Isolation | None = None
        worker = Path(__file__).resolve().parent / "worker.py"
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
        """Fork a child that holds these three pipes; if that fails, the pipes are closed and `end_child` raises."""
        self._send(b"R", pipes)

    def end_child(self, has_hung_up: bool) -> int:
        """Kill the child and all it started; its wait status, its own if it has ended by itself."""
        self._send(b"W" if has_hung_up else b"K", ())
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
            raise _ZygoteLost(self._last_words(str(error))) from None

    def _receive(self, seconds: float) -> int:
        number: int = struct.unpack("<i", self._receive_bytes(4, seconds))[0]
        return number

    def _receive_bytes(self, size: int, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(size, socket.MSG_WAITALL)
        except OSError as error:
            raise _ZygoteLost(self._last_words(str(error))) from None
        if len(data) != size:
            raise _ZygoteLost(self._last_words("it has ended"))
        return data

    def _last_words(self, otherwise: str) -> str:
        self._errors.seek(0)
        lines = self._errors.read(100_000).decode("utf-8", "replace").strip().splitlines()
        return wire.clean(lines[-1])[:500] if lines else otherwise


def _environment() -> dict[str, str]:
    """All that students' code finds in its environment; nothing of the grader's own."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    fixed = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}
    return {**kept, **fixed, **{f"{name}_NUM_THREADS": "1" for name in _ONE_THREAD}}


def _grouped(calls: Sequence[Call]) -> dict[str, list[int]]:
    """Function name → indices of its calls, in the order of the first ones."""
    order: dict[str, list[int]] = {}
    for index, call in enumerate(calls):
        order.setdefault(call.function, []).append(index)
    return order


def _pack(request: wire.Request) -> bytes:
    try:
        return wire.pack_request(request)
    except wire.WireError as error:
        raise SandboxError(f"the questions cannot be sent: {error}") from None


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


def _show(output: bytes | bytearray) -> str:
    text = wire.clean(output[:KEPT_OUTPUT].decode("utf-8", "replace"), keep="\n\t")
    return text + "\n… (more was printed)" if len(output) >= KEPT_OUTPUT else text
