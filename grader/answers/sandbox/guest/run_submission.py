"""Run a submission in the forked child: a student's cells, then the calls, answers streamed out as they come.

Implements `Guest` of `guest.py`. What it reports is for the student to read. The grader can trust nothing of it: the
student's code runs in the same process. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import signal
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any

import numpy as np

from . import wire
from .ask import AskOptions, Given, ask, find_fault, read_kept
from .counting import load_counted
from .describe_error import FailedCell, describe, explain_missing, name_unread
from .drawing import stand_in_for_drawing
from .forbidden_functions import Forbidden
from .magics import compile_cell
from .pipes import read_exactly, send_frame
from .readable_part import compile_readable
from .request import Batch, Request, batch_size, request_size, unpack_batch, unpack_calls, unpack_request
from .run_cells import definitions_of, new_module, run_cell, run_statements
from .stand_ins import SilentShell, grader_modules

_ALWAYS_LOADED = ("numpy.linalg", "numpy.random", "numpy.ma", "random", "inspect")
# Taken before the student's code can replace it; there is none on Windows, where the grader's clock is the only one.
_setitimer = getattr(signal, "setitimer", lambda *arguments: None)
_PROCESSOR_TIME = getattr(signal, "ITIMER_PROF", 0)
_Sender = Callable[..., None]
_GIVEN = {"get_ipython": lambda: SilentShell(), "display": print}
"""Names that cells find: notebooks exported as a script call get_ipython() for their magics."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A submission after its cells ran.

    Args:
        namespace: the names that they defined.
        options: for asking, with the source of each cell.
        failed: the cells that did not compile or did not run to their end.
        asked: the functions that will be called; forbidden: what they may not call.
    """

    namespace: dict[str, Any]
    options: AskOptions
    failed: tuple[FailedCell, ...]
    asked: frozenset[str]
    forbidden: Forbidden


def prepare(folder: str) -> None:
    """Do nothing: submissions have no folder."""


def warm_up() -> None:
    """Load and use what the children share, so that none pays for it."""
    for name in _ALWAYS_LOADED:
        __import__(name)

    square = np.eye(24) + 1.0
    square = square @ square
    np.linalg.inv(square), np.linalg.det(square), np.linalg.svd(square), np.linalg.eigh(square)

    inspect.signature(warm_up).bind()
    np.random.seed(0)
    warnings.formatwarning = _format_warning


def _format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Show a warning in one line, without the folders of this machine."""
    return f"{os.path.basename(filename)}:{lineno}: {category.__name__}: {message}\n"  # noqa: PTH119


def read_shared(data: bytes) -> tuple[wire.Call, ...]:
    """Read the calls that a class is asked."""
    return unpack_calls(data)


def read_request(pipe: int, shared: tuple[wire.Call, ...]) -> Request:
    """Read one request, all of it; what may follow are batches."""
    size = request_size(read_exactly(pipe, 4))
    return unpack_request(read_exactly(pipe, size), shared)


def say_started(result_pipe: int) -> None:
    """Tell the grader that everything is in place, and that what comes now is the student's doing."""
    send_frame(result_pipe, wire.STARTED)


def answer(request: Request, request_pipe: int, result_pipe: int) -> None:
    """Run the cells, then every call, and report each on `result_pipe`."""
    send = functools.partial(send_frame, result_pipe)
    cpu = request.limits.cpu_seconds
    _setitimer(_PROCESSOR_TIME, cpu)
    with _silence() if request.quiet else contextlib.nullcontext():
        loaded = _load(request, send)
        _flush()
    send(wire.LOADED)

    groups, batch = count(), request.first
    while batch:
        numbered = [(number, request.calls[place]) for number, place in batch]
        for name, calls in groupby(numbered, key=lambda pair: pair[1].function):
            _setitimer(_PROCESSOR_TIME, cpu)
            group, given = next(groups), list[Given]()
            send(wire.BEGIN, group)
            for counted, some in groupby(calls, key=lambda pair: pair[1].counted):
                answering = _count_calls if counted else _answer_calls
                answering(name, list(some), loaded, given, send)
            send(wire.KEPT, group, read_kept(given))
        send(wire.WAITING)
        batch = _read_batch(request_pipe)
    _flush()
    send(wire.DONE)


def _read_batch(pipe: int) -> Batch:
    return unpack_batch(read_exactly(pipe, batch_size(read_exactly(pipe, 4))))


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Throw away what is printed meanwhile."""
    output = os.dup(1)
    for descriptor in (1, 2):
        os.dup2(0, descriptor)  # standard input is /dev/null, open for writing as well
    yield
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)


def _load(request: Request, send: _Sender) -> Loaded:
    """Run the cells, each whatever became of those before it, and report the ones that fail."""
    forbidden = Forbidden(name for call in request.calls for name in call.forbid)
    sys.modules.update(grader_modules())
    stand_in_for_drawing()
    namespace = new_module([label for label, _ in request.cells], _GIVEN).__dict__

    asked = frozenset(call.function for call in request.calls)
    sources: dict[str, str] = {}
    failed: list[FailedCell] = []
    for index, (label, source) in enumerate(request.cells):
        send(wire.CELL, index)
        sources[label] = source
        try:
            left_out = _load_cell(label, sources, namespace, request, brief=index in request.brief)
        except BaseException as error:  # whatever a cell does, those after it are run
            failure = describe(error, sources, request.limits.memory_mb, label)
            failed.append(FailedCell(label, source, failure))
            told = name_unread(failure, error, sources[label], label, asked)
            send(wire.LOAD_FAILED, index, wire.pack_failure(told))
            continue
        if left_out is not None:
            failed.append(FailedCell(label, source, left_out))
            send(wire.LOAD_FAILED, index, wire.pack_failure(left_out))

    options = AskOptions(sources, request.limits.memory_mb)
    return Loaded(namespace, options, tuple(failed), asked, forbidden)


def _load_cell(
    label: str, sources: dict[str, str], namespace: dict[str, Any], request: Request, *, brief: bool
) -> wire.Fields | None:
    """Run what can be read of a cell, note its source without magics, and say what was left out.

    Args:
        brief: run its definitions alone.
    """
    memory = request.limits.memory_mb
    try:
        code, source, unread = _compile(label, sources[label])
    except BaseException as error:  # besides syntax, nesting that is too deep
        return describe(error, sources, memory, label, compiling=True)
    fault = describe(unread, sources, memory, label, compiling=True) if unread else None
    sources[label] = source

    lost: list[ImportError] = []
    try:
        if brief:
            lost += run_statements(definitions_of(source), label, namespace)
        else:
            lost += run_cell(code, label, source, namespace)
    except BaseException:
        if fault is None:
            raise

    if fault is not None or not lost:
        return fault
    failure = describe(lost[0], sources, memory, label)
    return failure._replace(what=failure.what.replace("stopped at", "goes on without", 1))


def _compile(label: str, source: str) -> tuple[types.CodeType, str, SyntaxError | None]:
    """Compile what can be read of a cell; return it, its source, and the error for which the rest is left out."""
    try:
        return *compile_cell(label, source), None
    except SyntaxError as error:
        try:
            return *compile_readable(label, source), error
        except BaseException:
            raise error from None


def _answer_calls(
    name: str, calls: Sequence[tuple[int, wire.Call]], loaded: Loaded, given: list[Given], send: _Sender
) -> None:
    """Make all the calls of one function, and send what comes of each."""
    function, failure = _find(name, calls[0][1], loaded)
    if failure is not None:
        body = wire.pack_failure(failure)
        for index, _ in calls:
            send(wire.FAILED, index, body)
        return

    loaded.forbidden.activate(calls[0][1].forbid)
    for index, call in calls:
        kind, body = ask(name, function, call, given, loaded.options)
        send(kind, index, body)


def _count_calls(
    name: str, calls: Sequence[tuple[int, wire.Call]], loaded: Loaded, given: list[Given], send: _Sender
) -> None:
    """Make calls of one function with a note at all that it computes, and send the answers with what was counted."""
    loaded.forbidden.activate(calls[0][1].forbid)
    with _silence():
        namespace, tally = load_counted(loaded.options.sources, _GIVEN)
        function = namespace.get(name)
        options = loaded.options._replace(tell=tally.to_text)
        for index, call in calls:
            tally.start()
            kind, body = ask(name, function, call, given, options)
            send(kind, index, body)


def _find(name: str, call: wire.Call, loaded: Loaded) -> tuple[Any, wire.Fields | None]:
    """Find the student's function, or the reason why it cannot be called."""
    missing = object()
    function = loaded.namespace.get(name, missing)
    if function is missing:
        sources = loaded.options.sources
        return None, explain_missing(name, loaded.namespace, loaded.failed, loaded.asked, sources)
    return function, find_fault(name, function, call, loaded.options.sources)


def _flush() -> None:
    """Write out what was printed, as far as the student's code has left the streams in order."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the student may have broken it
            continue
