"""LAPACK's kinds of test matrices have the properties that they are named for, at every size and seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import check_derivative
from grader.cases.families import draw_square
from grader.problems.family_names import Family, FamilyName

pytestmark = pytest.mark.slow

SIZES, SEEDS, SIGNS = st.integers(2, 8), st.integers(0, 10**6), st.sampled_from([-1, 1])
NAMES: tuple[FamilyName, ...] = (
    "graded", "clustered", "repeated_singular_values", "nearly_defective", "hilbert", "toeplitz", "companion",
    "badly_scaled_rows",
)  # fmt: skip


def draw(name: FamilyName, n: int, sign: int, seed: int, parameter: float | None = None) -> Any:
    return draw_square(Family(name, parameter), np.random.Generator(np.random.Philox(seed)), n, sign)


@given(SIZES, SIGNS, SEEDS)
def test_clusters_are_at_1_and_1_over_kappa(n: int, sign: int, seed: int) -> None:
    sigma = np.linalg.svd(draw("clustered", n, sign, seed, 1e4), compute_uv=False)
    near = np.abs(np.log2(sigma / sigma[0])) < 1e-3
    assert near.sum() == (n + 1) // 2
    assert np.allclose(sigma[~near], 2.0**-13, rtol=1e-3)


@given(SIZES, SIGNS, SEEDS)
def test_repeated_singular_values_come_in_pairs(n: int, sign: int, seed: int) -> None:
    A = draw("repeated_singular_values", n, sign, seed)
    sigma = np.linalg.svd(A, compute_uv=False)[::-1]
    assert np.allclose(sigma, [0.75 + k // 2 for k in range(n)], rtol=1e-13)
    assert np.sign(np.linalg.det(A)) == sign


@given(st.integers(2, 6), SIGNS, SEEDS)
def test_nearly_defective_matrices_have_ill_conditioned_eigenvectors(n: int, sign: int, seed: int) -> None:
    A = draw("nearly_defective", n, sign, seed)
    assert np.linalg.cond(A) < 1e3
    assert np.linalg.cond(np.linalg.eig(A)[1]) > 1e4


@given(SIZES, SIGNS, SEEDS)
def test_graded_rows_and_columns_fall(n: int, sign: int, seed: int) -> None:
    A = draw("graded", n, sign, seed)
    assert np.linalg.norm(A[-1]) < 200 * np.linalg.norm(A[0]) * 16.0 ** (1 - n)
    assert np.linalg.cond(A) > 16.0 ** (n - 1) / 64


@given(SIZES, SIGNS, SEEDS)
def test_companion_and_toeplitz_matrices_have_their_form(n: int, sign: int, seed: int) -> None:
    A, T = draw("companion", n, sign, seed), draw("toeplitz", n, sign, seed)
    assert np.array_equal(A[:, :-1], np.eye(n, k=-1)[:, :-1]) and np.all(A[:, -1] != 0)
    assert all(np.unique(np.diag(T, k)).size == 1 for k in range(1 - n, n))
    assert np.sign(np.linalg.det(A)) == sign and np.sign(np.linalg.det(T)) == sign**n


@given(SIZES, SIGNS, SEEDS)
def test_badly_scaled_rows_differ_by_twelve_orders_of_magnitude(n: int, sign: int, seed: int) -> None:
    A = draw("badly_scaled_rows", n, sign, seed)
    sizes = np.linalg.norm(A, axis=1)
    assert sizes.max() / sizes.min() > 1e11
    assert np.linalg.cond(A / sizes[:, None]) < 100


def test_the_hilbert_matrix_is_the_hilbert_matrix() -> None:
    assert draw("hilbert", 3, 1, 0)[1].tolist() == [1 / 2, 1 / 3, 1 / 4]


@pytest.mark.parametrize("name", NAMES)
def test_a_stable_answer_passes_and_a_slightly_wrong_one_does_not(name: FamilyName) -> None:
    inputs: dict[str, Any] = {"A": {"shape": ["n", "n"], "family": [name]}, "B": "n×n"}

    def right(A: Any, B: Any, dA: Any) -> Any:
        return np.sum(B * (dA @ A + A @ dA))

    assert check_derivative("sum(B * (A @ A))", "differential", right, inputs, wrt=["A"])
    wrong = check_derivative(
        "sum(B * (A @ A))", "differential", lambda A, B, dA: right(A, B, dA) * (1 + 1e-9), inputs, wrt=["A"],
        raise_exception=False,
    )  # fmt: skip
    assert not wrong
