"""Compile a student's cells, and say in one sentence what went wrong in them, for a student at midnight.

Runs inside the student's process. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import sys
import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import wire
from .convert import type_name

if sys.platform != "win32":
    import resource

SourceMap = Mapping[str, str]
_MESSAGE = 300
_LINE = 160
_MAGIC = re.compile(r"\s*(%|!|\?|[\w.]+\s*=\s*[%!]|[\w.%!*]+\?{1,2}\s*$)")
# The other cell magics hand the cell to another language or another process.
_PYTHON_CELLS = frozenset(["time", "timeit", "capture", "prun", "debug", "memit", "mprun", "lprun"])
_BUILTINS = frozenset(["get_ipython", "display"])


@dataclass(frozen=True, slots=True)
class Loading:
    """A cell that did not compile or did not run to its end."""

    label: str
    source: str
    failure: wire.Fields


def compile_cell(label: str, source: str) -> tuple[types.CodeType, str]:
    """The code of a cell, and its source without the magics that were in the way, line numbers unchanged.

    A line that starts with % can be ordinary Python: only where the compiler stops is it taken for a magic.
    """
    notebook = not label.endswith(".py")
    if notebook and source.lstrip().startswith("%%"):
        source = _without_cell_magic(source)
    while True:
        try:
            return compile(source, label, "exec", dont_inherit=True), source
        except SyntaxError as error:
            lines = source.split("\n")
            number = (error.lineno or 0) - 1
            if not notebook or not 0 <= number < len(lines) or not _MAGIC.match(lines[number]):
                raise
            indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
            lines[number] = f"{indent}pass"
            source = "\n".join(lines)


def describe(
    error: BaseException, sources: SourceMap, memory_mb: int, name: str, compiling: bool = False
) -> wire.Fields:
    """Say what an exception is about, and where it came from.

    Args:
        error: what was raised; sources: label → source of each cell.
        memory_mb: the limit that a MemoryError met.
        name: the function that raised it, or the cell.
        compiling: the cell never ran.
    """
    with _spare_memory():
        if compiling:
            return _describe_compile(error, sources, name)
        return _describe_run(error, sources, memory_mb, name)


def _describe_run(error: BaseException, sources: SourceMap, memory_mb: int, name: str) -> wire.Fields:
    where = _where(error, sources)
    kind, what, advice = _explain(error, memory_mb)
    if not what:
        stopped = f"stopped at line {where[1] if where else 'an unknown line'}:"
        what = f"{stopped if name in sources else 'raised'} {_raised(error)}"

    place, text = locate(*where, sources) if where else ("", "")
    return wire.Fields(kind, what, advice, place=place, text=text, subject=name)


def _explain(error: BaseException, memory_mb: int) -> tuple[str, str, str]:
    """Kind, what happened and what to do about it; nothing happened that the exception does not say itself."""
    said = _said(error)
    if isinstance(error, MemoryError):
        return "memory", f"ran out of memory, more than {memory_mb} MB", "check the shapes it builds"
    if isinstance(error, ImportError):
        return "import", f"stopped at an import: {said}", ""
    if isinstance(error, NotImplementedError) and not said:
        return "missing", "is not written yet", "replace raise NotImplementedError by your answer"
    if isinstance(error, SystemExit):
        return "raised", "stopped at exit() or quit()", "remove it"
    if isinstance(error, RecursionError):
        return "raised", "calls itself without end (RecursionError)", "check where it should stop"
    if isinstance(error, EOFError) and "reading a line" in said:
        return "raised", "asks for input(), and nobody is there to type", "remove it"
    return "raised", "", ""


def _raised(error: BaseException) -> str:
    """The exception as Python shows it."""
    said = _said(error)
    return f"{type_name(error)}: {said}" if said else type_name(error)


def say_missing(
    name: str, namespace: Mapping[str, Any], failed: Sequence[Loading], asked: Collection[str]
) -> wire.Fields:
    """Why there is no function of that name: the cell with it failed, or it has another name.

    Args:
        asked: all functions that are asked for; what has one of these names has its right name.
    """
    for loading in failed:
        if re.search(rf"\b{re.escape(name)}\b", loading.source):
            failure = loading.failure
            kind = failure.kind if failure.kind in ("syntax", "import") else "missing"
            what = f"is not defined, because {failure.subject} {failure.what}"
            return failure._replace(kind=kind, what=what, subject=name)
    functions = [
        word
        for word, value in namespace.items()
        if isinstance(value, types.FunctionType) and word not in {*_BUILTINS, *asked}
    ]
    what = f"there is no function {name}"
    near = difflib.get_close_matches(name, functions, n=1, cutoff=0.7)
    if near:
        return wire.Fields("missing", what, suggestion=f"did you mean to rename {near[0]} to {name}?")
    return wire.Fields("missing", what, "write one with exactly that name")


def locate(label: str, number: int, sources: SourceMap) -> tuple[str, str]:
    """Place and text of a line."""
    lines = sources[label].split("\n")
    text = lines[number - 1].strip()[:_LINE] if 0 < number <= len(lines) else ""
    return (f"line {number}" if label.endswith(".py") else f"{label}, line {number}"), text


@contextlib.contextmanager
def _spare_memory() -> Iterator[None]:
    """Lifts the limit on memory to its hard part, so that running out of it can be put into words."""
    if sys.platform == "win32":  # where a notebook may run, though not the sandbox
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _describe_compile(error: BaseException, sources: SourceMap, name: str) -> wire.Fields:
    place, text = "", ""
    said = _said(error)
    if isinstance(error, SyntaxError):
        said = f"{error.msg}"[:_MESSAGE]
        if error.lineno:
            place, text = locate(name, error.lineno, sources)
    elif isinstance(error, (RecursionError, MemoryError)):
        said = "it is nested too deeply"
    what = f"is not valid Python: {_one_line(said)}"
    return wire.Fields("syntax", what, place=place, text=text, subject=name)


def _where(error: BaseException, sources: SourceMap) -> tuple[str, int] | None:
    """Cell and number of the last line of the student's own that an exception passed through."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in sources:
            found = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _said(error: BaseException) -> str:
    try:
        return _one_line(f"{error!s}")
    except BaseException:  # an exception whose text cannot be made
        return ""


def _one_line(text: str) -> str:
    text = " ".join(text[: 4 * _MESSAGE].split())
    return text if len(text) <= _MESSAGE else text[: _MESSAGE - 1] + "…"


def _without_cell_magic(source: str) -> str:
    lines = source.split("\n")
    start = next(number for number, line in enumerate(lines) if line.strip())
    words = lines[start].strip()[2:].split()
    if words and words[0] in _PYTHON_CELLS:
        lines[start] = ""
        return "\n".join(lines)
    return "\n" * (len(lines) - 1)
