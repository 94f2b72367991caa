"""Operations on scalars, vectors and matrices of balls, in FLINT alone: nothing here needs numpy."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from itertools import product
from math import prod
from typing import Any

from flint import acb_mat, arb

from grader.problems.axes import common_shape, strides_of
from grader.problems.axes import transpose as transposed_places
from grader.problems.language import ShapeError
from grader.truths.balls import (
    Ball,
    NotExactError,
    entries_in,
    from_entries,
    from_scalar,
    inner,
    whole_power,
)

Shape = tuple[int, ...]


def broadcast(*arrays: Ball) -> list[Ball]:
    """Arrays in one shape, their entries repeated as numpy would."""
    shapes = [array.shape for array in arrays]
    if all(shape == shapes[0] for shape in shapes):
        return list(arrays)
    shape = common_shape(shapes)
    if shape is None:
        raise ShapeError(f"shapes {' and '.join(map(str, shapes))} differ")
    return [spread_to(array, shape) for array in arrays]


def spread_to(A: Ball, shape: Shape) -> Ball:
    """An array repeated to a shape."""
    if A.shape == shape:
        return A
    if not A.shape:
        return from_entries([A.scalar()] * prod(shape), shape)

    strides = [0 if side == 1 else stride for side, stride in zip(A.shape, strides_of(A.shape), strict=True)]
    strides = [0] * (len(shape) - len(strides)) + strides
    places = (sum(map(operator.mul, strides, at)) for at in product(*map(range, shape)))
    return entries_in(A, places, shape)


def entry_by_entry(function: Callable[..., Any]) -> Callable[..., Ball]:
    """A function of numbers on arrays."""

    def apply(*arrays: Ball) -> Ball:
        spread = broadcast(*arrays)
        try:
            entries = [function(*numbers) for numbers in zip(*(A.entries() for A in spread), strict=True)]
        except (AttributeError, TypeError):
            raise NotExactError("not defined for complex numbers") from None
        return from_entries(entries, spread[0].shape)

    return apply


def multiply(A: Ball, B: Ball) -> Ball:
    """The product entry by entry, or a multiple."""
    if not A.shape:
        return Ball(B.mat * A.scalar(), B.shape)
    if not B.shape:
        return Ball(A.mat * B.scalar(), A.shape)
    A, B = broadcast(A, B)
    return from_entries([a * b for a, b in zip(A.entries(), B.entries(), strict=True)], A.shape)


def _divide(A: Ball, B: Ball) -> Ball:
    return multiply(A, from_entries([1 / b for b in B.entries()], B.shape))


def _power(a: Any, k: Any) -> Any:
    whole = k.unique_fmpz() if isinstance(k, arb) else None
    return a**k if whole is None else whole_power(a, int(whole))


def matmul(A: Ball, B: Ball) -> Ball:
    """The product of two vectors or matrices."""
    if len(A.shape) == 1:
        product = (A.mat.transpose() * B.mat).transpose()
        return Ball(product, B.shape[1:])
    return Ball(A.mat * B.mat, A.shape[:1] + B.shape[1:])


def transpose(A: Ball) -> Ball:
    """The array with its axes in reverse."""
    if len(A.shape) == 2:
        return Ball(A.mat.transpose(), A.shape[::-1])
    if len(A.shape) < 2:
        return A
    return entries_in(A, *transposed_places(A.shape, range(len(A.shape))[::-1]))


def _adjoint(A: Ball) -> Ball:
    T = transpose(A)
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
        # FLINT adds and multiplies real and complex matrices, but does not solve with one of each.
        A_mat = acb_mat(A.mat) if b.is_complex else A.mat
        return Ball(A_mat.solve(b.mat), b.shape)
    except ZeroDivisionError:
        raise NotExactError("solve with a singular matrix") from None


def _det(A: Ball) -> Ball:
    d = A.mat.det()
    if not d.contains(0):
        return from_scalar(d)
    # Elimination met a pivot that may be 0 and left only a crude bound; Berkowitz's algorithm divides by nothing.
    last = A.mat.charpoly().coeffs()[0]
    return from_scalar(-last if A.shape[0] % 2 else last)


def _adjugate(A: Ball) -> Ball:
    """Adj A at any rank, without a division.

    By Cayley–Hamilton: with det(xI − A) = Σ cₖxᵏ, adj A = (−1)ⁿ⁻¹ Σ_{k≥1} cₖ Aᵏ⁻¹.
    """
    n = A.shape[0]
    if n == 0:
        return A
    coefficients = A.mat.charpoly().coeffs()
    one = type(A.mat)(n, n, [int(i == j) for i in range(n) for j in range(n)])
    total = one * coefficients[n]
    for k in range(n - 1, 0, -1):
        total = total * A.mat + one * coefficients[k]
    return Ball(total if n % 2 else -total, A.shape)


def _kron(A: Ball, B: Ball) -> Ball:
    (p, q), (r, s) = A.shape, B.shape
    places = product(range(p), range(r), range(q), range(s))
    entries = [A.mat[i, j] * B.mat[k, m] for i, k, j, m in places]
    return from_entries(entries, (p * r, q * s))


def largest_of(values: Iterable[Any]) -> Any:
    """The largest of some real balls, none of them negative."""
    return reduce(lambda p, q: p.max(q), values, arb(0))


def total(values: Iterable[Any]) -> Any:
    """The sum of some balls."""
    return sum(values, arb(0))


def _row_sums(mat: Any) -> list[Any]:
    return [total(map(abs, row)) for row in mat.tolist()]


NORMS: Mapping[str, Callable[[Ball], Any]] = {
    "fro": lambda A: total(whole_power(abs(a), 2) for a in A.entries()).sqrt(),
    "max": lambda A: largest_of(map(abs, A.entries())),
    "1": lambda A: largest_of(_row_sums(A.mat.transpose())),
    "inf": lambda A: largest_of(_row_sums(A.mat)),
}


def _matrix_power(A: Ball, k: Ball) -> Ball:
    whole = k.scalar().unique_fmpz()
    if whole is None:
        raise NotExactError("an exponent of a matrix is a whole number")
    exponent = int(whole)
    base = A if exponent >= 0 else _on_matrix("inv")(A)
    return Ball(base.mat ** abs(exponent), A.shape)


MATRICES: Mapping[str, Callable[..., Ball]] = {
    "+": lambda A, B: Ball.__add__(*broadcast(A, B)),
    "-": lambda A, B: Ball.__sub__(*broadcast(A, B)),
    "*": multiply,
    "/": _divide,
    "@": matmul,
    "**": entry_by_entry(_power),
    "neg": Ball.__neg__,
    ".T": transpose,
    ".H": _adjoint,
    "det": _det,
    "inv": _on_matrix("inv"),
    "trace": lambda A: from_scalar(A.mat.trace()),
    "solve": _solve,
    "logdet": lambda A: from_scalar(abs(_det(A).scalar()).log()),
    "adj": _adjugate,
    "norm": lambda A, kind="fro": from_scalar(NORMS[kind](A)),
    "kron": _kron,
    "power": _matrix_power,
    "⟨,⟩": lambda P, Q: from_scalar(inner(P, Q)),
}
"""Name → operation."""
