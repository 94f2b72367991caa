"""Differences of functions in balls agree with the textbooks' formulas for their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from benchmarks.ball_functions import to_flint
from grader.core.norms import Array
from grader.truths.balls import NotExactError
from grader.truths.functions.factorizations import cholesky, lu, qr
from grader.truths.functions.general_eigen import eig
from grader.truths.functions.hermitian import eigh, eigvalsh, svd
from grader.truths.functions.least_squares import pinv, sylvester
from grader.truths.functions.powers import expm, logm, sqrtm

pytestmark = pytest.mark.sampled

SEEDS = pytest.mark.parametrize("seed", range(4))


def to_doubles(value: Any) -> Array:
    if isinstance(value, list):
        return np.array([to_number(entry) for entry in value])
    return np.array([to_number(entry) for entry in value.entries()]).reshape(value.nrows(), value.ncols())


def to_number(entry: Any) -> complex | float:
    return float(entry) if isinstance(entry, arb) else complex(entry)


def differential(f: Callable[[Any], Any], A: Array, V: Array) -> tuple[Array, ...]:
    """The central difference of each part of f, with a step of 2⁻²⁰⁰."""
    with ctx.workprec(700):
        h = arb(2) ** -200
        at, along = to_flint(A), to_flint(V)
        ahead, behind = f(at + along * h), f(at - along * h)
        if not isinstance(ahead, tuple):
            ahead, behind = (ahead,), (behind,)
        return tuple(to_doubles(_quotient(p, q, 2 * h)) for p, q in zip(ahead, behind, strict=True))


def _quotient(p: Any, q: Any, h: arb) -> Any:
    return [(a - b) / h for a, b in zip(p, q, strict=True)] if isinstance(p, list) else (p - q) * (1 / h)


def values(f: Callable[[Any], Any], A: Array) -> tuple[Array, ...]:
    with ctx.workprec(700):
        found = f(to_flint(A))
    return tuple(map(to_doubles, found if isinstance(found, tuple) else (found,)))


def draw(seed: int, *shape: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape), rng.standard_normal(shape)


def symmetric(seed: int, n: int) -> tuple[Array, Array]:
    A, V = draw(seed, n, n)
    return A + A.T, V + V.T


def definite(seed: int, n: int) -> tuple[Array, Array]:
    A, V = draw(seed, n, n)
    return A @ A.T + np.eye(n), V + V.T


def agree(found: Array, expected: Array) -> bool:
    return bool(np.allclose(found, expected, rtol=1e-8, atol=1e-9 * (1 + np.abs(expected).max())))


@SEEDS
def test_the_differential_of_cholesky_is_L_Phi(seed: int) -> None:
    A, V = definite(seed, 4)
    (L,) = values(cholesky, A)
    inner = np.linalg.solve(L, np.linalg.solve(L, V).T)
    Phi = np.tril(inner) - np.diag(np.diag(inner)) / 2
    assert agree(differential(cholesky, A, V)[0], L @ Phi)


@SEEDS
def test_the_differential_of_qr_keeps_Q_orthogonal_and_R_triangular(seed: int) -> None:
    A, V = draw(seed, 5, 3)
    Q, R = values(qr, A)
    C = np.linalg.solve(R.T, (Q.T @ V).T).T
    skew = np.tril(C, -1) - np.tril(C, -1).T
    dR = (C - skew) @ R
    dQ = np.linalg.solve(R.T, (V - Q @ dR).T).T
    found = differential(qr, A, V)
    assert agree(found[0], dQ)
    assert agree(found[1], dR)


@SEEDS
def test_the_differential_of_lu_splits_a_product(seed: int) -> None:
    A, V = draw(seed, 4, 4)
    P, L, U = values(lu, A)
    middle = np.linalg.solve(L, P.T @ V) @ np.linalg.inv(U)
    dP, dL, dU = differential(lu, A, V)
    assert not dP.any()
    assert agree(dL, L @ np.tril(middle, -1))
    assert agree(dU, np.triu(middle) @ U)


@SEEDS
def test_the_differential_of_eigh_is_v_dA_v_over_gaps(seed: int) -> None:
    A, V = symmetric(seed, 4)
    w, X = values(eigh, A)
    inner = X.T @ V @ X
    gaps = w[None, :] - w[:, None] + np.eye(4)
    dw, dX = differential(eigh, A, V)
    assert agree(dw, np.diag(inner))
    assert agree(dX, X @ (inner / gaps * (1 - np.eye(4))))


@SEEDS
def test_the_differential_of_eigenvalues_of_any_matrix_is_that_of_the_similar_one(seed: int) -> None:
    A, V = draw(seed, 4, 4)
    w, X = values(eig, A)
    assert agree(A @ X, X * w)
    assert agree(differential(eig, A, V)[0], np.diag(np.linalg.solve(X, V @ X)))
    dw, dX = differential(eig, A, V)
    assert agree(V @ X + A @ dX, dX * w + X * dw)


@SEEDS
def test_the_differential_of_the_svd_solves_its_equations(seed: int) -> None:
    A, V = draw(seed, 5, 3)
    U, s, W = values(svd, A)
    dU, ds, dW = differential(svd, A, V)
    assert agree(ds, np.diag(U.T @ V @ W.T))
    assert agree(dU * s @ W + U * ds @ W + U * s @ dW, V)
    assert agree(U.T @ dU, -(U.T @ dU).T)
    assert agree(dW @ W.T, -(dW @ W.T).T)


@SEEDS
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_the_differential_of_the_pseudoinverse_is_that_of_golub_and_pereyra(
    seed: int, shape: tuple[int, int]
) -> None:
    A, V = draw(seed, *shape)
    (X,) = values(pinv, A)
    m, n = shape
    expected = -X @ V @ X + X @ X.T @ V.T @ (np.eye(m) - A @ X) + (np.eye(n) - X @ A) @ V.T @ X.T @ X
    assert agree(differential(pinv, A, V)[0], expected)


@SEEDS
@pytest.mark.parametrize("f", [expm, sqrtm, logm])
def test_the_differential_of_a_matrix_function_is_a_block_of_one_of_twice_the_size(
    f: Callable[[Any], Any], seed: int
) -> None:
    A, V = definite(seed, 3)
    block = np.block([[A, V], [np.zeros((3, 3)), A]])
    assert agree(differential(f, A, V)[0], values(f, block)[0][:3, 3:])


@SEEDS
def test_the_differential_of_the_square_root_solves_a_sylvester_equation(seed: int) -> None:
    A, V = definite(seed, 4)
    with ctx.workprec(700):
        X = sqrtm(to_flint(A))
        expected = to_doubles(sylvester(X, X, to_flint(V)))
    assert agree(differential(sqrtm, A, V)[0], expected)


def test_a_symmetric_function_of_equal_eigenvalues_is_differentiated_exactly() -> None:
    A, (_, V) = 2 * np.eye(3), symmetric(0, 3)

    def sum_of_cubes(X: Any) -> list[arb]:
        return [sum((value**3 for value in eigvalsh(X)), arb(0))]

    assert agree(differential(sum_of_cubes, A, V)[0], np.array([12 * np.trace(V)]))


@pytest.mark.parametrize("f", [eigh, eig, svd])
def test_vectors_of_equal_eigenvalues_are_undecided(f: Callable[[Any], Any]) -> None:
    with pytest.raises(NotExactError, match="equal"), ctx.workprec(700):
        f(to_flint(2 * np.eye(3)))
