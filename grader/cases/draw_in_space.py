"""Random elements of spaces, by family: the same on every machine, as `families` are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from grader.cases.families import (
    GENERIC,
    GRID,
    Generator,
    add_up,
    dense,
    draw_square,
    exact,
    factor_of,
    graded,
    lower,
    phases,
    small_integers,
    spread,
    with_eigenvalues,
    with_singular_values,
)
from grader.cases.projections import project, toeplitz
from grader.cases.spaces import project_onto_tangent
from grader.core.norms import Array
from grader.problems.algebras import NUMPY
from grader.problems.family_names import Family
from grader.problems.language import Algebra
from grader.problems.spaces import SPACES, Space


def draw_in_space(
    space: Space, family: Family, rng: Generator, shape: tuple[int, ...], sign: int = 1
) -> Array:
    """Draw an element of a space that is not the general one.

    Args:
        sign: that of the determinant of a square matrix, +1 or −1, where the family leaves it free.
    """
    if 0 in shape:
        return np.zeros(shape, complex if SPACES[space].is_complex else float)
    return _SPACES[space](family, rng, shape, sign)


def draw_tangent(space: Space, A: Array, x: Array) -> Array:
    """Make a random array one of the tangent vectors at A; whole numbers stay whole where A has them."""
    if space == "probability":
        return sum_to_zero(x)
    if SPACES[space].tangent == "curved":
        return np.asarray(project_onto_tangent(space, FIXED_ORDER, A, x))
    return project(x, space)


def _product(A: Array, B: Array) -> Array:
    """AB, added up in a fixed order."""
    return np.asarray(
        add_up(A[:, k, None] * B[None, k] for k in range(A.shape[1])) + np.zeros((len(A), B.shape[1]))
    )


FIXED_ORDER: Algebra[Array] = Algebra(
    NUMPY.number,
    {**NUMPY.operations, "@": _product, "⟨,⟩": lambda P, Q: np.asarray(add_up((P * Q).ravel()))},
)
"""Double precision with the same last bits on every machine."""


def draw_positive(family: Family, rng: Generator, shape: tuple[int, ...]) -> Array:
    """Draw positive numbers: whole ones to 4, or from ¼ to 3, on both sides of 1."""
    if family.name == "integer":
        return np.abs(small_integers(rng, shape))
    return np.round((0.25 + 2.75 * rng.random(shape)) * GRID) / GRID * factor_of(family)


def draw_probability(family: Family, rng: Generator, shape: tuple[int, ...]) -> Array:
    """Draw positive numbers whose sum is 1, exactly: multiples of 2⁻³², or of 1/16 or less for whole numbers."""
    n = math.prod(shape)
    unit = 2.0 ** -max(4, math.ceil(math.log2(2 * n))) if family.name == "integer" else 1 / GRID
    weights = draw_positive(GENERIC, rng, (n,))
    # At least one unit is left for each, and the last takes what rounding left over.
    p = unit * (1 + np.floor(weights / add_up(weights) * (1 / unit - n)))
    p[-1] = 1.0 - add_up(p[:-1])
    return np.asarray(p.reshape(shape))


def sum_to_zero(x: Array) -> Array:
    """Make the sum of the entries 0, exactly: the last one is minus the sum of the others."""
    y = x.copy()
    y.ravel()[-1:] = 0.0 - add_up(y.ravel()[:-1])
    return y


def _in_symmetric(family: Family, rng: Generator, n: int, sign: int) -> Array:
    while family.name == "integer":
        B = small_integers(rng, (n, n))
        A = np.asarray(np.tril(B) + np.tril(B, -1).T)
        if abs(exact(A).det()) >= 2:
            return A
    return _from_spectrum(family, rng, _signed(rng, _spectrum(family, rng, n), sign))


def _in_positive_definite(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """LLᵀ of whole numbers, or positive eigenvalues."""
    if family.name != "integer":
        return _from_spectrum(family, rng, _spectrum(family, rng, n))
    L = np.tril(small_integers(rng, (n, n), 1), -1) + np.diag(rng.integers(1, 3, n).astype(float))
    L[0, 0] = 2.0
    return np.asarray(L @ L.T)


def _in_lower_triangular(family: Family, rng: Generator, n: int, sign: int) -> Array:
    if family.name == "integer":
        L = np.tril(small_integers(rng, (n, n)))
        L[0, 0] = 2.0 * sign
        return np.asarray(L)
    diagonal = _signed(rng, _spectrum(family, rng, n), sign)
    size = 0.0 if family.name == "diagonal" else min(map(abs, diagonal)) / 2
    return lower(size * dense(rng, (n, n)), diagonal)


def _spectrum(family: Family, rng: Generator, n: int) -> list[float]:
    """Positive numbers of a family: eigenvalues or a diagonal."""
    if family.name == "ill_conditioned":
        return graded(n, family.parameter)
    return [factor_of(family) * value for value in spread(rng, n)]


def _signed(rng: Generator, values: list[float], sign: int) -> list[float]:
    """Signs whose product is the given one: all equal or mixed, so that a branch for definite matrices is met too."""
    n = len(values)
    negative = int(rng.choice([m for m in range(n + 1) if (-1) ** m == sign]))
    chosen = rng.permutation(n)[:negative]
    return [-value if k in chosen else value for k, value in enumerate(values)]


def _from_spectrum(family: Family, rng: Generator, values: list[float]) -> Array:
    return np.diag(values) if family.name == "diagonal" else with_eigenvalues(rng, values)


def _linear(
    draw: Callable[[Family, Generator, int, int], Array], dtype: type = float
) -> Callable[..., Array]:
    """The draw for the order n as one for a shape; 0 and multiples of the identity are those of all matrices."""

    def draw_shape(family: Family, rng: Generator, shape: tuple[int, ...], sign: int) -> Array:
        is_plain = family.name in ("zero", "multiple_of_identity")
        A = draw_square(family, rng, shape[0], sign) if is_plain else draw(family, rng, shape[0], sign)
        return A.astype(dtype)

    return draw_shape


def _in_hermitian(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Eigenvalues of one sign or both, turned by a real rotation and by phases; or Gaussian integers."""
    while family.name == "integer":
        A = small_integers(rng, (n, n)) + 1j * small_integers(rng, (n, n))
        A = np.tril(A, -1) + np.tril(A, -1).conj().T + np.diag(small_integers(rng, (n,)))
        # The real matrix of the same map has the determinant |det A|².
        if exact(np.block([[A.real, -A.imag], [A.imag, A.real]])).det() >= 4:
            return np.asarray(A)

    S = _in_symmetric(family, rng, n, sign)
    turns = phases(rng, n)
    entries = [[turns[i] * float(S[i, j]) * turns[j].conjugate() for j in range(n)] for i in range(n)]
    below = np.tril(np.array(entries), -1)
    return np.asarray(below + below.conj().T + np.diag(np.diag(S)))


def _in_skew(family: Family, rng: Generator, n: int, sign: int) -> Array:
    entries = small_integers(rng, (n, n)) if family.name == "integer" else dense(rng, (n, n))
    below = np.tril(entries, -1)
    return np.asarray(factor_of(family) * (below - below.T))


def _in_toeplitz(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """A diagonal that is larger than the rest of its row; or whole numbers with |det| ≥ 2."""
    while family.name == "integer":
        A = toeplitz(small_integers(rng, (n,)), small_integers(rng, (n,)))
        if abs(exact(A).det()) >= 2 and (n == 1 or not np.array_equal(A, A.T)):
            return A

    column, row = dense(rng, (n,)) / 4, dense(rng, (n,)) / 4
    rest = float(add_up(np.abs(column[1:]))) + float(add_up(np.abs(row[1:])))
    column[0] = sign * (rest / 2 + spread(rng, 1)[0])
    return factor_of(family) * toeplitz(column, row)


def _in_unit_lower_triangular(family: Family, rng: Generator, n: int, sign: int) -> Array:
    entries = small_integers(rng, (n, n), 3) if family.name == "integer" else dense(rng, (n, n)) / 2
    return lower(entries, [1.0] * n)


def _with_orthonormal_columns(family: Family, rng: Generator, shape: tuple[int, ...], sign: int) -> Array:
    """Columns of a random product of reflections; or of a permutation with signs."""
    m, n = shape
    if family.name != "integer":
        return with_singular_values(rng, [1.0] * m, sign)[:, :n].copy()
    A = np.zeros((m, m))
    A[rng.permutation(m), np.arange(m)] = small_integers(rng, (m,), 1)
    return A[:, :n].copy()


def _of_norm_one(family: Family, rng: Generator, shape: tuple[int, ...], sign: int) -> Array:
    """A normal vector divided by its length; or a unit vector along an axis, the only ones of whole numbers."""
    n = math.prod(shape)
    if family.name == "integer":
        x = np.zeros(n)
        x[rng.integers(n)] = sign
        return x.reshape(shape)
    x = dense(rng, (n,))
    return np.asarray(x / np.sqrt(add_up(x * x))).reshape(shape)


_SPACES: Mapping[Space, Callable[[Family, Generator, tuple[int, ...], int], Array]] = {
    "positive": lambda family, rng, shape, sign: draw_positive(family, rng, shape),
    "probability": lambda family, rng, shape, sign: draw_probability(family, rng, shape),
    "symmetric": _linear(_in_symmetric),
    "lower_triangular": _linear(_in_lower_triangular),
    "upper_triangular": _linear(lambda *drawn: np.asarray(_in_lower_triangular(*drawn).T.copy())),
    "positive_definite": lambda family, rng, shape, sign: _linear(_in_positive_definite)(
        family, rng, shape, 1
    ),
    "hermitian": _linear(_in_hermitian, complex),
    "skew": _linear(_in_skew),
    "toeplitz": _linear(_in_toeplitz),
    "unit_lower_triangular": _linear(_in_unit_lower_triangular),
    "orthogonal": _with_orthonormal_columns,
    "stiefel": _with_orthonormal_columns,
    "unit": _of_norm_one,
}
