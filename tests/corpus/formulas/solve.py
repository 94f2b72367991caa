"""Formulas for the solution of a linear system, and for tr(A⁻¹B)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.corpus.formulas.inverse import dual_gauss, pullback_by_pairing
from tests.corpus.formulas.numeric import INVERSES, inv, trace, units
from tests.corpus.variant import PRODUCT, TRANSPOSED, Array, Function, Wrong, wrong

solve = np.linalg.solve


def least_squares(A: Array, b: Array) -> Array:
    """A⁻¹b by the SVD inside lstsq."""
    return np.asarray(np.linalg.lstsq(A, b, rcond=None)[0])


def differential(A: Array, b: Array, dA: Array, db: Array, solver: Any = solve) -> Array:
    """X(db − dA·Xb)."""
    return np.asarray(solver(A, db - dA @ solver(A, b)))


def pair(A: Array, b: Array, g: Array, solver: Any = solve) -> tuple[Array, Array]:
    """(−λxᴴ, λ) with Ax = b and Aᴴλ = g."""
    x, adjoint = solver(A, b), solver(A.conj().T, g)
    return -np.multiply.outer(adjoint, x.conj()), adjoint


def entrywise_pair(A: Array, b: Array, g: Array) -> tuple[Array, Array]:
    """−λᵢ conj(xⱼ), entry by entry, with solutions from explicit inverses."""
    x, adjoint = inv(A) @ b, inv(A).conj().T @ g
    P = np.empty(A.shape, np.result_type(A, b, g, float))
    for i, j, _ in units(len(A)):
        P[i, j] = -adjoint[i] * np.conj(x[j])
    return P, adjoint


RIGHT: Mapping[str, Mapping[str, Function]] = {
    "solve-differential": {
        **{
            name: (lambda A, b, dA, db, f=f: f(A) @ (db - dA @ (f(A) @ b))) for name, f in INVERSES.items()
        },
        "least-squares": lambda A, b, dA, db: differential(A, b, dA, db, least_squares),
        "product-rule": lambda A, b, dA, db: dual_gauss(A, dA) @ b + solve(A, db),
        "together": lambda A, b, dA, db: solve(A, np.stack([db, -dA @ solve(A, b)], axis=1)).sum(axis=1),
    },
    "solve-pullback": {
        **{
            name: (lambda A, b, g, f=f: pair(A, b, g, lambda M, v: f(M) @ v)) for name, f in INVERSES.items()
        },
        "least-squares": lambda A, b, g: pair(A, b, g, least_squares),
        "entry-by-entry": entrywise_pair,
        "scaled-rows": lambda A, b, g: (-solve(A.conj().T, np.outer(g, solve(A, b).conj())), solve(A.conj().T, g)),
    },
    "trace-inverse-gradient": {
        **{name: (lambda A, B, f=f: -(f(A) @ B @ f(A)).T) for name, f in INVERSES.items()},
        "pulled-back": lambda A, B: pullback_by_pairing(A, B.T),
        "differential-along-b": lambda A, B: dual_gauss(A, B).T,
        "transposed-factors": lambda A, B: -inv(A).T @ B.T @ inv(A).T,
    },
}  # fmt: skip


def _with(P: Any, adjoint: Array) -> tuple[Array, Array]:
    return np.asarray(P), adjoint


WRONG: Mapping[str, Mapping[str, Wrong]] = {
    "solve-differential": {
        "doubled": wrong(lambda *x: 2 * differential(*x), "constant-factor"),
        "halved": wrong(lambda *x: differential(*x) / 2, "constant-factor"),
        "solution": wrong(lambda A, b, dA, db: solve(A, b), "function-value"),
        "difference-by-inverses": wrong(
            lambda A, b, dA, db: inv(A + dA) @ (b + db) - inv(A) @ b, "function-difference"
        ),
        "system-transposed": wrong(
            lambda A, b, dA, db: solve(A.T, db - dA @ solve(A.T, b)), *TRANSPOSED, "only-symmetric"
        ),
        "outer-system-transposed": wrong(
            lambda A, b, dA, db: solve(A.T, db - dA @ solve(A, b)), *TRANSPOSED, "only-symmetric"
        ),
        "elementwise": wrong(
            lambda A, b, dA, db: solve(A, db - np.diag(dA) * solve(A, b)), "elementwise", "other-function"
        ),
        "negated-difference": wrong(lambda A, b, dA, db: solve(A, b) - solve(A + dA, b + db), "other-formula"),
    },
    "solve-pullback": {
        "both-negated": wrong(lambda A, b, g: tuple(-p for p in pair(A, b, g)), "constant-factor"),
        "both-doubled": wrong(lambda A, b, g: tuple(2 * p for p in pair(A, b, g)), "constant-factor"),
        "solved-for-b": wrong(
            lambda A, b, g: _with(-np.outer(b, solve(A, g).conj()), solve(A, g)), "other-product"
        ),
        "inverse-twice": wrong(
            lambda A, b, g: _with(-np.outer(g, solve(A, b).conj()), solve(A.conj().T, g)), "other-product"
        ),
        "second-transposed": wrong(
            lambda A, b, g: (pair(A, b, g)[0], solve(A, g)), *TRANSPOSED, "only-symmetric"
        ),
        "first-doubled": wrong(lambda A, b, g: (2 * pair(A, b, g)[0], pair(A, b, g)[1]), "constant-factor"),
        "conjugated": wrong(lambda A, b, g: tuple(p.conj() for p in pair(A, b, g)), "conjugate", "only-real"),
    },
    "trace-inverse-gradient": {
        "doubled": wrong(lambda A, B: -2 * (inv(A) @ B @ inv(A)).T, "constant-factor"),
        "half": wrong(lambda A, B: -(inv(A) @ B @ inv(A)).T / 2, "constant-factor"),
        "left-not-transposed": wrong(lambda A, B: -inv(A) @ B.T @ inv(A).T, *TRANSPOSED, "only-symmetric"),
        "only-b-transposed": wrong(lambda A, B: -inv(A) @ B.T @ inv(A), *TRANSPOSED, "only-symmetric"),
        "matrices-for-inverses": wrong(lambda A, B: -(A @ B @ A).T, *PRODUCT),
        "elementwise": wrong(lambda A, B: -(inv(A) * B * inv(A)).T, "elementwise", "only-size"),
        "value": wrong(lambda A, B: trace(inv(A) @ B), "function-value"),
        "one-inverse": wrong(lambda A, B: -(inv(A) @ B).T, *PRODUCT),
        "other-inverse": wrong(lambda A, B: -(B @ inv(A)).T, *PRODUCT),
        "inverse-of-product": wrong(lambda A, B: -inv(A @ B).T, *PRODUCT),
    },
}  # fmt: skip
