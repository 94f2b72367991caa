"""Words or terms together with their values in the pilot cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from grader.core.norms import Array

LIMIT = 3000
"""The most words of one length, or pairs, that are looked through."""

T = TypeVar("T")
S = TypeVar("S")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated(Generic[T]):
    """Words or terms, and one array of their values (item, row, column) for each pilot case."""

    items: list[T]
    values: list[Array]

    def __len__(self) -> int:
        return len(self.items)

    def where(self, test: Callable[[T], bool]) -> Evaluated[T]:
        """Those that pass a test."""
        places = [k for k, item in enumerate(self.items) if test(item)]
        return Evaluated([self.items[k] for k in places], [array[places] for array in self.values])

    def map(self, make: Callable[[T], S]) -> Evaluated[S]:
        """Other items with the same values."""
        return Evaluated(list(map(make, self.items)), self.values)


def concatenate(tables: Sequence[Evaluated[T]]) -> Evaluated[T]:
    """One table after the other; their values have the same shape."""
    if not tables:
        return Evaluated([], [])
    items = [item for table in tables for item in table.items]
    cases = zip(*(table.values for table in tables), strict=True)
    return Evaluated(items, list(map(np.concatenate, cases)))


def combine(
    left: Evaluated[S],
    right: Evaluated[T],
    pairs: Iterable[tuple[int, int]],
    make: Callable[[S, T], R],
    multiply: Callable[[Array, Array], Array],
) -> Evaluated[R]:
    """Combine pairs of items; nothing where they are more than `LIMIT`.

    Args:
        pairs: places in `left` and `right`.
        make: the new item of two; multiply: the new values, of arrays with one entry for each pair.
    """
    chosen = list(pairs)
    if not 0 < len(chosen) <= LIMIT:
        return Evaluated([], [])
    first, second = np.array(chosen).T
    items = [make(left.items[i], right.items[j]) for i, j in chosen]
    cases = zip(left.values, right.values, strict=True)
    return Evaluated(items, [multiply(x[first], y[second]) for x, y in cases])
