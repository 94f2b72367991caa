"""Call a function in this very process: one's own code, in a notebook or a test, without a sandbox and without limits.

Its arguments and answers go through the form in which a sandbox sends them, so that the verdicts agree.
"""

from __future__ import annotations

import contextlib
import inspect
import linecache
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.answers.sandbox import Answer, Call, Failed, Limits, read_answer
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.ask import ask, find_fault
from grader.answers.sandbox.guest.request import Request, pack_request, unpack_request
from grader.answers.submission import CodeCell, show_lines
from grader.reports.report import Failure


def call_here(name: str, function: Any, calls: Sequence[Call], limits: Limits) -> tuple[Answer, ...]:
    """Call a function with all that it is asked, here and now.

    A KeyboardInterrupt stops it; everything else that the function raises is an answer.

    Args:
        name: what the function is called in messages.
        calls: in order, one for each answer.
        limits: those of a sandbox; only the sizes of answers are held to them.
    """
    calls = _as_sent(calls, limits)
    sources = _sources(function)
    fault = find_fault(name, function, calls[0], sources) if calls else None
    if fault is not None:
        return (_unpack(wire.FAILED, wire.pack_failure(fault), sources),) * len(calls)

    through = (KeyboardInterrupt,)
    frames = (ask(name, function, call, sources, limits.memory_mb, through) for call in calls)
    return tuple(_unpack(kind, body, sources) for kind, body in frames)


def _as_sent(calls: Sequence[Call], limits: Limits) -> tuple[Call, ...]:
    """The calls as a sandbox would get them: arrays in C order, numbers of Python's own."""
    packed = pack_request(Request(limits, (), tuple(calls)))
    return unpack_request(packed[4:]).calls


def _unpack(kind: int, body: bytes, sources: Mapping[str, str]) -> Answer:
    if kind == wire.RETURNED:
        return read_answer(body)
    failure = Failure(**wire.unpack_failure(body)._asdict())
    # The kernel's name for a cell tells nobody anything; its line does.
    failure = replace(failure, place=failure.place.rpartition(", ")[2])
    cells = (CodeCell("answers.py", source) for source in sources.values())
    shown = (show_lines(failure, (cell,)) for cell in cells)
    return Failed(next((item for item in shown if _fits(item)), failure))


def _fits(failure: Failure) -> bool:
    """Whether the lines around are from the file in which it failed."""
    lines = failure.excerpt
    return lines is not None and lines.lines[lines.marked - lines.first].strip().startswith(failure.text)


def _sources(function: Any) -> dict[str, str]:
    """File name → source of what the student wrote: the function, and the functions that it calls."""
    files = {item.__code__.co_filename for item in own_functions(function)}
    return {file: "".join(linecache.getlines(file)) for file in files}


def own_functions(function: Any) -> list[types.FunctionType]:
    """The function without wrappers, and those of the same module or notebook that it names, directly or not."""
    with contextlib.suppress(ValueError):  # a chain of wrappers without end
        function = inspect.unwrap(function)
    found: list[types.FunctionType] = []
    waiting = [function]
    while waiting:
        item = waiting.pop()
        if isinstance(item, types.FunctionType) and item not in found:
            found.append(item)
            named = (item.__globals__.get(name) for name in names_in(item))
            waiting += [f for f in named if getattr(f, "__globals__", None) is item.__globals__]
    return found


def names_in(function: types.FunctionType) -> set[str]:
    """List the names that a function, or one defined inside it, looks up."""
    return {name for code in codes_of(function.__code__) for name in code.co_names}


def codes_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the code of a function and of all functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes_of(constant)
