"""Compile a notebook's cell with IPython's magics in it, read as IPython reads them.

Runs inside the student's process. Imports nothing of ours.
"""

from __future__ import annotations

import ast
import re
import types

TOP_LEVEL_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

_MAGIC = re.compile(r"\s*(%|!|\?|[\w.]+\s*=\s*[%!]|[\w.%!*]+\?{1,2}\s*$)")
_TIMED = re.compile(r"(?P<target>\s*(?:[\w.]+\s*=\s*)?)%(?:time|prun)\b(?:\s+--?[\w-]+)*\s*(?P<code>.*)")
_SHELL = re.compile(r"(?P<target>\s*[\w.]+\s*=\s*)(?P<sign>[%!]).*")
_RESULTS = {"!": "[]", "%": "None"}
"""Sign of a command or a magic → what stands for its result."""
_PYLAB = re.compile(r"(?P<target>\s*)%pylab\b.*")
_CAPTURE = re.compile(r"%%capture\s+(?:--?[\w-]+\s+)*(?P<name>[A-Za-z_]\w*)")
# The other cell magics hand the cell to another language or another process.
TIMED = frozenset(["time", "prun"])
PYTHON_CELLS = frozenset(["time", "timeit", "capture", "prun", "debug", "memit", "mprun", "lprun"])


def compile_cell(label: str, source: str) -> tuple[types.CodeType, str]:
    """Compile a cell; return its code, and its source with Python in the place of magics.

    Line numbers stay the same. A line that starts with % can be ordinary Python: only where the compiler stops is
    it taken for a magic.

    Args:
        label: ends in `.py` if it is a script, which has no magics.
    """
    if label.endswith(".py"):
        return compile(source, label, "exec", dont_inherit=True), source

    if source.lstrip().startswith("%%"):
        source = _without_cell_magic(source)
    while True:
        try:
            return compile(source, label, "exec", flags=TOP_LEVEL_AWAIT, dont_inherit=True), source
        except SyntaxError as error:
            lines = source.split("\n")
            number = (error.lineno or 0) - 1
            is_magic = 0 <= number < len(lines) and _MAGIC.match(lines[number])
            if not is_magic:
                raise
            source = "\n".join(_replace_magic(lines, number))


def _replace_magic(lines: list[str], number: int) -> list[str]:
    """The lines with Python for the magic that starts in one of them; a backslash continues it in the next."""
    last = number
    while lines[last].endswith("\\") and last + 1 < len(lines):
        last += 1
    whole = " ".join(line.removesuffix("\\").rstrip() for line in lines[number : last + 1])
    return [*lines[:number], _in_python(whole), *[""] * (last - number), *lines[last + 1 :]]


def _in_python(magic: str) -> str:
    """What a line with a magic does to the names of a notebook, as far as it does that without a shell."""
    if timed := _TIMED.fullmatch(magic):
        return timed["target"] + (timed["code"] or "pass")
    if shell := _SHELL.fullmatch(magic):
        return shell["target"] + _RESULTS[shell["sign"]]
    if pylab := _PYLAB.fullmatch(magic):
        return f"{pylab['target']}import numpy, numpy as np; from numpy import *"

    indent = magic[: len(magic) - len(magic.lstrip())]
    return f"{indent}pass"


def _without_cell_magic(source: str) -> str:
    """The cell without the magic in its first line; nothing of a cell that is not Python."""
    lines = source.split("\n")
    start = next(number for number, line in enumerate(lines) if line.strip())
    words = lines[start].strip()[2:].split()
    if not words or words[0] not in PYTHON_CELLS:
        return "\n" * (len(lines) - 1)

    captured = _CAPTURE.match(lines[start].strip())
    lines[start] = f"{captured['name']} = get_ipython()" if captured else ""
    return "\n".join(lines)
