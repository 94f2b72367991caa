"""Matrices as HTML tables in brackets: they wrap, scroll, copy and are read out where MathML's tables are not."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from markupsafe import Markup, escape

from grader.render.environment import minus
from grader.render.numbers import Cell, Grid

WIDE = 5
"""With more columns than this a matrix may have to scroll on a telephone, by keyboard too."""

# Texts are joined as `str` and marked safe once: a page has hundreds of cells.


def figure_html(name: str, grids: Iterable[Grid]) -> Markup:
    """A value below its name, such as `You returned`."""
    shown = "".join(f'<div class="value">{_grid(grid, name)}</div>' for grid in grids)
    return Markup(f'<figure class="of"><figcaption>{escape(name)}</figcaption>{shown}</figure>')


def equation_html(name: str, grids: Iterable[Grid]) -> Markup:
    """A value behind its name: `A = …`, a line for each part."""
    return Markup(
        "".join(
            f'<div class="value"><span class="name">{escape(name + grid.index)} =</span>'
            f"{_grid(Grid('', grid.rows, grid.bare), name)}</div>"
            for grid in grids
        )
    )


def _grid(grid: Grid, name: str) -> str:
    index = f'<span class="name">{escape(grid.index)}</span>' if grid.index else ""
    if grid.bare:
        return f'{index}<span class="scalar">{_cell(grid.rows[0][0])}</span>'
    rows = "".join(f"<tr>{''.join(map(_column, row or _EMPTY))}</tr>" for row in grid.rows)
    width = max(map(len, grid.rows), default=0)
    label = escape(f"{name}{grid.index}, {len(grid.rows)} by {width}")
    scroll = ' tabindex="0"' if width > WIDE else ""
    return f'{index}<table class="matrix" aria-label="{label}"{scroll}>{rows}</table>'


_EMPTY = (Cell(""),)


def _column(cell: Cell) -> str:
    return f"<td>{_cell(cell)}</td>"


def _cell(cell: Cell) -> str:
    shown = escape(minus(cell.text)) if cell.fraction is None else _fraction(cell.fraction)
    return (
        f'<span class="off">{shown}</span><span class="hidden"> (differs)</span>' if cell.off else str(shown)
    )


def _fraction(value: Fraction) -> str:
    sign = "<mo>−</mo>" if value < 0 else ""
    top, bottom = abs(value.numerator), value.denominator
    return f"<math><mrow>{sign}<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac></mrow></math>"
