"""What a student wrote, as text: its cells, the places in them, and the lines of a function; nothing here runs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

FORMULAS = ".txt"
"""Of a file of formulas; most texts are none."""
MOST_CODE, MOST_LINES = 20_000, 800
"""Characters and lines of a file that a report keeps; the code for a whole course is shorter."""
_PLACE = re.compile(r"(?:(?P<cell>cell [0-9]{1,6}(?: \(In \[[0-9]{1,6}\]\))?), )?line (?P<line>[0-9]{1,7})")
_NUMBER = re.compile(r"cell ([0-9]{1,6})")
_HEAD = re.compile(
    r"(?:async[ \t]+)?def[ \t]+(\w+)|[ \t]*(\w+)[ \t]*\([^()\n]*\)[ \t]*=(?!=)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=)"
)
"""In Python, `def NAME(A):` or `NAME =`; among formulas, `NAME(A) =`."""
_GOES_ON = ("\\", "(", "[", "{", ",", "+", "-", "*", "/", "@")
"""A line that ends in one of these is not the last one of its formula."""


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A piece of a submission that is run as one: the whole of a `.py`, or one code cell.

    Args:
        label: the file's name (it ends in `.py`), or `cell 3`, counted from 1 among all cells of a notebook, with the
            number that Jupyter shows beside it: `cell 3 (In [7])`.
        source: as the student wrote it, magics included; line numbers are the student's.
    """

    label: str
    source: str

    @property
    def is_file(self) -> bool:
        """Is it the whole of a file, so that its places name no cell?"""
        return self.label.endswith((".py", FORMULAS))

    @property
    def number(self) -> int:
        """Its number among the cells of its notebook; 0 for a file."""
        match = _NUMBER.match(self.label)
        return int(match[1]) if match and not self.is_file else 0

    @property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.source.split("\n")


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of one cell.

    Args:
        cell: its place in the sequence of cells. first, last: their numbers, from 1, both included.
    """

    cell: int
    first: int
    last: int


def find_place(place: str, cells: Sequence[CodeCell]) -> Lines | None:
    """The line that a place such as `cell 3, line 2` names; None if there is none."""
    match = _PLACE.fullmatch(place)
    if match is None:
        return None

    line = int(match["line"])
    for index, cell in enumerate(cells):
        is_meant = cell.label == match["cell"] if match["cell"] else cell.is_file
        if is_meant and 1 <= line <= len(cell.lines):
            return Lines(index, line, line)
    return None


Heads = Mapping[str, tuple[int, int]]
"""Name of a function → the cell and the line, from 0, at which it begins."""


def find_heads(cells: Sequence[CodeCell]) -> Heads:
    """Where functions and formulas begin: the last definition of each, as only that counts."""
    heads = {}
    for index, cell in enumerate(cells):
        for number, line in enumerate(cell.lines):
            match = _HEAD.match(line)
            if match is not None:
                heads[match[match.lastindex or 0]] = index, number
    return heads


def find_function(cells: Sequence[CodeCell], name: str, heads: Heads | None = None) -> Lines | None:
    """The lines that define a function, or its formula; None if there are none.

    Args:
        heads: where functions begin, if that is known.
    """
    head = (find_heads(cells) if heads is None else heads).get(name)
    if head is None:
        return None

    index, number = head
    lines = cells[index].lines
    return Lines(index, _first_line(lines, number) + 1, _last_line(lines, number) + 1)


def fit_code(cells: Iterable[CodeCell], most: int = MOST_CODE) -> tuple[CodeCell, ...]:
    """The cells as far as there is room for them; the last one may be cut, and then says so."""
    return tuple(_fit(cells, most))


def _fit(cells: Iterable[CodeCell], characters: int) -> Iterator[CodeCell]:
    lines = MOST_LINES
    for cell in cells:
        kept = "\n".join(cell.source[:characters].split("\n")[:lines])
        if len(kept) < len(cell.source):
            yield replace(cell, source=f"{kept}\n# … (the rest is not shown)")
            return
        yield cell
        characters -= len(kept)
        lines -= kept.count("\n") + 1


def _first_line(lines: Sequence[str], head: int) -> int:
    """The first of the decorators above a definition."""
    while head > 0 and lines[head - 1].lstrip().startswith("@"):
        head -= 1
    return head


def _last_line(lines: Sequence[str], head: int) -> int:
    """The last line that is further in than the head, or goes on from the line before."""
    margin = _indent(lines[head])
    last = head
    for number in range(head + 1, len(lines)):
        line = lines[number]
        text = line.lstrip()
        if not text or text.startswith("#"):
            continue

        goes_on = lines[last].rstrip().endswith(_GOES_ON) or text.startswith((")", "]", "}"))
        if _indent(line) <= margin and not goes_on:
            break
        last = number
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
