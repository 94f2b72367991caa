"""The algebra that evaluates expressions on balls: numpy's operations, with enclosures of the exact results."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import methodcaller
from typing import Any

import numpy as np
from flint import arb

from grader.core.norms import Array
from grader.problems.language import Algebra, ShapeError
from grader.truths.balls import Ball, NotExactError, from_array, from_entries, from_scalar, inner
from grader.truths.singular_values import largest_singular_value, singular_values


def _spread(A: Ball, B: Ball) -> tuple[Ball, Ball]:
    """Both operands in one shape, repeated as numpy would."""
    if A.shape == B.shape:
        return A, B
    return tuple(broadcast([A, B]))  # type: ignore[return-value]


def broadcast(arrays: Sequence[Ball]) -> list[Ball]:
    """Arrays in one shape, their entries repeated as numpy would."""
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        raise ShapeError(f"shapes {' and '.join(str(array.shape) for array in arrays)} differ") from None
    return [rearrange(array, np.broadcast_to(positions(array.shape), shape)) for array in arrays]


def positions(shape: tuple[int, ...]) -> Array:
    """The place of each entry of an array in the list of its entries."""
    return np.arange(math.prod(shape)).reshape(shape)


def rearrange(A: Ball, places: Array) -> Ball:
    """The array of the entries of A at these places."""
    entries = A.entries()
    kept = [entries[place] for place in places.ravel().tolist()]
    return from_entries(kept, places.shape) if kept else Ball(A.mat, places.shape)


def _multiply(A: Ball, B: Ball) -> Ball:
    if not A.shape:
        return Ball(B.mat * A.scalar(), B.shape)
    if not B.shape:
        return Ball(A.mat * B.scalar(), A.shape)
    A, B = _spread(A, B)
    return from_entries([a * b for a, b in zip(A.entries(), B.entries(), strict=True)], A.shape)


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


def _adjugate(A: Ball) -> Ball:
    """Adj A at any rank, without a division.

    By Cayley–Hamilton: with det(xI − A) = Σ cₖxᵏ, adj A = (−1)ⁿ⁻¹ Σ_{k≥1} cₖ Aᵏ⁻¹.
    """
    n = A.shape[0]
    if n == 0:
        return A
    coefficients = A.mat.charpoly().coeffs()
    identity = type(A.mat)(n, n, [int(i == j) for i in range(n) for j in range(n)])

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


def _norm(A: Ball, kind: str) -> Ball:
    return from_scalar(_NORMS[kind](A))


def _largest(values: Iterable[Any]) -> Any:
    return reduce(lambda p, q: p.max(q), values, arb(0))


def _total(values: Iterable[Any]) -> Any:
    return sum(values, arb(0))


def _row_sums(mat: Any) -> list[Any]:
    return [_total(map(abs, row)) for row in mat.tolist()]


_NORMS: Mapping[str, Callable[[Ball], Any]] = {
    "fro": lambda A: _total(abs(a) ** 2 for a in A.entries()).sqrt(),
    "max": lambda A: _largest(map(abs, A.entries())),
    "1": lambda A: _largest(_row_sums(A.mat.transpose())),
    "inf": lambda A: _largest(_row_sums(A.mat)),
    "2": largest_singular_value,
    "nuc": lambda A: _total(singular_values(A)),
}


def _matrix_power(A: Ball, k: Ball) -> Ball:
    whole = k.scalar().unique_fmpz()
    if whole is None:
        raise NotExactError("an exponent of a matrix is a whole number")
    exponent = int(whole)
    return Ball((A if exponent >= 0 else _on_matrix("inv")(A)).mat ** abs(exponent), A.shape)


def _constant(x: Ball) -> Any:
    """The number of a size or parameter."""
    value = x.scalar()
    whole = value.unique_fmpz() if isinstance(value, arb) else None
    return float(value) if whole is None else int(whole)


def whole(x: Ball) -> int:
    """The whole number of a size or parameter."""
    return int(_constant(x))


def _filled(value: float) -> Callable[..., Ball]:
    return lambda *sizes: from_array(np.full([whole(size) for size in sizes], value))


def _entries(A: Ball, parts: tuple[Any, ...]) -> Ball:
    return rearrange(A, np.asarray(positions(A.shape)[parts]))


def _with_entries(A: Ball, value: Ball, parts: tuple[Any, ...]) -> Ball:
    """A copy of A in which some entries are those of a value."""
    places = np.asarray(positions(A.shape)[parts])
    spread = rearrange(value, np.broadcast_to(positions(value.shape), places.shape))
    entries = A.entries()
    for place, entry in zip(places.ravel().tolist(), spread.entries(), strict=True):
        entries[place] = entry
    return from_entries(entries, A.shape)


def _stack(*arrays: Ball, axis: int = 0) -> Ball:
    return joined(np.stack, arrays, axis)


def joined(join: Callable[..., Array], arrays: Sequence[Ball], axis: int) -> Ball:
    """Arrays put together as a function of numpy's does."""
    entries: list[Any] = []
    places = []
    for array in arrays:
        places.append(positions(array.shape) + len(entries))
        entries += array.entries()
    order = join(places, axis)
    return from_entries([entries[place] for place in order.ravel().tolist()], order.shape)


def _compare(
    holds: Callable[[Any, Any], Any], fails: Callable[[Any, Any], Any]
) -> Callable[[Ball, Ball], Ball]:
    """A comparison of entries, 1 where it holds and 0 where it fails; a ball may do neither."""

    def compare(A: Ball, B: Ball) -> Ball:
        A, B = _spread(A, B)
        return from_entries(
            [_decide(holds, fails, a, b) for a, b in zip(A.entries(), B.entries(), strict=True)], A.shape
        )

    return compare


def _decide(holds: Callable[[Any, Any], Any], fails: Callable[[Any, Any], Any], a: Any, b: Any) -> arb:
    if holds(a, b):
        return arb(1)
    if fails(a, b):
        return arb(0)
    raise NotExactError("a comparison cannot be decided")


def _where(condition: Ball, x: Ball, y: Ball) -> Ball:
    condition, x, y = broadcast([condition, x, y])
    chosen = zip(condition.entries(), x.entries(), y.entries(), strict=True)
    return from_entries([a if holds != 0 else b for holds, a, b in chosen], x.shape)


def _entrywise(function: Callable[[Any], Any]) -> Callable[[Ball], Ball]:
    return lambda A: from_entries([function(a) for a in A.entries()], A.shape)


BALLS: Algebra[Ball] = Algebra(
    from_array,
    {
        "+": lambda A, B: Ball.__add__(*_spread(A, B)),
        "-": lambda A, B: Ball.__sub__(*_spread(A, B)),
        "*": _multiply,
        "/": _divide,
        "@": _matmul,
        "**": _power,
        "neg": Ball.__neg__,
        ".T": _transpose,
        ".H": _adjoint,
        "det": _det,
        "inv": _on_matrix("inv"),
        "trace": lambda A: from_scalar(A.mat.trace()),
        "solve": _solve,
        "logdet": lambda A: from_scalar(abs(_det(A).scalar()).log()),
        "adj": _adjugate,
        "norm": _norm,
        "kron": _kron,
        "vec": _vec,
        "eye": lambda n: from_array(np.eye(int(float(n.scalar())))),
        "diag": _diag,
        "power": _matrix_power,
        "sum": lambda A: from_scalar(_total(A.entries())),
        **{name: _entrywise(methodcaller(name)) for name in ("sqrt", "log", "exp")},
        "abs": _entrywise(abs),
        "real": _entrywise(lambda a: a.real),
        "⟨,⟩": lambda P, Q: from_scalar(inner(P, Q)),
        "//": lambda a, b: from_array(_constant(a) // _constant(b)),
        "%": lambda a, b: from_array(_constant(a) % _constant(b)),
        "<": _compare(operator.lt, operator.ge),
        "<=": _compare(operator.le, operator.gt),
        ">": _compare(operator.gt, operator.le),
        ">=": _compare(operator.ge, operator.lt),
        "==": _compare(operator.eq, operator.ne),
        "!=": _compare(operator.ne, operator.eq),
        "[]": _entries,
        "[]=": _with_entries,
        "copy": lambda A: A,
        "zeros": _filled(0.0),
        "ones": _filled(1.0),
        "stack": _stack,
        "where": _where,
    },
    _constant,
)
"""Exact evaluation: every result contains the true value."""
