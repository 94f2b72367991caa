"""What runs in the forked child: a student's cells, then the calls, answers streamed out as they come.

What is said here is for the student to read. Nothing of it can be trusted by the grader: the student's code runs in
the same process. Imports nothing of ours but its neighbours.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from . import wire
from .convert import Unfit, convert_parts, is_aliased, type_name
from .describe import Loading, SourceMap, compile_cell, describe, locate, say_missing
from .pipes import read_exactly, send_frame

_ALWAYS_LOADED = ("numpy.linalg", "numpy.random", "numpy.ma", "random", "inspect")
_setitimer, _ndarray = signal.setitimer, np.ndarray
_signature = inspect.signature
_Sender = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A submission after its cells ran."""

    namespace: dict[str, Any]
    sources: SourceMap
    failed: tuple[Loading, ...]
    asked: frozenset[str]


def prepare(folder: str) -> None:
    """Before libraries are loaded; submissions of one file have no folder."""


def warm_up() -> None:
    """Load and use what the children share, so that none pays for it."""
    for name in _ALWAYS_LOADED:
        __import__(name)
    square = np.eye(24) + 1.0
    square = square @ square
    np.linalg.inv(square), np.linalg.det(square), np.linalg.svd(square), np.linalg.eigh(square)
    _signature(warm_up).bind()
    np.random.seed(0)
    warnings.formatwarning = _format_warning


def _format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning in one line, without the folders of this machine."""
    return f"{os.path.basename(filename)}:{lineno}: {category.__name__}: {message}\n"  # noqa: PTH119


def read_request(pipe: int) -> wire.Request:
    """Read one request, all of it; there is nothing after it."""
    size = wire.request_size(read_exactly(pipe, 4))
    body = read_exactly(pipe, size)
    os.close(pipe)
    return wire.unpack_request(body)


def say_started(result_pipe: int) -> None:
    """Tell the grader that everything is in place, and that what comes now is the student's doing."""
    send_frame(result_pipe, wire.STARTED)


def answer(request: wire.Request, request_pipe: int, result_pipe: int) -> None:
    """Run the cells, then every call, and report each on `result_pipe`."""
    send = functools.partial(send_frame, result_pipe)
    cpu = request.limits.cpu_seconds
    _setitimer(signal.ITIMER_PROF, cpu)
    with _silence() if request.quiet else contextlib.nullcontext():
        loaded = _load(request, send)
        _flush()
    send(wire.LOADED)
    numbered = enumerate(request.calls)
    for group, (name, calls) in enumerate(groupby(numbered, key=lambda pair: pair[1].function)):
        _setitimer(signal.ITIMER_PROF, cpu)
        send(wire.BEGIN, group)
        _ask(name, list(calls), loaded, request.limits.memory_mb, send)
    _flush()
    send(wire.DONE)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    output = os.dup(1)
    for descriptor in (1, 2):
        os.dup2(0, descriptor)  # standard input is /dev/null, open for writing as well
    yield
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)


def _load(request: wire.Request, send: _Sender) -> Loaded:
    module = types.ModuleType("answers")
    sys.modules["answers"] = module  # dataclasses look their module up
    namespace = module.__dict__
    # Notebooks exported as a script call get_ipython() for their magics.
    namespace.update(get_ipython=lambda: _Anything(), display=print)
    sources: dict[str, str] = {}
    failed = []
    for index, (label, source) in enumerate(request.cells):
        sources[label] = source
        code = None
        try:
            code, sources[label] = compile_cell(label, source)
            exec(code, namespace)
        except BaseException as error:  # whatever a cell does, those after it are run
            failure = describe(error, sources, request.limits.memory_mb, label, code is None)
            failed.append(Loading(label, sources[label], failure))
            send(wire.LOAD_FAILED, index, wire.pack_failure(failure))
    asked = frozenset(call.function for call in request.calls)
    return Loaded(namespace, sources, tuple(failed), asked)


def _ask(
    name: str, calls: Sequence[tuple[int, wire.Call]], loaded: Loaded, memory_mb: int, send: _Sender
) -> None:
    """Answer all the calls of one function."""
    function, failure = _find(name, calls[0][1], loaded)
    if failure is not None:
        body = wire.pack_failure(failure)
        for index, _ in calls:
            send(wire.FAILED, index, body)
        return
    for index, call in calls:
        try:
            body, kind = _call(function, call), wire.RETURNED
        except Unfit as unfit:
            kind, body = wire.FAILED, wire.pack_failure((unfit.kind, f"{name} {unfit.message}", "", ""))
        except BaseException as error:
            failure = describe(error, loaded.sources, memory_mb, name)
            kind, body = wire.FAILED, wire.pack_failure(failure)
        send(kind, index, body)


def _find(name: str, call: wire.Call, loaded: Loaded) -> tuple[Any, wire.Fields | None]:
    """The student's function, or why it cannot be called."""
    missing = object()
    function = loaded.namespace.get(name, missing)
    if function is missing:
        return None, say_missing(name, loaded.namespace, loaded.failed, loaded.asked)
    if not callable(function):
        message = (
            f"{name} is of type {type_name(function)}, not a function; is its name used again further down?"
        )
        return None, ("not_callable", message, "", "")
    try:
        signature = _signature(function)
        signature.bind(*call.arguments)
    except TypeError:
        return None, (
            "signature",
            _say_signature(name, function, call),
            *_definition(function, loaded.sources),
        )
    except BaseException:  # a function that cannot be inspected can still be called
        return function, None
    return function, None


def _say_signature(name: str, function: Any, call: wire.Call) -> str:
    try:
        names = list(_signature(function).parameters.values())
        listed = ", ".join(str(parameter).partition(":")[0].partition("=")[0] for parameter in names)
        count = len(names)
        takes = f"{count} argument{'' if count == 1 else 's'}" + (f" ({listed})" if names else "")
    except BaseException:
        return f"{name} cannot be called as {call.signature}"
    return f"{name} takes {takes}; it is called as {call.signature}"


def _definition(function: Any, sources: Mapping[str, str]) -> tuple[str, str]:
    """Place and text of the line that starts a function."""
    code = getattr(function, "__code__", None)
    if type(code) is types.CodeType and code.co_filename in sources:
        return locate(code.co_filename, code.co_firstlineno, sources)
    return "", ""


def _call(function: Any, call: wire.Call) -> bytes:
    arguments = [_fresh(value) for value in call.arguments]
    arrays = [argument for argument in arguments if type(argument) is _ndarray]
    returned = function(*arguments)
    parts, converted = convert_parts(returned, call.parts)
    aliased = is_aliased(returned, arrays)
    changed = any(
        type(before) is _ndarray and not _same(before, after)
        for before, after in zip(call.arguments, arguments, strict=True)
    )
    return wire.pack_answer(parts, changed, aliased, converted)


def _fresh(value: wire.Value) -> Any:
    if type(value) is wire.Function:
        names = {"np": np, **{name: _fresh(item) for name, item in value.bound}}
        return eval(f"lambda {value.argument}: {value.source}", names)
    return value.copy() if type(value) is _ndarray else value


def _same(before: Any, after: Any) -> bool:
    if before.shape != after.shape or before.dtype != after.dtype:
        return False
    return bool(before.tobytes() == after.tobytes())


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the student's to break
            continue


class _Anything:
    """Stands for IPython: whatever is asked of it does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None
