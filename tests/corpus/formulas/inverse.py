"""Formulas for the inverse: its differential, Jacobian, pullback and second differential."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

from tests.corpus.formulas.numeric import INVERSES, inv, qr_inverse, trace, unit, units
from tests.corpus.variant import PRODUCT, TRANSPOSED, Array, Function, Wrong, wrong


def dual_gauss(A: Array, V: Array) -> Array:
    """Gauss–Jordan elimination on dual numbers: every step is carried out on [A, I] and on its derivative."""
    n = len(A)
    M = np.hstack([A, np.eye(n)]).astype(np.result_type(A, float))
    D = np.hstack([V, np.zeros((n, n))]).astype(np.result_type(V, float))
    for k in range(n):
        p = k + int(np.argmax(np.abs(M[k:, k])))
        M[[k, p]], D[[k, p]] = M[[p, k]], D[[p, k]]
        D[k] = (D[k] - D[k, k] * M[k] / M[k, k]) / M[k, k]
        M[k] = M[k] / M[k, k]
        for i in range(n):
            if i != k:
                D[i] = D[i] - D[i, k] * M[k] - M[i, k] * D[k]
                M[i] = M[i] - M[i, k] * M[k]
    return D[:, n:]


def rank_one_sum(A: Array, V: Array) -> Array:
    """−Σ Vᵢⱼ xᵢyⱼᵀ with the columns xᵢ and the rows yⱼ of A⁻¹."""
    X = inv(A)
    terms = (V[i, j] * np.outer(X[:, i], X[j]) for i, j, _ in units(len(A)))
    return -np.asarray(sum(terms))


def jacobian_of(
    differential: Callable[[Array, Array], Array], order: Literal["C", "F"] = "F"
) -> Callable[[Array], Array]:
    """Column by column: the answers to unit matrices, in the given order of entries."""

    def jacobian(A: Array) -> Array:
        n = len(A)
        places = [divmod(k, n) if order == "C" else divmod(k, n)[::-1] for k in range(n * n)]
        return np.stack([differential(A, unit(n, i, j)).ravel(order) for i, j in places], axis=1)

    return jacobian


def pullback_by_pairing(A: Array, G: Array) -> Array:
    """Pᵢⱼ = −xᵢᴴ G yⱼᴴ: the definition, entry by entry."""
    X = inv(A)
    P = np.zeros(A.shape, np.result_type(A, G, float))
    for i, j, _ in units(len(A)):
        P[i, j] = -(X[:, i].conj() @ G @ X[j].conj())
    return P


def hyperdual_block(A: Array, V: Array, W: Array) -> Array:
    """The upper right block of the inverse of a 4n×4n matrix that carries V, W and their product."""
    n = len(A)
    O = np.zeros((n, n))  # noqa: E741
    M = np.block([[A, V, W, O], [O, A, O, W], [O, O, A, V], [O, O, O, A]])
    return np.asarray(inv(M)[:n, 3 * n :])


def nested(A: Array, V: Array, W: Array, inverse: Callable[[Array], Array] = inv) -> Array:
    """−(dX·W·X + X·W·dX) with dX = −XVX: the product rule on −XWX."""
    X = inverse(A)
    dX = -X @ V @ X
    return np.asarray(-(dX @ W @ X + X @ W @ dX))


RIGHT: Mapping[str, Mapping[str, Function]] = {
    "inv-differential": {
        **{name: (lambda A, dA, f=f: -f(A) @ dA @ f(A)) for name, f in INVERSES.items()},
        "dual-elimination": dual_gauss,
        "rank-one-sum": rank_one_sum,
        "right-to-left": lambda A, dA: -np.linalg.solve(A, dA @ qr_inverse(A)),
    },
    "inv-jacobian": {
        **{name: (lambda A, f=f: -np.kron(f(A).T, f(A))) for name, f in INVERSES.items()},
        "dual-columns": jacobian_of(dual_gauss),
        "rank-one-columns": jacobian_of(rank_one_sum),
        "outer": lambda A: -np.multiply.outer(inv(A).T, inv(A)).swapaxes(1, 2).reshape([A.size] * 2),
    },
    "inv-pullback": {
        **{name: (lambda A, G, f=f: -f(A).conj().T @ G @ f(A).conj().T) for name, f in INVERSES.items()},
        "pairing": pullback_by_pairing,
        "adjoint-of-differential": lambda A, G: dual_gauss(A.conj().T, G),
        "vectorised": lambda A, G: (
            -(np.kron(inv(A).conj(), inv(A).conj().T) @ G.ravel("F")).reshape(A.shape, order="F")
        ),
    },
    "inv-second-differential": {
        **{name: (lambda A, V, W, f=f: nested(A, V, W, f)) for name, f in INVERSES.items()},
        "hyperdual-block": hyperdual_block,
        "solves": lambda A, V, W: (
            np.linalg.solve(A, V @ np.linalg.solve(A, W)) + np.linalg.solve(A, W @ np.linalg.solve(A, V))
        ) @ inv(A),
    },
}  # fmt: skip

WRONG: Mapping[str, Mapping[str, Wrong]] = {
    "inv-differential": {
        "doubled": wrong(lambda A, dA: -2 * inv(A) @ dA @ inv(A), "constant-factor"),
        "inverse-lost": wrong(lambda A, dA: -A @ dA @ A, *PRODUCT),
        "left-transposed": wrong(lambda A, dA: -inv(A).T @ dA @ inv(A), *TRANSPOSED, "only-symmetric"),
        "all-transposed": wrong(lambda A, dA: -(inv(A) @ dA @ inv(A)).T, "transpose", *TRANSPOSED),
        "right-factor-only": wrong(lambda A, dA: -dA @ inv(A), *PRODUCT),
        "congruence": wrong(lambda A, dA: -inv(A) @ dA @ A, *PRODUCT),
        "other-congruence": wrong(lambda A, dA: -A @ dA @ inv(A), *PRODUCT),
        "one-elementwise-left": wrong(lambda A, dA: -inv(A) @ (dA * inv(A)), "elementwise", "only-size"),
        "one-elementwise-right": wrong(lambda A, dA: -(inv(A) * dA) @ inv(A), "elementwise", "only-size"),
        "inverse-of-direction": wrong(lambda A, dA: inv(dA), "other-formula"),
        "value": wrong(lambda A, dA: inv(A), "function-value"),
        "plus-elementwise": wrong(lambda A, dA: dA / A**2, "elementwise"),
        "difference-by-solve": wrong(
            lambda A, dA: np.linalg.solve(A + dA, np.eye(len(A))) - qr_inverse(A), "function-difference"
        ),
    },
    "inv-jacobian": {
        "doubled": wrong(lambda A: -2 * np.kron(inv(A).T, inv(A)), "constant-factor"),
        "row-major-columns": wrong(jacobian_of(dual_gauss, "C"), "row-major"),
        "transposed": wrong(lambda A: -np.kron(inv(A), inv(A).T), "transpose", "row-major"),
        "of-transpose": wrong(lambda A: -np.kron(inv(A).T, inv(A)).T.copy(), "transpose", "row-major"),
        "inverse": wrong(inv, "function-value"),
        "without-inverses": wrong(lambda A: -np.kron(A.T, A), *PRODUCT),
        "mixed-kronecker": wrong(lambda A: -np.kron(inv(A), A.T), *PRODUCT),
        "one-transposed-off": wrong(lambda A: np.kron(inv(A), inv(A)), *TRANSPOSED),
    },
    "inv-pullback": {
        "doubled": wrong(lambda A, G: -2 * inv(A).conj().T @ G @ inv(A).conj().T, "constant-factor"),
        "left-not-transposed": wrong(
            lambda A, G: -inv(A) @ G @ inv(A).conj().T, *TRANSPOSED
        ),
        "transposed": wrong(
            lambda A, G: -(inv(A).conj().T @ G @ inv(A).conj().T).T, "transpose", *TRANSPOSED
        ),
        "differential": wrong(lambda A, G: -inv(A) @ G @ inv(A), "differential-for-gradient", *TRANSPOSED),
        "inverses-lost": wrong(lambda A, G: -A.conj().T @ G @ A.conj().T, *PRODUCT),
        "right-order": wrong(lambda A, G: -G @ (inv(A) @ inv(A)).conj().T, *PRODUCT),
        "elementwise": wrong(lambda A, G: -inv(A).conj() * G * inv(A).conj(), "elementwise"),
        "conjugated": wrong(lambda A, G: -inv(A).T @ G.conj() @ inv(A).T, "conjugate", "only-real"),
        "one-inverse": wrong(lambda A, G: -inv(A).conj().T @ G, *PRODUCT),
        "other-inverse": wrong(lambda A, G: -G @ inv(A).conj().T, *PRODUCT),
        "value": wrong(lambda A, G: inv(A), "function-value"),
    },
    "inv-second-differential": {
        "four-times": wrong(lambda A, V, W: 4 * nested(A, V, W), "constant-factor"),
        "transposed": wrong(lambda A, V, W: nested(A, V, W).T.copy(), "transpose"),
        "right-order": wrong(
            lambda A, V, W: (V @ W + W @ V) @ inv(A) @ inv(A) @ inv(A), *PRODUCT
        ),
        "middle-inverse-lost": wrong(
            lambda A, V, W: inv(A) @ (V @ W + W @ V) @ inv(A), *PRODUCT, "missing-factor"
        ),
        "first-differential": wrong(lambda A, V, W: -inv(A) @ V @ inv(A), "other-product"),
        "product-of-differentials": wrong(
            lambda A, V, W: (inv(A) @ V @ inv(A)) @ (inv(A) @ W @ inv(A)), "other-product", "other-formula"
        ),
        "elementwise": wrong(lambda A, V, W: 2 * V * W / A**3, "elementwise", "only-size"),
        "value": wrong(lambda A, V, W: inv(A), "function-value"),
        "traced": wrong(lambda A, V, W: nested(A, V, W) * trace(inv(A))),
        "direction-transposed": wrong(lambda A, V, W: nested(A, V.T, W), *TRANSPOSED),
    },
}  # fmt: skip
