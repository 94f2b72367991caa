"""The algebra that evaluates expressions on balls: numpy's operations, with enclosures of the exact results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from flint import arb

from grader.problems.arrangements import positions
from grader.problems.language import Algebra, Closure
from grader.truths.ball_arrays import ARRAYS, broadcast, constant, entry_by_entry, matmul_stacks
from grader.truths.ball_entrywise import ENTRIES
from grader.truths.balls import Ball, NotExactError, from_array, from_entries, from_scalar, inner, whole_power
from grader.truths.functions.analytic import analytic
from grader.truths.functions.ode import ode
from grader.truths.functions.root import root
from grader.truths.functions.table import MATRIX_BALLS
from grader.truths.singular_values import largest_singular_value, singular_values


def _multiply(A: Ball, B: Ball) -> Ball:
    if not A.shape:
        return Ball(B.mat * A.scalar(), B.shape)
    if not B.shape:
        return Ball(A.mat * B.scalar(), A.shape)
    A, B = broadcast(A, B)
    return from_entries([a * b for a, b in zip(A.entries(), B.entries(), strict=True)], A.shape)


def _divide(A: Ball, B: Ball) -> Ball:
    return _multiply(A, from_entries([1 / b for b in B.entries()], B.shape))


def _power(a: Any, k: Any) -> Any:
    whole = k.unique_fmpz() if isinstance(k, arb) else None
    return a**k if whole is None else whole_power(a, int(whole))


def _matmul(A: Ball, B: Ball) -> Ball:
    if max(len(A.shape), len(B.shape)) > 2:
        return matmul_stacks(_matmul, A, B)
    if len(A.shape) == 1:
        product = (A.mat.transpose() * B.mat).transpose()
        return Ball(product, B.shape[1:])
    return Ball(A.mat * B.mat, A.shape[:1] + B.shape[1:])


def _transpose(A: Ball) -> Ball:
    if len(A.shape) == 2:
        return Ball(A.mat.transpose(), A.shape[::-1])
    if len(A.shape) < 2:
        return A
    entries, places = A.entries(), positions(A.shape).T
    return from_entries([entries[place] for place in places.ravel().tolist()], places.shape)


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


def _norm(A: Ball, kind: str = "fro") -> Ball:
    return from_scalar(_NORMS[kind](A))


def _largest(values: Iterable[Any]) -> Any:
    return reduce(lambda p, q: p.max(q), values, arb(0))


def _total(values: Iterable[Any]) -> Any:
    return sum(values, arb(0))


def _row_sums(mat: Any) -> list[Any]:
    return [_total(map(abs, row)) for row in mat.tolist()]


_NORMS: Mapping[str, Callable[[Ball], Any]] = {
    "fro": lambda A: _total(whole_power(abs(a), 2) for a in A.entries()).sqrt(),
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


def _of_time(g: Closure) -> Callable[[Ball, Ball], Ball]:
    """The right side of a differential equation as a function of y and t."""
    return g if g.arity > 1 else lambda y, t: g(y)


BALLS: Algebra[Ball] = Algebra(
    from_array,
    {
        "+": lambda A, B: Ball.__add__(*broadcast(A, B)),
        "-": lambda A, B: Ball.__sub__(*broadcast(A, B)),
        "*": _multiply,
        "/": _divide,
        "@": _matmul,
        "**": entry_by_entry(_power),
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
        "power": _matrix_power,
        "⟨,⟩": lambda P, Q: from_scalar(inner(P, Q)),
        "inner": lambda A, B: _matmul(A, _transpose(B)) if A.shape and B.shape else _multiply(A, B),
        "dot": lambda A, B: _matmul(A, B) if A.shape and B.shape else _multiply(A, B),
        **ARRAYS,
        **ENTRIES,
        **MATRIX_BALLS,
        "root": lambda F, start: root(F.over(BALLS), F.over(ANALYTIC), start),
        "ode": lambda g, start, end: ode(_of_time(g.over(BALLS)), _of_time(g.over(ANALYTIC)), start, end),
    },
    constant,
)
"""Exact evaluation: every result contains the true value."""

ANALYTIC: Algebra[Ball] = replace(BALLS, operations=analytic(BALLS.operations))
"""The same operations continued to complex arguments, for functions of real ones that are solved for."""
