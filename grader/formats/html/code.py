"""A student's code as text in a page: highlighted, with numbered lines that can be linked to.

Five kinds of tokens have colours, which one pattern finds. A full lexer takes ten times as long: an eighth of all that
grading a submission takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword

from markupsafe import Markup, escape

from grader.core.text import clean
from grader.reports.code import CodeCell, Heads, Lines, find_function, find_heads, find_place

_WIDEST = 400
"""Characters of a line. Blanks at ends of lines go too: together these keep the time of highlighting proportional."""
_MOST_BYTES = 90_000
"""Of a listing that is highlighted; a longer one is plain."""
_MOST_LINES = 150
"""Of one function."""
_TOKENS = re.compile(
    r"""(?P<c>\#[^\n]*)
    |(?P<s>(?:\b[rbufRBUF]{1,2})?(?:
        \"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)
        |"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)|'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)))
    |(?P<f>(?<=\bdef\ )\w+)
    |(?P<k>[^\W\d]\w*)
    |(?P<n>0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?[jJ]?)""",
    re.S | re.X,
)
"""Comments, strings, names of functions, words and numbers, under the names of their classes in the style sheet."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say below a line, which is marked. address: of where more is said of it."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a submission.

    Args:
        shown: the lines of each cell, as HTML.
        heads: where functions begin.
    """

    cells: tuple[CodeCell, ...]
    shown: tuple[tuple[Markup, ...], ...]
    heads: Heads

    def anchor(self, place: str) -> str:
        """The id of the line that a place names, as in `cell 3, line 2`; empty if it is not here."""
        found = find_place(place, self.cells)
        return self.id_of(found.cell, found.first) if found else ""

    def id_of(self, cell: int, line: int) -> str:
        """The id of a line in `whole`."""
        number = self.cells[cell].number
        return f"C{number}L{line}" if number else f"L{line}"

    def find(self, function: str) -> Lines | None:
        """The lines of a function, no more than can be shown beside what is said of it."""
        found = find_function(self.cells, function, self.heads)
        if found is None:
            return None
        return Lines(found.cell, found.first, min(found.last, found.first + _MOST_LINES - 1))

    def place_of(self, lines: Lines) -> str:
        """Where these lines are, in words."""
        cell = self.cells[lines.cell]
        numbers = f"line {lines.first}"
        if lines.last > lines.first:
            numbers = f"lines {lines.first} to {lines.last}"
        return f"{cell.label}, {numbers}"

    def part(self, lines: Lines, place: str = "") -> Markup:
        """Some lines, of which that of a place is marked."""
        marked = find_place(place, self.cells)
        notes = {marked.first: Note("")} if marked and marked.cell == lines.cell else {}
        shown = self.shown[lines.cell][lines.first - 1 : lines.last]
        return _rows(shown, lines.first, notes)

    def whole(self, notes: Mapping[str, Note]) -> list[tuple[str, Markup]]:
        """Every cell: its label if it is one of several, and its lines, each with its id.

        Args:
            notes: id of a line → what there is to say of it.
        """
        listed = []
        for index, (cell, shown) in enumerate(zip(self.cells, self.shown, strict=True)):
            ids = [self.id_of(index, line) for line in range(1, len(shown) + 1)]
            own = {line: notes[id] for line, id in enumerate(ids, 1) if id in notes}
            listed.append(("" if cell.is_file else cell.label, _rows(shown, 1, own, ids)))
        return listed


def numbered_lines(lines: Sequence[str], first: int, marked: int = 0) -> Markup:
    """Some lines of code for a `<pre>`, of which one may be marked; nothing for no lines."""
    if not lines:
        return Markup("")
    notes = {marked: Note("")} if marked else {}
    return _rows(_highlight(_tidy(lines)), first, notes)


def show_code(cells: Sequence[CodeCell]) -> Code:
    """Make the lines of cells ready to be shown; text stays text whatever is in it."""
    lines = [_tidy(cell.lines) for cell in cells]
    shown = [tuple(_highlight(part)) for part in lines]
    if sum(len(line) for part in shown for line in part) > _MOST_BYTES:
        shown = [tuple(map(escape, part)) for part in lines]
    return Code(tuple(cells), tuple(shown), find_heads(cells))


def _tidy(lines: Iterable[str]) -> list[str]:
    return [clean(line[:_WIDEST]).expandtabs(4).rstrip() for line in lines]


def _rows(shown: Iterable[Markup], first: int, notes: Mapping[int, Note], ids: Sequence[str] = ()) -> Markup:
    """Lines with their numbers, for a `<pre>`."""
    rows = []
    for number, line in enumerate(shown, first):
        id = f" id={ids[number - first]}" if ids else ""
        note = notes.get(number)
        tag, said = ("span", "") if note is None else ("mark", _say(note))
        rows.append(f"<{tag}{id}><i>{number}</i>{line}</{tag}>{said}\n")
    # The lines are escaped, and the rest is ours.
    return Markup("".join(rows))


def _say(note: Note) -> str:
    if not note.text:
        return ""
    return Markup('\n<a class=note href="#{}">{}</a>').format(note.address, note.text)


def _highlight(lines: Sequence[str]) -> list[Markup]:
    """Lines as HTML."""
    text, end = "\n".join(lines), 0
    pieces: list[str] = []
    for token in _TOKENS.finditer(text):
        if token.lastgroup == "k" and not iskeyword(token[0]):
            continue
        pieces.append(escape(text[end : token.start()]))
        pieces.append(_colour(token))
        end = token.end()
    pieces.append(escape(text[end:]))
    return [Markup(row) for row in "".join(pieces).split("\n")]


def _colour(token: re.Match[str]) -> str:
    """A token as HTML; one that reaches over several lines is closed and opened again at each."""
    parts = str(escape(token[0])).split("\n")
    coloured = [f"<span class={token.lastgroup}>{part}</span>" if part.strip() else part for part in parts]
    return "\n".join(coloured)
