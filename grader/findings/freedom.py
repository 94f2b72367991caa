"""Free choices in an answer, made as another one makes them: signs, phases, orders and scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from grader.core.norms import Array
from grader.problems.relation import Freedom


def align(x: Array, like: Array, freedom: Freedom) -> Array:
    """Choose what is free in x so that it comes near to another array of its shape; x itself if nothing can be said."""
    if x.shape != like.shape or not (np.isfinite(x).all() and np.isfinite(like).all()):
        return x
    with np.errstate(all="ignore"):
        aligned = _ALIGN[freedom](x, like)
    return aligned if np.isfinite(aligned).all() else x


def _sign(x: Array, like: Array) -> Array:
    return -x if np.vdot(x, like).real < 0 else x


def _phase(x: Array, like: Array) -> Array:
    c = np.vdot(x, like)
    return x if c == 0 else np.asarray(x * (c / abs(c)))


def _scale(x: Array, like: Array) -> Array:
    largest = np.max(np.abs(x), initial=0.0)
    if largest == 0:
        return x
    y = x / largest
    return np.asarray(y * (np.vdot(y, like) / np.vdot(y, y).real))


def _column_signs(x: Array, like: Array) -> Array:
    if x.ndim < 2:
        return _sign(x, like)
    dots = np.sum(x.conj() * like, axis=0).real
    return np.asarray(x * np.where(dots < 0, -1.0, 1.0))


def _permutation(x: Array, like: Array) -> Array:
    """The order in which the nearest entries, or columns, stand at the same place; nearest pairs first."""
    if x.ndim == 0:
        return x
    columns, wanted = np.atleast_2d(x).T, np.atleast_2d(like).T
    distances = np.linalg.norm(columns[:, None] - wanted[None, :], axis=2)

    order = np.zeros(len(columns), int)
    for _ in range(len(columns)):
        i, j = np.unravel_index(np.argmin(distances), distances.shape)
        order[j] = i
        distances[i, :] = np.inf
        distances[:, j] = np.inf
    return np.asarray(x[..., order])


_ALIGN: Mapping[Freedom, Callable[[Array, Array], Array]] = {
    "sign": _sign,
    "phase": _phase,
    "column_signs": _column_signs,
    "permutation": _permutation,
    "scale": _scale,
}
