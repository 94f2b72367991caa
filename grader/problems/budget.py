"""What a function may cost: bounds on operations, and an order of growth; and the functions that it may not call."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from grader.core.errors import suggest

Counted = Literal["products", "solves", "inverses", "factorisations"]
"""Products of two matrices, linear systems solved, inverses (each a system too), and factorisations."""

_ORDER = re.compile(r"\s*(\w+?)\s*(?:(?:\^|\*\*)\s*(\d+(?:\.\d+)?))?\s*")
FUNCTION = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True)
class Order:
    """Growth like letter^exponent, in one size."""

    letter: str
    exponent: float

    def __str__(self) -> str:
        return f"{self.letter}^{self.exponent:g}"


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a function may cost.

    Args:
        most: bounds by kind; what is not listed is free. order: of all operations on numbers, if that counts.
    """

    most: tuple[tuple[Counted, int], ...] = ()
    order: Order | None = None

    def __bool__(self) -> bool:
        return bool(self.most) or self.order is not None


NO_BUDGET = Budget()
"""Everything is free."""


def read_order(text: str, sizes: Collection[str]) -> Order:
    """Read `n^2`.

    Raises:
        ValueError: it is something else, or names no size.
    """
    match = _ORDER.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not of the form n^2")
    if match[1] not in sizes:
        raise ValueError(f"unknown size '{match[1]}'; {suggest(match[1], sizes)}")
    return Order(match[1], float(match[2] or 1))


def read_budget(most: Mapping[Counted, int], order: str, sizes: Collection[str]) -> Budget:
    """Make a budget of what an author wrote, without faults."""
    read = read_order(order, sizes) if order else None
    return Budget(tuple(most.items()), read)
