"""What one child is told to run of a notebook, and what came back so far.

The child is hostile: a message counts for the cell that runs, a reply ends it, anything else ends the conversation.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from grader.answers.sandbox.guest import notebook_wire, wire
from grader.answers.sandbox.guest.wire import Limits
from grader.answers.sandbox.listener import Listener

_GRACE_SECONDS = 4.0
_MAX_PRINTED_KB = 1 << 18
_MAX_DEPTH = 32
_MAX_LINES = 10_000
_MIME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*/[A-Za-z0-9][A-Za-z0-9.+_;= -]*")
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """A cell to run.

    Args:
        seconds: how long until it is interrupted; None for as long as the notebook may.
        stops: whether an error in it ends the notebook.
    """

    source: str
    seconds: float | None = 30.0
    stops: bool = False


@dataclass(frozen=True, slots=True)
class CellRun:
    """What became of a cell.

    Args:
        messages: (type, content) of each output, as Jupyter's protocol has them, checked and bounded.
        reply: the content of the reply; None if the cell did not come to its end.
        interrupted: it took too long, and was interrupted.
    """

    messages: tuple[tuple[str, Content], ...] = ()
    reply: Content | None = None
    interrupted: bool = False


class NotebookConversation(Listener):
    """Tells a child to run one cell after another.

    Args:
        interrupt: interrupts the child.
        deadline: when the time for the whole notebook is up, on the clock of `time.monotonic`.
    """

    def __init__(
        self, cells: Sequence[NotebookCell], limits: Limits, deadline: float, interrupt: Callable[[], None]
    ) -> None:
        super().__init__(deadline, notebook_wire.BODIES, notebook_wire.MAX_RECEIVED, _MAX_PRINTED_KB)
        self.runs: list[CellRun] = []
        self._cells = cells
        self._limits = limits
        self._interrupt = interrupt
        self._interrupted = False
        self._token: int | None = None
        self._cell_deadline = deadline
        self._messages: list[tuple[str, Content]] = []
        self._printed: dict[int, bytearray] = {}

    @property
    def hung_up(self) -> bool:
        """Whether the child has ended by itself; one that is done waits for another cell."""
        return self.ended == "silent"

    def hold(self, request: bytes, request_pipe: int, result_pipe: int, output_pipes: Sequence[int]) -> None:
        """Send the setting and the cells, and listen until there is nothing more to hear; closes no pipe."""
        self._printed = {pipe: bytearray() for pipe in output_pipes}
        super().hold(request, request_pipe, result_pipe, output_pipes)
        if self.ended != "done" and self.started:
            self._close_cell(None)

    def explain(self, status: int) -> str:
        """Why the notebook was not run to its end, given the child's wait status; empty when it was."""
        if self.ended == "done":
            return ""
        return _explain(self.ended, status, self._limits)

    def _deadline(self) -> float:
        return min(self._cell_deadline, self._last)

    def _be_late(self, now: float) -> None:
        if now >= self._last or self._interrupted or not self.started:
            super()._be_late(now)
            return
        self._interrupted = True
        self._cell_deadline = now + _GRACE_SECONDS
        self._interrupt()

    def _is_last(self, kind: int) -> bool:
        return kind == notebook_wire.REPLY

    def _hear(self, output_pipe: int, data: bytes) -> None:
        super()._hear(output_pipe, data)
        heard = self._printed[output_pipe]
        heard += data[: max(0, (self._limits.output_kb << 10) - len(heard))]

    def _take(self, kind: int, index: int, body: bytes) -> None:
        if kind == wire.STARTED and not self.started:
            self.started = True
            self._next_cell()
        elif kind == notebook_wire.MESSAGE and self._is_running(index):
            self._messages.append(_read_message(body))
        elif kind == notebook_wire.REPLY and self._is_running(index):
            self._close_cell(_read_reply(body))
            self._next_cell()
        else:
            raise wire.WireError(f"a frame of kind {kind} out of turn")

    def _is_running(self, index: int) -> bool:
        return self.started and index == self._token

    def _next_cell(self) -> None:
        """A cell is sent when the one before is done: its source is not known to those before it.

        Nor is the number that its answers have to bear, so that they can't lie ready.
        """
        number = len(self.runs)
        last = self.runs[-1].reply if self.runs else None
        failed = last is not None and last["status"] == "error"
        if number == len(self._cells) or (failed and self._cells[number - 1].stops):
            self.ended = "done"
            return
        cell = self._cells[number]
        self._interrupted = False
        self._cell_deadline = self._last if cell.seconds is None else time.monotonic() + cell.seconds
        self._token = secrets.randbits(32)
        self._say(notebook_wire.pack_cell(self._token, cell.source))

    def _close_cell(self, reply: Content | None) -> None:
        """Past the shell's streams, some things are printed by libraries; they come last."""
        for name, heard in zip(("stdout", "stderr"), self._printed.values(), strict=True):
            if heard:
                content = {"name": name, "text": heard.decode("utf-8", "replace")}
                self._messages.append(("stream", content))
                heard.clear()
        self.runs.append(CellRun(tuple(self._messages), reply, self._interrupted))
        self._messages = []


def _explain(ended: str, status: int, limits: Limits) -> str:
    code = os.waitstatus_to_exitcode(status)
    if ended == "all_late":
        return f"the {limits.total_seconds:g} s for the whole notebook were up"
    if ended == "late":
        return "it took too long and could not be interrupted"
    if ended in ("output", "protocol"):
        return {"output": "it printed without end", "protocol": "it wrote what is no output of a cell"}[ended]
    if code == -signal.SIGXCPU:
        return f"it computed for more than the {limits.total_seconds:g} s of the whole notebook"
    if code == -signal.SIGSEGV:
        return "Python crashed (segmentation fault); look for a recursion without end"
    if code < 0:
        return f"Python was killed by signal {-code}"
    return f"Python was ended (exit code {code}), as os._exit does"


def _read_message(body: bytes) -> tuple[Literal["stream"] | str, Content]:
    """Type and content of a message, of which nothing but the fields of its type is kept."""
    said = _loads(body)
    kind, content = said.get("msg_type"), said.get("content")
    if not isinstance(kind, str) or not isinstance(content, dict) or kind not in _FIELDS:
        _reject("a message of no known type")
    return kind, {name: read(content.get(name)) for name, read in _FIELDS[kind].items()}


def _read_reply(body: bytes) -> Content:
    said = _loads(body)
    if said.get("status") == "ok":
        return {"status": "ok", "execution_count": _count(said.get("execution_count"))}
    if said.get("status") != "error":
        _reject("a reply of no known status")
    fields = {name: read(said.get(name)) for name, read in _FIELDS["error"].items()}
    return {"status": "error", "execution_count": _count(said.get("execution_count")), **fields}


def _loads(body: bytes) -> Content:
    try:
        said = json.loads(body, parse_constant=_reject)
    except (ValueError, RecursionError) as error:
        raise wire.WireError(f"no JSON: {type(error).__name__}") from None
    if not isinstance(said, dict):
        _reject("no object")
    return said


def _reject(what: str) -> NoReturn:
    raise wire.WireError(what)


def _text(value: Any) -> str:
    """A text, without halves of characters, which no file can hold."""
    if not isinstance(value, str):
        _reject("no text")
    return value.encode("utf-8", "replace").decode()


def _lines(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > _MAX_LINES:
        _reject("no lines")
    return [_text(line) for line in value]


def _stream_name(value: Any) -> str:
    return str(value) if value in ("stdout", "stderr") else _reject("no stream")


def _flag(value: Any) -> bool:
    return value if isinstance(value, bool) else _reject("no yes or no")


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 31:
        _reject("no count")
    return value


def _bundle(value: Any) -> Content:
    """Representations by media type; those that are no text, nor JSON where it may be, are left out."""
    if not isinstance(value, dict):
        _reject("no bundle")
    kept = {}
    for mime, item in value.items():
        if not _MIME.fullmatch(mime):
            continue
        if mime.endswith(("/json", "+json")):
            kept[mime] = _plain(item)
        elif isinstance(item, str):
            kept[mime] = _text(item)
        elif isinstance(item, list) and all(isinstance(line, str) for line in item):
            kept[mime] = "".join(map(_text, item))
    return kept


def _object(value: Any) -> Content:
    if value is not None and not isinstance(value, dict):
        _reject("no object")
    plain: Content = _plain(value or {})
    return plain


def _transient(value: Any) -> Content:
    name = value.get("display_id") if isinstance(value, dict) else None
    return {"display_id": _text(name)} if isinstance(name, str) else {}


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON of bounded depth."""
    if depth > _MAX_DEPTH:
        _reject("too deep")
    if isinstance(value, dict):
        return {_text(name): _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return _text(value) if isinstance(value, str) else value


_DISPLAY: dict[str, Callable[[Any], Any]] = {"data": _bundle, "metadata": _object, "transient": _transient}
_FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "stream": {"name": _stream_name, "text": _text},
    "display_data": _DISPLAY,
    "update_display_data": _DISPLAY,
    "execute_result": {"data": _bundle, "metadata": _object, "execution_count": _count},
    "error": {"ename": _text, "evalue": _text, "traceback": _lines},
    "clear_output": {"wait": _flag},
}
"""Type of a message → how each of its fields is read."""
