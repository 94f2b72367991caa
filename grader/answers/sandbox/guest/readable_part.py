"""Leave out of a cell what the compiler cannot read: one missing colon costs one function, not all of them.

Runs inside the student's process. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import re
import types

from .magics import compile_cell

_MOST_FAULTS = 30
_STARTS = re.compile(r"(?!else\b|elif\b|except\b|finally\b)[^\s#)\]}]")
"""How a line looks that begins a statement at the left margin."""


def compile_readable(label: str, source: str) -> tuple[types.CodeType, str]:
    """Compile the statements at the left margin that can be read, and return them with empty lines for the others.

    Raises:
        SyntaxError: nothing can be read.
    """
    for _ in range(_MOST_FAULTS):
        try:
            return compile_cell(label, source)
        except SyntaxError as error:
            lines, number = source.split("\n"), error.lineno or 0
            if not 1 <= number <= len(lines):
                raise

            first, last = _statement_at(lines, number - 1)
            rest = [*lines[:first], *[""] * (last - first), *lines[last:]]
            if rest == lines or not any(line.strip() for line in rest):
                raise
            source = "\n".join(rest)
    return compile_cell(label, source)


def _statement_at(lines: list[str], number: int) -> tuple[int, int]:
    """The first line of the statement around a line, with its decorators, and the line after its last."""
    first, last = number, number + 1
    while first > 0 and not _is_start(lines, first):
        first -= 1
    while last < len(lines) and not _is_start(lines, last):
        last += 1
    return first, last


def _is_start(lines: list[str], number: int) -> bool:
    """Does a statement start on this line, which is not the first? One below a decorator belongs to that."""
    return _STARTS.match(lines[number]) is not None and not lines[number - 1].startswith("@")
