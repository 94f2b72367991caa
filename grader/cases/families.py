"""Random matrices by family: the same numbers on every machine.

Only `+ − × / √` in a fixed order and rounded normal deviates are used, never LAPACK, so no library or
processor can change a last bit. Entrywise operations of numpy keep to that; sums and products of complex
numbers, which processors may fuse, do not, and are written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from flint import fmpz_mat

from grader.core.hashing import hash_bytes
from grader.core.norms import Array
from grader.problems.family_names import Family, FamilyName

Generator = np.random.Generator
Draw = Callable[[Family, Generator, int, int], Array]
"""(family, generator, n, sign) ↦ an n×n matrix, n ≥ 1; `sign` is that of its determinant where that is free."""

GENERIC = Family("generic")
GRID = 2.0**32


def generator(key: str) -> Generator:
    """Make random numbers that depend on a text alone."""
    digest = hash_bytes(key.encode(), 16)
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def dense(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Normal deviates rounded to multiples of 2⁻³², none of them 0.

    So sums of a few of them are exact, and the last bit of a logarithm does not matter; but single precision does.
    """
    x = np.round(rng.standard_normal(shape) * GRID) / GRID
    return np.asarray(np.where(x == 0, 1.0, x))


def small_integers(rng: Generator, shape: tuple[int, ...], largest: int = 4) -> Array:
    """Whole numbers from −largest to largest, none of them 0."""
    return np.asarray(rng.integers(1, largest + 1, shape) * rng.choice([-1.0, 1.0], shape))


def draw_square(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Draw an n×n matrix of a family.

    Args:
        sign: that of its determinant, +1 or −1, where the family leaves it free.
    """
    return _FAMILIES[family.name](family, rng, n, sign) if n else np.zeros((0, 0))


def draw_low_rank(rng: Generator, shape: tuple[int, ...], corank: int) -> Array:
    """Draw a rectangular matrix of small whole numbers, of rank min(m, n) − corank (0 at least)."""
    m, n = shape
    corank = min(corank, m, n)
    while True:
        A = small_integers(rng, (max(m, n), min(m, n)))
        A[:, rng.permutation(min(m, n))[:corank]] = 0.0
        if exact(A).rank() == min(m, n) - corank:
            return A if m >= n else np.asarray(A.T)


def draw_dense_singular(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Draw small whole numbers, none of them 0, of rank min(m, n) − 1: one row or column is made of two others."""
    m, n = max(shape), min(shape)
    if n < 2:
        return np.zeros(shape)
    while True:
        A = small_integers(rng, (m, n))
        i, *others = rng.permutation(n)
        A[:, i] = 2 * A[:, others[0]] if n == 2 else A[:, others[0]] + A[:, others[1]]
        if np.all(A) and exact(A).rank() == n - 1:
            return A if shape[0] == m else np.asarray(A.T)


def factor_of(family: Family) -> float:
    """The factor of scaled and of complex inputs."""
    usual = 1e3 if family.name == "scaled" else 1.0
    return family.parameter or usual


# Matrices of given singular values or eigenvalues.


def spread(rng: Generator, n: int) -> list[float]:
    """Singular values in [½, 3], well apart, whose product is at least a factor 1.25 away from 1."""
    while True:
        sigma = [float(s) for s in np.round((0.5 + 2.5 * rng.random(n)) * 1024) / 1024]
        apart = all(abs(s - t) > 0.5 / n for i, s in enumerate(sigma) for t in sigma[:i])
        if apart and not 0.8 < math.prod(sigma) < 1.25:
            return sigma


def graded(n: int, condition: float | None) -> list[float]:
    """Singular values in even steps (of the exponent of 2) from 1 to 1/κ."""
    steps = math.log2(condition or 1e6)
    return [2.0 ** -round(steps * k / max(n - 1, 1)) for k in range(n)]


def with_singular_values(rng: Generator, sigma: list[float], sign: int) -> Array:
    """Rotate a diagonal from both sides; the determinant has the given sign."""
    A = _rotate(rng, _rotate(rng, np.diag(sigma)).T)
    # Each of the 2n reflections changes the sign of the determinant, so it is + before this line.
    A[0] *= sign
    return A


def with_eigenvalues(rng: Generator, values: list[float]) -> Array:
    """Rotate a diagonal from both sides by the same reflections; the result is symmetric to the last bit."""
    A = np.diag(values)
    for _ in values:
        v = dense(rng, (len(values),))
        A = _reflect(v, _reflect(v, A).T)
    return np.asarray(np.tril(A) + np.tril(A, -1).T)


def _rotate(rng: Generator, A: Array) -> Array:
    """Apply n random reflections from the left to an n×n matrix, or to each of a stack of them."""
    n = A.shape[-1]
    for _ in range(n):
        A = _reflect(dense(rng, (n,)), A)
    return A


def _reflect(v: Array, A: Array) -> Array:
    """Apply a Householder reflection from the left: A − 2v(vᵀA)/(vᵀv)."""
    factors = 2.0 * add_up(x * A[..., i, :] for i, x in enumerate(v)) / add_up(v * v)
    return np.asarray(A - v[:, None] * factors[..., None, :])


def add_up(terms: Iterable[Any]) -> Any:
    """Add one after the other; `np.sum` takes another order on another processor."""
    total: Any = 0.0
    for term in terms:
        total = total + term
    return total


# Families of all square matrices.


def _generic(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """UΣQ with singular values in [½, 3]: condition number at most 6, dense, asymmetric."""
    return with_singular_values(rng, spread(rng, n), sign)


def _integer(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Small integers, no zeros, asymmetric, |det| at least 2, det of the given sign."""
    while True:
        A = small_integers(rng, (n, n))
        if exact(A).det() * sign < 0:
            A[0] = -A[0]
        is_symmetric = n > 1 and np.array_equal(A, A.T)
        if abs(exact(A).det()) >= 2 and not is_symmetric:
            return A


def _symmetric(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Indefinite: eigenvalues of both signs in turn."""
    return with_eigenvalues(rng, [-s if k % 2 else s for k, s in enumerate(spread(rng, n))])


def _graded_entries(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Entries that fall from the upper left to the lower right, by a factor 16 in each row and in each column."""
    d = np.array([2.0 ** (-4 * k) for k in range(n)])
    return np.asarray(d[:, None] * _generic(family, rng, n, sign) * d)


def _clustered(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Singular values in two clusters, at 1 and at 1/κ, that are 10⁻⁶ of themselves apart."""
    low = 2.0 ** -round(math.log2(family.parameter or 1e6))
    sigma = [(1.0 if k < (n + 1) // 2 else low) * (1 + k * 2.0**-20) for k in range(n)]
    return with_singular_values(rng, sigma, sign)


def _repeated(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Singular values in pairs of equal ones, to rounding."""
    return with_singular_values(rng, [0.75 + k // 2 for k in range(n)], sign)


def _nearly_defective(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Eigenvalues 10⁻⁵ apart above which there are ones, turned: eigenvectors are nearly parallel."""
    T = np.diag([1.5 + k * 2.0**-17 for k in range(n)]) + np.diag(np.ones(n - 1), 1)
    for _ in range(n):
        v = dense(rng, (n,))
        T = _reflect(v, _reflect(v, T).T).T
    return sign * T


def scale_rows(rng: Generator, A: Array) -> Array:
    """Multiply rows by powers of 2 from 10⁻⁶ to 10⁶, in random order."""
    m = len(A)
    exponents = [round(40 * k / max(m - 1, 1)) - 20 for k in rng.permutation(m)]
    return np.asarray(np.array([2.0**exponent for exponent in exponents])[:, None] * A)


def _toeplitz(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """The same number along each diagonal, the main one larger than the rest of its row."""
    entries = dense(rng, (2 * n - 1,)) / 4
    entries[n - 1] = sign * (float(add_up(np.abs(entries))) + 0.5)
    return np.array([[entries[i - j + n - 1] for j in range(n)] for i in range(n)])


def _companion(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """The companion matrix of a polynomial with whole coefficients, the last of which is ±2, ±3 or ±4."""
    A = np.diag(np.ones(n - 1), -1)
    A[:, -1] = small_integers(rng, (n,))
    # The determinant of the cyclic shift is (−1)ⁿ⁻¹.
    A[0, -1] = sign * (-1.0) ** (n - 1) * float(rng.integers(2, 5))
    return A


def _triangular(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Lower triangular with diagonal entries of size ½ to 3."""
    below = dense(rng, (n, n)) / 2
    diagonal = spread(rng, n)
    diagonal[0] *= sign
    return lower(below, diagonal)


def _orthogonal(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Dense, or one entry ±1 in each row and none on the diagonal, by the sign of the determinant.

    Elimination must exchange rows of the latter: its pivots are 0.
    """
    if sign > 0 or n == 1:
        return with_singular_values(rng, [1.0] * n, sign)
    signs = rng.choice([-1.0, 1.0], n)
    signs[0] *= sign * (-1) ** (n - 1) * np.prod(signs)
    return np.roll(np.diag(signs), 1, axis=1)


def _diagonal(family: Family, rng: Generator, n: int, sign: int) -> Array:
    diagonal = spread(rng, n)
    diagonal[0] *= sign
    return np.diag(diagonal)


def _corank_1(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Rank n − 1 with a pivot that is exactly zero in floating point too."""
    if n == 2 and rng.random() < 0.5:
        row = small_integers(rng, (2,))
        return np.array([row, 2 * row])
    return _with_zeros(rng, n, 1)


def _dense_singular(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """Rank n − 1 without a zero, as 1 … 9 in three rows: what elimination leaves of the last pivot is rounding."""
    A = draw_dense_singular(rng, (n, n))
    return A if rng.random() < 0.5 else np.asarray(A.T)


def _with_zeros(rng: Generator, n: int, corank: int) -> Array:
    """Small integers with `corank` rows or columns of zeros: elimination meets them as they are.

    A rank that only exact arithmetic sees would not do: rounding turns its pivots into small numbers.
    """
    while True:
        A = small_integers(rng, (n, n))
        A[:, rng.permutation(n)[:corank]] = 0.0
        if rng.random() < 0.5:
            A = A.T
        if exact(A).rank() == n - corank:
            return A


def _complex(family: Family, rng: Generator, n: int, sign: int) -> Array:
    """D₁UD₂ΣQD₃ with diagonal unitary D: condition number at most 6, neither real nor Hermitian; times a factor."""
    left, middle, right = (phases(rng, n) for _ in range(3))
    sigma = spread(rng, n)
    inner = np.diag([m * s for m, s in zip(middle, sigma, strict=True)])
    # U and Q are real, so they act on the real and imaginary parts alone.
    parts = _rotate(rng, np.stack([inner.real, inner.imag]))
    A = _rotate(rng, parts.swapaxes(-1, -2))
    entries = [[left[i] * complex(A[0, i, j], A[1, i, j]) * right[j] for j in range(n)] for i in range(n)]
    return factor_of(family) * np.array(entries)


def phases(rng: Generator, n: int) -> list[complex]:
    """Points of the unit circle, (1 − t² + 2it)/(1 + t²): no sine, so the same on every machine."""
    return [complex((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in map(float, dense(rng, (n,)))]


def lower(below: Array, diagonal: list[float]) -> Array:
    """A lower triangular matrix with this diagonal."""
    L = np.tril(below, -1)
    np.fill_diagonal(L, diagonal)
    return np.asarray(L)


def exact(A: Array) -> fmpz_mat:
    """A matrix of whole numbers, whose rank and determinant are exact."""
    m, n = A.shape
    return fmpz_mat(m, n, [int(x) for x in A.ravel()])


_FAMILIES: Mapping[FamilyName, Draw] = {
    "generic": _generic,
    "integer": _integer,
    "ill_conditioned": lambda family, rng, n, sign: with_singular_values(
        rng, graded(n, family.parameter), sign
    ),
    "scaled": lambda family, rng, n, sign: factor_of(family) * _generic(family, rng, n, sign),
    "symmetric": _symmetric,
    "orthogonal": _orthogonal,
    "triangular": _triangular,
    "diagonal": _diagonal,
    "corank_1": _corank_1,
    "corank_2": lambda family, rng, n, sign: _with_zeros(rng, n, min(2, n)),
    "dense_singular": _dense_singular,
    "zero": lambda family, rng, n, sign: np.zeros((n, n)),
    "multiple_of_identity": lambda family, rng, n, sign: sign * rng.integers(2, 5) * np.eye(n),
    "thin": _generic,
    "one_by_one": lambda family, rng, n, sign: np.array([[sign * spread(rng, 1)[0]]]),
    "complex": _complex,
    "graded": _graded_entries,
    "clustered": _clustered,
    "repeated_singular_values": _repeated,
    "nearly_defective": _nearly_defective,
    "hilbert": lambda family, rng, n, sign: np.array(
        [[1.0 / (i + j + 1) for j in range(n)] for i in range(n)]
    ),
    "toeplitz": _toeplitz,
    "companion": _companion,
    "badly_scaled_rows": lambda family, rng, n, sign: scale_rows(rng, _generic(family, rng, n, sign)),
}
"""Square matrices without a space; the other families are about a size or another input."""
