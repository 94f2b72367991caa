"""Run a notebook in the forked child: its cells, one after another, outputs streamed out as they come.

Implements `Guest` of `guest.py`. The grader can trust nothing that is sent from here: the student's code runs in the
same process. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import asyncio
import builtins
import getpass
import importlib
import json
import logging
import math
import os
import random
import shutil
import signal
import site
import sys
import tempfile
from base64 import b64encode
from typing import Any

import numpy as np
from IPython.core.profiledir import ProfileDir
from traitlets.config import Config

from . import notebook_wire, semaphores, wire
from .ipython_shell import Shell, Stream, flush_streams, no_input, no_password
from .limits import Limits
from .pipes import read_exactly, send_frame

_ALWAYS_LOADED = (
    "numpy.linalg",
    "numpy.random",
    "numpy.ma",
    "numpy.testing",
    "math",
    "hashlib",
    "unittest",
    "csv",
)
_INLINE = "module://matplotlib_inline.backend_inline"


def prepare(folder: str) -> None:
    """Say where libraries may keep files while they load, and what plots are drawn with."""
    os.environ["MPLBACKEND"] = _INLINE
    os.environ["IPYTHONDIR"] = f"{folder}/.ipython"
    os.environ["MPLCONFIGDIR"] = os.environ.get("MPLCONFIGDIR") or f"{folder}/.matplotlib"
    site.sethelper()
    semaphores.install()


def warm_up() -> None:
    """Make the shell and use it once, so that no child pays for it."""
    for name in _ALWAYS_LOADED:
        importlib.import_module(name)
    np.linalg.inv(np.eye(24) + 1.0)
    np.random.seed(0)

    folder = os.environ.pop("IPYTHONDIR")
    profile = ProfileDir.create_profile_dir(f"{folder}/profile")
    # `%reset` would define the aliases again, and complain of names that are refused.
    settings = Config(HistoryManager={"hist_file": ":memory:"}, AliasManager={"default_aliases": []})
    shell = Shell.instance(config=settings, profile_dir=profile)
    shell.connect(lambda kind, content: None)
    for source in ("1/0", "None", "print('')", "1"):
        shell.run_cell(source, store_history=True)
    if "matplotlib" in sys.modules:
        _warm_up_plots(shell)

    shell.reset(new_session=True)
    shell.execution_count = 1
    shell.last_traceback = None
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    shutil.rmtree(folder, ignore_errors=True)
    logging.root.handlers.clear()  # else a cell could not configure it


def _warm_up_plots(shell: Shell) -> None:
    """Find fonts now, and the backend by its name: children could not look for them."""
    shell.run_cell("import matplotlib.pyplot as _p; _p.figure(); _p.title('$x$'); _p.show(); _p.close('all')")


def read_shared(data: bytes) -> None:
    """Read nothing: notebooks have nothing in common."""


def read_request(pipe: int, shared: None) -> notebook_wire.Setting:
    """Read the setting; cells come after it."""
    return notebook_wire.unpack_setting(_read_body(pipe))


def say_started(result_pipe: int) -> None:
    """Tell the grader that everything is in place, and that what comes now is the student's doing."""
    send_frame(result_pipe, wire.STARTED)


def answer(setting: notebook_wire.Setting, request_pipe: int, result_pipe: int) -> None:
    """Run every cell that comes, and report each on `result_pipe`."""
    here = os.getcwd()  # noqa: PTH109
    os.environ.update(setting.environment)
    os.environ.update({"HOME": here, "MPLCONFIGDIR": here})
    sys.path.insert(0, here)
    # Found again: what was a good place while libraries were loaded is none for a child.
    tempfile.tempdir = None

    random.seed()
    np.random.seed()
    builtins.input, getpass.getpass = no_input, no_password  # type: ignore[assignment]

    asyncio.set_event_loop_policy(_Policy())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_serve(setting.limits, request_pipe, result_pipe))


async def _serve(limits: Limits, request_pipe: int, result_pipe: int) -> None:
    """Run cells until there are no more, which ends the process."""
    shell = Shell.instance()
    loop = asyncio.get_running_loop()
    room = notebook_wire.MAX_RECEIVED
    while True:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        await _until_readable(loop, request_pipe)
        token, source = notebook_wire.unpack_cell(_read_body(request_pipe))

        sender = _Sender(result_pipe, token, room // 2)
        shell.connect(sender.send)
        streams = (Stream(name, sender.send, limits.output_kb << 10) for name in ("stdout", "stderr"))
        sys.stdout, sys.stderr = streams
        reply = _to_json(await _run(shell, source))
        most = notebook_wire.BODIES[notebook_wire.REPLY]
        send_frame(result_pipe, notebook_wire.REPLY, token, reply[:most])
        room -= sender.sent + len(reply)


class _Sender:
    """Sends the outputs of one cell.

    Args:
        room: how many bytes of them are sent; the rest is dropped, as is an output that is too long by itself.
    """

    def __init__(self, pipe: int, token: int, room: int) -> None:
        self._pipe, self._token, self._room = pipe, token, room
        self._is_cut = False
        self.sent = 0

    def send(self, message_type: str, content: dict[str, Any]) -> None:
        """Send an output, or say once that no more are sent."""
        body = _to_json({"msg_type": message_type, "content": content})
        if len(body) > notebook_wire.MAX_MESSAGE or self._is_cut:
            return
        if self.sent + len(body) > self._room:
            self._is_cut = True
            body = _to_json({"msg_type": "stream", "content": {"name": "stdout", "text": notebook_wire.CUT}})
        self.sent += len(body)
        send_frame(self._pipe, notebook_wire.MESSAGE, self._token, body)


async def _run(shell: Shell, source: str) -> dict[str, Any]:
    """Run one cell as a kernel does, and return the reply that it would send."""
    shell.last_traceback = None
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        result = await _run_cell(shell, source)
        error = result.error_before_exec or result.error_in_exec
    except BaseException as broken:  # the shell itself, by what a cell made of it
        error = broken
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    try:
        flush_streams()
    except BaseException as broken:
        error = error or broken

    reply: dict[str, Any] = {"status": "ok", "execution_count": shell.execution_count - 1}
    if error is not None:
        traceback = [str(line)[:10_000] for line in (shell.last_traceback or [])[-100:]]
        reply |= {
            "status": "error",
            "ename": type(error).__name__,
            "evalue": _text(error),
            "traceback": traceback,
        }
    return reply


async def _run_cell(shell: Shell, source: str) -> Any:
    """Run one cell, which may use `await`; an interrupt cancels it."""
    failure = None
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        transformed, failure = source, sys.exc_info()

    if not shell.should_run_async(source, transformed_cell=transformed, preprocessing_exc_tuple=failure):
        return shell.run_cell(source, store_history=True)

    coroutine = shell.run_cell_async(
        source, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=failure
    )
    task = asyncio.ensure_future(coroutine)
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel))

    result = None
    try:
        result = await task
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return result


def _text(error: BaseException) -> str:
    try:
        return str(error)[:10_000]
    except BaseException:
        return ""


def _to_json(content: Any) -> bytes:
    """Write JSON as kernels do: bytes in base 64, and what JSON does not know as text."""
    try:
        text = json.dumps(content, default=_default, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_without_nan(content), default=_default, ensure_ascii=False)
    return text.encode("utf-8", "replace")


def _default(value: Any) -> Any:
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _without_nan(value: Any) -> Any:
    """The same with texts for the numbers that JSON lacks."""
    if isinstance(value, dict):
        return {str(name): _without_nan(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return value


def _read_body(pipe: int) -> bytes:
    return read_exactly(pipe, notebook_wire.body_size(read_exactly(pipe, 4)))


async def _until_readable(loop: asyncio.AbstractEventLoop, pipe: int) -> None:
    """Wait for the next cell, while tasks that earlier cells have left go on."""
    ready = loop.create_future()
    loop.add_reader(pipe, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(pipe)


class _End:
    """One end of a pipe, for a loop that expects a socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        return self._descriptor

    def recv(self, size: int) -> bytes:
        return os.read(self._descriptor, size)

    def send(self, data: bytes) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        os.close(self._descriptor)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that wakes itself by a pipe: there are no sockets."""

    def _make_self_pipe(self) -> None:
        self._ssock, self._csock = map(_End, os.pipe())
        self._internal_fds += 1  # type: ignore[attr-defined]
        self._add_reader(self._ssock.fileno(), self._read_from_self)  # type: ignore[attr-defined]


class _Policy(asyncio.DefaultEventLoopPolicy):
    def _loop_factory(self) -> asyncio.AbstractEventLoop:
        return _Loop()
