"""Arrays of doubles made to lie in a linear space."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from grader.cases.spaces import basis, is_linear
from grader.core.norms import Array
from grader.problems.spaces import Space


def nearest(x: Array, space: Space) -> Array:
    """The orthogonal projection onto a linear space."""
    if not is_linear(space):
        return x
    flat, y = x.ravel(), np.zeros(x.size, dtype=x.dtype)
    for element in basis(space, x.shape):
        slope = sum((np.conj(entry) * flat[place]).real for place, entry in element) / len(element)
        for place, entry in element:
            y[place] += entry * slope
    return y.reshape(x.shape)


def project(x: Array, space: Space) -> Array:
    """Make a matrix one of a linear space, without rounding: x + xᵀ, or its lower triangle."""
    return np.asarray(_PROJECTED[space](x)) if space in _PROJECTED else x


def toeplitz(column: Array, row: Array) -> Array:
    """The Toeplitz matrix with this first column, and this first row but for its first entry."""
    n = len(column)
    diagonals = np.concatenate([row[:0:-1], column])
    return np.array([[diagonals[i - j + n - 1] for j in range(n)] for i in range(n)]).reshape(n, n)


_PROJECTED: Mapping[Space, Callable[[Array], Array]] = {
    "symmetric": lambda x: x + x.T,
    "positive_definite": lambda x: x + x.T,
    "skew": lambda x: x - x.T,
    "hermitian": lambda x: x + x.conj().T,
    "toeplitz": lambda x: toeplitz(x[:, :1].ravel(), x[:1].ravel()),
    "lower_triangular": np.tril,
    "upper_triangular": np.triu,
    "unit_lower_triangular": lambda x: np.tril(x, -1),
}
