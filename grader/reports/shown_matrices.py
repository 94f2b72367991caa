"""Matrices for people: the entries of an answer as aligned texts, with those marked that differ from the right ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.reports.report import Counterexample, Plain
from grader.reports.shown_numbers import (
    Value,
    find_fraction,
    find_shape,
    format_number,
    leaves_of,
    read_value,
)

_ROWS = _COLUMNS = 10
"""A larger matrix is no longer read, so its middle is left out."""
SLICES = 6
_DIGITS = (6, 9, 12, 17)
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as text; `off` says that it differs from the right one by more than was allowed."""

    text: str
    off: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix (or vector, or scalar) as rows of entries.

    Args:
        index: which part of a tuple or of a higher-dimensional array it is, such as `[0]`; else empty.
        bare: true for a scalar, which is written without brackets.
    """

    index: str
    rows: tuple[tuple[Entry, ...], ...]
    bare: bool = False

    @property
    def some_off(self) -> bool:
        """True if some entries are wrong and not all, so that it helps to mark them."""
        marks = [entry.off for row in self.rows for entry in row if entry.text != _ELLIPSIS]
        return any(marks) and not all(marks)


def make_grids(value: Plain) -> tuple[Grid, ...]:
    """A value as one grid, or as one per part if it is a tuple or has more than two axes."""
    return tuple(_lay_out(_pair_up(read_value(value)), _Look()))


def make_pair(
    answer: Plain, right: Plain, tolerance: float | None, *, exact: bool = False
) -> tuple[tuple[Grid, ...], tuple[Grid, ...]]:
    """Grids of an answer and of the right value, wrong entries marked.

    An entry is marked when it is off by more than tolerance/√N: if ‖answer − right‖_F exceeds the tolerance,
    at least one entry is. Entries that are off but look alike get more digits.

    Args:
        exact: whether to write entries as the fractions that they are, such as `-3/2`; those that are not off
            as the right ones.
    """
    mine, truth = read_value(answer), read_value(right)
    shape = find_shape(mine)
    if right is None or shape is None or shape != find_shape(truth):
        pairs, look = _pair_up(mine), _Look(exact=exact)
    else:
        pairs, look = _pair_up(mine, truth), _choose_look(mine, truth, tolerance, exact)
    return tuple(_lay_out(pairs, look)), tuple(_lay_out(_pair_up(truth), look))


def make_case(case: Counterexample, *, exact: bool = False) -> tuple[tuple[Grid, ...], tuple[Grid, ...]]:
    """The grids of a case: those of the answer, part by part where they have names, and of what stands beside it.

    That is the right answer or, where there is no one answer, what is left of a relation.
    """
    if case.right is not None or case.residual is None:
        answer, beside = make_pair(case.answer, case.right, case.tolerance, exact=exact)
    else:
        answer, beside = make_grids(case.answer), make_grids(case.residual)
    has_all_parts = isinstance(case.answer, list) and len(case.answer) == len(case.names)
    if len(case.names) < 2 or not has_all_parts:
        return answer, beside

    named: list[Grid] = []
    for name, part in zip(case.names, case.answer, strict=True):
        named += [replace(grid, index=f" {name}{grid.index}") for grid in make_grids(part)]
    return tuple(named), beside


def name_grids(case: Counterexample) -> list[tuple[str, tuple[Grid, ...]]]:
    """The grids of a case under short names: the answer is `you`, and beside it may be `right` or `residual`."""
    answer, beside = make_case(case)
    named = [("you", answer)]
    if case.right is not None:
        named.append(("right", beside))
    elif case.residual is not None:
        named.append(("residual", beside))
    return named


def elide(grid: Grid, rows: int = _ROWS, columns: int = _COLUMNS) -> Grid:
    """The grid with its middle left out where it has more than so many rows or columns."""
    return Grid(grid.index, tuple(_elide_rows(grid.rows, rows, columns, _GAP)), grid.bare)


_GAP = Entry(_ELLIPSIS)

Pair = tuple[Value, Value]
"""An entry and the right one that it is compared with; None for that if there is none."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A style of entries: the distance from which one is off, the digits, and fractions where they are some."""

    threshold: float = 0.0
    digits: int = _DIGITS[0]
    exact: bool = False

    def entry(self, pair: Pair | None) -> Entry:
        """An entry as text; None stands for what is left out."""
        if pair is None:
            return _GAP

        value, right = pair
        off = right is not None and _differs(value, right, self.threshold)
        shown = value if off or right is None else right
        fraction = find_fraction(shown) if self.exact else None
        text = format_number(value, self.digits) if fraction is None else str(fraction)
        return Entry(text, off)


def _choose_look(mine: Value, truth: Value, tolerance: float | None, exact: bool) -> _Look:
    """A look with the fewest digits in which no entry that is off looks like the right one."""
    pairs = list(zip(leaves_of(mine), leaves_of(truth), strict=True))
    threshold = _find_tolerance(pairs, tolerance) / math.sqrt(max(len(pairs), 1))
    off = [(a, b) for a, b in pairs if _differs(a, b, threshold)]

    for digits in _DIGITS:
        look_alike = any(format_number(a, digits) == format_number(b, digits) for a, b in off)
        if not look_alike:
            break
    return _Look(threshold, digits, exact)


def _lay_out(pairs: Any, look: _Look, index: str = "") -> Iterator[Grid]:
    """Nested lists of pairs as grids, of which only the entries that are shown are written."""
    shape = find_shape(pairs)
    if shape == ():
        entry = Entry("no answer") if pairs[0] is None else look.entry(pairs)
        yield Grid(index, ((entry,),), bare=True)

    elif shape is not None and len(shape) <= 2:
        rows = [pairs] if len(shape) == 1 else pairs
        shown = _elide_rows(rows, _ROWS, _COLUMNS, None)
        yield Grid(index, tuple(tuple(map(look.entry, row)) for row in shown))

    else:
        for k, part in enumerate(pairs[:SLICES]):
            yield from _lay_out(part, look, f"{index}[{k}]")
        if len(pairs) > SLICES:
            more = Entry(f"{len(pairs) - SLICES} more")
            yield Grid(f"{index}{_ELLIPSIS}", ((more,),), bare=True)


def _pair_up(value: Value, right: Value = None) -> Any:
    """Nested lists of pairs; without a right value, entries are compared with nothing."""
    if not isinstance(value, list):
        return (value, right)
    if right is None:
        return [_pair_up(item) for item in value]
    return [_pair_up(a, b) for a, b in zip(value, right, strict=True)]


def _elide_rows(rows: Sequence[Sequence[Any]], most: int, columns: int, gap: Any) -> tuple[Any, ...]:
    kept = [_elide_line(row, columns, gap) for row in rows]
    gap_row = (gap,) * len(kept[0]) if kept else ()
    return _elide_line(kept, most, gap_row)


def _elide_line(line: Sequence[Any], most: int, gap: Any) -> tuple[Any, ...]:
    if len(line) <= most:
        return tuple(line)
    head = max(most // 2, 1)
    tail = max(most - head - 1, 0)
    return (*line[:head], gap, *line[len(line) - tail :])


def _find_tolerance(pairs: Sequence[Pair], tolerance: float | None) -> float:
    """Find what is allowed: if nothing is said, a small part of the largest right entry."""
    if tolerance is not None:
        return tolerance
    sizes = (_size(right) for _, right in pairs)
    return 1e-9 * max(filter(math.isfinite, sizes), default=0.0)


def _size(value: Value) -> float:
    return math.hypot(value.real, value.imag) if isinstance(value, float | complex) else math.inf


def _differs(a: Value, b: Value, threshold: float) -> bool:
    if a == b:
        return False
    if not isinstance(a, float | complex) or not isinstance(b, float | complex):
        return True
    distance = a - b
    return not math.hypot(distance.real, distance.imag) <= threshold
