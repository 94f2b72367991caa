"""Tangent spaces: bases of those that are linear, projections onto those that depend on the point.

A linear space has a basis of matrices with few entries of size 1, orthogonal under ⟨P, Q⟩ = Re tr(PᴴQ). At a point A
with AᵀA = I the tangent vectors are the V with AᵀV + VᵀA = 0, and G − A(AᵀG + GᵀA)/2 is the nearest one to G; on the
sphere it is G − ⟨A, G⟩A. Where rounding leaves A a little off, these are still self-adjoint: all that is used.

Source: A. Edelman, T. Arias, S. Smith, "The geometry of algorithms with orthogonality constraints", SIAM J. Matrix
Anal. Appl. 20 (1998), §2.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from grader.core.norms import Array
from grader.problems.language import Algebra
from grader.problems.spaces import Space

Element = tuple[tuple[int, complex], ...]
"""An array with few entries that are not 0: (place in the order of rows, entry), the leading one first."""
_Places = list[tuple[int, int, complex]]


def basis(space: Space, shape: tuple[int, ...], is_complex: bool = False) -> Iterator[Element]:
    """An orthogonal basis of a linear space, over the real numbers, in the column-major order of leading entries.

    Args:
        is_complex: with the imaginary units of general arrays.
    """
    if space not in _ELEMENTS:
        for place in np.arange(math.prod(shape)).reshape(shape).ravel(order="F").tolist():
            yield ((place, 1),)
            if is_complex:
                yield ((place, 1j),)
        return

    n = shape[0]
    for j in range(n):
        for i in range(n):
            for places in _ELEMENTS[space](i, j, n):
                yield tuple((row * n + column, entry) for row, column, entry in places)


def as_array(element: Element, shape: tuple[int, ...]) -> Array:
    """The element of a basis, written out."""
    dtype = complex if any(isinstance(entry, complex) for _, entry in element) else float
    B = np.zeros(math.prod(shape), dtype)
    for place, entry in element:
        B[place] = entry
    return B.reshape(shape)


def coordinates(space: Space, shape: tuple[int, ...]) -> Array:
    """The matrix P with P vec V = the leading entries of V, one for each element of the basis."""
    places = [element[0][0] for element in basis(space, shape)]
    by_columns = np.arange(math.prod(shape)).reshape(shape).ravel(order="F")
    return np.asarray(np.equal.outer(places, by_columns), dtype=float)


def nearest(x: Array, space: Space) -> Array:
    """The orthogonal projection onto a linear space."""
    if space not in _ELEMENTS:
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


def project_onto_tangent(space: Space, algebra: Algebra[Any], A: Any, G: Any) -> Any:
    """The projection of G onto the tangent space of a curved space at A."""
    operations = algebra.operations
    if space == "unit":
        return operations["-"](G, operations["*"](operations["⟨,⟩"](A, G), A))
    product = operations["@"](operations[".T"](A), G)
    twice = operations["+"](product, operations[".T"](product))
    return operations["-"](G, operations["@"](A, operations["*"](algebra.number(0.5), twice)))


def _toeplitz(i: int, j: int, n: int) -> list[_Places]:
    return [[(i + k, j + k, 1) for k in range(n - max(i, j))]] if 0 in (i, j) else []


def _with_mirror(is_diagonal_free: bool, sign: int) -> Callable[[int, int, int], list[_Places]]:
    def elements(i: int, j: int, n: int) -> list[_Places]:
        if i == j:
            return [[(i, i, 1)]] if is_diagonal_free else []
        return [[(i, j, 1), (j, i, sign)]] if i > j else []

    return elements


def _where(holds: Callable[[int, int], bool]) -> Callable[[int, int, int], list[_Places]]:
    return lambda i, j, n: [[(i, j, 1)]] if holds(i, j) else []


def _hermitian(i: int, j: int, n: int) -> list[_Places]:
    if i == j:
        return [[(i, i, 1)]]
    return [[(i, j, 1), (j, i, 1)], [(i, j, 1j), (j, i, -1j)]] if i > j else []


_ELEMENTS: Mapping[Space, Callable[[int, int, int], list[_Places]]] = {
    "symmetric": _with_mirror(True, 1),
    "positive_definite": _with_mirror(True, 1),
    "skew": _with_mirror(False, -1),
    "hermitian": _hermitian,
    "toeplitz": _toeplitz,
    "lower_triangular": _where(lambda i, j: i >= j),
    "upper_triangular": _where(lambda i, j: i <= j),
    "unit_lower_triangular": _where(lambda i, j: i > j),
}
"""The elements of the basis with their leading entry at (i, j)."""


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
