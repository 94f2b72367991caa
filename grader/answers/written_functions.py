"""Which functions a file defines, as far as that is seen without compiling or running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator

from grader.answers.submission import SubmittedFile, parse_submission
from grader.reports.code import CodeCell
from grader.reports.report import Failure

_DEFINITION = re.compile(
    r"^(?:(?:async[ \t]+)?def[ \t]+(\w+)|[ \t]*(\w+)[ \t]*\([^()\n]*\)[ \t]*:?=(?!=)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))",
    re.M,
)
"""In Python, `def f(A):` or `f =`; among formulas, `f(A) =`."""
_ANSWER = re.compile(r"^[ \t]*\w+[ \t]*\([\w, \t]*\)[ \t]*:?=(?!=)", re.M)
_MARGIN = re.compile(r"^[^\s#)]", re.MULTILINE)
_UNWRITTEN = re.compile(r"^[ \t]+raise NotImplementedError|:\s*(?:pass|\.\.\.)\s*\Z", re.MULTILINE)
"""In the body of a function as it is released."""


def defined_names(cells: Iterable[CodeCell]) -> set[str]:
    """Names defined at the left margin."""
    names: set[str] = set()
    for cell in cells:
        for part in _parts(cell.source):
            names.update(_names(part))
    return names


def written_parameters(cells: Iterable[CodeCell]) -> dict[str, tuple[str, ...]]:
    """The names of the parameters of each function that is defined at the left margin; of two the last counts.

    Cells that are no Python have none.
    """
    parameters: dict[str, tuple[str, ...]] = {}
    for cell in cells:
        try:
            statements = ast.parse(cell.source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for one in statements:
            if isinstance(one, ast.FunctionDef):
                parameters[one.name] = tuple(given.arg for given in (*one.args.posonlyargs, *one.args.args))
    return parameters


def count_written(submitted: SubmittedFile, functions: Collection[str]) -> int:
    """Count those of these functions that a file defines, without those left as they were released."""
    written: set[str] = set()
    for cell in parse_submission(submitted).cells:
        for part in _parts(cell.source):
            if not _UNWRITTEN.search(part):
                written.update(_names(part))
    return len(written.intersection(functions))


def has_answers(data: bytes | Failure) -> bool:
    """Does a text have a line that begins like an answer by a formula, `f(A) = `?"""
    return isinstance(data, bytes) and _ANSWER.search(data.decode("utf-8", "replace")) is not None


def _parts(source: str) -> Iterator[str]:
    """The text in pieces, each of which begins at the margin; one pass, whatever a student wrote."""
    begin = 0
    for match in _MARGIN.finditer(source):
        yield source[begin : match.start()]
        begin = match.start()
    yield source[begin:]


def _names(part: str) -> Iterator[str]:
    for match in _DEFINITION.finditer(part):
        yield match[1] or match[2] or match[3]
