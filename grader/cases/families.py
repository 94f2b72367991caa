"""Random matrices by family: the same numbers on every machine.

Only `+ − × / √` in a fixed order and rounded normal deviates are used, never LAPACK, so no library or
processor can change a last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.problems.problem import Family, FamilyName, Space

Matrix = list[list[Any]]
Generator = np.random.Generator

_GRID = 2.0**32


def dense(rng: Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Normal deviates rounded to multiples of 2⁻³², none of them 0.

    So sums of a few of them are exact, and the last bit of a logarithm does not matter; but single precision does.
    """
    x = np.round(rng.standard_normal(shape) * _GRID) / _GRID
    return np.asarray(np.where(x == 0, 1.0, x))


def small_integers(rng: Generator, shape: tuple[int, ...], largest: int = 4) -> NDArray[np.float64]:
    """Whole numbers from −largest to largest, none of them 0."""
    return np.asarray(rng.integers(1, largest + 1, shape) * rng.choice([-1.0, 1.0], shape))


def draw_square(family: Family, rng: Generator, n: int, sign: int, space: Space = "general") -> NDArray[Any]:
    """An n×n matrix of a family, in a space; `sign` is that of its determinant where the family leaves it free."""
    if n == 0:
        return np.zeros((0, 0))
    if space == "general":
        return np.array(_TABLE[family.name](rng, n, sign, family.parameter)).reshape(n, n)
    return np.array(_SPACES[space](family, rng, n, sign)).reshape(n, n)


def draw_low_rank(rng: Generator, shape: tuple[int, ...], corank: int) -> NDArray[np.float64]:
    """Small whole numbers in a rectangular matrix, of rank min(m, n) − corank (0 at least)."""
    m, n = shape
    corank = min(corank, m, n)
    while True:
        A = small_integers(rng, (max(m, n), min(m, n)))
        A[:, rng.permutation(min(m, n))[:corank]] = 0.0
        if rank(A) == min(m, n) - corank:
            return A if m >= n else np.asarray(A.T)


def project(x: NDArray[Any], space: Space) -> NDArray[Any]:
    """A matrix made one of a space: x + xᵀ, or its lower triangle; whole numbers stay whole."""
    if space == "general":
        return x
    return np.asarray(np.tril(x) if space == "lower_triangular" else x + x.T)


def _generic(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    """UΣQ with singular values in [½, 3]: condition number at most 6, dense, asymmetric."""
    return _with_singular_values(rng, _spread(rng, n), sign)


def _spread(rng: Generator, n: int) -> list[float]:
    """Singular values in [½, 3], well apart, whose product is at least a factor 1.25 away from 1."""
    while True:
        sigma = [float(s) for s in np.round((0.5 + 2.5 * rng.random(n)) * 1024) / 1024]
        apart = all(abs(s - t) > 0.5 / n for i, s in enumerate(sigma) for t in sigma[:i])
        if apart and not 0.8 < math.prod(sigma) < 1.25:
            return sigma


def _ill_conditioned(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    return _with_singular_values(rng, _graded(n, parameter), sign)


def _graded(n: int, parameter: float | None) -> list[float]:
    """Singular values in even steps (of the exponent of 2) from 1 to 1/κ."""
    steps = math.log2(parameter or 1e6)
    return [2.0 ** -round(steps * k / max(n - 1, 1)) for k in range(n)]


def _scaled(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    factor = parameter or 1e3
    return [[factor * x for x in row] for row in _generic(rng, n, sign)]


def _with_singular_values(rng: Generator, sigma: list[float], sign: int) -> Matrix:
    n = len(sigma)
    middle = [[sigma[i] if i == j else 0.0 for j in range(n)] for i in range(n)]
    A = _rotate(rng, _transpose(_rotate(rng, middle)))
    # Each of the 2n reflections changes the sign of the determinant, so it is + before this line.
    return [[sign * x for x in A[0]], *A[1:]] if A else A


def _rotate(rng: Generator, A: Matrix) -> Matrix:
    """N random Householder reflections applied from the left: A − 2v(vᵀA)/(vᵀv)."""
    n = len(A)
    for _ in range(n):
        v = [float(x) for x in dense(rng, (n,))]
        square = _sum(x * x for x in v)
        for j in range(n):
            factor = 2.0 * _sum(v[i] * A[i][j] for i in range(n)) / square
            for i in range(n):
                A[i][j] -= factor * v[i]
    return A


def _sum(terms: Any) -> Any:
    total = 0.0
    for term in terms:
        total += term
    return total


def _transpose(A: Matrix) -> Matrix:
    return [list(column) for column in zip(*A, strict=True)]


def _integer(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    """Small integers, no zeros, asymmetric, |det| at least 2, det of the given sign."""
    while True:
        A = small_integers(rng, (n, n))
        if determinant(A) * sign < 0:
            A[0] = -A[0]
        if abs(determinant(A)) >= 2 and (n == 1 or not np.array_equal(A, A.T)):
            return [list(row) for row in A]


def _symmetric(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    return _with_eigenvalues(rng, [-s if k % 2 else s for k, s in enumerate(_spread(rng, n))])


def _signed(rng: Generator, values: list[float], sign: int) -> list[float]:
    """Signs whose product is the given one: all equal or mixed, so that a branch for definite matrices is met too."""
    n = len(values)
    negative = int(rng.choice([m for m in range(n + 1) if (-1) ** m == sign]))
    chosen = rng.permutation(n)[:negative]
    return [-value if k in chosen else value for k, value in enumerate(values)]


def _with_eigenvalues(rng: Generator, values: list[float]) -> Matrix:
    """Rotated from both sides by the same reflections, symmetric to the last bit."""
    n = len(values)
    A = [[values[i] if i == j else 0.0 for j in range(n)] for i in range(n)]
    for _ in range(n):
        v = [float(x) for x in dense(rng, (n,))]
        A = _reflect(v, _transpose(_reflect(v, A)))
    return [[A[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]


def _reflect(v: list[float], A: Matrix) -> Matrix:
    n = len(v)
    square = _sum(x * x for x in v)
    factors = [2.0 * _sum(v[i] * A[i][j] for i in range(n)) / square for j in range(n)]
    return [[A[i][j] - factors[j] * v[i] for j in range(n)] for i in range(n)]


def _orthogonal(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    return _with_singular_values(rng, [1.0] * n, sign)


def _triangular(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    """Lower triangular with diagonal entries of size ½ to 3."""
    lower = [[float(x) / 2 for x in row] for row in dense(rng, (n, n))]
    diagonal = _spread(rng, n)
    diagonal[0] *= sign
    return _below(lower, diagonal)


def _below(lower: Matrix, diagonal: list[float]) -> Matrix:
    n = len(diagonal)
    return [[lower[i][j] if j < i else diagonal[i] if i == j else 0.0 for j in range(n)] for i in range(n)]


def _diagonal(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    diagonal = _spread(rng, n)
    diagonal[0] *= sign
    return [[diagonal[i] if i == j else 0.0 for j in range(n)] for i in range(n)]


def _corank_1(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    """Rank n − 1 with a pivot that is exactly zero in floating point too."""
    if n == 2 and rng.random() < 0.5:
        row = small_integers(rng, (2,))
        return [list(row), list(2 * row)]
    return _with_zeros(rng, n, 1)


def _corank_2(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    return _with_zeros(rng, n, min(2, n))


def _with_zeros(rng: Generator, n: int, corank: int) -> Matrix:
    """Small integers with `corank` rows or columns of zeros: elimination meets them as they are.

    A rank that only exact arithmetic sees would not do: rounding turns its pivots into small numbers.
    """
    while True:
        A = small_integers(rng, (n, n))
        A[:, rng.permutation(n)[:corank]] = 0.0
        if rng.random() < 0.5:
            A = A.T
        if rank(A) == n - corank:
            return [list(row) for row in A]


def _one_by_one(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    return [[sign * _spread(rng, 1)[0] for _ in range(n)]]


def _complex(rng: Generator, n: int, sign: int, parameter: float | None = None) -> Matrix:
    """D₁UD₂ΣQD₃ with diagonal unitary D: condition number at most 6, neither real nor Hermitian."""
    left, middle, right = (_phases(rng, n) for _ in range(3))
    sigma = _spread(rng, n)
    inner = [[middle[i] * sigma[i] if i == j else 0j for j in range(n)] for i in range(n)]
    A = _rotate(rng, _transpose(_rotate(rng, inner)))
    return [[left[i] * A[i][j] * right[j] for j in range(n)] for i in range(n)]


def _spectrum(family: Family, rng: Generator, n: int) -> list[float]:
    """Positive numbers of a family: eigenvalues or a diagonal."""
    if family.name == "ill_conditioned":
        return _graded(n, family.parameter)
    factor = (family.parameter or 1e3) if family.name == "scaled" else 1.0
    return [factor * value for value in _spread(rng, n)]


def _in_symmetric(family: Family, rng: Generator, n: int, sign: int) -> Matrix:
    while family.name == "integer":
        B = small_integers(rng, (n, n))
        A = np.tril(B) + np.tril(B, -1).T
        if abs(determinant(A)) >= 2:
            return [list(row) for row in A]
    return _from_spectrum(family, rng, _signed(rng, _spectrum(family, rng, n), sign))


def _in_positive_definite(family: Family, rng: Generator, n: int, sign: int) -> Matrix:
    """LLᵀ of whole numbers, or positive eigenvalues."""
    if family.name == "integer":
        L = np.tril(small_integers(rng, (n, n), 1), -1) + np.diag(rng.integers(1, 3, n).astype(float))
        L[0, 0] = 2.0
        return [list(row) for row in L @ L.T]
    return _from_spectrum(family, rng, _spectrum(family, rng, n))


def _in_lower_triangular(family: Family, rng: Generator, n: int, sign: int) -> Matrix:
    if family.name == "integer":
        L = np.tril(small_integers(rng, (n, n)))
        L[0, 0] = 2.0 * sign
        return [list(row) for row in L]
    diagonal = _signed(rng, _spectrum(family, rng, n), sign)
    size = 0.0 if family.name == "diagonal" else min(map(abs, diagonal), default=1.0) / 2
    lower = [[size * float(x) for x in row] for row in dense(rng, (n, n))]
    return _below(lower, diagonal)


def _from_spectrum(family: Family, rng: Generator, values: list[float]) -> Matrix:
    if family.name == "diagonal":
        return _below([[0.0] * len(values) for _ in values], values)
    return _with_eigenvalues(rng, values)


def _phases(rng: Generator, n: int) -> list[complex]:
    """Points of the unit circle, (1 − t² + 2it)/(1 + t²): no sine, so the same on every machine."""
    return [complex((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in map(float, dense(rng, (n,)))]


def determinant(A: NDArray[np.float64]) -> Fraction:
    """The exact determinant of a matrix of whole numbers."""
    return _eliminate(A)[1]


def rank(A: NDArray[np.float64]) -> int:
    """The exact rank of a matrix of whole numbers."""
    return _eliminate(A)[0]


def _eliminate(A: NDArray[np.float64]) -> tuple[int, Fraction]:
    rows = [[Fraction(float(x)) for x in row] for row in A]
    m, done, d = len(rows), 0, Fraction(1)
    for column in range(A.shape[1]):
        pivot = next((i for i in range(done, m) if rows[i][column]), None)
        if pivot is None:
            d = Fraction(0)
            continue
        if pivot != done:
            rows[done], rows[pivot] = rows[pivot], rows[done]
            d = -d
        d *= rows[done][column]
        for i in range(done + 1, m):
            factor = rows[i][column] / rows[done][column]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[done], strict=True)]
        done += 1
    return done, d


_TABLE: Mapping[FamilyName, Callable[[Generator, int, int, float | None], Matrix]] = {
    "generic": _generic,
    "integer": _integer,
    "ill_conditioned": _ill_conditioned,
    "scaled": _scaled,
    "symmetric": _symmetric,
    "orthogonal": _orthogonal,
    "triangular": _triangular,
    "diagonal": _diagonal,
    "corank_1": _corank_1,
    "corank_2": _corank_2,
    "one_by_one": _one_by_one,
    "complex": _complex,
}

_SPACES: Mapping[Space, Callable[[Family, Generator, int, int], Matrix]] = {
    "symmetric": _in_symmetric,
    "lower_triangular": _in_lower_triangular,
    "positive_definite": _in_positive_definite,
}
