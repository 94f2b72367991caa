"""Scalars, vectors and matrices of balls (python-flint), and the algebra that evaluates expressions on them.

A ball is a midpoint with a radius; every operation returns a ball that contains the exact result, so the
radius bounds the rounding error. A vector is kept as one column, a scalar as a 1×1 matrix.

Source: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Transactions on Computers 66 (2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, arb_mat
from numpy.typing import NDArray

from grader.problems.expression import Algebra, ShapeError


class NotExactError(ArithmeticError):
    """The enclosure fell apart: a singular matrix, a repeated singular value, a logarithm at zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """An array of balls: a flint matrix and the array's shape, of length 0, 1 or 2."""

    mat: Any
    shape: tuple[int, ...]

    @property
    def is_complex(self) -> bool:
        """Whether the entries are complex balls."""
        return isinstance(self.mat, acb_mat)

    def __add__(self, other: Ball) -> Ball:
        return Ball(self.mat + other.mat, _same(self, other, "+"))

    def __sub__(self, other: Ball) -> Ball:
        return Ball(self.mat - other.mat, _same(self, other, "-"))

    def __neg__(self) -> Ball:
        return Ball(-self.mat, self.shape)

    def __mul__(self, factor: Any) -> Ball:
        """The product with a scalar: a number or an `arb` or `acb`."""
        return Ball(self.mat * factor, self.shape)

    def __truediv__(self, divisor: arb) -> Ball:
        return Ball(self.mat * (1 / divisor), self.shape)

    def entries(self) -> list[Any]:
        """All entries, row by row."""
        return list(self.mat.entries())

    def scalar(self) -> Any:
        """The only entry of a scalar."""
        return self.mat[0, 0]

    def with_entries(self, places: Sequence[tuple[int, int]], step: Any) -> Ball:
        """A copy in which the entries at these places are larger by `step`."""
        mat = acb_mat(self.mat) if self.is_complex else arb_mat(self.mat)
        for place in places:
            mat[place] = mat[place] + step
        return Ball(mat, self.shape)


def from_array(x: Any) -> Ball:
    """The exact ball array of doubles (or Python numbers): each entry is a point."""
    array = np.asarray(x)
    mat = acb_mat if array.dtype.kind == "c" else arb_mat
    return Ball(mat(*_sides(array.shape), array.ravel().tolist()), array.shape)


def from_entries(entries: Sequence[Any], shape: tuple[int, ...]) -> Ball:
    """Balls row by row, as an array of the given shape."""
    mat = acb_mat if any(isinstance(entry, acb) for entry in entries) else arb_mat
    return Ball(mat(*_sides(shape), list(entries)), shape)


def from_scalar(x: Any) -> Ball:
    """A single `arb` or `acb` as a scalar."""
    return Ball((acb_mat if isinstance(x, acb) else arb_mat)(1, 1, [x]), ())


def inner(P: Ball, Q: Ball) -> Any:
    """⟨P, Q⟩ = Re tr(PᴴQ) as a real ball."""
    H = P.mat.transpose()
    product = ((H.conjugate() if P.is_complex else H) * Q.mat).trace()
    return product.real if isinstance(product, acb) else product


def magnitude(x: Ball) -> float:
    """‖x‖_F of the midpoints, in double precision; NaN or inf where the enclosure fell apart."""
    if not x.is_complex:
        return math.hypot(*map(float, x.entries()))
    return math.hypot(*(float(part) for entry in x.entries() for part in (entry.real, entry.imag)))


def radius(x: Ball) -> float:
    """The largest radius of any entry, rounded up a little; inf where the enclosure fell apart."""
    radii = [float(part.rad()) for entry in x.entries() for part in _parts(entry)]
    largest = max(radii, default=0.0)
    return largest * (1 + 1e-9) if largest == largest else float("inf")


def split(x: Ball) -> tuple[NDArray[Any], NDArray[Any]]:
    """The midpoints as an unevaluated sum of two double arrays, hi + lo, good to about 106 bits."""
    pairs = [_split_entry(entry) for entry in x.entries()]
    dtype = np.complex128 if x.is_complex else np.float64
    hi = np.array([pair[0] for pair in pairs], dtype=dtype).reshape(x.shape)
    lo = np.array([pair[1] for pair in pairs], dtype=dtype).reshape(x.shape)
    return hi, lo


def _split_entry(entry: Any) -> tuple[complex, complex]:
    if isinstance(entry, acb):
        (a, b), (c, d) = _split_entry(entry.real), _split_entry(entry.imag)
        return complex(a.real, c.real), complex(b.real, d.real)
    hi = float(entry.mid())
    return hi, float((entry.mid() - arb(hi)).mid()) if hi - hi == 0 else 0.0


def _parts(entry: Any) -> tuple[Any, ...]:
    return (entry.real, entry.imag) if isinstance(entry, acb) else (entry,)


def _sides(shape: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = (*shape, 1, 1)[:2]
    return rows, columns


def _same(A: Ball, B: Ball, name: str) -> tuple[int, ...]:
    if A.shape != B.shape:
        raise ShapeError(f"'{name}' needs equal shapes, found {A.shape} and {B.shape}")
    return A.shape


def _spread(A: Ball, B: Ball) -> tuple[Ball, Ball]:
    """Both operands in one shape, a scalar repeated as numpy would."""
    if A.shape == B.shape:
        return A, B
    if not A.shape:
        return from_entries([A.scalar()] * len(B.entries()), B.shape), B
    if not B.shape:
        return A, from_entries([B.scalar()] * len(A.entries()), A.shape)
    raise ShapeError(f"shapes {A.shape} and {B.shape} differ")


def _multiply(A: Ball, B: Ball) -> Ball:
    if not A.shape:
        return Ball(B.mat * A.scalar(), B.shape)
    if not B.shape:
        return Ball(A.mat * B.scalar(), A.shape)
    return from_entries([a * b for a, b in zip(A.entries(), B.entries(), strict=True)], _same(A, B, "*"))


def _divide(A: Ball, B: Ball) -> Ball:
    return _multiply(A, from_entries([1 / b for b in B.entries()], B.shape))


def _power(A: Ball, k: Ball) -> Ball:
    exponent = k.scalar()
    whole = exponent.unique_fmpz() if isinstance(exponent, arb) else None
    power = exponent if whole is None else int(whole)
    return from_entries([a**power for a in A.entries()], A.shape)


def _matmul(A: Ball, B: Ball) -> Ball:
    if len(A.shape) == 1:
        product = (A.mat.transpose() * B.mat).transpose()
        return Ball(product, B.shape[1:])
    return Ball(A.mat * B.mat, A.shape[:1] + B.shape[1:])


def _transpose(A: Ball) -> Ball:
    return Ball(A.mat.transpose(), A.shape[::-1]) if len(A.shape) == 2 else A


def _adjoint(A: Ball) -> Ball:
    T = _transpose(A)
    return Ball(T.mat.conjugate(), T.shape) if T.is_complex else T


def _on_matrix(method: str) -> Callable[[Ball], Ball]:
    def apply(A: Ball) -> Ball:
        try:
            return Ball(getattr(A.mat, method)(), A.shape)
        except ZeroDivisionError:
            raise NotExactError(f"{method} of a singular matrix") from None

    return apply


def _solve(A: Ball, b: Ball) -> Ball:
    try:
        return Ball(A.mat.solve(b.mat), b.shape)
    except ZeroDivisionError:
        raise NotExactError("solve with a singular matrix") from None


def _det(A: Ball) -> Ball:
    d = A.mat.det()
    if not d.contains(0):
        return from_scalar(d)
    # Elimination met a pivot that may be 0 and left only a crude bound; Berkowitz's algorithm divides by nothing.
    last = A.mat.charpoly().coeffs()[0]
    return from_scalar(-last if A.shape[0] % 2 else last)


def _logdet(A: Ball) -> Ball:
    return from_scalar(abs(_det(A).scalar()).log())


def _adjugate(A: Ball) -> Ball:
    """Adj A at any rank, without a division.

    By Cayley–Hamilton: with det(xI − A) = Σ cₖxᵏ, adj A = (−1)ⁿ⁻¹ Σ_{k≥1} cₖ Aᵏ⁻¹.
    """
    n = A.shape[0]
    if n == 0:
        return A
    coefficients = A.mat.charpoly().coeffs()
    mat = type(A.mat)
    identity = mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
    total = identity * coefficients[n]
    for k in range(n - 1, 0, -1):
        total = total * A.mat + identity * coefficients[k]
    return Ball(total if n % 2 else -total, A.shape)


def _kron(A: Ball, B: Ball) -> Ball:
    (p, q), (r, s) = A.shape, B.shape
    entries = [
        A.mat[i, j] * B.mat[k, m] for i in range(p) for k in range(r) for j in range(q) for m in range(s)
    ]
    return from_entries(entries, (p * r, q * s))


def _vec(A: Ball) -> Ball:
    entries = _transpose(A).entries()
    return from_entries(entries, (len(entries),))


def _diag(A: Ball) -> Ball:
    if len(A.shape) == 2:
        return from_entries([A.mat[i, i] for i in range(min(A.shape))], (min(A.shape),))
    entries = A.entries()
    n = len(entries)
    return from_entries([entries[i] if i == j else arb(0) for i in range(n) for j in range(n)], (n, n))


def _eye(n: Ball) -> Ball:
    return from_array(np.eye(int(float(n.scalar()))))


def _norm(A: Ball, kind: str) -> Ball:
    if kind == "fro":
        return from_entries([sum((abs(a) ** 2 for a in A.entries()), arb(0)).sqrt()], ())
    if kind == "max":
        return from_entries([reduce(lambda p, q: p.max(q), map(abs, A.entries()), arb(0))], ())
    if kind in ("1", "inf"):
        rows = (A if kind == "inf" else _transpose(A)).mat if len(A.shape) == 2 else A.mat.transpose()
        sums = [sum((abs(a) for a in row), arb(0)) for row in rows.tolist()]
        if len(A.shape) != 2 and kind == "inf":
            sums = [abs(a) for a in A.entries()]
        return from_entries([reduce(lambda p, q: p.max(q), sums, arb(0))], ())
    values = _singular_values(A)
    return from_entries(
        [reduce(lambda p, q: p.max(q), values, arb(0)) if kind == "2" else sum(values, arb(0))], ()
    )


def _singular_values(A: Ball) -> list[Any]:
    """σᵢ as the square roots of the eigenvalues of AᴴA; fails where two of them cannot be told apart."""
    tall = A if len(A.shape) < 2 or A.shape[0] >= A.shape[1] else _adjoint(A)
    mat = acb_mat(tall.mat)
    try:
        return [value.real.sqrt() for value in (mat.conjugate().transpose() * mat).eig()]
    except ValueError:
        raise NotExactError("repeated singular values") from None


def _matrix_power(A: Ball, k: Ball) -> Ball:
    whole = k.scalar().unique_fmpz()
    if whole is None:
        raise NotExactError("an exponent of a matrix is a whole number")
    exponent = int(whole)
    return Ball((A if exponent >= 0 else _on_matrix("inv")(A)).mat ** abs(exponent), A.shape)


def _entrywise(function: Callable[[Any], Any]) -> Callable[[Ball], Ball]:
    return lambda A: from_entries([function(a) for a in A.entries()], A.shape)


def _trace(A: Ball) -> Ball:
    return from_scalar(A.mat.trace())


BALLS: Algebra[Ball] = Algebra(
    from_array,
    {
        "+": lambda A, B: Ball.__add__(*_spread(A, B)), "-": lambda A, B: Ball.__sub__(*_spread(A, B)),
        "*": _multiply, "/": _divide, "@": _matmul, "**": _power,
        "neg": Ball.__neg__, ".T": _transpose, ".H": _adjoint,
        "det": _det, "inv": _on_matrix("inv"), "trace": _trace, "solve": _solve, "logdet": _logdet,
        "adj": _adjugate, "norm": _norm, "kron": _kron, "vec": _vec, "eye": _eye, "diag": _diag,
        "power": _matrix_power,
        "sum": lambda A: from_scalar(sum(A.entries(), arb(0))),
        "sqrt": _entrywise(lambda a: a.sqrt()), "log": _entrywise(lambda a: a.log()),
        "exp": _entrywise(lambda a: a.exp()), "abs": _entrywise(abs), "real": _entrywise(lambda a: a.real),
        "⟨,⟩": lambda P, Q: from_scalar(inner(P, Q)),
    },
)  # fmt: skip
"""Exact evaluation: every result contains the true value."""
