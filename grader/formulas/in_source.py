"""Formulas inside a program: `f = "2 A + B"`, in a file or in a cell of a notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.reports.code import CodeCell


class WrittenFormula(NamedTuple):
    """A formula as text, and the place where it is assigned, such as `cell 3, line 2`."""

    text: str
    place: str


def find_formulas(cells: Sequence[CodeCell]) -> Mapping[str, WrittenFormula]:
    """Find the texts that names are given at the left margin, the last one of each; nothing is run.

    What is no Python, and cells with it, have none.
    """
    formulas: dict[str, WrittenFormula] = {}
    for cell in cells:
        formulas.update(_in_cell(cell))
    return formulas


def _in_cell(cell: CodeCell) -> Iterator[tuple[str, WrittenFormula]]:
    lines = cell.source.split("\n")
    source = "\n".join("" if line.startswith(("%", "!")) else line for line in lines)
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return

    for statement in statements:
        match statement:
            case ast.Assign(targets, ast.Constant(str(text))):
                line = f"line {statement.lineno}"
                place = line if cell.label.endswith(".py") else f"{cell.label}, {line}"
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                yield from ((name, WrittenFormula(text, place)) for name in names)
