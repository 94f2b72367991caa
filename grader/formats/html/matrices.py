"""Matrices as HTML tables in brackets: they copy well and are read out where MathML's tables are not."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from grader.formats.html.template_engine import minus
from grader.reports.shown_matrices import Entry, Grid

# Texts are joined as `str` and marked safe once: a page has hundreds of cells.


def figure_html(name: str, grids: Iterable[Grid]) -> Markup:
    """A value below its name, such as `You returned`."""
    shown = "".join(_value(grid, name, grid.index) for grid in grids)
    return Markup(f'<figure class="of"><figcaption>{escape(name)}</figcaption>{shown}</figure>')


def equation_html(name: str, grids: Iterable[Grid]) -> Markup:
    """A value behind its name: `A = …`, a line for each part."""
    return Markup("".join(_value(grid, name, f"{name}{grid.index} =") for grid in grids))


def _value(grid: Grid, name: str, before: str) -> str:
    index = f'<span class="name">{escape(before)}</span>' if before else ""
    shown = _bare(grid) if grid.bare else _table(grid, name)
    return f'<div class="value">{index}{shown}</div>'


def _bare(grid: Grid) -> str:
    entry = grid.rows[0][0]
    is_number = any(map(str.isdigit, entry.text))
    look = "scalar" if is_number else "soft"
    return f'<span class="{look}">{_show(entry)}</span>'


def _table(grid: Grid, name: str) -> str:
    rows = "".join([f"<tr>{_cells(row)}</tr>" for row in grid.rows])
    columns = len(grid.rows[0]) if grid.rows else 0
    label = escape(f"{name}{grid.index}, {len(grid.rows)} by {columns}")
    return f'<table class="matrix" aria-label="{label}">{rows}</table>'


def _cells(row: Iterable[Entry]) -> str:
    return "".join([f"<td>{_show(entry)}</td>" for entry in row]) or "<td></td>"


def _show(entry: Entry) -> str:
    text = str(escape(minus(entry.text)))
    if not entry.off:
        return text
    return f'<span class="off">{text}</span><span class="hidden"> (differs)</span>'
