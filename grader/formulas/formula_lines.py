"""The lines of a file of formulas: without comments, joined over open brackets, with the place of each character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.formulas.notation import NAME, plain

ANSWER = re.compile(rf"\s*({NAME})\s*\(([^()]*)\)\s*:?=(?!=)")
HELPER = re.compile(rf"\s*({NAME}(?:\s*,\s*{NAME})*)\s*:?=(?!=)")
BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_COMMENT = re.compile(r"#.*")
_UNFINISHED = ("=", "+", "-", "@", "*", "/", *"·⋅×∘⊙⊗")
"""At the end of a line they say that it goes on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a line of the file; line and column count from 1. text: that line."""

    line: int
    column: int
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """A line, joined from those that a bracket goes over.

    Args:
        places: the line and column of each character. lines: all of the file.
        answers: the function whose bare formula it is; empty if that is written in it.
    """

    text: str
    places: tuple[tuple[int, int], ...]
    lines: tuple[str, ...]
    answers: str = ""

    @property
    def number(self) -> int:
        """Of the line of the file in which it begins."""
        return self.places[0][0]

    def fault(self, index: int, message: str) -> Fault:
        """A fault at a character of the line, where that stands in the file; behind its end is counted on."""
        line, column = self.places[min(index, len(self.places) - 1)]
        behind = max(index - len(self.places) + 1, 0)
        return Fault(line, column + behind, message, self.lines[line - 1])


def join_lines(text: str) -> Iterator[FormulaLine]:
    """The lines without comments, each with those that an open bracket adds; none that is empty."""
    lines = tuple(text.splitlines())
    joined: list[str] = []
    places: list[tuple[int, int]] = []
    depth = 0
    for number, line in enumerate(lines, 1):
        code = _COMMENT.sub("", plain(line)).rstrip(" \t;")
        joined.append(code)
        places += [(number, column) for column in range(1, len(code) + 1)]
        depth += sum(BRACKETS.get(character, 0) for character in code)

        # A bracket that nobody closes costs one answer, and not the rest of the file.
        following = plain(lines[number]) if number < len(lines) else "f() ="
        is_open = depth > 0 or (code.rstrip().endswith(_UNFINISHED) and not HELPER.match(following))
        if is_open and not ANSWER.match(following):
            joined.append(" ")
            places.append((number, len(code) + 1))
            continue
        if any(map(str.strip, joined)):
            yield FormulaLine("".join(joined), tuple(places), lines)
        joined, places, depth = [], [], 0


def first_place(text: str, begin: int) -> int:
    """The first place from `begin` on that is no space."""
    return begin + len(text[begin:]) - len(text[begin:].lstrip())
