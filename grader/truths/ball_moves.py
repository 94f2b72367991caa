"""Functions that move the entries of an array of balls, or put zeros beside them, without numpy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from flint import arb

from grader.problems.axes import transpose
from grader.problems.language import ShapeError
from grader.truths.ball_arrays import concatenate, constant, entries_at, from_columns, vec
from grader.truths.balls import Ball, entries_in, from_entries


def _reshape(x: Ball, *sizes: Ball, order: str = "C") -> Ball:
    shape = [constant(size) for size in sizes]
    if shape.count(-1) == 1:
        known = prod(side for side in shape if side != -1)
        shape[shape.index(-1)] = len(x.entries()) // known if known else 0
    if prod(shape) != len(x.entries()) or min(shape, default=0) < 0:
        raise ShapeError(f"cannot reshape an array of shape {x.shape} into {tuple(shape)}")

    if order == "F":
        return from_columns(vec(x).entries(), tuple(shape))
    return from_entries(x.entries(), tuple(shape))


def _ravel(x: Ball, order: str = "C") -> Ball:
    if order == "F":
        return vec(x)
    return from_entries(x.entries(), (len(x.entries()),))


def _swapaxes(x: Ball, i: Ball, j: Ball) -> Ball:
    order = [*range(len(x.shape))]
    p, q = order[constant(i)], order[constant(j)]
    order[p], order[q] = order[q], order[p]
    return entries_in(x, *transpose(x.shape, order))


def _flip(x: Ball, axis: int | None = None) -> Ball:
    backwards = slice(None, None, -1)
    if axis is None:
        return entries_at(x, (backwards,) * len(x.shape))
    parts = [slice(None)] * len(x.shape)
    parts[axis] = backwards
    return entries_at(x, tuple(parts))


def _diag(x: Ball, k: Ball | None = None) -> Ball:
    """The matrix with a diagonal, or the diagonal of a matrix."""
    offset = constant(k) or 0
    entries = x.entries()
    if len(x.shape) == 1:
        n = len(entries) + abs(offset)
        below, right = max(-offset, 0), max(offset, 0)
        made: list[Any] = [arb(0)] * (n * n)
        for place, entry in enumerate(entries):
            row, column = place + below, place + right
            made[row * n + column] = entry
        return from_entries(made, (n, n))

    rows, columns = x.shape
    on_it = [entries[i * columns + i + offset] for i in range(rows) if 0 <= i + offset < columns]
    return from_entries(on_it, (len(on_it),))


def _triangle(keeps: Callable[[int, int], bool]) -> Callable[..., Ball]:
    """The entries (i, j) of matrices of which is kept whether j − i compares with k; others are 0."""

    def triangle(x: Ball, k: Ball | None = None) -> Ball:
        offset, (rows, columns) = constant(k) or 0, x.shape[-2:]
        entries = x.entries()
        for place, entry in enumerate(entries):
            i, j = place // columns % rows, place % columns
            if not keeps(j - i, offset):
                entries[place] = entry * 0
        return from_entries(entries, x.shape)

    return triangle


def _hstack(*arrays: Ball) -> Ball:
    return concatenate(*arrays, axis=1 if len(arrays[0].shape) > 1 else 0)


def _as_matrix(x: Ball) -> Ball:
    if len(x.shape) > 1:
        return x
    return from_entries(x.entries(), (1, len(x.entries())))


MOVES: Mapping[str, Callable[..., Ball]] = {
    "reshape": _reshape,
    "ravel": _ravel,
    "swapaxes": _swapaxes,
    "flip": _flip,
    "diag": _diag,
    "tril": _triangle(lambda ahead, k: ahead <= k),
    "triu": _triangle(lambda ahead, k: ahead >= k),
    "hstack": _hstack,
    "vstack": lambda *arrays: concatenate(*map(_as_matrix, arrays), axis=0),
    "row of blocks": lambda *arrays: concatenate(*map(_as_matrix, arrays), axis=1),
}
"""Name → operation."""
