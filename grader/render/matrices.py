"""Matrices as HTML tables in brackets: they wrap, scroll, copy and are read out where MathML's tables are not."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from markupsafe import Markup, escape

from grader.render.environment import minus
from grader.render.numbers import Cell, Grid

WIDE = 5
"""With more columns than this a matrix may have to scroll on a telephone, by keyboard too."""

_OFF = Markup('<span class="off">{}</span><span class="hidden"> (differs)</span>')


def figure_html(name: str, grids: Iterable[Grid]) -> Markup:
    """A value below its name, such as `You returned`."""
    shown = [Markup('<div class="value">{}</div>').format(_grid(grid, name)) for grid in grids]
    return Markup('<figure class="of"><figcaption>{}</figcaption>{}</figure>').format(
        name, Markup("").join(shown)
    )


def equation_html(name: str, grids: Iterable[Grid]) -> Markup:
    """A value behind its name: `A = …`, a line for each part."""
    return Markup("").join(
        Markup('<div class="value"><span class="name">{}{} =</span>{}</div>').format(
            name, grid.index, _grid(Grid("", grid.rows, grid.bare), name)
        )
        for grid in grids
    )


def _grid(grid: Grid, name: str) -> Markup:
    index = Markup('<span class="name">{}</span>').format(grid.index) if grid.index else Markup("")
    if grid.bare:
        return index + Markup('<span class="scalar">{}</span>').format(_cell(grid.rows[0][0]))
    rows = Markup("").join(
        Markup("<tr>")
        + Markup("").join(Markup("<td>") + _cell(cell) + Markup("</td>") for cell in row or _EMPTY)
        for row in grid.rows
    )
    width = max(map(len, grid.rows), default=0)
    scroll = Markup(' tabindex="0"') if width > WIDE else Markup("")
    label = f"{name}{grid.index}, {len(grid.rows)} by {width}"
    return index + Markup('<table class="matrix" aria-label="{}"{}>{}</table>').format(label, scroll, rows)


_EMPTY = (Cell(""),)


def _cell(cell: Cell) -> Markup:
    shown = fraction_html(cell.fraction) if cell.fraction is not None else escape(minus(cell.text))
    return _OFF.format(shown) if cell.off else shown


def fraction_html(value: Fraction) -> Markup:
    """A fraction, typeset."""
    sign = "<mo>−</mo>" if value < 0 else ""
    top, bottom = abs(value.numerator), value.denominator
    return Markup(f"<math><mrow>{sign}<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac></mrow></math>")
