"""What is wrong with an expression or program, and where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class ExpressionFault(NamedTuple):
    """One thing wrong, at a line and column counted from 1."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"column {self.column}" if self.line == 1 else f"line {self.line}, column {self.column}"
        return f"{place}: {self.message}"


class Excess(ExpressionFault):
    """Something that would take more time or space than there is."""

    __slots__ = ()


class ExpressionError(ValueError):
    """All the faults of an expression or program."""

    def __init__(self, faults: Iterable[ExpressionFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("; ".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type[ExpressionError], tuple[tuple[ExpressionFault, ...]]]:
        return type(self), (self.faults,)


class ShapeError(ValueError):
    """An operation does not fit its operands' shapes."""


class ExcessError(ShapeError):
    """An operation would take more time than there is."""


class UndeterminedError(Exception):
    """A shape cannot be told while sizes are letters."""
