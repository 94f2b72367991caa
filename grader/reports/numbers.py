"""Numbers and small matrices for people: from the plain values of a report to aligned cells of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from grader.core.text import one_line
from grader.reports.report import Plain

# A scalar (float, complex, or text that is not a number) or a list of these.
Value: TypeAlias = Any

ROWS = COLUMNS = 10  # beyond this a matrix is no longer read, so its middle is left out
SLICES = 6
_DIGITS = (6, 9, 12, 17)
_NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_ELLIPSIS = "…"
_DENOMINATOR, _NUMERATOR = 1000, 10**6
_LAST_BITS = 2.0**-49


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as text; `off` says that it differs from the right one by more than was allowed."""

    text: str
    off: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix (or vector, or scalar) as rows of cells.

    Args:
        index: which part of a tuple or of a higher-dimensional array it is, such as `[0]`; else empty.
        bare: true for a scalar, which is written without brackets.
    """

    index: str
    rows: tuple[tuple[Entry, ...], ...]
    bare: bool = False

    @property
    def some_off(self) -> bool:
        """Whether marking the wrong entries says something: some of them are wrong, not all."""
        marks = [cell.off for row in self.rows for cell in row if cell.text != _ELLIPSIS]
        return any(marks) and not all(marks)


def format_number(value: Value, digits: int = 6) -> str:
    """A number in up to `digits` significant digits: `3`, `-1.5`, `1e-7`, `1+2i`, `nan`."""
    if isinstance(value, complex):
        return _format_complex(value, digits)
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float)):
        return one_line(str(value), 60)
    number = float(value)
    if not math.isfinite(number):
        return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")
    if number == int(number) and abs(number) < 1e9:
        return str(int(number))
    text = repr(number) if digits >= 17 else f"{number:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


@lru_cache(4096)  # a class shares the right answers
def find_fraction(value: Value) -> Fraction | None:
    """The fraction that a number is but for its last four bits; None for whole numbers and where there is none.

    A number at random is that close to some p/q with q ≤ 1000 once in 10⁹ times.
    """
    if not isinstance(value, float) or not math.isfinite(value) or value.is_integer():
        return None
    found = Fraction(value).limit_denominator(_DENOMINATOR)
    near = abs(value - found) <= _LAST_BITS * abs(found)
    return found if near and found.denominator > 1 and abs(found.numerator) < _NUMERATOR else None


def read_value(value: Plain) -> Value:
    """The value behind its JSON form: `{"real", "imag"}` becomes complex, `"nan"` a float."""
    if isinstance(value, dict):
        if value.keys() != {"real", "imag"}:
            return one_line(str(value), 40)
        return _join(read_value(value["real"]), read_value(value["imag"]))
    if isinstance(value, (list, tuple)):
        return [read_value(item) for item in value]
    if isinstance(value, str):
        return _NON_FINITE.get(value, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 2**1000 else (math.inf if value > 0 else -math.inf)
    return value


def find_shape(value: Value) -> tuple[int, ...] | None:
    """The shape of a nested list; None when its rows do not match, as in a tuple of different arrays."""
    if not isinstance(value, list):
        return ()
    shapes = {find_shape(item) for item in value}
    if len(shapes) > 1 or None in shapes:
        return None
    inner = shapes.pop() if shapes else ()
    return (len(value), *(inner or ()))


def count_entries(value: Plain) -> int:
    """How many numbers a plain value holds."""
    return sum(1 for _ in _leaves(read_value(value)))


def is_whole(value: Plain) -> bool:
    """Whether all entries are whole numbers."""
    return all(isinstance(leaf, int | float) and leaf == int(leaf) for leaf in _leaves(read_value(value)))


def make_grids(value: Plain) -> tuple[Grid, ...]:
    """A value as one grid, or as one per part if it is a tuple or has more than two axes."""
    return _grids(read_value(value), None, 0.0, _DIGITS[0])


def make_pair(
    answer: Plain, right: Plain, tolerance: float | None, exact: bool = False
) -> tuple[tuple[Grid, ...], tuple[Grid, ...]]:
    """Grids of an answer and of the right value, wrong entries marked.

    An entry is marked when it is off by more than tolerance/√N: if ‖answer − right‖_F exceeds the tolerance,
    at least one entry is. Entries that are off but look alike get more digits.

    Args:
        exact: whether to write entries as the fractions that they are, such as `-3/2`; those that are not off
            as the right ones.
    """
    mine, truth = read_value(answer), read_value(right)
    if find_shape(mine) is None or find_shape(mine) != find_shape(truth) or right is None:
        return _grids(mine, None, 0.0, 6, exact), _grids(truth, None, 0.0, 6, exact)
    pairs = list(zip(_leaves(mine), _leaves(truth), strict=True))
    if tolerance is None:
        tolerance = 1e-9 * max((_size(b) for _, b in pairs if _size(b) < math.inf), default=0.0)
    threshold = tolerance / math.sqrt(max(len(pairs), 1))
    off = [(a, b) for a, b in pairs if _differs(a, b, threshold)]
    apart = (d for d in _DIGITS if all(format_number(a, d) != format_number(b, d) for a, b in off))
    digits = next(apart, _DIGITS[-1])
    return _grids(mine, truth, threshold, digits, exact), _grids(truth, None, 0.0, digits, exact)


def elide(grid: Grid, rows: int = ROWS, columns: int = COLUMNS) -> Grid:
    """The grid with its middle left out where it has more than so many rows or columns."""
    kept = [_elide_line(row, columns, Entry(_ELLIPSIS)) for row in grid.rows]
    gap = tuple(Entry(_ELLIPSIS) for _ in kept[0]) if kept else ()
    return Grid(grid.index, tuple(_elide_line(kept, rows, gap)), grid.bare)


def _elide_line(line: Sequence[Any], most: int, gap: Any) -> tuple[Any, ...]:
    if len(line) <= most:
        return tuple(line)
    head = max(most // 2, 1)
    tail = max(most - head - 1, 0)
    return (*line[:head], gap, *line[len(line) - tail :])


def _format_complex(value: complex, digits: int) -> str:
    real, imag = format_number(value.real, digits), format_number(value.imag, digits)
    if imag == "0":
        return real
    unit = {"1": "i", "-1": "-i"}.get(imag, imag + ("·i" if imag[-1].isalpha() else "i"))
    if real == "0":
        return unit
    return f"{real}{unit}" if unit.startswith("-") else f"{real}+{unit}"


def _join(real: Value, imag: Value) -> Value:
    if isinstance(real, list) and isinstance(imag, list) and len(real) == len(imag):
        return [_join(a, b) for a, b in zip(real, imag, strict=True)]
    if isinstance(real, float) and isinstance(imag, float):
        return complex(real, imag)
    return one_line(f"({real}, {imag})", 40)


def _leaves(value: Value) -> Iterator[Value]:
    if not isinstance(value, list):
        yield value
        return
    for item in value:
        yield from _leaves(item)


def _size(value: Value) -> float:
    return math.hypot(value.real, value.imag) if isinstance(value, (float, complex)) else math.inf


def _differs(a: Value, b: Value, threshold: float) -> bool:
    if a == b:
        return False
    if not isinstance(a, (float, complex)) or not isinstance(b, (float, complex)):
        return True
    distance = a - b
    return not math.hypot(distance.real, distance.imag) <= threshold


def _grids(
    value: Value, right: Value, threshold: float, digits: int, exact: bool = False
) -> tuple[Grid, ...]:
    """Grids of `value`; cells are compared with `right` (of the same shape) unless that is None."""

    def cell(a: Value, b: Value) -> Entry:
        off = right is not None and _differs(a, b, threshold)
        fraction = find_fraction(a if off or right is None else b) if exact else None
        return Entry(format_number(a, digits) if fraction is None else str(fraction), off)

    def row(a: list[Value], b: list[Value] | None) -> tuple[Entry, ...]:
        return tuple(cell(x, y) for x, y in zip(a, b if b is not None else a, strict=True))

    shape = find_shape(value)
    if shape == ():
        return (Grid("", ((cell(value, right) if value is not None else Entry("no answer"),),), bare=True),)
    if shape is not None and len(shape) == 1:
        return (elide(Grid("", (row(value, right),))),)
    if shape is not None and len(shape) == 2:
        rights = right if right is not None else [None] * len(value)
        return (elide(Grid("", tuple(row(a, b) for a, b in zip(value, rights, strict=True)))),)
    return tuple(_parts(value, right, threshold, digits, exact))


def _parts(value: list[Value], right: Value, threshold: float, digits: int, exact: bool) -> Iterator[Grid]:
    for i, part in enumerate(value[:SLICES]):
        for grid in _grids(part, None if right is None else right[i], threshold, digits, exact):
            yield Grid(f"[{i}]{grid.index}", grid.rows, grid.bare)
    if len(value) > SLICES:
        yield Grid(_ELLIPSIS, ((Entry(f"{len(value) - SLICES} more"),),), bare=True)


def say_inline(value: Plain) -> str:
    """A value on one line, as Python writes it: `[[1, 2], [3, 4]]`."""
    return _inline(read_value(value))


def _inline(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return "no answer" if value is None else format_number(value, 4)
