"""Typical slips of students in exercises on inverses, systems, powers, norms and subspaces; see `students`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.linalg import det, inv, matrix_power, norm, slogdet, solve, svd

from tests.corpus.formulas.students import (
    DETERMINANTS,
    S1,
    Function,
    P,
    changed_direction,
    changing,
    cofactors,
    in_real_buffer,
    jac,
    norm_g,
    size,
    terms,
)

INVERSES: Mapping[str, Mapping[str, Function]] = {
    "inv-differential": {
        "plus-value": lambda A, dA: -inv(A) @ dA @ inv(A) + inv(A),
        "plus-direction": lambda A, dA: -inv(A) @ dA @ inv(A) + dA,
        "minus-A": lambda A, dA: -inv(A) @ dA @ inv(A) - A,
        "commuted-term-too": lambda A, dA: -inv(A) @ dA @ inv(A) - dA @ inv(A) @ inv(A),
        "increment-too": lambda A, dA: -inv(A) @ dA @ inv(A) + inv(A + dA) - inv(A),
        "symmetrised": lambda A, dA: -(inv(A) @ dA @ inv(A) + (inv(A) @ dA @ inv(A)).T) / 2,
        "squared-first": lambda A, dA: -inv(A @ A) @ dA @ inv(A),
        "three-inverses": lambda A, dA: -inv(A) @ dA @ inv(A) @ inv(A),
        "A-for-one-inverse": lambda A, dA: -inv(A) @ dA @ A,
        "sandwich-of-direction": lambda A, dA: -dA @ inv(A) @ dA,
        "inverse-of-direction": lambda A, dA: -inv(A) @ inv(dA) @ inv(A),
        "real-buffer": lambda A, dA: in_real_buffer(-inv(A) @ dA @ inv(A)),
        "ints": lambda A, dA: (-inv(A) @ dA @ inv(A)).real.astype(int),
        "ints-in": lambda A, dA: -inv(A) @ dA.real.astype(int) @ inv(A),
        "changed-direction": changed_direction,
        "det-forgotten": lambda A, dA: -inv(A) @ dA @ inv(A) * det(A),
        "trace": lambda A, dA: -np.trace(dA) * inv(A) @ inv(A),
        "entrywise-square": lambda A, dA: -(inv(A) ** 2) * dA,
        "entrywise-power": lambda A, dA: -(inv(A) ** 2) @ dA,
        "at-A-plus-dA": lambda A, dA: -inv(A + dA) @ dA @ inv(A + dA),
    },
    "inv-jacobian": {
        "real-kron-swapped": lambda A: -np.kron(inv(A), inv(A).T).T.copy(),
        "inverse-of-kron": lambda A: inv(np.kron(A.T, A)),
        "squared": lambda A: -np.kron(np.eye(len(A)), inv(A) @ inv(A)),
        "one-factor": lambda A: -np.kron(np.eye(len(A)), inv(A)),
        "other-factor": lambda A: -np.kron(inv(A).T, np.eye(len(A))),
        "sum": lambda A: np.kron(inv(A).T, np.eye(len(A))) + np.kron(np.eye(len(A)), inv(A)),
        "rows": lambda A: jac(A, lambda E: -inv(A) @ E @ inv(A), "C"),
        "left-only": lambda A: jac(A, lambda E: -inv(A) @ inv(A) @ E),
        "entrywise": lambda A: jac(A, lambda E: -inv(A) * E * inv(A)),
        "difference": lambda A: jac(A, lambda E: inv(A + E) - inv(A)),
        "entries-inverted": lambda A: -np.kron((1 / A).T, 1 / A),
        "A-once": lambda A: -np.kron(A.T, inv(A)),
        "absolute": lambda A: np.abs(np.kron(inv(A).T, inv(A))),
        "ints": lambda A: (-np.kron(inv(A).T, inv(A))).astype(int),
        "direction-transposed": lambda A: jac(A, lambda E: -inv(A) @ E.T @ inv(A)),
        "plus-identity": lambda A: np.eye(A.size) - np.kron(inv(A).T, inv(A)),
    },
    "inv-pullback": {
        "elementwise": lambda A, G: -inv(A).conj().T * G * inv(A).conj().T,
        "real-array": lambda A, G: in_real_buffer(P(A, G)),
        "plus-G": lambda A, G: P(A, G) + G,
        "plus-value": lambda A, G: P(A, G) + inv(A),
        "one-conjugate-lost": lambda A, G: -inv(A).T @ G @ inv(A).conj().T,
        "other-conjugate-lost": lambda A, G: -inv(A).conj().T @ G @ inv(A).T,
        "left-only": lambda A, G: -inv(A).conj().T @ G,
        "squared": lambda A, G: -inv(A).conj().T @ inv(A).conj().T @ G @ inv(A).conj().T,
        "A-for-inverse": lambda A, G: -A.conj().T @ G @ A.conj().T,
        "symmetrised": lambda A, G: (P(A, G) + P(A, G).T) / 2,
        "doubled-minus": lambda A, G: 2 * inv(A).conj().T @ G @ inv(A).conj().T,
        "conj-only": lambda A, G: -inv(A).conj() @ G @ inv(A).conj(),
        "commuted-mean": lambda A, G: (P(A, G) - inv(A).conj().T @ inv(A).conj().T @ G) / 2,
        "conj-G": lambda A, G: -inv(A).conj().T @ G.conj() @ inv(A).conj().T,
        "det": lambda A, G: -det(A) * inv(A).conj().T @ G @ inv(A).conj().T,
    },
    "inv-second-differential": {
        "v-lost": lambda A, V, W: inv(A) @ W @ inv(A) + inv(A) @ V @ inv(A),
        "last-inverse-lost": lambda A, V, W: inv(A) @ V @ inv(A) @ W + inv(A) @ W @ inv(A) @ V,
        "plus-value": lambda A, V, W: (
            inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A) + inv(A)
        ),
        "middle-lost": lambda A, V, W: inv(A) @ V @ W @ inv(A) + inv(A) @ W @ V @ inv(A),
        "first-only": lambda A, V, W: -inv(A) @ V @ inv(A),
        "w-twice": lambda A, V, W: 2 * inv(A) @ W @ inv(A) @ W @ inv(A),
        "product-of-differentials": lambda A, V, W: (inv(A) @ V @ inv(A)) @ (inv(A) @ W @ inv(A)),
        "elementwise": lambda A, V, W: 2 * inv(A) * V * inv(A) * W * inv(A),
        "transposed-term": lambda A, V, W: (
            inv(A) @ V @ inv(A) @ W @ inv(A) + (inv(A) @ V @ inv(A) @ W @ inv(A)).T
        ),
        "sum-of-directions": lambda A, V, W: inv(A) @ (V + W) @ inv(A) @ (V + W) @ inv(A),
        "sum-of-firsts": lambda A, V, W: -inv(A) @ (V + W) @ inv(A),
        "minus-half": lambda A, V, W: (
            -(inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)) / 2
        ),
        "real-buffer": lambda A, V, W: (
            in_real_buffer(inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)) * 2
        ),
        "four-inverses": lambda A, V, W: (
            inv(A) @ inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)
        ),
        "ints": lambda A, V, W: (
            inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)
        ).real.astype(int),
    },
    "logdet-gradient": {
        "plus-det": lambda A: inv(A).conj().T + det(A),
        "plus-A": lambda A: inv(A).conj().T + A,
        "symmetrised": lambda A: (inv(A).conj().T + inv(A).conj()) / 2,
        "real-buffer": lambda A: in_real_buffer(inv(A).conj().T),
        "entries": lambda A: 1 / A.conj().T,
        "log10": lambda A: inv(A).conj().T / np.log(10),
        "diagonal": lambda A: np.diag(np.diag(inv(A).conj().T)),
        "absolute": lambda A: np.abs(inv(A).conj().T),
        "squared": lambda A: inv(A).conj().T @ inv(A).conj().T,
        "A": lambda A: A.conj().T.copy(),
        "conj-only": lambda A: inv(A).conj(),
        "logdet-times": lambda A: slogdet(A)[1] * inv(A).conj().T,
        "ints": lambda A: inv(A).conj().T.real.astype(int),
        "pinv-of-gram": lambda A: inv(A.conj().T @ A),
        "lower": lambda A: np.tril(inv(A).conj().T),
        "doubled": lambda A: 2 * inv(A).conj().T,
    },
    "matrix-power-differential": {
        "power-of-direction": lambda A, k, dA: matrix_power(dA, abs(k)),
        "elementwise": lambda A, k, dA: (
            k * (A.astype(complex if A.dtype.kind == "c" else float) ** (k - 1)) * dA
        ),
        "k-lost": lambda A, k, dA: matrix_power(A, k - 1) @ dA,
        "range-from-one": lambda A, k, dA: terms(A, k, dA, lambda k: [(j, k - 1 - j) for j in range(1, k)]),
        "range-too-long": lambda A, k, dA: terms(A, k, dA, lambda k: [(j, k - j) for j in range(k + 1)]),
        "exponent-k-minus-j": lambda A, k, dA: terms(A, k, dA, lambda k: [(j, k - j) for j in range(k)]),
        "both-j": lambda A, k, dA: terms(A, k, dA, lambda k: [(j, j) for j in range(k)]),
        "left-only": lambda A, k, dA: terms(A, k, dA, lambda k: [(k - 1, 0) for j in range(k)]),
        "value-too": lambda A, k, dA: (
            terms(A, k, dA, lambda k: [(j, k - 1 - j) for j in range(k)]) + matrix_power(A, k)
        ),
        "commuted-too": lambda A, k, dA: k * matrix_power(A, k - 1) @ dA + k * dA @ matrix_power(A, k - 1),
        "real-buffer": lambda A, k, dA: in_real_buffer(
            terms(A, k, dA, lambda k: [(j, k - 1 - j) for j in range(k)])
        ),
        "ends-only": lambda A, k, dA: (
            matrix_power(A, k - 1) @ dA + dA @ matrix_power(A, k - 1) if k > 1 else 0 * dA
        ),
        "changes-A": changing,
        "power-k": lambda A, k, dA: k * matrix_power(A, k) @ dA,
        "minus": lambda A, k, dA: -terms(A, k, dA, lambda k: [(j, k - 1 - j) for j in range(k)]),
        "f-at-A-plus-dA": lambda A, k, dA: matrix_power(A + dA, k),
    },
    "norm-gradient": {
        "fro-squared": lambda A, kind: norm_g(A, kind, fro=lambda A, U, s, Vt: A / norm(A) ** 2),
        "fro-doubled": lambda A, kind: norm_g(A, kind, fro=lambda A, U, s, Vt: 2 * A),
        "fro-sum": lambda A, kind: norm_g(A, kind, fro=lambda A, U, s, Vt: A / np.sum(np.abs(A))),
        "two-last": lambda A, kind: norm_g(A, kind, two=lambda A, U, s, Vt: np.outer(U[:, -1], Vt[-1])),
        "two-scaled": lambda A, kind: norm_g(
            A, kind, two=lambda A, U, s, Vt: s[0] * np.outer(U[:, 0], Vt[0])
        ),
        "two-column-of-V": lambda A, kind: norm_g(
            A, kind, two=lambda A, U, s, Vt: np.outer(U[:, 0], svd(A)[2][:, 0]) if A.shape[1] else A
        ),
        "nuc-A": lambda A, kind: norm_g(A, kind, nuc=lambda A, U, s, Vt: U * s @ Vt),
        "nuc-as-two": lambda A, kind: norm_g(A, kind, nuc=lambda A, U, s, Vt: np.outer(U[:, 0], Vt[0])),
        "nuc-sum": lambda A, kind: norm_g(A, kind, nuc=lambda A, U, s, Vt: A / np.sum(s)),
        "minus": lambda A, kind: -norm_g(A, kind),
        "plus-A": lambda A, kind: norm_g(A, kind) + A,
        "absolute": lambda A, kind: np.abs(norm_g(A, kind)),
        "fro-entrywise-sign": lambda A, kind: norm_g(A, kind, fro=lambda A, U, s, Vt: np.sign(A)),
        "ints": lambda A, kind: norm_g(A, kind).astype(int),
        "value": lambda A, kind: size(A, kind) * norm_g(A, kind),
    },
    "solve-differential": {
        "plus-value": lambda A, b, dA, db: solve(A, db - dA @ solve(A, b)) + solve(A, b),
        "plus-db": lambda A, b, dA, db: solve(A, db - dA @ solve(A, b)) + db,
        "transposed-system": lambda A, b, dA, db: solve(A.T, db - dA @ solve(A, b)),
        "x-by-transpose": lambda A, b, dA, db: solve(A, db - dA @ solve(A.T, b)),
        "A-for-dA": lambda A, b, dA, db: solve(A, db - A @ solve(A, b)),
        "b-for-db": lambda A, b, dA, db: solve(A, b - dA @ solve(A, b)),
        "db-unsolved": lambda A, b, dA, db: db - solve(A, dA @ solve(A, b)),
        "dA-by-db": lambda A, b, dA, db: solve(A, db - dA @ db),
        "half-second": lambda A, b, dA, db: solve(A, db - dA @ solve(A, b) / 2),
        "real-buffer": lambda A, b, dA, db: in_real_buffer(solve(A, db - dA @ solve(A, b))),
        "entrywise-product": lambda A, b, dA, db: solve(A, db - np.sum(dA * solve(A, b)[:, None], axis=1)),
        "precedence": lambda A, b, dA, db: solve(A, db) - dA @ solve(A, b),
        "ints": lambda A, b, dA, db: solve(A, db - dA @ solve(A, b)).real.astype(int),
        "multiply": lambda A, b, dA, db: A @ (db - dA @ solve(A, b)),
        "at-moved": lambda A, b, dA, db: solve(A + dA, b + db),
        "direction-solve": lambda A, b, dA, db: solve(dA, db),
    },
    "solve-pullback": {
        "lambda-by-b": lambda A, b, g: (-np.outer(solve(A.conj().T, g), b.conj()), solve(A.conj().T, g)),
        "g-unsolved": lambda A, b, g: (-np.outer(g, solve(A, b).conj()), solve(A.conj().T, g)),
        "p-is-g": lambda A, b, g: (-np.outer(solve(A.conj().T, g), solve(A, b).conj()), g.copy()),
        "p-minus": lambda A, b, g: (
            -np.outer(solve(A.conj().T, g), solve(A, b).conj()),
            -solve(A.conj().T, g),
        ),
        "inner-for-outer": lambda A, b, g: (
            -np.vdot(solve(A.conj().T, g), solve(A, b)) * np.eye(len(A)),
            solve(A.conj().T, g),
        ),
        "plus-A": lambda A, b, g: (
            -np.outer(solve(A.conj().T, g), solve(A, b).conj()) + A,
            solve(A.conj().T, g),
        ),
        "p-plus-b": lambda A, b, g: (
            -np.outer(solve(A.conj().T, g), solve(A, b).conj()),
            solve(A.conj().T, g) + b,
        ),
        "real": lambda A, b, g: (
            in_real_buffer(-np.outer(solve(A.conj().T, g), solve(A, b).conj())),
            in_real_buffer(solve(A.conj().T, g)),
        ),
        "lambda-conj": lambda A, b, g: (
            -np.outer(solve(A.conj().T, g).conj(), solve(A, b)),
            solve(A.conj().T, g),
        ),
        "x-for-lambda": lambda A, b, g: (-np.outer(solve(A, b), solve(A, b).conj()), solve(A.conj().T, g)),
        "twice": lambda A, b, g: (
            -2 * np.outer(solve(A.conj().T, g), solve(A, b).conj()),
            solve(A.conj().T, g),
        ),
        "b-for-g-in-p": lambda A, b, g: (
            -np.outer(solve(A.conj().T, g), solve(A, b).conj()),
            solve(A.conj().T, b),
        ),
        "diagonal": lambda A, b, g: (
            -np.diag(solve(A.conj().T, g) * solve(A, b).conj()),
            solve(A.conj().T, g),
        ),
    },
    "symmetric-gradient": {
        "not-symmetrised": lambda S, B: inv(S) - inv(S) @ inv(S) @ B,
        "plus-S": lambda S, B: S1(S, B) + S,
        "plus-B": lambda S, B: S1(S, B) + B,
        "half-second": lambda S, B: inv(S) - inv(S) @ B @ inv(S) / 2,
        "B-twice": lambda S, B: inv(S) - inv(S) @ B @ B @ inv(S),
        "B-lost": lambda S, B: inv(S) - inv(S) @ inv(S),
        "S-for-inverse": lambda S, B: inv(S) - S @ B @ S,
        "squares-entrywise": lambda S, B: inv(S) - (inv(S) ** 2) @ B,
        "diagonal": lambda S, B: np.diag(np.diag(S1(S, B))),
        "upper": lambda S, B: np.triu(S1(S, B)),
        "precedence": lambda S, B: (inv(S) - inv(S)) @ B @ inv(S),
        "precedence-right": lambda S, B: (np.eye(len(S)) - inv(S) @ B) @ inv(S) @ inv(S),
        "ints": lambda S, B: S1(S, B).astype(int),
        "identity-for-log": lambda S, B: np.eye(len(S)) - inv(S) @ B @ inv(S),
        "inverse-of-B": lambda S, B: inv(S) - inv(S) @ inv(B) @ inv(S),
        "trace-of-B": lambda S, B: inv(S) - np.trace(B) * inv(S) @ inv(S),
    },
    "trace-inverse-gradient": {
        "plus-B": lambda A, B: -(inv(A) @ B @ inv(A)).T + B,
        "plus-value": lambda A, B: -(inv(A) @ B @ inv(A)).T + np.trace(inv(A) @ B),
        "entrywise": lambda A, B: -(inv(A) * B * inv(A)).T,
        "one-inverse": lambda A, B: -(inv(A) @ B).T,
        "A-for-inverse": lambda A, B: -(A @ B @ A).T,
        "half": lambda A, B: -(inv(A) @ B @ inv(A)).T / 2,
        "trace-of-B": lambda A, B: -np.trace(B) * (inv(A) @ inv(A)).T,
        "symmetrised": lambda A, B: -(inv(A) @ B @ inv(A) + (inv(A) @ B @ inv(A)).T) / 2,
        "precedence": lambda A, B: -inv(A) @ B @ inv(A).T,
        "entries-inverted": lambda A, B: -((1 / A) @ B @ (1 / A)).T,
        "ints": lambda A, B: (-(inv(A) @ B @ inv(A)).T).astype(int),
        "B-entrywise": lambda A, B: -(inv(A) @ inv(A)).T * B,
        "inverse-of-B": lambda A, B: -(inv(A) @ inv(B) @ inv(A)).T,
        "squared-B": lambda A, B: -(inv(A) @ B @ B @ inv(A)).T,
        "product-rule-sum": lambda A, B: -(inv(A) @ inv(A) @ B + B @ inv(A) @ inv(A)).T / 2,
    },
    "triangular-gradient": {
        "entries-inverted": lambda L: np.tril(1 / np.where(L == 0, 1, L)),
        "upper": lambda L: np.triu(inv(L).T),
        "lower-of-inverse": lambda L: np.tril(inv(L)),
        "squared": lambda L: np.diag(1 / np.diag(L) ** 2),
        "trace": lambda L: np.eye(len(L)) * np.trace(inv(L)),
        "identity": lambda L: np.eye(len(L)),
        "log": lambda L: np.diag(np.log(np.abs(np.diag(L)))),
        "plus-L": lambda L: np.diag(1 / np.diag(L)) + L,
        "half": lambda L: np.diag(0.5 / np.diag(L)),
        "sign": lambda L: np.diag(np.sign(np.diag(L))),
        "last-skipped": lambda L: np.diag(np.append(1 / np.diag(L)[:-1], 0.0)),
        "ints": lambda L: np.diag(1 / np.diag(L)).astype(int),
        "mean": lambda L: np.diag(1 / np.diag(L)) / len(L),
    },
    "weighted-gradient": {
        "trace-of-weight": lambda A, W: cofactors(A) / np.trace(W),
        "plus-A": lambda A, W: solve(W, cofactors(A)) + A,
        "plus-W": lambda A, W: solve(W, cofactors(A)) + W,
        "det-of-weight": lambda A, W: cofactors(A) / det(W),
        "entrywise-inverse": lambda A, W: (1 / W) @ cofactors(A),
        "entrywise-product": lambda A, W: inv(W) * cofactors(A),
        "inverse-twice": lambda A, W: solve(W, solve(W, cofactors(A))),
        "unsigned": lambda A, W: solve(W, cofactors(A, lambda i, j: 1)),
        "sign-product": lambda A, W: solve(W, cofactors(A, lambda i, j: (-1) ** (i * j))),
        "half": lambda A, W: solve(W, cofactors(A)) / 2,
        "symmetrised": lambda A, W: (solve(W, cofactors(A)) + solve(W, cofactors(A)).T) / 2,
        "minus": lambda A, W: -solve(W, cofactors(A)),
        "diagonal-weight": lambda A, W: cofactors(A) / np.diag(W)[:, None],
        "ints": lambda A, W: solve(W, cofactors(A)).astype(int),
        "solved-by-A": lambda A, W: solve(A, W) if abs(det(A)) > 1e-12 else 0 * A,
        "norm-of-weight": lambda A, W: cofactors(A) / norm(W),
    },
}
"""By exercise and by what went wrong."""

STUDENTS: Mapping[str, Mapping[str, Function]] = {**DETERMINANTS, **INVERSES}
"""All of them."""
