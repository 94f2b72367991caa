"""Hessians, Hessians times directions, determinants of Jacobians: right ones pass, the nearest wrong ones do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv

from grader import check_derivative
from grader.core.errors import AuthorError

pytestmark = pytest.mark.sampled

Answer = Callable[..., Any]


def verdicts(
    f: str, ask: Any, answer: Answer, inputs: dict[str, Any], **fields: Any
) -> tuple[str, dict[str, str]]:
    report = check_derivative(f, ask, answer, inputs, raise_exception=False, **fields).report
    return report.verdict, {finding.check: finding.outcome for finding in report.findings}


def quadratic_hessian(A: Any, x: Any) -> Any:
    return A + A.T


def logistic_hessian(X: Any, w: Any, y: Any) -> Any:
    p = 1 / (1 + np.exp(-y * (X @ w)))
    return X.T @ ((p * (1 - p) * y**2)[:, None] * X)


def logdet_hessian(A: Any) -> Any:
    """∂²log|det A|/∂a_ij∂a_kl = −(A⁻¹)_jk (A⁻¹)_li."""
    n, X = len(A), inv(A)
    index = [(i, j) for j in range(n) for i in range(n)]
    return np.array([[-X[j, k] * X[m, i] for k, m in index] for i, j in index])


def bilinear_hessian(x: Any, A: Any, y: Any) -> Any:
    zero = np.zeros((len(x), len(x)))
    return np.block([[zero, A], [A.T, zero]])


SMALL = {"family": ["integer", "generic"]}
LOGISTIC = "sum(log(1 + exp(-(y * (X @ w)))))"
HESSIANS: list[tuple[str, dict[str, Any], list[str], Answer, list[Answer]]] = [
    ("x @ A @ x", {"A": "n×n", "x": "n"}, ["x"], quadratic_hessian, [lambda A, x: 2 * A, lambda A, x: A]),
    (LOGISTIC, {name: {"shape": [*shape], **SMALL} for name, shape in (("X", "mn"), ("w", "n"), ("y", "m"))}, ["w"],
     logistic_hessian, [lambda X, w, y: X.T @ X]),
    ("logdet(A)", {"A": "n×n"}, ["A"], logdet_hessian,
     [lambda A: -np.kron(inv(A), inv(A)), lambda A: -logdet_hessian(A)]),
    ("x @ A @ y", {"x": "n", "A": "n×n", "y": "n"}, ["x", "y"], bilinear_hessian,
     [lambda x, A, y: bilinear_hessian(x, A.T, y)]),
]  # fmt: skip
SIZES = {"sizes": {"n": [2, 3]}, "larger": False}


@pytest.mark.parametrize(("f", "inputs", "wrt", "right", "wrong"), HESSIANS)
def test_hessians_are_taken_over_vec_of_all_inputs(
    f: str, inputs: dict[str, Any], wrt: list[str], right: Answer, wrong: list[Answer]
) -> None:
    sizes = {"sizes": {"m": [2, 4], "n": [2, 3]}, "larger": False} if "X" in inputs else SIZES
    verdict, outcomes = verdicts(f, "hessian", right, inputs, wrt=wrt, **sizes)
    assert verdict == "right", outcomes
    assert set(outcomes) >= {"taylor", "finite_difference", "symmetric", "reference"}
    for answer in wrong:
        assert verdicts(f, "hessian", answer, inputs, wrt=wrt, **sizes)[0] == "wrong"


def test_a_hessian_that_is_not_symmetric_fails_that_check() -> None:
    inputs = {"A": "n×n", "x": "n"}
    _, outcomes = verdicts("x @ A @ x", "hessian", lambda A, x: 2 * A, inputs, wrt=["x"], **SIZES)
    assert outcomes["symmetric"] == "failed"
    _, outcomes = verdicts("x @ A @ x", "hessian", lambda A, x: 2 * (A + A.T), inputs, wrt=["x"], **SIZES)
    assert outcomes["symmetric"] == "passed" and outcomes["taylor"] == "failed"


@pytest.mark.slow
def test_in_a_linear_space_a_hessian_is_taken_in_the_independent_entries() -> None:
    def right(S: Any) -> Any:
        n = len(S)
        return np.diag([2.0 if i == j else 4.0 for j in range(n) for i in range(j, n)])

    inputs = {"S": "n×n symmetric"}
    assert verdicts("trace(S @ S)", "hessian", right, inputs, **SIZES)[0] == "right"
    assert (
        verdicts("trace(S @ S)", "hessian", lambda S: 2 * np.eye(len(right(S))), inputs, **SIZES)[0]
        == "wrong"
    )


@pytest.mark.slow
def test_a_hessian_times_a_direction_has_the_shape_of_the_input() -> None:
    def right(A: Any, V: Any) -> Any:
        X = inv(A)
        return -(X @ V @ X).T

    inputs = {"A": "n×n"}
    verdict, outcomes = verdicts("logdet(A)", "hvp", right, inputs, directions={"V": "A"})
    assert verdict == "right", outcomes
    assert set(outcomes) >= {"linear", "inner_product", "taylor", "finite_difference"}
    wrong: list[Answer] = [
        lambda A, V: -inv(A) @ V @ inv(A), lambda A, V: inv(A).T, lambda A, V: right(A, V) / 2,
        lambda A, V: right(A, V) * np.linalg.norm(V),
    ]  # fmt: skip
    for answer in wrong:
        assert verdicts("logdet(A)", "hvp", answer, inputs, directions={"V": "A"})[0] == "wrong"


@pytest.mark.slow
def test_a_hessian_times_directions_of_two_inputs_is_a_tuple() -> None:
    def right(A: Any, B: Any, dA: Any, dB: Any) -> Any:
        return dB.T.copy(), dA.T.copy()

    inputs = {"A": "n×n", "B": "n×n"}
    assert verdicts("trace(A @ B)", "hvp", right, inputs)[0] == "right"
    assert (
        verdicts("trace(A @ B)", "hvp", lambda A, B, dA, dB: (dA.T.copy(), dB.T.copy()), inputs)[0] == "wrong"
    )


def inverse_factor(A: Any) -> Any:
    return (-1.0) ** len(A) * det(A) ** (-2 * len(A))


@pytest.mark.slow
def test_the_determinant_of_a_jacobian_is_taken_with_its_sign() -> None:
    inputs = {"A": "n×n"}
    assert verdicts("inv(A)", "jacobian_determinant", inverse_factor, inputs, **SIZES)[0] == "right"
    for wrong in (
        lambda A: abs(inverse_factor(A)),
        lambda A: det(A) ** (-2 * len(A)),
        lambda A: det(A) ** -len(A),
    ):
        assert verdicts("inv(A)", "jacobian_determinant", wrong, inputs, **SIZES)[0] == "wrong"


@pytest.mark.slow
def test_the_determinant_of_a_jacobian_needs_as_many_entries_of_f_as_independent_ones() -> None:
    def answer(A: Any, S: Any) -> Any:
        return det(A) ** (2 * len(A))

    general, toeplitz = {"A": "n×n", "S": "n×n"}, {"A": "n×n", "S": "n×n toeplitz"}
    assert verdicts("A @ S @ A.T", "jacobian_determinant", answer, general, wrt=["S"], **SIZES)[0] == "right"
    with pytest.raises(AuthorError, match="is not square"):
        verdicts("A @ S @ A.T", "jacobian_determinant", answer, toeplitz, wrt=["S"], **SIZES)


@pytest.mark.parametrize("ask", ["hessian", "hvp"])
def test_second_derivatives_are_not_asked_for_on_curved_spaces(ask: Any) -> None:
    inputs = {"A": {"shape": ["n", "n"], "space": "orthogonal"}}
    with pytest.raises(AuthorError, match=r"second derivatives|independent entries"):
        verdicts("trace(A @ A)", ask, lambda *given: given[0], inputs)
