"""Small matrices beside each other, as far as they fit, in lines of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from grader.core.text import one_line
from grader.reports.grids import Grid, elide, make_grids, make_pair
from grader.reports.report import Counterexample

_BRACKETS = (("⎡", "⎤"), ("⎢", "⎥"), ("⎣", "⎦"))


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of equal width; `base` is the line on which its label stands."""

    lines: tuple[Text, ...]
    base: int

    @property
    def width(self) -> int:
        return max(line.cell_len for line in self.lines)


def draw_case(case: Counterexample, room: int, ascii_only: bool) -> tuple[list[Text], bool]:
    """A case, inputs → your answer and the right one; and whether some entries of the answer are marked."""
    answer, right = make_pair(case.answer, case.right, case.tolerance)
    given = [
        block
        for name, value in case.inputs.items()
        for block in _make_blocks(one_line(name), " = ", make_grids(value), room, ascii_only)
    ]
    back = _make_blocks("you", ": ", answer, room - 3, ascii_only)
    if case.right is not None:
        back += _make_blocks("right", ": ", right, room - 3, ascii_only)
    arrow = _Block((Text("->" if ascii_only else "→"),), 0)
    rows = _fill_rows(given, [arrow, *back], room)
    return [line for row in rows for line in row.split("\n")], any(grid.some_off for grid in answer)


def fences(ascii_only: bool) -> tuple[str, str]:
    """What stands around an entry that differs."""
    return ("<", ">") if ascii_only else ("‹", "›")


def _make_blocks(name: str, sign: str, grids: Sequence[Grid], room: int, ascii_only: bool) -> list[_Block]:
    return [_fit_block(f"{name}{grid.index}{sign}", grid, room, ascii_only) for grid in grids]


def _fit_block(label: str, grid: Grid, room: int, ascii_only: bool) -> _Block:
    """The grid with its label, with as many columns as fit."""
    block = _make_block(label, grid, ascii_only)
    for columns in range(len(grid.rows[0]) - 1 if grid.rows else 0, 1, -1):
        if block.width <= room:
            break
        block = _make_block(label, elide(grid, columns=columns), ascii_only)
    return block


def _make_block(label: str, grid: Grid, ascii_only: bool) -> _Block:
    around = fences(ascii_only) if grid.some_off else ("", "")
    texts = [[around[0] + c.text + around[1] if c.off else c.text for c in row] for row in grid.rows]
    if ascii_only:
        texts = [
            [text.replace("…", "..").replace("·", "*").replace("↦", "->") for text in row] for row in texts
        ]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    base = max(len(texts) - 1, 0) // 2
    lines = []
    for i, (row, cells) in enumerate(zip(texts, grid.rows, strict=True)):
        line = Text(label if i == base else " " * len(label))
        left, right = _brackets(i, len(texts), ascii_only)
        line.append("" if grid.bare else left + " ")
        for j, (text, cell) in enumerate(zip(row, cells, strict=True)):
            line.append("  " if j else "").append(" " * (widths[j] - len(text)))
            line.append(text, "bold red" if cell.off else None)
        lines.append(line.append("" if grid.bare else " " + right))
    return _Block(tuple(lines) or (Text(label + "[ ]"),), base)


def _brackets(i: int, count: int, ascii_only: bool) -> tuple[str, str]:
    if count == 1 or ascii_only:
        return "[", "]"
    return _BRACKETS[0 if i == 0 else 2 if i == count - 1 else 1]


def _fill_rows(given: list[_Block], back: list[_Block], room: int) -> list[Text]:
    """Everything in one row if it fits; else the inputs first, then what came back."""
    if sum(block.width + 3 for block in [*given, *back]) - 3 <= room:
        return [_beside([*given, *back])]
    rows: list[Text] = []
    for blocks in (given, back):
        before = len(rows)
        row: list[_Block] = []
        for block in blocks:
            if row and sum(other.width + 3 for other in row) + block.width > room:
                rows.append(_beside(row))
                row = []
            row.append(block)
        if row:
            rows.append(_beside(row))
        if blocks is back:  # `right` below `you`, as it would be without the arrow
            rows[before + 1 :] = [_indent(text, back[0].width + 1) for text in rows[before + 1 :]]
    return rows


def _indent(text: Text, columns: int) -> Text:
    lines = [Text(" " * columns).append_text(line) for line in text.split("\n")]
    return Text("\n", no_wrap=True).join(lines)


def _beside(blocks: Sequence[_Block]) -> Text:
    above = max(block.base for block in blocks)
    below = max(len(block.lines) - block.base for block in blocks)
    lines = [Text() for _ in range(above + below)]
    for i, block in enumerate(blocks):
        first = above - block.base
        for j, line in enumerate(lines):
            line.append("   " if i else "")
            inside = block.lines[j - first] if first <= j < first + len(block.lines) else Text()
            line.append_text(inside).append(" " * (block.width - inside.cell_len))
    for line in lines:
        line.rstrip()
    return Text("\n", no_wrap=True).join(lines)
