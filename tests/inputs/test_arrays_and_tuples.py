"""Arrays of three dimensions, inputs of integers and labels, larger sizes, and maps that return several arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader import check_derivative
from grader.cases.draw import draw_cases
from grader.core.errors import AuthorError
from grader.problems.load import make_problem

pytestmark = pytest.mark.sampled

Answer = Callable[..., Any]


def is_right(f: str, ask: Any, answer: Answer, inputs: dict[str, Any], **fields: Any) -> bool:
    return bool(check_derivative(f, ask, answer, inputs, raise_exception=False, cases=6, **fields))


PAIR = "return A @ A, trace(A)"


def pair_differential(A: Any, dA: Any) -> Any:
    return A @ dA + dA @ A, np.trace(dA)


@pytest.mark.slow
def test_a_map_of_several_arrays_has_a_value_and_differentials_that_are_tuples() -> None:
    inputs = {"A": {"shape": ["n", "n"], "family": ["integer", "generic"]}}
    assert is_right(PAIR, "value", lambda A: (A @ A, np.trace(A)), inputs)
    assert is_right(PAIR, "differential", pair_differential, inputs)
    assert is_right(PAIR, "second_differential", lambda A, V, W: (V @ W + W @ V, 0.0), inputs)
    wrong: list[Answer] = [
        lambda A, dA: (A @ dA + dA @ A, np.trace(A)),
        lambda A, dA: (2 * A @ dA, np.trace(dA)),
        lambda A, dA: A @ dA + dA @ A,
    ]
    for answer in wrong:
        assert not is_right(PAIR, "differential", answer, inputs)


@pytest.mark.slow
def test_the_jacobian_of_several_arrays_has_the_rows_of_all() -> None:
    inputs = {"r": {"shape": [], "space": "positive"}, "t": {"shape": []}}
    polar = "return r * cos(t), r * sin(t)"

    def jacobian(r: Any, t: Any) -> Any:
        return np.array([[np.cos(t)], [np.sin(t)]]), np.array([[-r * np.sin(t)], [r * np.cos(t)]])

    assert is_right(polar, "jacobian", jacobian, inputs)
    assert not is_right(polar, "jacobian", lambda r, t: jacobian(r, t)[::-1], inputs)
    assert is_right(polar, "jacobian_determinant", lambda r, t: r, inputs)
    assert not is_right(polar, "jacobian_determinant", lambda r, t: -r, inputs)


@pytest.mark.parametrize("ask", ["gradient", "pullback"])
def test_what_needs_one_array_says_so(ask: Any) -> None:
    with pytest.raises(AuthorError, match="returns one array, and this returns 2"):
        is_right(PAIR, ask, lambda *given: given[0], {"A": "n×n"})


def test_inputs_may_have_three_dimensions() -> None:
    inputs = {"T": {"shape": ["b", "m", "n"], "family": ["integer", "generic"]}}
    sizes = {"b": [2, 3], "m": [2], "n": [2, 3]}
    assert is_right("sum(T * T * T)", "gradient", lambda T: 3 * T**2, inputs, sizes=sizes, larger=False)
    assert not is_right("sum(T * T * T)", "gradient", lambda T: T**2, inputs, sizes=sizes, larger=False)
    assert is_right("T * T", "pullback", lambda T, G: 2 * T * G, inputs, sizes=sizes, larger=False)
    assert is_right("T * T", "differential", lambda T, dT: 2 * T * dT, inputs, sizes=sizes, larger=False)
    assert not is_right("T * T", "differential", lambda T, dT: T * dT, inputs, sizes=sizes, larger=False)


LOSS = """
total = 0
for i in range(m):
    total = total + log(sum(exp(X[i])))
    for k in range(n):
        total = total - where(y[i] == k, X[i, k], 0)
return total
"""


def softmax_minus_labels(X: Any, y: Any) -> Any:
    P = np.exp(X - X.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P[np.arange(len(y)), y] -= 1  # as integers do: floats could not be an index
    return P


def test_labels_are_integers_that_index_and_are_not_differentiated() -> None:
    inputs = {
        "X": {"shape": ["m", "n"], "family": ["integer", "generic"]},
        "y": {"shape": ["m"], "index": "n"},
    }
    sizes = {"m": [2, 3], "n": [2, 3]}
    assert is_right(LOSS, "gradient", softmax_minus_labels, inputs, sizes=sizes, larger=False)

    def no_labels(X: Any, y: Any) -> Any:
        return softmax_minus_labels(X, 0 * y)

    assert not is_right(LOSS, "gradient", no_labels, inputs, sizes=sizes, larger=False)
    with pytest.raises(AuthorError, match="y is of integers"):
        is_right(LOSS, "gradient", softmax_minus_labels, inputs, sizes=sizes, wrt=["X", "y"])


def test_labels_go_from_0_to_one_less_than_their_size_and_integers_are_small() -> None:
    problem = make_problem(
        {
            "title": "t", "statement": "s", "signature": "answer(A, y, k)", "f": "sum(A) * k + sum(y)", "ask": "value",
            "inputs": {
                "A": {"shape": ["n", "n"]}, "y": {"shape": ["m"], "index": "n"}, "k": {"shape": [], "space": "integer"},
            },
            "sizes": {"m": [6], "n": [2, 3]}, "checks": [{"check": "reference", "points": 1}],
        },
        "labels",
    )  # fmt: skip
    met = set()
    for case in draw_cases(problem, 1, 12):
        y, k = case.values["y"], case.values["k"]
        assert isinstance(y, np.ndarray) and y.dtype == np.int64 and type(k) is int and 1 <= abs(k) <= 4
        assert set(y.tolist()) <= set(range(case.sizes["n"]))
        met |= set(y.tolist())
    assert met >= {0, 1, 2}


@pytest.mark.slow
def test_sizes_go_to_40() -> None:
    inputs = {"x": {"shape": ["n"], "family": ["generic"]}, "A": {"shape": ["n", "n"], "family": ["generic"]}}

    def right(x: Any, A: Any, dx: Any) -> Any:
        return (A + A.T) @ x @ dx

    sizes = {"n": [30, 40]}
    assert is_right("x @ A @ x", "differential", right, inputs, wrt=["x"], sizes=sizes, larger=False)
    with pytest.raises(AuthorError, match="40"):
        is_right("x @ A @ x", "differential", right, inputs, wrt=["x"], sizes={"n": [41]})
