"""The gauge of eigenvectors and singular vectors: of norm 1, and positive where largest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import acb, arb

from grader.truths.balls import NotExactError

NOT_SETTLED = (
    "two entries of an eigenvector or singular vector are of the same size, so that its sign is not settled"
)

_NEAR = 2.0**-44
"""Entries whose sizes differ by less are taken in either order by algorithms in doubles."""


def unit_columns(columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The columns divided by their norms, and by the sign (or phase) of the entry of largest modulus.

    Raises:
        NotExactError: two entries may be the largest, and their signs differ.
    """
    return [_unit(column) for column in columns]


def _unit(column: Sequence[Any]) -> list[Any]:
    sizes = [abs(entry) for entry in column]
    norm = sum((size * size for size in sizes), arb(0)).sqrt()
    factor = _sign(column, sizes) / norm
    return [entry * factor for entry in column]


def _sign(column: Sequence[Any], sizes: Sequence[arb]) -> Any:
    """The conjugate of the sign of the largest entry."""
    largest = [i for i, size in enumerate(sizes) if _may_be_largest(size, sizes)]
    if isinstance(column[0], acb):
        if len(largest) > 1:
            raise NotExactError(NOT_SETTLED)
        (place,) = largest
        return column[place].conjugate() / sizes[place]

    if all(column[i] > 0 for i in largest):
        return 1
    if all(column[i] < 0 for i in largest):
        return -1
    raise NotExactError(NOT_SETTLED)


def _may_be_largest(size: arb, sizes: Sequence[arb]) -> bool:
    """Is no size certainly larger, by more than what doubles resolve?"""
    near = size * (1 + _NEAR)
    return not any(near < other for other in sizes)
