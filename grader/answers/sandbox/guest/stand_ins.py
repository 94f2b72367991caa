"""Stand-ins for what a notebook uses and a submission has not: our own `check`, and IPython.

The checks that students run themselves do nothing here, print nothing and cost nothing. Imports nothing of ours but its
neighbours.
"""

from __future__ import annotations

import sys
import types
from typing import Any

from .magics import PYTHON_CELLS, TIMED, compile_cell

_PLACES = ("grader", "grader.notebook", "grader.platforms", "grader.platforms.jupyter")
"""Where a notebook may import `check` from, now or in an earlier version."""


def grader_modules() -> dict[str, types.ModuleType]:
    """Make the modules from which a notebook imports `check`, by their names: they are all the same one."""
    module = types.ModuleType("grader")
    module.check = lambda *args, **kwargs: UncheckedResult()  # type: ignore[attr-defined]
    module.unpack_problems = lambda *args, **kwargs: None  # type: ignore[attr-defined]
    module.notebook = module.platforms = module.jupyter = module  # type: ignore[attr-defined]
    module.__version__ = ""  # type: ignore[attr-defined]
    return dict.fromkeys(_PLACES, module)


class EnoughPoints(float):
    """Points of which any claim that there are enough is true, so that `assert check(…).points == 10` costs nothing."""

    def __eq__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    __ne__ = __lt__
    __gt__ = __ge__ = __le__ = __eq__
    __hash__ = float.__hash__


class UncheckedResult:
    """Stands for what `check` returns, and for whatever is asked of that."""

    points = EnoughPoints()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return UncheckedResult()

    def __call__(self, *args: Any, **kwargs: Any) -> UncheckedResult:
        """Stand for what a method of it returns."""
        return self

    def __float__(self) -> float:
        return self.points

    def __repr__(self) -> str:
        return ""

    def __format__(self, form: str) -> str:
        return ""


class SilentShell:
    """Stands for IPython's shell, and for what `%%capture` captures: whatever is asked of it does nothing."""

    stdout = stderr = ""

    def run_line_magic(self, name: str, line: str = "", *args: Any, **kwargs: Any) -> Any:
        """Run what is timed, as in a notebook that was saved as a script."""
        return _run(line, sys._getframe(1).f_globals) if name in TIMED else None

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """Run a cell that is Python."""
        return _run(cell, sys._getframe(1).f_globals) if name in PYTHON_CELLS else None

    def getoutput(self, *args: Any, **kwargs: Any) -> list[str]:
        """No lines, of a command that is not run."""
        return []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def _run(source: str, namespace: dict[str, Any]) -> Any:
    """Run code among the names of who asks for it; return the value of an expression."""
    try:
        code = compile(source.strip(), "<magic>", "eval")
    except SyntaxError:
        exec(compile_cell("<magic>", source)[0], namespace)
        return None
    return eval(code, namespace)
