"""An IPython shell whose outputs are messages, as those of a kernel are, but without the kernel.

It does what `ipykernel` does (ipykernel/zmqshell.py, displayhook.py, iostream.py), with a function in the place of
sockets. What needs another process, a front end or a shell is refused. Runs in the zygote and its children. Imports
nothing of ours but its neighbours.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core.autocall import ZMQExitAutocall
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.page import as_hook
from traitlets import Any as AnyTrait
from traitlets import Type, default

from .notebook_wire import CUT

Send = Callable[[str, dict[str, Any]], None]
_FLUSH_SECONDS = 0.2  # as often as a kernel does


class NotAvailable(RuntimeError):
    """What is asked for does not exist where notebooks are graded."""


def _refuse(what: str, why: str) -> Callable[..., Any]:
    def refused(*arguments: Any, **named: Any) -> Any:
        raise NotAvailable(f"{what} cannot be used where this notebook is graded: {why}")

    return refused


_SHELL = "there is no shell and no other program there; do it in Python, as with os.listdir() or pathlib"
_KERNEL = "the notebook runs there without a Jupyter kernel or a front end"
_NOBODY = "nobody is there to answer"
_INSTALL = "nothing can be installed there; ask the instructor to declare the library for the assignment"
_LINES = {
    _SHELL: "system sx man clear less more killbgscripts script alias unalias rehashx ls ll cat cp mv rm mkdir rmdir",
    _KERNEL: "connect_info qtconsole subshell edit ed gui autosave notebook",
    _NOBODY: "debug pdb",
    _INSTALL: "pip conda mamba micromamba uv",
}
_CELLS = {_SHELL: "bash sh script system sx ! perl ruby python2 python3 python pypy", _NOBODY: "debug"}
"""Why magics are refused → their names."""


class Stream(io.TextIOBase):
    """Standard output or errors, as messages.

    Args:
        room: how many characters of a cell are kept; the rest is dropped.
    """

    def __init__(self, name: str, send: Send, room: int) -> None:
        self.name = name
        self._send = send
        self._pieces: list[str] = []
        self._room = room
        self._since = 0.0

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Name that of a kernel's stream."""
        return "UTF-8"

    def writable(self) -> bool:
        """Say that it is."""
        return True

    def write(self, text: str) -> int:
        """Keep a text; send what is kept when a moment has passed."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if not text or self._room <= 0:
            return len(text)

        now = time.monotonic()
        if not self._pieces:
            self._since = now
        kept = text[: self._room]
        self._pieces.append(kept)
        self._room -= len(kept)
        if self._room <= 0:
            self._pieces.append(CUT)
        if now - self._since > _FLUSH_SECONDS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what was written."""
        if self._pieces:
            text, self._pieces = "".join(self._pieces), []
            self._send("stream", {"name": self.name, "text": text})


def flush_streams() -> None:
    """Send what was printed, in the order in which a kernel does it."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


class MessageDisplayHook(DisplayHook):
    """Shows the value of a cell's last expression as a message."""

    send: Any = AnyTrait()
    content: Any = AnyTrait()

    def start_displayhook(self) -> None:
        """Begin a message."""
        self.content = {"data": {}, "metadata": {}}

    def write_output_prompt(self) -> None:
        """Number it."""
        self.content["execution_count"] = self.prompt_count

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Fill it."""
        self.content["data"], self.content["metadata"] = format_dict, md_dict or {}

    def finish_displayhook(self) -> None:
        """Send it."""
        flush_streams()
        if self.content["data"]:
            self.send("execute_result", self.content)
        self.content = None


class MessagePublisher(DisplayPublisher):
    """Sends what `display` is given."""

    send: Any = AnyTrait()

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: Any = False,
        **_: Any,
    ) -> None:
        """Send a display, or other data for one that was sent."""
        flush_streams()
        self._validate_data(data, metadata)
        content = {"data": data, "metadata": metadata or {}, "transient": transient or {}}
        self.send("update_display_data" if update else "display_data", content)

    def clear_output(self, wait: bool = False) -> None:
        """Have the outputs of the cell cleared."""
        flush_streams()
        self.send("clear_output", {"wait": bool(wait)})


class Compiler(CachingCompiler):
    """Names cells as `ipykernel` does, which warnings show."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Name a file that does not exist."""
        return f"/tmp/ipykernel_{os.getpid()}/{zlib.crc32(raw_code.encode('utf-8', 'replace'))}.py"


class Shell(InteractiveShell):
    """IPython, with messages for outputs."""

    displayhook_class = Type(MessageDisplayHook)
    display_pub_class = Type(MessagePublisher)
    compiler_class = Type(Compiler)
    send: Any = AnyTrait()
    last_traceback: Any = AnyTrait()

    @default("exiter")
    def _default_exiter(self) -> Any:
        return ZMQExitAutocall(self)

    def connect(self, send: Send) -> None:
        """Send messages there from now on."""
        self.send = send
        for part in (self.displayhook, self.display_pub):
            part.send = send  # type: ignore[union-attr]

    def init_hooks(self) -> None:
        """Leave out the pager: what it would show is no output of a cell."""
        super().init_hooks()
        self.set_hook("show_in_pager", as_hook(lambda *_, **__: None), 99)

    def init_magics(self) -> None:
        """Refuse some of the magics."""
        super().init_magics()
        for kind, table, prefix in (("line", _LINES, "%"), ("cell", _CELLS, "%%")):
            for why, names in table.items():
                for name in names.split():
                    self.register_magic_function(_refuse(f"{prefix}{name}", why), kind, name)  # type: ignore[arg-type]

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Keep no second copy of what is printed, which would fill the memory."""
        yield

    def init_virtualenv(self) -> None:
        """Use none: the grader's is not the student's."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        flush_streams()
        self.last_traceback = stb
        self.send("error", {"traceback": stb, "ename": str(etype.__name__), "evalue": str(evalue)})

    def system(self, cmd: str) -> None:
        """Do what `!` does here: refuse."""
        program, *_ = cmd.split() or [""]
        _refuse(f"!{program}", _SHELL)()

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Do what `!` does on the right side of an assignment: refuse as well."""
        self.system(cmd)

    def set_next_input(self, s: str, replace: bool = False) -> None:
        """Do nothing: there is no next input to fill."""

    def enable_gui(self, gui: Any = None) -> None:
        """Refuse windows; plots inline need none."""
        if gui not in (None, "inline", "agg", "none"):
            _refuse(f"the graphical interface {gui}", _KERNEL)()

    def ask_exit(self) -> None:
        """Refuse `exit`: in a kernel it ends the cells after it as well."""
        _refuse("exit", "the cells after it have to run too; use return, raise or if")()


def no_input(prompt: str = "") -> str:
    """Refuse `input` as a kernel does that may not ask."""
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def no_password(prompt: str = "", stream: Any = None) -> str:
    """Refuse `getpass.getpass` as a kernel does that may not ask."""
    raise StdinNotImplementedError("getpass was called, but this frontend does not support input requests.")
