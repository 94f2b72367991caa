"""Formulas for gradients in subspaces and other inner products, powers, norms and the definition itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tests.corpus.formulas.numeric import (
    INVERSES,
    cofactors,
    det,
    faddeev_leverrier,
    inv,
    leibniz_gradient,
    trace,
    without,
)
from tests.corpus.variant import PRODUCT, TRANSPOSED, Array, Function, Wrong, wrong

power = np.linalg.matrix_power


def pencil(A: Array, x: float) -> Array:
    """The matrix xI − A."""
    return np.asarray(x * np.eye(len(A)) - A)


def principal_minors(A: Array, x: float) -> float:
    """p′(x) = Σ det(xI − A without row and column i)."""
    M = pencil(A, x)
    return float(sum(det(without(M, i, i)) for i in range(len(A))))


def row_by_row(A: Array, x: float) -> float:
    """Each row of xI − A moves along its unit vector."""
    total = 0.0
    for i in range(len(A)):
        M = pencil(A, x)
        M[i] = np.eye(len(A))[i]
        total += det(M)
    return float(total)


def on_symmetric(S: Array, B: Array, inverse: Callable[[Array], Array]) -> Array:
    """X − XBX, made symmetric to the last bit."""
    X = inverse(S)
    G = X - X @ B @ X
    return np.asarray((G + G.T) / 2)


def cholesky_inverse(S: Array) -> Array:
    """S⁻¹ = L⁻ᵀL⁻¹."""
    Y = inv(np.linalg.cholesky(S))
    return np.asarray(Y.T @ Y)


def eigen_inverse(S: Array) -> Array:
    """S⁻¹ = QΛ⁻¹Qᵀ."""
    values, Q = np.linalg.eigh(S)
    return np.asarray((Q / values) @ Q.T)


def twice_off_diagonal(G: Array) -> Array:
    """2G − diag G, the cookbook's gradient for half of the entries as coordinates."""
    return np.asarray(2 * G - np.diag(np.diag(G)))


def power_by_rule(A: Array, k: int, V: Array) -> Array:
    """d(A·Aᵏ⁻¹) = V·Aᵏ⁻¹ + A·d(Aᵏ⁻¹), and d(X) = −XVX for k < 0."""
    if k < 0:
        X = inv(A)
        return power_by_rule(X, -k, -X @ V @ X)
    P, D = np.eye(len(A)), np.zeros_like(V)
    for _ in range(k):
        P, D = A @ P, V @ P + A @ D
    return np.asarray(D)


def power_by_block(A: Array, k: int, V: Array) -> Array:
    """The upper right block of [[A, V], [0, A]]ᵏ."""
    n = len(A)
    return np.asarray(power(np.block([[A, V], [np.zeros((n, n)), A]]), k)[:n, n:])


def power_by_sum(A: Array, k: int, V: Array) -> Array:
    """Σ AʲVAᵏ⁻¹⁻ʲ; for k < 0, −Σ XʲVX^{|k|+1−j} with j from 1 to |k|."""
    terms: list[Array] = []
    if k >= 0:
        terms = [power(A, j) @ V @ power(A, k - 1 - j) for j in range(k)]
    else:
        X = inv(A)
        terms = [-power(X, j) @ V @ power(X, 1 - k - j) for j in range(1, 1 - k)]
    return np.asarray(sum(terms, np.zeros_like(V)))


def polar(A: Array) -> Array:
    """UVᵀ of a matrix with independent columns: A = QR, and Newton's iteration X ← (X + X⁻ᵀ)/2 from R."""
    Q, X = np.linalg.qr(A / np.max(np.abs(A)))
    for _ in range(100):
        X = (X + inv(X).T) / 2
    return np.asarray(Q @ X)


def norm_gradient(A: Array, kind: str) -> Array:
    """A/‖A‖, u₁v₁ᵀ or UVᵀ, by the eigenvectors of AᵀA and, for the nuclear norm, by Newton's polar iteration."""
    if kind == "fro":
        return np.asarray(A / np.sqrt(np.sum(A * A)))
    if kind == "nuc":
        return polar(A) if len(A) >= A.shape[1] else polar(A.T).T.copy()
    v = np.linalg.eigh(A.T @ A)[1][:, -1]
    u = A @ v
    return np.outer(u / np.linalg.norm(u), v)


def norm_gradient_by_svd(A: Array, kind: str) -> Array:
    """A/‖A‖, u₁v₁ᵀ or UVᵀ, by the singular value decomposition."""
    U, sigma, Vt = np.linalg.svd(A, full_matrices=False)
    weights = {
        "fro": sigma / np.linalg.norm(sigma),
        "2": (sigma == sigma[0]) * 1.0,
        "nuc": np.ones_like(sigma),
    }
    return np.asarray((U * weights[kind]) @ Vt)


def norm_of(x: Any, kind: str) -> float:
    """‖x‖; a vector or a scalar counts as one column."""
    M = np.asarray(x)
    M = M if M.ndim == 2 else M.reshape(-1, 1)
    if kind == "fro":
        return float(np.sqrt(np.sum(np.abs(M) ** 2)))
    if kind == "max":
        return float(np.max(np.abs(M)))
    if kind in ("1", "inf"):
        return float(np.max(np.abs(M).sum(axis=0 if kind == "1" else 1)))
    sigma = np.linalg.svd(M, compute_uv=False)
    return float(sigma[0] if kind == "2" else sigma.sum())


def remainder(f: Function, L: Function, A: Array, V: Array, h: float) -> Any:
    """f(A + hV) − f(A) − hL(V)."""
    return f(A + h * V) - f(A) - h * L(V)


def gram(A: Array, cofactor_matrix: Callable[[Array], Array] = cofactors) -> Array:
    """2A·C(AᵀA): ∇ det(AᵀA), as the cofactor matrix of a symmetric matrix is its adjugate."""
    return np.asarray(2 * A @ cofactor_matrix(A.T @ A))


def gram_by_columns(A: Array) -> Array:
    """AᵀA moves by VᵀA + AᵀV along each unit matrix V; its determinant moves column by column."""
    S = A.T @ A
    G = np.zeros(A.shape)
    for i, j in np.ndindex(A.shape):
        V = np.zeros(A.shape)
        V[i, j] = 1.0
        G[i, j] = np.sum(leibniz_gradient(S) * (V.T @ A + A.T @ V))
    return G


def _ratio(top: Callable[..., Any], swap: bool = False) -> Function:
    """‖top‖_out / ‖hV‖_in, or with the norms exchanged."""

    def ratio(f: Any, L: Any, A: Any, V: Any, h: Any, norm_in: str, norm_out: str) -> float:
        outer, inner = (norm_in, norm_out) if swap else (norm_out, norm_in)
        return norm_of(top(f, L, A, V, h), outer) / norm_of(h * V, inner)

    return ratio


RIGHT: Mapping[str, Mapping[str, Function]] = {
    "charpoly-derivative": {
        "principal-minors": principal_minors,
        "row-by-row": row_by_row,
        "leibniz": lambda A, x: trace(leibniz_gradient(pencil(A, x))),
        "faddeev-leverrier": lambda A, x: trace(faddeev_leverrier(pencil(A, x))),
    },
    "symmetric-gradient": {
        "eigenvectors": lambda S, B: on_symmetric(S, B, eigen_inverse),
        **{name: (lambda S, B, f=f: on_symmetric(S, B, f)) for name, f in INVERSES.items()},
    },
    "triangular-gradient": {
        "reciprocals": lambda L: np.diag(1 / np.diag(L)),
        "projected": lambda L: np.tril(inv(L).T) * np.eye(len(L)),
        "solves": lambda L: np.diag(np.diag(np.linalg.solve(L, np.eye(len(L))))),
    },
    "weighted-gradient": {
        "cofactors": lambda A, W: np.linalg.solve(W, cofactors(A)),
        "leibniz": lambda A, W: np.linalg.solve(W, leibniz_gradient(A)),
        "cholesky": lambda A, W: cholesky_inverse(W) @ cofactors(A),
        "eigenvectors": lambda A, W: eigen_inverse(W) @ cofactors(A),
        "faddeev-leverrier": lambda A, W: np.linalg.solve(W, faddeev_leverrier(A).T),
    },
    "norm-gradient": {"svd": norm_gradient_by_svd, "eigenvectors": norm_gradient},
    "matrix-power-differential": {
        "product-rule": power_by_rule,
        "block-power": power_by_block,
        "sum": power_by_sum,
    },
    "gram-gradient": {
        "cofactors": gram,
        "leibniz": lambda A: gram(A, leibniz_gradient),
        "faddeev-leverrier": lambda A: gram(A, faddeev_leverrier),
        "unit-directions": gram_by_columns,
    },
    "frechet-ratio": {
        "as-written": _ratio(remainder),
        "collected": _ratio(lambda f, L, A, V, h: f(A + h * V) - (f(A) + h * L(V))),
        "linear-part-first": _ratio(lambda f, L, A, V, h: f(A + h * V) - (L(h * V) + f(A))),
    },
}  # fmt: skip

WRONG: Mapping[str, Mapping[str, Wrong]] = {
    "charpoly-derivative": {
        "negated": wrong(lambda A, x: -principal_minors(A, x), "constant-factor"),
        "value": wrong(lambda A, x: det(pencil(A, x)), "function-value"),
        "of-the-opposite": wrong(lambda A, x: principal_minors(-A, x), "wrong-coefficient"),
        "doubled": wrong(lambda A, x: 2 * row_by_row(A, x), "constant-factor"),
        "logarithmic": wrong(lambda A, x: trace(inv(pencil(A, x)))),
    },
    "symmetric-gradient": {
        "cookbook": wrong(lambda S, B: twice_off_diagonal(on_symmetric(S, B, inv)), "off-diagonal-doubled"),
        "doubled": wrong(lambda S, B: 2 * on_symmetric(S, B, inv), "constant-factor"),
        "negated": wrong(lambda S, B: -on_symmetric(S, B, inv), "constant-factor"),
        "plus": wrong(lambda S, B: inv(S) + inv(S) @ B @ inv(S), "wrong-coefficient"),
        "wrong-order": wrong(lambda S, B: inv(S) - inv(S) @ inv(S) @ B, *PRODUCT),
        "elementwise": wrong(lambda S, B: inv(S) - inv(S) * B * inv(S), "elementwise"),
        "first-term": wrong(lambda S, B: inv(S), "missing-term"),
        "second-term": wrong(lambda S, B: -inv(S) @ B @ inv(S), "missing-term"),
    },
    "triangular-gradient": {
        "not-projected": wrong(lambda L: inv(L).T, "other-product"),
        "lower-part": wrong(inv, "other-product", "only-diagonal"),
        "doubled": wrong(lambda L: 2 * np.diag(1 / np.diag(L)), "constant-factor"),
        "negated": wrong(lambda L: -np.diag(1 / np.diag(L)), "constant-factor"),
        "diagonal": wrong(lambda L: np.diag(np.diag(L)), "one-row"),
        "times-determinant": wrong(lambda L: det(L) * np.diag(1 / np.diag(L)), "determinant-factor"),
        "value": wrong(lambda L: np.log(abs(det(L))), "function-value"),
        "absolute": wrong(lambda L: np.diag(1 / np.abs(np.diag(L))), "absolute-value"),
    },
    "weighted-gradient": {
        "not-weighted": wrong(lambda A, W: cofactors(A), "other-product"),
        "weighted-wrongly": wrong(lambda A, W: W @ cofactors(A), *PRODUCT),
        "from-the-right": wrong(lambda A, W: cofactors(A) @ inv(W), *PRODUCT),
        "doubled": wrong(lambda A, W: 2 * np.linalg.solve(W, cofactors(A)), "constant-factor"),
        "transposed": wrong(lambda A, W: np.linalg.solve(W, cofactors(A)).T.copy(), "transpose"),
        "adjugate": wrong(lambda A, W: np.linalg.solve(W, cofactors(A).T), *TRANSPOSED, "only-symmetric"),
        "value": wrong(lambda A, W: det(A), "function-value"),
    },
    "norm-gradient": {
        "matrix": wrong(lambda A, kind: A.copy(), "other-product"),
        "doubled": wrong(lambda A, kind: 2 * norm_gradient_by_svd(A, kind), "constant-factor"),
        "negated": wrong(lambda A, kind: -norm_gradient_by_svd(A, kind), "constant-factor"),
        "transposed": wrong(lambda A, kind: norm_gradient_by_svd(A, kind).T.copy(), "transpose", "only-symmetric"),
        "always-frobenius": wrong(lambda A, kind: A / np.linalg.norm(A)),
        "always-polar": wrong(lambda A, kind: norm_gradient_by_svd(A, "nuc"), "only-parameter"),
        "divided-by-its-norm": wrong(lambda A, kind: A / norm_of(A, kind)),
        "value": wrong(norm_of, "function-value"),
    },
    "matrix-power-differential": {
        "as-for-numbers": wrong(lambda A, k, dA: k * power(A, k - 1) @ dA, *PRODUCT),
        "as-for-numbers-right": wrong(lambda A, k, dA: k * dA @ power(A, k - 1), *PRODUCT),
        "doubled": wrong(lambda A, k, dA: 2 * power_by_rule(A, k, dA), "constant-factor"),
        "negated": wrong(lambda A, k, dA: -power_by_rule(A, k, dA), "constant-factor"),
        "direction-transposed": wrong(lambda A, k, dA: power_by_rule(A, k, dA.T), *TRANSPOSED),
        "elementwise": wrong(lambda A, k, dA: k * A ** float(k - 1) * dA, "elementwise"),
        "value": wrong(lambda A, k, dA: power(A, k), "function-value"),
        "difference": wrong(lambda A, k, dA: power(A + dA, k) - power(A, k), "function-difference"),
    },
    "gram-gradient": {
        "doubled": wrong(lambda A: 2 * gram(A), "constant-factor"),
        "squared": wrong(lambda A: det(A.T @ A) * gram(A), "determinant-factor"),
        "other-gram-matrix": wrong(lambda A: 2 * cofactors(A @ A.T) @ A, "wrong-side", "only-size"),
        "value": wrong(lambda A: det(A.T @ A), "function-value"),
        "elementwise": wrong(lambda A: 2 * A * det(A.T @ A), "other-product"),
    },
    "frechet-ratio": {
        "without-step": wrong(_ratio(lambda f, L, A, V, h: f(A + h * V) - f(A) - L(V))),
        "plus": wrong(_ratio(lambda f, L, A, V, h: f(A + h * V) - f(A) + h * L(V))),
        "difference-only": wrong(_ratio(lambda f, L, A, V, h: f(A + h * V) - f(A))),
        "norms-exchanged": wrong(_ratio(remainder, swap=True)),
        "doubled": wrong(_ratio(lambda *x: 2 * remainder(*x)), "constant-factor"),
    },
}  # fmt: skip
