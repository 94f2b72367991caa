"""A student's code as text in a page: highlighted, with numbered lines that can be linked to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from grader.core.text import clean
from grader.reports.code import CodeCell, Lines, find_function, find_place

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_WIDEST = 400
"""Characters of a line. Blanks at ends of lines go too: together these keep the time of highlighting proportional."""
_MOST_BYTES = 90_000
"""Of a listing that is highlighted; a longer one is plain."""
_MOST_LINES = 150
"""Of one function."""
_CLASSES = {"Comment": "c", "String": "s", "Number": "n", "Keyword": "k", "Function": "f"}
"""The last part of a token's kind, or of one that it is a kind of → its class in the style sheet."""


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
    """

    cells: tuple[CodeCell, ...]
    shown: tuple[tuple[Markup, ...], ...]

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
        found = find_function(self.cells, function)
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
    return Code(tuple(cells), tuple(shown))


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
    """Lines as HTML; the tokens that reach over several are closed and opened again."""
    tokens = _lexer().get_tokens_unprocessed("\n".join(lines))
    rows = [""]
    for name, group in groupby(tokens, key=lambda token: _class_of(token[1])):
        text = "".join(token[2] for token in group)
        for number, part in enumerate(text.split("\n")):
            if number:
                rows.append("")
            safe = str(escape(part))
            rows[-1] += f"<span class={name}>{safe}</span>" if name and part.strip() else safe
    return [Markup(row) for row in rows]


@cache
def _class_of(kind: tuple[str, ...]) -> str:
    return next((_CLASSES[part] for part in reversed(kind) if part in _CLASSES), "")


@cache
def _lexer() -> Lexer:
    from pygments.lexers.python import PythonLexer  # pages without code need none

    return PythonLexer()
