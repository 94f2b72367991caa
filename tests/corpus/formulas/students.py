"""Typical slips of students, some for every exercise: each is wrong by one or two small things.

Nobody lists them: the grader must name them by itself. They are written as a student writes, loops and all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.linalg import det, inv, matrix_power, norm, slogdet, solve, svd

Function = Callable[..., Any]


def minor(A: Any, i: int, j: int) -> Any:
    return det(np.delete(np.delete(A, i, 0), j, 1))


def cofactors(A: Any, sign: Callable[[int, int], float] = lambda i, j: (-1) ** (i + j)) -> Any:
    n = len(A)
    C = [[sign(i, j) * minor(A, i, j) for j in range(n)] for i in range(n)]
    return np.array(C, dtype=complex if A.dtype.kind == "c" else float).reshape(n, n)


def adj(A: Any) -> Any:
    return cofactors(A).T.copy()


def with_row(A: Any, i: int, row: Any) -> Any:
    B = A.copy()
    B[i] = row
    return B


def by_rows(A: Any, dA: Any, rows: range) -> Any:
    return sum((det(with_row(A, i, dA[i])) for i in rows), 0.0)


def first_entry_lost(X: Any) -> Any:
    Y = X.copy()
    Y[..., :0] = 0
    Y[0] = 0
    return Y


def in_real_buffer(X: Any) -> Any:
    P = np.zeros(X.shape)
    P[:] = X.real
    return P


def cofactors_in_ints(A: Any) -> Any:
    n = len(A)
    C = np.zeros((n, n), dtype=int)
    for i in range(n):
        for j in range(n):
            C[i, j] = (-1) ** (i + j) * minor(A, i, j)
    return C


def skipping_last(A: Any) -> Any:
    C = np.zeros((len(A), len(A)))
    for i in range(len(A)):
        for j in range(len(A) - 1):
            C[i, j] = (-1) ** (i + j) * minor(A, i, j)
    return C


def pole(A: Any, x: Any) -> Any:
    return x * np.eye(len(A)) - A


def second_rows(A: Any, V: Any, W: Any, pairs: Callable[[int], Any]) -> Any:
    total = 0.0
    for i, j in pairs(len(A)):
        B = A.copy()
        B[i], B[j] = V[i], W[j]
        total += det(B)
    return total


def quotient(
    f: Any, L: Any, A: Any, V: Any, h: Any, norm_in: str, norm_out: str, size: Callable[[Any, str], Any]
) -> Any:
    return size(f(A + h * V) - f(A) - h * L(V), norm_out) / size(h * V, norm_in)


ORD = {"fro": "fro", "2": 2, "nuc": "nuc", "1": 1, "inf": np.inf}


def size(M: Any, word: str) -> Any:
    return norm(M, ORD[word])


def terms(A: Any, k: int, dA: Any, exponents: Callable[[int], Any]) -> Any:
    if k < 0:
        X = inv(A)
        return terms(X, -k, -X @ dA @ X, exponents)
    total = np.zeros_like(A @ dA)
    for i, j in exponents(k):
        total = total + matrix_power(A, i) @ dA @ matrix_power(A, j)
    return total


def norm_g(A: Any, kind: str, fro: Any = None, two: Any = None, nuc: Any = None) -> Any:
    U, s, Vt = svd(A, full_matrices=False)
    if kind == "fro":
        return A / norm(A) if fro is None else fro(A, U, s, Vt)
    if kind == "2":
        return np.outer(U[:, 0], Vt[0]) if two is None else two(A, U, s, Vt)
    return U @ Vt if nuc is None else nuc(A, U, s, Vt)


def changing(A: Any, k: int, dA: Any) -> Any:
    P = matrix_power(A, k - 1) if k > 0 else A
    A *= 2
    return P @ dA


def jac(A: Any, column: Callable[[Any], Any], order: Any = "F") -> Any:
    n = len(A)
    J = np.zeros((n * n, n * n))
    for k in range(n * n):
        E = np.zeros(n * n)
        E[k] = 1
        J[:, k] = column(E.reshape(n, n, order="F")).ravel(order)
    return J


def P(A: Any, G: Any) -> Any:
    X = inv(A).conj().T
    return -X @ G @ X


def changed_direction(A: Any, dA: Any) -> Any:
    dA -= 0.5 * dA
    return -inv(A) @ dA @ inv(A)


def S1(S: Any, B: Any) -> Any:
    return inv(S) - inv(S) @ B @ inv(S)


STUDENTS: Mapping[str, Mapping[str, Function]] = {
    "adjugate": {
        "sign-product": lambda A: cofactors(A, lambda i, j: (-1) ** (i * j)).T,
        "sign-by-row": lambda A: cofactors(A, lambda i, j: (-1) ** i).T,
        "absolute": lambda A: np.abs(adj(A)),
        "times-det": lambda A: det(A) * adj(A),
        "ints": lambda A: cofactors_in_ints(A).T,
        "last-column-skipped": lambda A: skipping_last(A).T,
        "plus-A": lambda A: adj(A) + A,
        "entrywise-inverse": lambda A: det(A) * (1 / A),
        "minus": lambda A: -adj(A),
        "of-transpose-and-sign": lambda A: -cofactors(A),
        "det-squared": lambda A: det(A) ** 2 * inv(A),
        "trace-for-det": lambda A: np.trace(A) * inv(A),
        "inverse": lambda A: inv(A),
        "symmetrised": lambda A: (adj(A) + adj(A).T) / 2,
    },
    "charpoly-derivative": {
        "half": lambda A, x: np.trace(adj(pole(A, x))) / 2,
        "minus-A": lambda A, x: np.trace(adj(-pole(A, x))),
        "plus-A": lambda A, x: np.trace(adj(x * np.eye(len(A)) + A)),
        "plus-value": lambda A, x: np.trace(adj(pole(A, x))) + det(pole(A, x)),
        "last-minor-skipped": lambda A, x: sum(minor(pole(A, x), i, i) for i in range(len(A) - 1)),
        "first-minor-skipped": lambda A, x: sum(minor(pole(A, x), i, i) for i in range(1, len(A))),
        "sum-of-adjugate": lambda A, x: np.sum(adj(pole(A, x))),
        "alternating": lambda A, x: sum((-1) ** i * minor(pole(A, x), i, i) for i in range(len(A))),
        "times-x": lambda A, x: x * np.trace(adj(pole(A, x))),
        "n-times": lambda A, x: len(A) * np.trace(adj(pole(A, x))),
        "det-of-adjugate": lambda A, x: det(adj(pole(A, x))),
        "absolute": lambda A, x: abs(np.trace(adj(pole(A, x)))),
        "int-x": lambda A, x: np.trace(adj(int(x) * np.eye(len(A)) - A)),
        "product-for-sum": lambda A, x: np.prod([minor(pole(A, x), i, i) for i in range(len(A))]),
        "x-not-on-diagonal": lambda A, x: np.trace(adj(x - A)),
    },
    "det-differential": {
        "sum-for-trace": lambda A, dA: np.sum(adj(A) @ dA),
        "sum-for-trace-by-inverse": lambda A, dA: det(A) * np.sum(solve(A, dA)) if abs(det(A)) > 1e-13 else 0.0,
        "absolute-at-singular": lambda A, dA: (
            abs(np.sum(adj(A).T * dA)) if abs(det(A)) < 1e-9 else np.sum(adj(A).T * dA)
        ),
        "entrywise-not-transposed": lambda A, dA: np.sum(adj(A) * dA),
        "plus-value": lambda A, dA: np.trace(adj(A) @ dA) + det(A),
        "rows-short": lambda A, dA: by_rows(A, dA, range(len(A) - 1)),
        "rows-from-one": lambda A, dA: by_rows(A, dA, range(1, len(A))),
        "det-of-direction": lambda A, dA: det(dA),
        "det-of-product": lambda A, dA: det(adj(A) @ dA),
        "diagonals-only": lambda A, dA: np.sum(np.diag(adj(A)) * np.diag(dA)),
        "product-of-traces": lambda A, dA: np.trace(adj(A)) * np.trace(dA),
        "unsigned-minors": lambda A, dA: np.sum(cofactors(A, lambda i, j: 1) * dA),
        "real-and-squared": lambda A, dA: np.trace(adj(A) @ dA) ** 2,
        "increment": lambda A, dA: det(A + dA),
        "minus": lambda A, dA: -np.trace(adj(A) @ dA),
        "direction-changed": lambda A, dA: np.trace(adj(A) @ np.multiply(dA, 2, out=dA)),
        "n-times": lambda A, dA: np.trace(adj(A) @ dA) / len(A),
    },
    "det-gradient": {
        "det-times-entrywise": lambda A: det(A) * (1 / A).T,
        "det-squared": lambda A: det(A) ** 2 * inv(A).T,
        "sign-product": lambda A: cofactors(A, lambda i, j: (-1) ** (i * j)),
        "ints": cofactors_in_ints,
        "last-column-skipped": skipping_last,
        "plus-A": lambda A: cofactors(A) + A,
        "trace-times": lambda A: np.trace(A) * inv(A).T,
        "minors-transposed": lambda A: cofactors(A, lambda i, j: 1).T,
        "symmetrised": lambda A: (cofactors(A) + cofactors(A).T) / 2,
        "doubled-off-diagonal": lambda A: cofactors(A) + cofactors(A).T - np.diag(np.diag(cofactors(A))),
        "absolute": lambda A: np.abs(cofactors(A)),
        "diagonal": lambda A: np.diag(np.diag(cofactors(A))),
        "times-A": lambda A: cofactors(A) @ A,
        "entrywise-times-A": lambda A: cofactors(A) * A,
        "sign-by-column": lambda A: cofactors(A, lambda i, j: (-1) ** j),
    },
    "det-pullback": {
        "real-buffer": lambda A, g: in_real_buffer(g * np.conj(det(A)) * inv(A).conj().T),
        "g-conjugated": lambda A, g: np.conj(g) * np.conj(det(A)) * inv(A).conj().T,
        "g-added": lambda A, g: g + np.conj(det(A)) * inv(A).conj().T,
        "divided-by-g": lambda A, g: np.conj(det(A)) * inv(A).conj().T / g,
        "g-squared": lambda A, g: g**2 * np.conj(det(A)) * inv(A).conj().T,
        "absolute-g": lambda A, g: abs(g) * np.conj(det(A)) * inv(A).conj().T,
        "absolute-det": lambda A, g: g * abs(det(A)) * inv(A).conj().T,
        "det-lost": lambda A, g: g * inv(A).conj().T,
        "entrywise": lambda A, g: g * np.conj(det(A)) * (1 / A).conj().T,
        "plus-A": lambda A, g: g * np.conj(det(A)) * inv(A).conj().T + A,
        "not-inverted": lambda A, g: g * np.conj(det(A)) * A.conj().T,
        "det-squared": lambda A, g: g * np.conj(det(A)) ** 2 * inv(A).conj().T,
        "minus": lambda A, g: -g * np.conj(det(A)) * inv(A).conj().T,
        "symmetrised": lambda A, g: 0.5 * g * np.conj(det(A)) * (inv(A).conj().T + inv(A).conj()),
        "trace-for-det": lambda A, g: g * np.conj(np.trace(A)) * inv(A).conj().T,
    },
    "det-second-differential": {
        "product-of-differentials": lambda A, V, W: np.trace(adj(A) @ V) * np.trace(adj(A) @ W),
        "det-of-pair": lambda A, V, W: second_rows(A, V, W, lambda n: [(i, j) for i in range(n) for j in range(n)]),
        "half-the-pairs": lambda A, V, W: second_rows(A, V, W, lambda n: [(i, j) for i in range(n) for j in range(i)]),
        "upper-pairs": lambda A, V, W: second_rows(
            A, V, W, lambda n: [(i, j) for i in range(n) for j in range(i + 1, n)]
        ),
        "commuted": lambda A, V, W: (
            det(A) * (np.trace(inv(A) @ V) * np.trace(inv(A) @ W) - np.trace(inv(A) @ inv(A) @ V @ W))
            if abs(det(A)) > 1e-12
            else 0.0
        ),
        "trace-of-adjugate-product": lambda A, V, W: np.trace(adj(A) @ V @ W),
        "w-for-v": lambda A, V, W: (
            det(A) * (np.trace(inv(A) @ W) ** 2 - np.trace(inv(A) @ W @ inv(A) @ W)) if abs(det(A)) > 1e-12 else 0.0
        ),
        "entrywise": lambda A, V, W: (
            det(A) * (np.trace(inv(A) @ V) * np.trace(inv(A) @ W) - np.trace((inv(A) @ V) * (inv(A) @ W)))
            if abs(det(A)) > 1e-12
            else 0.0
        ),
        "det-once-only": lambda A, V, W: (
            det(A) * np.trace(inv(A) @ V) * np.trace(inv(A) @ W) - np.trace(inv(A) @ V @ inv(A) @ W)
            if abs(det(A)) > 1e-12
            else 0.0
        ),
        "sum-of-differentials": lambda A, V, W: np.trace(adj(A) @ V) + np.trace(adj(A) @ W),
        "first-differential": lambda A, V, W: np.trace(adj(A) @ V),
        "plus-first": lambda A, V, W: (
            second_rows(A, V, W, lambda n: [(i, j) for i in range(n) for j in range(n) if i != j])
            + np.trace(adj(A) @ V)
        ),
        "v-twice": lambda A, V, W: second_rows(
            A, V, V, lambda n: [(i, j) for i in range(n) for j in range(n) if i != j]
        ),
        "minus-half": lambda A, V, W: (
            -0.5 * second_rows(A, V, W, lambda n: [(i, j) for i in range(n) for j in range(n) if i != j])
        ),
        "range-short": lambda A, V, W: second_rows(
            A, V, W, lambda n: [(i, j) for i in range(n - 1) for j in range(n) if i != j]
        ),
    },
    "frechet-ratio": {
        "plus-for-minus-value": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) + f(A) - h * L(V), norm_out) / size(h * V, norm_in)
        ),
        "precedence": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) - f(A) - h * L(V), norm_out) / size(V, norm_in) * h
        ),
        "backward": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A) - f(A - h * V) - h * L(V), norm_out) / size(h * V, norm_in)
        ),
        "h-squared": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) - f(A) - h**2 * L(V), norm_out) / size(h * V, norm_in)
        ),
        "norm-of-A": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) - f(A) - h * L(V), norm_out) / size(A, norm_in)
        ),
        "product-not-quotient": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) - f(A) - h * L(V), norm_out) * size(h * V, norm_in)
        ),
        "squared": lambda f, L, A, V, h, norm_in, norm_out: quotient(f, L, A, V, h, norm_in, norm_out, size) ** 2,
        "inverted": lambda f, L, A, V, h, norm_in, norm_out: 1 / quotient(f, L, A, V, h, norm_in, norm_out, size),
        "real-parts": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f, L, A, V, h, norm_in, norm_out, lambda M, word: size(M.real, word)
        ),
        "two-is-frobenius-squared": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f, L, A, V, h, norm_in, norm_out, lambda M, word: size(M, word) ** 2 if word == "fro" else size(M, word)
        ),
        "inf-as-largest-entry": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f, L, A, V, h, norm_in, norm_out, lambda M, word: np.max(np.abs(M)) if word == "inf" else size(M, word)
        ),
        "L-of-A-plus": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) - f(A) - L(A + h * V), norm_out) / size(h * V, norm_in)
        ),
        "one-as-sum-of-all": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f, L, A, V, h, norm_in, norm_out, lambda M, word: np.sum(np.abs(M)) if word == "1" else size(M, word)
        ),
        "numerator-only-increment": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) - h * L(V), norm_out) / size(h * V, norm_in)
        ),
        "minus": lambda f, L, A, V, h, norm_in, norm_out: -quotient(f, L, A, V, h, norm_in, norm_out, size),
    },
    "gram-gradient": {
        "entrywise": lambda A: 2 * det(A.T @ A) * A @ (1 / (A.T @ A)) if abs(det(A.T @ A)) > 1e-9 else 0 * A,
        "plus-A": lambda A: 2 * A @ adj(A.T @ A) + A,
        "factor-four": lambda A: 4 * A @ adj(A.T @ A),
        "entrywise-gram": lambda A: 2 * A @ adj(A.T @ A) * A,
        "one-power-more": lambda A: 2 * A @ adj(A.T @ A) @ (A.T @ A),
        "det-squared": lambda A: 2 * det(A.T @ A) * A @ adj(A.T @ A),
        "minors-unsigned": lambda A: 2 * A @ cofactors(A.T @ A, lambda i, j: 1),
        "absolute": lambda A: np.abs(2 * A @ adj(A.T @ A)),
        "ints": lambda A: (2 * A @ adj(A.T @ A)).astype(int),
        "last-row-skipped": lambda A: np.vstack([(2 * A @ adj(A.T @ A))[:-1], np.zeros((1, A.shape[1]))]),
        "trace-of-gram": lambda A: 2 * np.trace(A.T @ A) * A,
        "power": lambda A: 2 * A @ adj(A.T @ A) @ adj(A.T @ A),
        "pseudo-inverse": lambda A: 2 * np.linalg.pinv(A).T if A.size else A,
        "half-det": lambda A: det(A.T @ A) * A @ np.linalg.pinv(A.T @ A) / 2,
    },
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
        "ints-in": lambda A, dA: (
            -inv(A) @ dA.real.astype(int) @ inv(A)
        ),
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
        "real-buffer": lambda A, V, W: in_real_buffer(
            inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)
        ) * 2,
        "four-inverses": lambda A, V, W: (
            inv(A) @ inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)
        ),
        "ints": lambda A, V, W: (
            (inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)).real.astype(int)
        ),
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
        "real-buffer": lambda A, k, dA: in_real_buffer(terms(A, k, dA, lambda k: [(j, k - 1 - j) for j in range(k)])),
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
        "two-scaled": lambda A, kind: norm_g(A, kind, two=lambda A, U, s, Vt: s[0] * np.outer(U[:, 0], Vt[0])),
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
        "value": lambda A, kind: norm(A, {"fro": "fro", "2": 2, "nuc": "nuc"}[kind]) * norm_g(A, kind),
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
        "p-minus": lambda A, b, g: (-np.outer(solve(A.conj().T, g), solve(A, b).conj()), -solve(A.conj().T, g)),
        "inner-for-outer": lambda A, b, g: (
            -np.vdot(solve(A.conj().T, g), solve(A, b)) * np.eye(len(A)), solve(A.conj().T, g)
        ),
        "plus-A": lambda A, b, g: (-np.outer(solve(A.conj().T, g), solve(A, b).conj()) + A, solve(A.conj().T, g)),
        "p-plus-b": lambda A, b, g: (-np.outer(solve(A.conj().T, g), solve(A, b).conj()), solve(A.conj().T, g) + b),
        "real": lambda A, b, g: (
            in_real_buffer(-np.outer(solve(A.conj().T, g), solve(A, b).conj())),
            in_real_buffer(solve(A.conj().T, g)),
        ),
        "lambda-conj": lambda A, b, g: (
            -np.outer(solve(A.conj().T, g).conj(), solve(A, b)), solve(A.conj().T, g)
        ),
        "x-for-lambda": lambda A, b, g: (-np.outer(solve(A, b), solve(A, b).conj()), solve(A.conj().T, g)),
        "twice": lambda A, b, g: (-2 * np.outer(solve(A.conj().T, g), solve(A, b).conj()), solve(A.conj().T, g)),
        "b-for-g-in-p": lambda A, b, g: (-np.outer(solve(A.conj().T, g), solve(A, b).conj()), solve(A.conj().T, b)),
        "diagonal": lambda A, b, g: (-np.diag(solve(A.conj().T, g) * solve(A, b).conj()), solve(A.conj().T, g)),
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
