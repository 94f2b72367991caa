"""Run a student's cells as Python and IPython do: scripts as modules, notebooks as `__main__`, with `await` in them.

An import that fails costs the names that it would have defined, and nothing else of its cell. Runs inside the student's
process. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from traceback import walk_tb
from typing import Any

from .drawing import PLOTS, Silent
from .magics import TOP_LEVEL_AWAIT

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def new_module(labels: Sequence[str], names: Mapping[str, Any]) -> types.ModuleType:
    """Make the module in which cells run, and let it be found under its name.

    Args:
        labels: of the cells: one that ends in `.py` is a script, which another program imports.
        names: what cells find there besides.
    """
    module = types.ModuleType("answers")
    sys.modules["answers"] = module  # dataclasses look their module up
    module.__dict__.update(names)

    scripts = [label for label in labels if label.endswith(".py")]
    if scripts:
        module.__file__ = scripts[0]
    else:
        module.__name__ = "__main__"
        sys.modules["__main__"] = module
    return module


class Absent:
    """Stands for what a failed import would have defined: says so wherever it is used."""

    def __init__(self, error: ImportError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise type(self._error)(*self._error.args) from self._error

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Say that it is not there."""
        raise type(self._error)(*self._error.args) from self._error


def run_cell(
    code: types.CodeType, label: str, source: str, namespace: dict[str, Any]
) -> Iterator[ImportError]:
    """Run a cell that was compiled; yield the errors of the imports that are left out."""
    try:
        _execute(code, namespace)
    except ImportError as error:
        body = ast.parse(source).body
        place = _find_import(body, label, error)
        if place is None:
            raise
        yield from run_statements(body, label, namespace, start=place)


def definitions_of(source: str) -> list[ast.stmt]:
    """The definitions and imports of a cell, without what else it does."""
    return [statement for statement in ast.parse(source).body if isinstance(statement, _DEFINITIONS)]


def run_statements(
    body: list[ast.stmt],
    label: str,
    namespace: dict[str, Any],
    change: Callable[[ast.Module], ast.Module] = lambda tree: tree,
    start: int = 0,
) -> Iterator[ImportError]:
    """Run the statements of a cell from one on, without the imports that fail; yield the errors of these.

    Args:
        change: what is done to their syntax before they run.
    """
    future = [line for line in body if isinstance(line, ast.ImportFrom) and line.module == "__future__"]
    flags = 0 if label.endswith(".py") else TOP_LEVEL_AWAIT

    def run(statements: Sequence[ast.stmt]) -> None:
        tree = change(copy.deepcopy(ast.Module([*future, *statements], [])))
        _execute(compile(tree, label, "exec", flags=flags, dont_inherit=True), namespace)

    while start < len(body):
        try:
            run(body[start:])
            return
        except ImportError as error:
            place = _find_import(body, label, error)
            if place is None:
                raise
        for part in _split(body[place]):
            try:
                run([part])
            except ImportError as error:
                yield error
                namespace.update(dict.fromkeys(_names_of(part), _in_place_of(error)))
        start = place + 1


def _in_place_of(error: ImportError) -> Any:
    """What a name stands for whose import has failed."""
    is_plot = (error.name or "").partition(".")[0] in PLOTS
    return Silent() if is_plot else Absent(error)


def _execute(code: types.CodeType, namespace: dict[str, Any]) -> None:
    """Run code; where it awaits something at its top, in a loop of its own."""
    if not code.co_flags & inspect.CO_COROUTINE:
        exec(code, namespace)
        return

    loop = _open_loop()
    try:
        loop.run_until_complete(eval(code, namespace))
    finally:
        loop.close()


def _open_loop() -> Any:
    """An event loop without sockets, which no submission may open; few need one, and it takes a while to load."""
    import asyncio
    import selectors

    class Loop(asyncio.SelectorEventLoop):
        _csock = None
        _internal_fds = 0

        def _make_self_pipe(self) -> None:
            pass

        def _close_self_pipe(self) -> None:
            pass

    loop = Loop(selectors.SelectSelector())
    asyncio.set_event_loop(loop)
    return loop


def _find_import(body: Sequence[ast.stmt], label: str, error: ImportError) -> int | None:
    """The place of the import at the top of a cell that has failed; None if it was something else."""
    for frame, line in walk_tb(error.__traceback__):
        if frame.f_code.co_filename != label or frame.f_code.co_name != "<module>":
            continue

        for place, statement in enumerate(body):
            is_import = isinstance(statement, (ast.Import, ast.ImportFrom))
            if is_import and statement.lineno <= line <= (statement.end_lineno or 0):
                return place
    return None


def _split(statement: Any) -> list[ast.stmt]:
    """An import of several names as one of each."""
    parts: list[ast.stmt] = []
    for name in statement.names:
        part = copy.copy(statement)
        part.names = [name]
        parts.append(part)
    return parts


def _names_of(statement: Any) -> list[str]:
    """The names that an import defines."""
    names = [name.asname or name.name.partition(".")[0] for name in statement.names]
    return [name for name in names if name != "*"]
