"""Parse a text into a checked expression or program."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Collection

from grader.problems.language.errors import ExpressionError, ExpressionFault
from grader.problems.language.nodes import Expression, as_tree
from grader.problems.language.reader import MAX_POWER
from grader.problems.language.statements import ProgramReader
from grader.problems.language.typing_slips import explain_syntax

__all__ = ["MAX_LENGTH", "MAX_POWER", "parse"]

MAX_LENGTH = 6000
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python raises for text that it cannot parse: null bytes and deep nesting are no syntax errors."""


def parse(text: str, names: Collection[str], functions: Collection[str] = ()) -> Expression:
    """Parse an expression, or the lines of a program, over the given names and functions.

    Raises:
        ExpressionError: with every fault and its place.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError([ExpressionFault(1, MAX_LENGTH, f"longer than {MAX_LENGTH} characters")])
    code = textwrap.dedent(text).strip()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python finds odd, such as `2if`, is nothing to an author
        parsed = _parse(code)

    reader = ProgramReader(code.splitlines(), frozenset(names), frozenset(functions), [])
    body = reader.read_program(parsed)
    if reader.faults:
        raise ExpressionError(reader.faults)

    tree = as_tree(body)
    is_expression = tree is not None and len(body) == 1
    return Expression(text, tree, () if is_expression else body)


def names_read(text: str) -> tuple[str, ...]:
    """The names that a text reads and does not set itself, in the order of the text: what it must be given.

    Raises:
        ExpressionError: it is not Python.
    """
    nodes = [node for statement in _parse(textwrap.dedent(text).strip()) for node in ast.walk(statement)]
    others = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=word)) | ast.arg(arg=word) | ast.Name(id=word, ctx=ast.Store()):
                others.add(word)

    read = [node for node in nodes if isinstance(node, ast.Name) and node.id not in others]
    read.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(dict.fromkeys(node.id for node in read))


def _parse(code: str) -> list[ast.stmt]:
    """Python's own tree; an expression is what it returns."""
    try:
        expression = ast.parse(code, mode="eval").body
        return [ast.copy_location(ast.Return(expression), expression)]
    except _UNREADABLE as error:
        not_one_expression = error

    try:
        return ast.parse(code).body
    except _UNREADABLE as error:
        is_program = "\n" in code
        raise _not(error if is_program else not_one_expression, code) from None


def _not(error: Exception, code: str) -> ExpressionError:
    """What Python says is wrong, and what may be behind it."""
    if not isinstance(error, SyntaxError):
        message = f"not an expression: {error or 'nested too deeply'}"
        return ExpressionError([ExpressionFault(1, 1, message)])

    message = f"not an expression: {explain_syntax(error, code)}"
    line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
    return ExpressionError([ExpressionFault(line, column, message)])
