"""The answer cell of the instructor's notebook: a stub of the function with the reference between nbgrader's marks."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from grader.authoring.stub import INDENT, make_heading
from grader.core.errors import GraderError
from grader.problems.problem import Problem

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SETUP = "import numpy as np"
"""The code of the notebook's first cell; answers need not repeat it."""


def solution_cell(problem: Problem, reference: str) -> str:
    """A function with the reference as its body, all of it between nbgrader's marks.

    A reference of imports and one function is shown as its lines are. Of any other, the whole file becomes the body
    and is called, so that its helpers and constants mean what they meant.

    Raises:
        GraderError: the reference cannot be put into a function.
    """
    heading = make_heading(problem).rstrip("\n")
    body = _plain_body(problem, reference) or _whole_body(problem, reference)
    cell = "\n".join([heading, f"{INDENT}{BEGIN}", *body, f"{INDENT}{END}"])
    try:
        compile(cell, problem.id, "exec")
    except SyntaxError as error:
        file = f"solutions/{problem.id}/reference.py"
        raise GraderError(f"{file} cannot be put into a function: {error.msg}") from None
    return cell


def _plain_body(problem: Problem, reference: str) -> list[str] | None:
    """The lines of the function, below its derivation as a comment; None if there is more to the file."""
    module = ast.parse(reference)
    derivation = ast.get_docstring(module)
    statements = module.body if derivation is None else module.body[1:]
    if not statements:
        return None

    *imports, function = statements
    if not isinstance(function, ast.FunctionDef) or not _is_plain(function, problem):
        return None
    if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in imports):
        return None

    needed = [line for line in map(ast.unparse, imports) if line != SETUP]
    lines = reference.split("\n")
    return [
        *_derivation(derivation, ast.get_docstring(function)),
        *(f"{INDENT}{line}" for line in needed),
        *lines[_first_line(function, lines) : function.end_lineno],
    ]


def _is_plain(function: ast.FunctionDef, problem: Problem) -> bool:
    """Is it the problem's function, of a form whose lines can stand in the stub as they are?"""
    arguments = [argument.arg for argument in function.args.args]
    if function.name != problem.function or arguments != list(problem.arguments):
        return False

    first = function.body[0]
    is_indented = first.lineno != function.lineno and first.col_offset == len(INDENT)
    has_code = ast.get_docstring(function) is None or len(function.body) > 1
    return is_indented and has_code and not function.decorator_list


def _first_line(function: ast.FunctionDef, lines: Sequence[str]) -> int:
    """The index of the first line below the docstring; comments above the first statement belong to it."""
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        return first.end_lineno or 0

    start = first.lineno - 1
    while lines[start - 1].strip().startswith("#"):
        start -= 1
    return start


def _derivation(*texts: str | None) -> list[str]:
    """Docstrings as a comment."""
    lines = "\n".join(filter(None, texts)).splitlines()
    return [f"{INDENT}# {line}".rstrip() for line in lines]


def _whole_body(problem: Problem, reference: str) -> list[str]:
    """The whole file indented, and a call of its function."""
    module = ast.parse(reference)
    inside = _lines_inside_strings(module)
    derivation = ast.get_docstring(module)
    start = (module.body[0].end_lineno or 0) if derivation else 0

    lines = reference.rstrip("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if number not in inside and line.strip():
            lines[number - 1] = f"{INDENT}{line}"

    call = f"{INDENT}return {problem.function}({', '.join(problem.arguments)})"
    return [*_derivation(derivation), *lines[start:], "", call]


def _lines_inside_strings(module: ast.Module) -> set[int]:
    """The lines that begin inside a string literal: to indent them would change it."""
    lines: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            lines.update(range(node.lineno + 1, (node.end_lineno or 0) + 1))
    return lines
