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

from grader.answers.sandbox import (
    Answer,
    Call,
    Failed,
    Limits,
    Returned,
    judge_kept,
    read_answer,
    read_failure,
)
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.ask import AskOptions, Given, ask, find_fault, read_kept
from grader.answers.sandbox.guest.request import pack_calls, unpack_calls
from grader.answers.submission import show_lines
from grader.reports.code import CodeCell
from grader.reports.report import Failure


def call_here(name: str, function: Any, calls: Sequence[Call], limits: Limits) -> tuple[Answer, ...]:
    """Call a function with all that it is asked, here and now.

    A KeyboardInterrupt stops it; everything else that the function raises is an answer.

    Args:
        name: what the function is called in messages.
        calls: in order, one for each answer.
        limits: those of a sandbox; only the sizes of answers are held to them.
    """
    calls = _as_sent(calls)
    sources = _sources(function)
    fault = find_fault(name, function, calls[0], sources) if calls else None
    if fault is not None:
        return (_read_failure(wire.pack_failure(fault), sources),) * len(calls)

    options, given = AskOptions(sources, limits.memory_mb, (KeyboardInterrupt,)), list[Given]()
    answers: list[Answer] = []
    for call in calls:
        kind, body = ask(name, function, call, given, options)
        is_answer = kind == wire.RETURNED
        answers.append(read_answer(body) if is_answer else _read_failure(body, sources))

    kept = iter(wire.unpack_kept(read_kept(given), len(given)))
    pairs = zip(answers, calls, strict=True)
    return tuple(
        judge_kept(answer, call, next(kept)) if isinstance(answer, Returned) else answer
        for answer, call in pairs
    )


def _as_sent(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls as a sandbox would get them: arrays in C order, numbers of Python's own."""
    distinct = tuple(dict.fromkeys(calls))
    sent = dict(zip(distinct, unpack_calls(pack_calls(distinct)), strict=True))
    return tuple(sent[call] for call in calls)


def _read_failure(body: bytes, sources: Mapping[str, str]) -> Failed:
    failure = read_failure(body)
    # The kernel's name for a cell tells nobody anything; its line does.
    failure = replace(failure, place=failure.place.rpartition(", ")[2])
    for source in sources.values():
        shown = show_lines(failure, (CodeCell("answers.py", source),))
        if _fits(shown):
            return Failed(shown)
    return Failed(failure)


def _fits(failure: Failure) -> bool:
    """Whether the lines around are from the file in which it failed."""
    excerpt = failure.excerpt
    if excerpt is None:
        return False
    return excerpt.lines[excerpt.marked - excerpt.first].strip().startswith(failure.text)


def _sources(function: Any) -> dict[str, str]:
    """File name → source of what the student wrote: the function, and the functions that it calls."""
    files = {own.__code__.co_filename for own in own_functions(function)}
    return {file: "".join(linecache.getlines(file)) for file in files}


def own_functions(function: Any) -> list[types.FunctionType]:
    """List the function without wrappers, and those of the same module or notebook that it names, directly or not."""
    with contextlib.suppress(ValueError):  # a chain of wrappers without end
        function = inspect.unwrap(function)

    own: list[types.FunctionType] = []
    waiting = [function]
    while waiting:
        candidate = waiting.pop()
        if not isinstance(candidate, types.FunctionType) or candidate in own:
            continue
        own.append(candidate)
        named = (candidate.__globals__.get(name) for name in names_in(candidate))
        waiting += [value for value in named if getattr(value, "__globals__", None) is candidate.__globals__]
    return own


def names_in(function: types.FunctionType) -> set[str]:
    """List the names that a function, or one defined inside it, looks up."""
    return {name for code in codes_of(function.__code__) for name in code.co_names}


def codes_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the code of a function and of all functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes_of(constant)
