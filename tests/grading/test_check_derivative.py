"""`check_derivative`: any derivative against the exact one of an expression, in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.core.errors import AuthorError, GraderError
from grader.grading.check_derivative import DerivativeError, check_derivative
from grader.problems.asks import Ask

pytestmark = pytest.mark.sampled

inv = np.linalg.inv
A, AB = {"A": "n×n"}, {"A": "n×n", "B": "n×n"}


def gradients(A: Any, B: Any) -> Any:
    X = inv(A)
    return -(X @ B @ X).T, X.T


def inv_differential(A: Any, dA: Any) -> Any:
    return -inv(A) @ dA @ inv(A)


def second(A: Any, V: Any, W: Any) -> Any:
    X = inv(A)
    return X @ V @ X @ W @ X + X @ W @ X @ V @ X


RIGHT = [
    ("trace(inv(A) @ B)", "gradient", gradients, AB, {}),
    ("trace(inv(A) @ B)", "gradient", lambda A, B: gradients(A, B)[1], AB, {"wrt": ["B"]}),
    ("inv(A)", "differential", inv_differential, A, {}),
    ("inv(A)", "differential", inv_differential, {"A": "n×n complex"}, {}),
    ("inv(A)", "jacobian", lambda A: -np.kron(inv(A).T, inv(A)), A, {}),
    ("inv(A)", "pullback", lambda A, G: -inv(A).T @ G @ inv(A).T, A, {}),
    ("inv(A)", "second_differential", second, A, {}),
    ("inv(A)", "value", inv, A, {}),
    ("x @ x", "gradient", lambda x: 2 * x, {"x": "n"}, {}),
    ("t * t", "differential", lambda t, dt: 2 * t * dt, {"t": "scalar"}, {}),
    ("trace(A.T @ A)", "gradient", lambda A: 2 * A, {"A": ("m", "n")}, {"sizes": {"m": [2, 3], "n": [2, 4]}}),
    ("power(A, k)", "differential", lambda A, k, dA: A @ dA + dA @ A, A, {"parameters": {"k": [2]}}),
]


@pytest.mark.parametrize(("f", "ask", "function", "inputs", "fields"), RIGHT)
@pytest.mark.parametrize("seed", [0, 1])
def test_right_derivatives_are_right(
    f: str, ask: Any, function: Callable[..., Any], inputs: Any, fields: dict[str, Any], seed: int
) -> None:
    assert check_derivative(f, ask, function, inputs, seed=seed, **fields)


def differenced(A: Any, dA: Any) -> Any:
    h = 1e-6
    return (inv(A + h * dA) - inv(A - h * dA)) / (2 * h)


WRONG = {
    "constant-factor": lambda A, dA: -inv_differential(A, dA),
    "product-order": lambda A, dA: -inv(A) @ inv(A) @ dA,
    "finite-differences": differenced,
    "single-precision": lambda A, dA: inv_differential(A, dA).astype(np.float32),
    None: lambda A, dA: inv_differential(A, dA) + np.eye(len(A)),
}


@pytest.mark.parametrize(("diagnosis", "function"), WRONG.items())
def test_wrong_derivatives_raise_and_are_named(diagnosis: str | None, function: Callable[..., Any]) -> None:
    with pytest.raises(DerivativeError):
        check_derivative("inv(A)", "differential", function, A)
    check = check_derivative("inv(A)", "differential", function, A, raise_exception=False)
    assert not check
    assert check.report.verdict == "wrong"
    named = check.report.diagnosis
    assert diagnosis is None or (named is not None and named.id == diagnosis)


def test_arguments_come_in_the_order_of_the_functions_own_names() -> None:
    assert check_derivative("inv(A)", "differential", lambda dA, A: inv_differential(A, dA), A)
    assert check_derivative("inv(A)", "differential", lambda X, V: inv_differential(X, V), A)


def test_what_a_function_raises_is_its_answer() -> None:
    def divides(A: Any) -> Any:
        return A / 0 if len(A) > 2 else 1 / 0

    check = check_derivative("det(A)", "gradient", divides, A, raise_exception=False)
    assert not check
    assert check.report.error is not None
    assert check.report.error.kind == "raised"


def test_the_same_seed_gives_the_same_findings() -> None:
    one, same, other = (
        check_derivative("inv(A)", "differential", differenced, A, seed=seed, raise_exception=False)
        for seed in (3, 3, 4)
    )
    assert one.report.findings == same.report.findings != other.report.findings


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"f": "dett(A)"}, "f"),
        ({"ask": "gradeint"}, "ask"),
        ({"inputs": {"A": "n×n symetric"}}, "inputs.A.family[0]"),
        ({"inputs": {"A": {"shape": ["n", "n"], "famly": []}}}, "inputs.A.famly"),
        ({"wrt": ["B"]}, "wrt[0]"),
        ({"sices": {}}, "sices"),
    ],
)
def test_faults_of_the_arguments_name_their_field(change: dict[str, Any], field: str) -> None:
    arguments: dict[str, Any] = {"f": "det(A)", "ask": "gradient", "function": inv, "inputs": A} | change
    with pytest.raises(AuthorError) as error:
        check_derivative(**arguments)
    assert field in [fault.where for fault in error.value.faults]


@pytest.mark.parametrize(
    "change", [{"function": 3}, {"inputs": "A"}, {"seed": -1}, {"seed": "x"}, {"cases": 0}, {"cases": 2.5}]
)
def test_other_faults_are_refused_in_words(change: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"f": "det(A)", "ask": "gradient", "function": inv, "inputs": A} | change
    with pytest.raises(GraderError):
        check_derivative(**arguments)


def test_where_there_is_no_derivative_nobody_is_blamed() -> None:
    with pytest.raises(GraderError, match="no derivative"):
        check_derivative("logdet(A @ A - A @ A)", "gradient", lambda A: A, A)


@pytest.mark.parametrize("shape", ["nxn", "n x n", "n*n", "n * n", "n,n", "(n, n)", "2x2", "nxn symmetric"])
def test_a_shape_may_be_written_with_another_sign_between_its_sides(shape: str) -> None:
    assert check_derivative("trace(A)", "gradient", lambda A: np.eye(len(A)), {"A": shape}, cases=4)


def test_a_size_that_is_given_keeps_its_name() -> None:
    ones = np.ones_like
    assert check_derivative("sum(v)", "gradient", ones, {"v": "nxn"}, sizes={"nxn": [2, 3]}, cases=4)
    assert check_derivative("sum(v)", "gradient", ones, {"v": "next"}, cases=4)


@pytest.mark.parametrize("f", [np.trace, lambda A: A, 3, None])
def test_a_map_that_is_not_text_is_one_fault_of_f(f: Any) -> None:
    with pytest.raises(GraderError) as raised:
        check_derivative(f, "gradient", lambda A: A, A)
    assert str(raised.value).startswith("f is ") and '"trace(A @ B)"' in str(raised.value)
    assert "statement" not in str(raised.value)


def test_one_differentiated_input_may_be_named_without_a_list() -> None:
    assert check_derivative("trace(A @ B)", "gradient", lambda A, B: B.T.copy(), AB, wrt="A", cases=4)
    with pytest.raises(AuthorError, match="'C' is not an input"):
        check_derivative("trace(A @ B)", "gradient", lambda A, B: B.T.copy(), AB, wrt="C")


def test_a_second_differential_of_two_inputs_has_two_directions_for_each() -> None:
    def by_name(WA: Any, WB: Any, VA: Any, VB: Any, A: Any, B: Any) -> Any:
        return VA @ WB + WA @ VB

    def by_place(A: Any, B: Any, dA: Any, dB: Any, eA: Any, eB: Any) -> Any:
        return dA @ eB + eA @ dB

    for function in (by_name, by_place):
        assert check_derivative("A @ B", "second_differential", function, AB, cases=4)
    with pytest.raises(
        DerivativeError, match=r"\A\S+ is wrong"
    ):  # pytest's summary shows the first line alone
        check_derivative("A @ B", "second_differential", lambda a, b, c, d, e, f: c @ d + e @ f, AB, cases=4)


@pytest.mark.parametrize(
    ("ask", "function"),
    [("gradient", lambda A, B: B.T.copy()), ("differential", lambda A, B, dA: np.trace(dA @ B))],
)
def test_a_function_of_one_of_two_inputs_is_told_of_wrt(ask: Ask, function: Any) -> None:
    check = check_derivative("trace(A @ B)", ask, function, AB, cases=4, raise_exception=False)
    assert not check and 'wrt="A"' in str(check)
    assert check_derivative("trace(A @ B)", ask, function, AB, wrt="A", cases=4)
