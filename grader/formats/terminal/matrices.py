"""Small matrices beside each other, as far as they fit, in lines of a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from grader.core.text import one_line
from grader.reports.report import Counterexample, Plain
from grader.reports.shown_matrices import Entry, Grid, elide, make_grids, name_grids
from grader.reports.shown_numbers import say_cut, say_error

_TOP, _MIDDLE, _BOTTOM = ("⎡", "⎤"), ("⎢", "⎥"), ("⎣", "⎦")
_ASCII = str.maketrans({"…": "..", "·": "*", "↦": "->"})
_GAP = 3
"""Columns between two matrices."""


@dataclass(frozen=True, slots=True)
class DrawnCase:
    """A case as lines of a terminal, and what is to be said of its numbers."""

    lines: tuple[Text, ...]
    note: str


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of equal width; `base` is the line on which its label stands."""

    lines: tuple[Text, ...]
    base: int

    @property
    def width(self) -> int:
        return max(line.cell_len for line in self.lines)


def lay_out_case(case: Counterexample, room: int, ascii_only: bool) -> DrawnCase:
    """Lay a case out: inputs → your answer and the right one.

    Args:
        room: columns that there are.
        ascii_only: whether the terminal has no other characters.
    """
    pen = _Pen(ascii_only)
    named = name_grids(case)
    outputs = [block for name, grids in named for block in pen.draw(name, ": ", grids, room - _GAP)]
    lines = _lay_out(pen, case.inputs, outputs, room)

    _, answer = named[0]
    notes = [say_error(case), say_cut(case)]
    if any(grid.some_off for grid in answer):
        notes.insert(0, f"{' '.join(pen.fences)} marks the entries that differ.")
    return DrawnCase(lines, " ".join(filter(None, notes)))


def lay_out_truth(inputs: Mapping[str, Plain], right: Plain, room: int, ascii_only: bool) -> tuple[Text, ...]:
    """Lay a case out that nobody has answered yet: inputs → the right answer.

    Args:
        room: columns that there are.
        ascii_only: whether the terminal has no other characters.
    """
    pen = _Pen(ascii_only)
    return _lay_out(pen, inputs, pen.draw("", "", make_grids(right), room - _GAP), room)


def _lay_out(pen: _Pen, values: Mapping[str, Plain], outputs: list[_Block], room: int) -> tuple[Text, ...]:
    inputs = []
    for name, value in values.items():
        inputs += pen.draw(one_line(name), " = ", make_grids(value), room)

    arrow = _Block((Text("->" if pen.ascii_only else "→"),), 0)
    rows = _fill_rows(inputs, [arrow, *outputs], room)
    return tuple(line for row in rows for line in row.split("\n"))


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws single matrices, with as many of their columns as there is room for."""

    ascii_only: bool

    @property
    def fences(self) -> tuple[str, str]:
        """The marks around an entry that differs."""
        return ("<", ">") if self.ascii_only else ("‹", "›")

    def draw(self, name: str, sign: str, grids: Sequence[Grid], room: int) -> list[_Block]:
        """Each grid with its name, its index and a sign before it."""
        return [self._fit(f"{name}{grid.index}{sign}", grid, room) for grid in grids]

    def _fit(self, label: str, grid: Grid, room: int) -> _Block:
        block = self._draw(label, grid)
        columns = len(grid.rows[0]) if grid.rows else 0
        while block.width > room and columns > 2:
            columns -= 1
            block = self._draw(label, elide(grid, columns=columns))
        return block

    def _draw(self, label: str, grid: Grid) -> _Block:
        texts = [self._texts(row, grid.some_off) for row in grid.rows]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        base = max(len(texts) - 1, 0) // 2

        lines = []
        for i, entries in enumerate(grid.rows):
            cells = map(_draw_entry, entries, texts[i], widths)
            left, right = ("", "") if grid.bare else self._brackets(i, len(texts))
            line = Text(label if i == base else " " * len(label))
            lines.append(line.append(left).append_text(Text("  ").join(cells)).append(right))
        return _Block(tuple(lines) or (Text(f"{label}[ ]"),), base)

    def _texts(self, entries: Sequence[Entry], fenced: bool) -> list[str]:
        left, right = self.fences if fenced else ("", "")
        texts = [f"{left}{entry.text}{right}" if entry.off else entry.text for entry in entries]
        if self.ascii_only:
            return [text.translate(_ASCII) for text in texts]
        return texts

    def _brackets(self, row: int, rows: int) -> tuple[str, str]:
        if rows == 1 or self.ascii_only:
            return "[ ", " ]"
        left, right = {0: _TOP, rows - 1: _BOTTOM}.get(row, _MIDDLE)
        return f"{left} ", f" {right}"


def _draw_entry(entry: Entry, text: str, width: int) -> Text:
    """An entry at the right of its column."""
    style = "bold red" if entry.off else None
    return Text(" " * (width - len(text))).append(text, style)


def _fill_rows(inputs: list[_Block], outputs: list[_Block], room: int) -> list[Text]:
    """Everything in one row if it fits; else the inputs first, then what came back."""
    everything = [*inputs, *outputs]
    if _width(everything) <= room:
        return [_beside(everything)]

    first, *rest = _wrap(outputs, room)
    # `right` stands below `you`, as it would without the arrow.
    below = [_indent(_beside(row), outputs[0].width + 1) for row in rest]
    return [*map(_beside, _wrap(inputs, room)), _beside(first), *below]


def _wrap(blocks: Sequence[_Block], room: int) -> list[list[_Block]]:
    """Rows of as many blocks as fit, at least one each."""
    rows: list[list[_Block]] = []
    for block in blocks:
        if rows and _width([*rows[-1], block]) <= room:
            rows[-1].append(block)
        else:
            rows.append([block])
    return rows


def _width(blocks: Sequence[_Block]) -> int:
    return sum(block.width + _GAP for block in blocks) - _GAP


def _indent(text: Text, columns: int) -> Text:
    lines = [Text(" " * columns).append_text(line) for line in text.split("\n")]
    return Text("\n", no_wrap=True).join(lines)


def _beside(blocks: Sequence[_Block]) -> Text:
    """Blocks beside each other, their labels on one line."""
    above = max(block.base for block in blocks)
    below = max(len(block.lines) - block.base for block in blocks)
    lines = [Text() for _ in range(above + below)]
    for i, block in enumerate(blocks):
        padding = [Text()] * (above - block.base)
        padded = [*padding, *block.lines, *[Text()] * len(lines)]
        for line, inside in zip(lines, padded, strict=False):
            line.append(" " * _GAP if i else "")
            line.append_text(inside).append(" " * (block.width - inside.cell_len))

    for line in lines:
        line.rstrip()
    return Text("\n", no_wrap=True).join(lines)
