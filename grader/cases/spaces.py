"""Tangent spaces: bases of those that are linear, and the projection onto those that depend on the point.

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

from grader.problems.axes import nested, transpose
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
        for place in _by_columns(shape):
            yield ((place, 1),)
            if is_complex:
                yield ((place, 1j),)
        return

    n = shape[0]
    for j in range(n):
        for i in range(n):
            for places in _ELEMENTS[space](i, j, n):
                yield tuple((row * n + column, entry) for row, column, entry in places)


def is_linear(space: Space) -> bool:
    """Is it a space of some arrays only, with a basis?"""
    return space in _ELEMENTS


def _by_columns(shape: tuple[int, ...]) -> list[int]:
    """The places of all entries, column by column."""
    return transpose(shape, range(len(shape))[::-1])[0]


def as_array(element: Element, shape: tuple[int, ...]) -> Any:
    """The element of a basis, written out in nested lists."""
    entries: list[complex] = [0.0] * math.prod(shape)
    for place, entry in element:
        entries[place] = entry if isinstance(entry, complex) else float(entry)
    return nested(entries, shape)


def coordinates(space: Space, shape: tuple[int, ...]) -> list[int]:
    """The places in vec V of its leading entries, one for each element of the basis: the independent entries of V."""
    by_columns = _by_columns(shape)
    return [by_columns.index(element[0][0]) for element in basis(space, shape)]


def project_onto_tangent(space: Space, algebra: Algebra[Any], A: Any, G: Any) -> Any:
    """The projection of G onto the tangent space of a curved space at A."""
    operations = algebra.operations
    if space == "unit":
        return operations["-"](G, operations["*"](operations["⟨,⟩"](A, G), A))
    product = operations["@"](operations[".T"](A), G)
    twice = operations["+"](product, operations[".T"](product))
    return operations["-"](G, operations["@"](A, operations["*"](algebra.number(0.5), twice)))


def _toeplitz(i: int, j: int, n: int) -> list[_Places]:
    if 0 not in (i, j):
        return []
    return [[(i + k, j + k, 1) for k in range(n - max(i, j))]]


def _with_mirror(is_diagonal_free: bool, sign: int) -> Callable[[int, int, int], list[_Places]]:
    def elements(i: int, j: int, n: int) -> list[_Places]:
        if i > j:
            return [[(i, j, 1), (j, i, sign)]]
        return [[(i, i, 1)]] if i == j and is_diagonal_free else []

    return elements


def _where(holds: Callable[[int, int], bool]) -> Callable[[int, int, int], list[_Places]]:
    return lambda i, j, n: [[(i, j, 1)]] if holds(i, j) else []


def _hermitian(i: int, j: int, n: int) -> list[_Places]:
    if i > j:
        return [[(i, j, 1), (j, i, 1)], [(i, j, 1j), (j, i, -1j)]]
    return [[(i, i, 1)]] if i == j else []


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
