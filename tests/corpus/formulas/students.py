"""Typical slips of students, some for every exercise: each is wrong by one or two small things.

Nobody lists them: the grader must name them by itself. They are written as a student writes, loops and all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.linalg import det, inv, matrix_power, norm, solve, svd

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


ORD: Mapping[str, Any] = {"fro": "fro", "2": 2, "nuc": "nuc", "1": 1, "inf": np.inf}


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


DETERMINANTS: Mapping[str, Mapping[str, Function]] = {
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
        "sum-for-trace-by-inverse": lambda A, dA: (
            det(A) * np.sum(solve(A, dA)) if abs(det(A)) > 1e-13 else 0.0
        ),
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
        "det-of-pair": lambda A, V, W: second_rows(
            A, V, W, lambda n: [(i, j) for i in range(n) for j in range(n)]
        ),
        "half-the-pairs": lambda A, V, W: second_rows(
            A, V, W, lambda n: [(i, j) for i in range(n) for j in range(i)]
        ),
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
            det(A) * (np.trace(inv(A) @ W) ** 2 - np.trace(inv(A) @ W @ inv(A) @ W))
            if abs(det(A)) > 1e-12
            else 0.0
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
        "squared": lambda f, L, A, V, h, norm_in, norm_out: (
            quotient(f, L, A, V, h, norm_in, norm_out, size) ** 2
        ),
        "inverted": lambda f, L, A, V, h, norm_in, norm_out: (
            1 / quotient(f, L, A, V, h, norm_in, norm_out, size)
        ),
        "real-parts": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f, L, A, V, h, norm_in, norm_out, lambda M, word: size(M.real, word)
        ),
        "two-is-frobenius-squared": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f,
            L,
            A,
            V,
            h,
            norm_in,
            norm_out,
            lambda M, word: size(M, word) ** 2 if word == "fro" else size(M, word),
        ),
        "inf-as-largest-entry": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f,
            L,
            A,
            V,
            h,
            norm_in,
            norm_out,
            lambda M, word: np.max(np.abs(M)) if word == "inf" else size(M, word),
        ),
        "L-of-A-plus": lambda f, L, A, V, h, norm_in, norm_out: (
            size(f(A + h * V) - f(A) - L(A + h * V), norm_out) / size(h * V, norm_in)
        ),
        "one-as-sum-of-all": lambda f, L, A, V, h, norm_in, norm_out: quotient(
            f,
            L,
            A,
            V,
            h,
            norm_in,
            norm_out,
            lambda M, word: np.sum(np.abs(M)) if word == "1" else size(M, word),
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
}
"""By exercise and by what went wrong; those about inverses and systems are in `students_inverse`."""
