"""Say in one sentence what went wrong in a student's cells.

Runs inside the student's process. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import difflib
import re
import sys
import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any, TypeGuard

from . import wire
from .convert import type_name
from .newer_syntax import needed_python

try:
    import resource
except ImportError:  # Windows, where a notebook or one's own file may run
    resource = None  # type: ignore[assignment]

SourceMap = Mapping[str, str]
NOT_WRITTEN, REPLACE_RAISE = "is not written yet", "replace raise NotImplementedError with your answer"
_MESSAGE = 300
_LINE = 160
_BUILTINS = frozenset(["get_ipython", "display"])


@dataclass(frozen=True, slots=True)
class FailedCell:
    """A cell that did not compile or did not run to its end."""

    label: str
    source: str
    failure: wire.Fields


def describe(
    error: BaseException, sources: SourceMap, memory_mb: int, name: str, *, compiling: bool = False
) -> wire.Fields:
    """Say what an exception is about, and where it came from.

    Args:
        error: what was raised.
        sources: label → source of each cell.
        memory_mb: the limit that a MemoryError met.
        name: the function that raised it, or the cell.
        compiling: the cell never ran.
    """
    with _spare_memory():
        if compiling:
            return _describe_compile(error, sources, name)
        return _describe_run(error, sources, memory_mb, name)


def _describe_run(error: BaseException, sources: SourceMap, memory_mb: int, name: str) -> wire.Fields:
    where = _where(_failed_import(error), sources)
    kind, what, advice = _explain(error, memory_mb)
    if not what:
        number = where[1] if where else "an unknown line"
        lead = f"stopped at line {number}:" if name in sources else "raised"
        what = f"{lead} {_as_python_shows(error)}"

    place, text = locate(*where, sources) if where else ("", "")
    return wire.Fields(kind, what, advice, place=place, text=text, subject=name)


def _failed_import(error: BaseException) -> BaseException:
    """The error of the import itself, if this one was raised where its name is used."""
    cause = error.__cause__
    is_later = isinstance(error, ImportError) and isinstance(cause, ImportError)
    return cause if is_later and cause is not None else error


def _explain(error: BaseException, memory_mb: int) -> tuple[str, str, str]:
    """Say of which kind an error is, what happened, and what to do; empty texts if the exception says it itself."""
    text = _text(error)
    if isinstance(error, MemoryError):
        return "memory", f"ran out of memory, more than {memory_mb} MB", "check the shapes it builds"
    if isinstance(error, ImportError):
        return "import", f"stopped at an import: {text}", ""

    if isinstance(error, NotImplementedError) and not text:
        return "missing", NOT_WRITTEN, REPLACE_RAISE
    if isinstance(error, SystemExit):
        return "raised", "stopped at exit() or quit()", "remove it"
    if isinstance(error, RecursionError):
        return "raised", "calls itself endlessly (RecursionError)", "check where it should stop"
    if isinstance(error, EOFError) and "reading a line" in text:
        return "raised", "asks for input(), but nobody is there to type", "remove it"
    return "raised", "", ""


def _as_python_shows(error: BaseException) -> str:
    text = _text(error)
    return f"{type_name(error)}: {text}" if text else type_name(error)


def name_unread(
    failure: wire.Fields, error: BaseException, source: str, label: str, asked: Collection[str]
) -> wire.Fields:
    """Name the functions that stand below the line where a cell stopped, which were not read.

    Args:
        source: of the cell, which can be compiled.
    """
    where = _where(error, {label: source})
    if where is None or failure.advice:
        return failure

    functions = [statement for statement in ast.parse(source).body if isinstance(statement, ast.FunctionDef)]
    unread = [one.name for one in functions if one.lineno > where[1] and one.name in asked]
    if not unread:
        return failure

    *others, last = unread
    advice = f"{last} below it was not read"
    if others:
        advice = f"{', '.join(others)} and {last} below it were not read"
    return failure._replace(advice=advice[:_MESSAGE])


def explain_missing(
    name: str,
    namespace: Mapping[str, Any],
    failed: Sequence[FailedCell],
    asked: Collection[str],
    sources: SourceMap,
) -> wire.Fields:
    """Explain why there is no function of that name: it is inside something, its cell failed, or it has another name.

    Args:
        namespace: what the cells defined.
        failed: the cells that failed.
        asked: all functions that are asked for; what has one of these names has its right name.
        sources: label → source of each cell.
    """
    nested = _find_nested(name, sources, {cell.label for cell in failed})
    if nested is not None:
        return nested

    for cell in failed:
        if re.search(rf"\b{re.escape(name)}\b", cell.source):
            failure = cell.failure
            kind = failure.kind if failure.kind in ("syntax", "import") else "missing"
            what = f"is not defined, because {failure.subject} {failure.what}"
            return failure._replace(kind=kind, what=what, subject=name)

    functions = (word for word, value in namespace.items() if isinstance(value, types.FunctionType))
    others = [word for word in functions if word not in _BUILTINS and word not in asked]
    what = f"there is no function {name}"
    near = difflib.get_close_matches(name, others, n=1, cutoff=0.7)
    if near:
        return wire.Fields("missing", what, suggestion=f"did you mean to rename {near[0]} to {name}?")
    return wire.Fields("missing", what, "write one with exactly that name")


def _find_nested(name: str, sources: SourceMap, failed: Collection[str]) -> wire.Fields | None:
    """Say in what a function of that name is, if it is not at the left margin of any cell.

    Args:
        failed: the labels of cells that may have stopped before they ran a block.
    """
    nested = None
    for label, source in sources.items():
        try:
            statements = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # said of the cell
            continue
        for statement in statements:
            inside = [node for node in ast.walk(statement) if _defines(node, name)]
            if statement in inside:
                return None
            may_not_have_run = label in failed and not isinstance(statement, (ast.ClassDef, ast.FunctionDef))
            if inside and nested is None and not may_not_have_run:
                nested = _explain_nested(name, statement, locate(label, inside[0].lineno, sources))
    return nested


def _defines(node: ast.AST, name: str) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _explain_nested(name: str, around: ast.stmt, where: tuple[str, str]) -> wire.Fields:
    place, text = where
    if isinstance(around, ast.ClassDef):
        block = f"the class {around.name}"
    elif isinstance(around, ast.FunctionDef):
        block = f"the function {around.name}"
    else:
        block = f"the block that begins at line {around.lineno}"

    what = f"is inside {block}, where the grader does not find it"
    suggestion = "did you mean to write it at the left margin?"
    if isinstance(around, ast.ClassDef):
        suggestion = "did you mean to write it at the left margin, without self?"
    return wire.Fields("missing", what, suggestion=suggestion, place=place, text=text, subject=name)


def locate(label: str, number: int, sources: SourceMap) -> tuple[str, str]:
    """Name the place of a line, and return its text."""
    lines = sources[label].split("\n")
    text = lines[number - 1].strip()[:_LINE] if 0 < number <= len(lines) else ""
    place = f"line {number}" if label.endswith(".py") else f"{label}, line {number}"
    return place, text


@contextlib.contextmanager
def _spare_memory() -> Iterator[None]:
    """Lift the limit on memory to its hard part, so that running out of it can be put into words."""
    if resource is None:
        yield
        return

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _describe_compile(error: BaseException, sources: SourceMap, name: str) -> wire.Fields:
    place, text, needed, column = "", "", "", 0
    reason = _text(error)
    if isinstance(error, SyntaxError):
        reason = f"{error.msg}"[:_MESSAGE]
        if error.lineno:
            place, text = locate(name, error.lineno, sources)
            needed = needed_python(error.msg, text)
            column = _column(error, text)
    elif isinstance(error, (RecursionError, MemoryError)):
        reason = "it is nested too deeply"

    what = f"is not valid Python: {_one_line(reason)}"
    if needed:
        here = f"{sys.version_info[0]}.{sys.version_info[1]}"
        what = f"needs Python {needed} for this line, and the grader runs {here}"
    return wire.Fields("syntax", what, place=place, text=text, subject=name, column=column)


def _column(error: SyntaxError, text: str) -> int:
    """The column of a syntax error in the text of its line, from 1; 0 if another text was compiled."""
    compiled = error.text or ""
    if compiled.strip() != text or not error.offset:
        return 0
    indentation = len(compiled) - len(compiled.lstrip())
    return max(0, error.offset - indentation)


def _where(error: BaseException, sources: SourceMap) -> tuple[str, int] | None:
    """Find the last line of the student's own that an exception passed through: its cell and its number."""
    where = None
    for frame, number in walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file in sources:
            where = (file, number)
    return where


def _suggest(error: BaseException) -> str:
    """What Python adds where it shows an error itself, and nowhere else."""
    name = getattr(error, "name", None)
    if not isinstance(name, str):
        return ""

    near = difflib.get_close_matches(name, sorted(_known_names(error)), n=1, cutoff=0.7)
    if not near or near == [name]:
        return ""
    return f". Did you mean: '{near[0]}'?"


def _known_names(error: BaseException) -> Collection[str]:
    """The names, or the attributes, that there were where one was not found."""
    if isinstance(error, AttributeError) and error.obj is not None:
        return dir(error.obj)
    if not isinstance(error, NameError) or error.__traceback__ is None:
        return ()

    *_, (frame, _) = walk_tb(error.__traceback__)
    return {*frame.f_locals, *frame.f_globals, *dir(builtins)}


def _text(error: BaseException) -> str:
    try:
        return _one_line(f"{error!s}{_suggest(error)}")
    except BaseException:  # an exception whose text cannot be made
        return ""


def _one_line(text: str) -> str:
    text = " ".join(text[: 4 * _MESSAGE].split())
    return text if len(text) <= _MESSAGE else text[: _MESSAGE - 1] + "…"
