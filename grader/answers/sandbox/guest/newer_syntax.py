"""Recognise syntax of a newer Python than this one, where the compiler only says that it is invalid.

Imports nothing.
"""

from __future__ import annotations

import re
import sys

_QUOTES = ("'''", '"""', "'", '"')
_STARTS = re.compile(r"\b(?:[fF][rR]?|[rR][fF])('''|\"\"\"|'|\")")
_BLAMES_FSTRING = re.compile(r"f-string|.*(unterminated|invalid syntax)", re.DOTALL)
"""What the compiler may say of such an f-string."""
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
    needed = [version for version, pattern in _SYNTAX if version > here and pattern.match(line)]
    if here < (3, 12) and _has_free_fstring(message, line):
        needed.append((3, 12))
    return f"{needed[0][0]}.{needed[0][1]}" if needed else ""


def _has_free_fstring(message: str, line: str) -> bool:
    """Is there an f-string on the line that uses its own quotes, a backslash or a # in its braces, as 3.12 allows?"""
    if not _BLAMES_FSTRING.match(message):
        return False

    for start in _STARTS.finditer(line):
        end, is_free = _end_of_fstring(line, start.end(), start[1])
        if end is not None and is_free:
            return True
    return False


def _end_of_fstring(line: str, at: int, quote: str) -> tuple[int | None, bool]:
    """Where an f-string ends by the rules of 3.12, and whether earlier versions read it otherwise."""
    depth, is_free = 0, False
    while at < len(line):
        here = line[at]
        if depth == 0 and line.startswith(quote, at):
            return at + len(quote), is_free

        if depth and here in "'\"":
            end = _end_of_string(line, at)
            if end is None:
                return None, is_free
            is_free = is_free or here == quote[0] or "\\" in line[at:end]
            at = end
            continue

        is_doubled = depth == 0 and line[at : at + 2] in ("{{", "}}")
        if here in "{}" and not is_doubled:
            depth = max(depth + (1 if here == "{" else -1), 0)
        if depth and here in "\\#":
            is_free = True
        at += 2 if is_doubled or here == "\\" else 1
    return None, is_free


def _end_of_string(line: str, at: int) -> int | None:
    """Where a string that begins here ends; None if it does not."""
    quote = next(quote for quote in _QUOTES if line.startswith(quote, at))
    end = line.find(quote, at + len(quote))
    return end + len(quote) if end >= 0 else None
