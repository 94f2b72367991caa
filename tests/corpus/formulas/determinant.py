"""Formulas for the determinant, its derivatives and the adjugate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.corpus.formulas.numeric import (
    INVERSES,
    cofactors,
    det,
    faddeev_leverrier,
    first_coefficient,
    inv,
    leibniz_gradient,
    qr_inverse,
    signed_permutations,
    trace,
    unit_answers,
    without,
)
from tests.corpus.variant import PRODUCT, TRANSPOSED, Array, Function, Wrong, wrong


def reversed_cofactors(A: Array) -> Array:
    """With rows and columns in reverse order, cofactors are those of A in reverse order."""
    return cofactors(A[::-1, ::-1])[::-1, ::-1]


def qr_cofactors(A: Array) -> Array:
    """C(A) = C(Q)·C(R) with C(Q) = det(Q)·conj(Q)."""
    Q, R = np.linalg.qr(A)
    return np.asarray(det(Q) * Q.conj() @ cofactors(R))


def interpolated_differential(A: Array, V: Array) -> float:
    """det(A + tV) is a polynomial in t; its coefficient of t from roots of unity."""
    s = (np.linalg.norm(A) or 1.0) / (np.linalg.norm(V) or 1.0)
    return float(np.real(first_coefficient(lambda t: det(A + s * t * V), len(A))) / s)


def column_by_column(A: Array, V: Array) -> float:
    """The determinant is linear in each column."""
    total = 0.0
    for j in range(len(A)):
        B = np.array(A)
        B[:, j] = V[:, j]
        total += det(B)
    return total


def column_gradient(A: Array) -> Array:
    """Cᵢⱼ is the determinant of A with column j replaced by eᵢ."""
    return unit_answers(lambda E: _replaced(A, E), len(A))


def _replaced(A: Array, E: Array) -> float:
    j = int(np.argmax(np.abs(E).sum(axis=0)))
    B = np.array(A)
    B[:, j] = E[:, j]
    return float(det(B))


def leibniz_second(A: Array, V: Array, W: Array) -> float:
    """The product rule, twice, on each product of Leibniz' formula."""
    n = len(A)
    total = 0.0
    for sign, p in signed_permutations(n):
        for i in range(n):
            for j in range(n):
                if i != j:
                    rest = np.prod([A[k, p[k]] for k in range(n) if k not in (i, j)])
                    total += sign * V[i, p[i]] * W[j, p[j]] * rest
    return total


def column_pairs(A: Array, V: Array, W: Array) -> float:
    """The determinant is linear in each column: column i from V, column j from W."""
    total = 0.0
    for i in range(len(A)):
        for j in range(len(A)):
            if i != j:
                B = np.array(A)
                B[:, i], B[:, j] = V[:, i], W[:, j]
                total += det(B)
    return total


def minors_moved(A: Array, V: Array, W: Array) -> float:
    """Σ Wᵢⱼ dCᵢⱼ[V]: each cofactor is a determinant and moves column by column."""
    n = len(A)
    terms = (
        (-1) ** (i + j) * W[i, j] * column_by_column(without(A, i, j), without(V, i, j))
        for i in range(n)
        for j in range(n)
    )
    return float(sum(terms))


def on_complex_parts(A: Array, g: complex) -> Array:
    """A Wirtinger way: P = g·conj(∂det/∂A), with the partial derivatives by Leibniz' formula."""
    return np.asarray(g * leibniz_gradient(np.asarray(A)).conj())


RIGHT: Mapping[str, Mapping[str, Function]] = {
    "adjugate": {
        "faddeev-leverrier": faddeev_leverrier,
        "leibniz": lambda A: leibniz_gradient(A).T,
        "reversed-cofactors": lambda A: reversed_cofactors(A).T,
        "cofactors-of-transpose": lambda A: cofactors(A.T),
        "qr-cofactors": lambda A: qr_cofactors(A).T,
    },
    "det-differential": {
        "leibniz": lambda A, dA: np.sum(leibniz_gradient(A) * dA),
        "columns": column_by_column,
        "interpolation": interpolated_differential,
        "reversed-cofactors": lambda A, dA: np.vdot(reversed_cofactors(A), dA),
        "faddeev-leverrier": lambda A, dA: trace(faddeev_leverrier(A) @ dA),
        "qr-cofactors": lambda A, dA: float(np.tensordot(qr_cofactors(A), dA)),
    },
    "det-gradient": {
        "leibniz": leibniz_gradient,
        "columns": column_gradient,
        "qr-cofactors": qr_cofactors,
        "reversed-cofactors": lambda A: reversed_cofactors(A).copy(),
        "faddeev-leverrier": lambda A: faddeev_leverrier(A).T,
        "unit-directions": lambda A: unit_answers(lambda E: interpolated_differential(A, E), len(A)),
    },
    "det-pullback": {
        **{name: (lambda A, g, f=f: g * np.conj(det(A)) * f(A).conj().T) for name, f in INVERSES.items()},
        "wirtinger": on_complex_parts,
        "qr-cofactors": lambda A, g: g * np.conj(qr_cofactors(A)),
        "adjoint-matrix": lambda A, g: g * det(A.conj().T) * inv(A.conj().T),
    },
    "det-second-differential": {
        "leibniz": leibniz_second,
        "columns": column_pairs,
        "moving-minors": minors_moved,
        "polarised-directions": lambda A, V, W: (
            (column_pairs(A, V + W, V + W) - column_pairs(A, V - W, V - W)) / 4
        ),
    },
    "logdet-gradient": {
        **{name: (lambda A, f=f: f(A).conj().T) for name, f in INVERSES.items()},
        "scaled-adjugate": lambda A: _scaled_adjugate(A / np.max(np.abs(A))) / np.max(np.abs(A)),
        "pseudo-inverse": lambda A: np.linalg.pinv(A, rcond=1e-15).conj().T,
    },
}  # fmt: skip


def _scaled_adjugate(A: Array) -> Array:
    return np.asarray(cofactors(A).conj() / np.conj(det(A)))


def one_sided_signs(A: Array) -> Array:
    """Cofactors with (−1)ⁱ in place of (−1)ⁱ⁺ʲ."""
    n = len(A)
    return np.array([[(-1) ** i * det(without(A, i, j)) for j in range(n)] for i in range(n)])


def diagonal_cofactors(A: Array) -> Array:
    """Only the diagonal of the cofactor matrix."""
    return np.diag(np.diag(cofactors(A)))


def _second(A: Array, V: Array, W: Array, left: Any, right: Any) -> Any:
    X = inv(A)
    return det(A) * (left * trace(X @ V) * trace(X @ W) + right * trace(X @ V @ X @ W))


WRONG: Mapping[str, Mapping[str, Wrong]] = {
    "adjugate": {
        "inverse": wrong(inv, "determinant-factor"),
        "sign-shifted": wrong(lambda A: -cofactors(A).T, "constant-factor"),
        "cofactors": wrong(cofactors, "transpose", "only-symmetric"),
        "two-by-two": wrong(lambda A: trace(A) * np.eye(len(A)) - A, "only-size"),
        "one-sided-signs": wrong(lambda A: one_sided_signs(A).T, "checkerboard-signs"),
        "pseudo-inverse": wrong(lambda A: det(A) * np.linalg.pinv(A), "only-nonsingular"),
        "determinant-squared": wrong(lambda A: det(A) ** 2 * inv(A), "determinant-factor"),
        "absolute-determinant": wrong(
            lambda A: abs(det(A)) * inv(A),
            "determinant-factor", "only-positive-determinant",
        ),
    },
    "det-differential": {
        "sign": wrong(lambda A, dA: -column_by_column(A, dA), "constant-factor"),
        "half": wrong(lambda A, dA: column_by_column(A, dA) / 2, "constant-factor"),
        "gradient": wrong(lambda A, dA: cofactors(A), "gradient-for-differential"),
        "adjugate": wrong(lambda A, dA: cofactors(A).T, "gradient-for-differential"),
        "elementwise-trace": wrong(lambda A, dA: det(A) * trace(inv(A) * dA), "elementwise", "only-diagonal"),
        "matrix-for-inverse": wrong(lambda A, dA: det(A) * trace(A @ dA), *PRODUCT),
        "cofactors-transposed": wrong(lambda A, dA: trace(cofactors(A) @ dA), *TRANSPOSED, "only-symmetric"),
        "value": wrong(lambda A, dA: det(A), "function-value"),
        "value-there": wrong(lambda A, dA: det(A + dA), "other-formula"),
        "squared-determinant": wrong(
            lambda A, dA: det(A) ** 2 * trace(inv(A) @ dA), "determinant-factor"
        ),
        "two-by-two": wrong(lambda A, dA: trace(A) * trace(dA) - trace(A @ dA), "only-size"),
    },
    "det-gradient": {
        "sign": wrong(lambda A: -cofactors(A), "constant-factor"),
        "adjugate": wrong(lambda A: cofactors(A).T, "transpose", "only-symmetric"),
        "cookbook-symmetric": wrong(
            lambda A: 2 * cofactors(A) - np.diag(np.diag(cofactors(A))), "off-diagonal-doubled"
        ),
        "two-by-two": wrong(lambda A: trace(A) * np.eye(len(A)) - A.T, "only-size"),
        "value": wrong(det, "function-value"),
        "one-sided-signs": wrong(one_sided_signs, "checkerboard-signs"),
        "squared-determinant": wrong(
            lambda A: det(A) ** 2 * inv(A).T, "determinant-factor"
        ),
        "adjugate-by-leverrier": wrong(faddeev_leverrier, "transpose", "only-symmetric"),
    },
    "det-pullback": {
        "sign": wrong(lambda A, g: -g * np.conj(det(A)) * inv(A).conj().T, "constant-factor"),
        "half": wrong(lambda A, g: g * np.conj(det(A)) * inv(A).conj().T / 2, "constant-factor"),
        "cotangent-conjugated": wrong(lambda A, g: np.conj(g * det(A) * inv(A)).T, "only-real"),
        "everything-plain": wrong(
            lambda A, g: np.conj(g * np.conj(det(A)) * inv(A).conj().T), "conjugate", "only-real"
        ),
        "transposed": wrong(lambda A, g: (g * np.conj(det(A)) * inv(A).conj().T).T, "transpose", "only-symmetric"),
        "determinant-dropped": wrong(lambda A, g: g * inv(A).conj().T, "determinant-factor"),
        "divided": wrong(
            lambda A, g: g * inv(A).conj().T / np.conj(det(A)), "determinant-factor", "other-product"
        ),
        "gradient-of-value": wrong(lambda A, g: g * det(A), "function-value"),
    },
    "det-second-differential": {
        "doubled": wrong(lambda A, V, W: 2 * column_pairs(A, V, W), "constant-factor"),
        "negated": wrong(lambda A, V, W: -column_pairs(A, V, W), "constant-factor"),
        "first-differential": wrong(lambda A, V, W: column_by_column(A, V), "other-product"),
        "products-of-differentials": wrong(
            lambda A, V, W: column_by_column(A, V) * column_by_column(A, W), "other-product", "other-formula"
        ),
        "value": wrong(lambda A, V, W: det(A), "function-value"),
        "direction-transposed": wrong(lambda A, V, W: column_pairs(A, V.T, W), *TRANSPOSED),
        "order-of-product": wrong(
            lambda A, V, W: det(A) * (trace(inv(A) @ V) * trace(inv(A) @ W) - trace(inv(A) @ inv(A) @ V @ W)),
            *PRODUCT,
        ),
        "two-by-two": wrong(lambda A, V, W: trace(V) * trace(W) - trace(V @ W), "only-size", "missing-factor"),
        "divided-by-determinant": wrong(
            lambda A, V, W: _second(A, V, W, 1, -1) / det(A), "determinant-factor"
        ),
    },
    "logdet-gradient": {
        "sign": wrong(lambda A: -inv(A).conj().T, "constant-factor"),
        "doubled": wrong(lambda A: 2 * inv(A).conj().T, "constant-factor"),
        "half": wrong(lambda A: inv(A).conj().T / 2, "constant-factor"),
        "elementwise": wrong(lambda A: (1 / A).conj(), "elementwise"),
        "matrix": wrong(lambda A: A.conj().T.copy(), *PRODUCT),
        "value": wrong(lambda A: np.linalg.slogdet(A)[1], "function-value"),
        "inverse-squared": wrong(lambda A: (inv(A) @ inv(A)).conj().T, *PRODUCT),
        "conjugated-inverse": wrong(lambda A: inv(A).conj(), "transpose", "only-symmetric"),
        "three-halves": wrong(lambda A: qr_inverse(A).conj().T * 1.5, "constant-factor"),
    },
}  # fmt: skip
