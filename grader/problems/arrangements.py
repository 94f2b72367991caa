"""Functions that only move entries, or put zeros beside them: one definition serves numpy arrays, balls and shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.core.norms import Array


def _toeplitz(c: Array, r: Array | None = None) -> Array:
    """Tᵢⱼ = cᵢ₋ⱼ, or rⱼ₋ᵢ above the diagonal; scipy's."""
    column = np.ravel(c)
    row = np.ravel(column if r is None else r)
    if r is None and column.dtype.kind == "c":
        row = np.conj(column)

    values = np.concatenate([column[::-1], row[1:]])
    i, j = np.indices((len(column), len(row)))
    return np.asarray(values[j - i + len(column) - 1])


def _vech(A: Array) -> Array:
    """The lower triangle, column by column."""
    rows, columns = np.tril_indices(len(A))
    order = np.lexsort((rows, columns))
    return np.asarray(A[rows[order], columns[order]])


def _unvech(v: Array) -> Array:
    """The symmetric matrix with this lower triangle, column by column."""
    n = int((np.sqrt(8 * len(v) + 1) - 1) / 2)
    if n * (n + 1) // 2 != len(v):
        raise ValueError(f"unvech needs n(n+1)/2 entries, found {len(v)}")
    place = np.zeros((n, n), int)
    rows, columns = np.tril_indices(n)
    order = np.lexsort((rows, columns))
    place[rows[order], columns[order]] = np.arange(len(v))
    return np.asarray(v[np.tril(place) + np.tril(place, -1).T])


def _row_of_blocks(*blocks: Array) -> Array:
    return np.concatenate([np.atleast_2d(block) for block in blocks], axis=1)


def _reshape(x: Array, *shape: int, order: str = "C") -> Array:
    return np.reshape(x, shape, order="F" if order == "F" else "C")


ARRANGEMENTS: Mapping[str, Callable[..., Array]] = {
    "stack": lambda *arrays, axis=0: np.stack(arrays, axis),
    "concatenate": lambda *arrays, axis=0: np.concatenate([np.atleast_1d(array) for array in arrays], axis),
    "hstack": lambda *arrays: np.hstack(arrays),
    "vstack": lambda *arrays: np.vstack(arrays),
    "row of blocks": _row_of_blocks,
    "reshape": _reshape,
    "ravel": lambda x, order="C": np.ravel(x, order),
    "swapaxes": lambda x, i, j: np.swapaxes(x, i, j),
    "flip": lambda x, axis=None: np.flip(x, axis),
    "roll": lambda x, shift, axis=None: np.roll(x, shift, axis),
    "repeat": lambda x, repeats, axis=None: np.repeat(x, repeats, axis),
    "tile": lambda x, *repeats: np.tile(x, repeats),
    "vec": lambda A: np.ravel(A, order="F"),
    "diag": np.diag,
    "tril": np.tril,
    "triu": np.triu,
    "toeplitz": _toeplitz,
    "vech": _vech,
    "unvech": _unvech,
}
"""Name → the function on numpy arrays."""


def positions(shape: tuple[int, ...], first: int = 0) -> Array:
    """The places of an array's entries in a list of them, counted from `first`."""
    size = int(np.prod(shape, dtype=int))
    return np.arange(first, first + size).reshape(shape)


def arrange(name: str, shapes: list[tuple[int, ...]], whole: list[Any], options: Mapping[str, Any]) -> Array:
    """Where the entries of an arrangement come from: their places in a list of all entries of its arguments, of which
    the first is 0.

    Raises:
        ValueError, IndexError: it does not fit these shapes.
    """
    places, first = [], 1
    for shape in shapes:
        places.append(positions(shape, first))
        first += places[-1].size
    return np.asarray(ARRANGEMENTS[name](*places, *whole, **options))
