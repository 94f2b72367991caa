"""Recognise syntax of a newer Python than this one, where the compiler only says that it is invalid.

Imports nothing.
"""

from __future__ import annotations

import re
import sys

_STARTS = re.compile(r"\b(?:[fF][rR]?|[rR][fF])('''|\"\"\"|'|\")")
_BLAMES_FSTRING = re.compile(r"f-string|.*(unterminated|invalid syntax)", re.DOTALL)
"""What the compiler may say of such an f-string."""
_IN_TEXT = re.compile(r"\\.?|\{\{|\}\}|.", re.DOTALL)
"""A piece of an f-string outside its braces."""
_IN_BRACES = re.compile(r"('''|\"\"\"|'|\")(?:.*?\1|.*)|\\.?|.", re.DOTALL)
"""A piece of an f-string inside its braces: a string, which may not end, or a character."""
_SYNTAX = (
    ((3, 12), re.compile(r"\s*type\s+\w+\s*(?:\[.*\])?\s*=")),
    ((3, 12), re.compile(r"\s*(?:async\s+)?(?:def|class)\s+\w+\s*\[")),
)
"""The first version → how a line looks that it is the first to read."""


def needed_python(message: str, line: str) -> str:
    """The version that reads a line which this one does not; empty if none is known to.

    Args:
        message: what the compiler says.
    """
    here = sys.version_info[:2]
    for version, pattern in _SYNTAX:
        if version > here and pattern.match(line):
            return f"{version[0]}.{version[1]}"
    return "3.12" if here < (3, 12) and _has_free_fstring(message, line) else ""


def _has_free_fstring(message: str, line: str) -> bool:
    """Is there an f-string on the line that uses its own quotes, a backslash or a # in its braces, as 3.12 allows?"""
    if not _BLAMES_FSTRING.match(message):
        return False
    return any(_is_free(line, start.end(), start[1]) for start in _STARTS.finditer(line))


def _is_free(line: str, at: int, quote: str) -> bool:
    """Does an f-string end by the rules of 3.12, and do earlier versions read it otherwise?

    Args:
        at: where its text begins; quote: what ends it.
    """
    depth, is_free = 0, False
    while at < len(line):
        if depth == 0 and line.startswith(quote, at):
            return is_free

        pattern = _IN_BRACES if depth else _IN_TEXT
        piece = pattern.match(line, at)[0]  # type: ignore[index] # its last alternative is any character
        if depth and (piece == "#" or "\\" in piece or piece[0] == quote[0]):
            is_free = True
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(depth - 1, 0)
        at += len(piece)
    return False
