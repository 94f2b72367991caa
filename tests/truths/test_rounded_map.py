"""Steps of the differenced program are rounded: textbook formulas pass where f is an algorithm or saturates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flint import ctx

from grader.cases.asked_map import asked_map
from grader.cases.draw import draw_cases
from grader.cases.families import generator
from grader.core.norms import norm
from grader.problems.language import parse
from grader.problems.load import make_problem
from grader.problems.problem import Problem
from grader.truths.ball_algebra import BALLS
from grader.truths.derivative import Step, exact
from grader.truths.rounded_map import count_steps
from grader.truths.solve import solve_cases
from grader.truths.tolerance import find_tolerances

pytestmark = pytest.mark.sampled

Function = Callable[..., Any]


def ridge(X: Any, y: Any, t: float, dt: float) -> Any:
    """−2t·dt·K⁻²Xᵀy with K = XᵀX + t²I, by two solves, as a textbook has it."""
    K = X.T @ X + t**2 * np.eye(X.shape[1])
    return -2 * t * dt * np.linalg.solve(K, np.linalg.solve(K, X.T @ y))


def tanh_layer(A: Any, x: Any) -> Any:
    t = np.tanh(A @ x)
    return np.outer(2 * t * (1 - t**2), x)


def logistic_hessian(X: Any, w: Any, y: Any) -> Any:
    p = 1 / (1 + np.exp(-y * (X @ w)))
    return X.T @ ((p * (1 - p) * y**2)[:, None] * X)


TANH = "(1 - 2 / (exp(2 * (A @ x)) + 1))"


@dataclass(frozen=True, slots=True)
class Algorithm:
    f: str
    ask: str
    signature: str
    inputs: dict[str, list[str]]
    wrt: list[str]
    function: Function

    def problem(self) -> Problem:
        families = ["integer", "generic"]
        return make_problem(
            {
                "title": "x", "statement": "x", "signature": self.signature, "f": self.f, "ask": self.ask,
                "inputs": {name: {"shape": shape, "family": families} for name, shape in self.inputs.items()},
                "wrt": None if self.ask == "differential" else self.wrt,
                "sizes": {"m": [2, 3], "n": [3, 4]} if "X" in self.inputs else {"n": [2, 3]},
                "checks": [{"check": "reference", "points": 1}],
            },
            "problem",
        )  # fmt: skip


ALGORITHMS = {
    "ridge": Algorithm(
        "solve(X.T @ X + t ** 2 * eye(n), X.T @ y)",
        "differential",
        "ridge(X, y, t, dt)",
        {"X": ["m", "n"], "y": ["m"], "t": []},
        ["t"],
        ridge,
    ),
    "tanh": Algorithm(
        f"{TANH} @ {TANH}", "gradient", "layer(A, x)", {"A": ["n", "n"], "x": ["n"]}, ["A"], tanh_layer
    ),
    "logistic": Algorithm(
        "-(y / (1 + exp(y * (X @ w)))) @ X",
        "jacobian",
        "hessian(X, w, y)",
        {"X": ["m", "n"], "w": ["n"], "y": ["m"]},
        ["w"],
        logistic_hessian,
    ),
}


def errors(problem: Problem, function: Function, seed: int) -> list[float]:
    """How many tolerances each answer is away from the truth."""
    found = []
    for solved in solve_cases(problem, seed, 12):
        if solved.truth is not None:
            with np.errstate(all="ignore"):
                answer = function(*solved.case.values.values())
            (part,), (tolerance,) = solved.truth.parts, solved.truth.tolerances
            found.append(norm(part.minus(np.asarray(answer))) / tolerance)
    return found


@pytest.mark.parametrize("seed", [12, 30, 38])
@pytest.mark.parametrize("name", ALGORITHMS)
def test_textbook_formulas_stay_below_a_third_of_the_tolerance(name: str, seed: int) -> None:
    algorithm = ALGORITHMS[name]
    found = errors(algorithm.problem(), algorithm.function, seed)
    assert len(found) >= 12
    assert max(found) <= 1 / 3


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_error_in_the_eighth_digit_is_seen(name: str) -> None:
    algorithm = ALGORITHMS[name]
    assert max(errors(algorithm.problem(), lambda *values: (1 + 1e-8) * algorithm.function(*values), 12)) > 10


def test_steps_are_the_operations_that_round() -> None:
    assert count_steps(parse("inv(A)", ["A"])) == 1
    assert count_steps(parse("-A.T", ["A"])) == 0
    assert count_steps(parse("trace(inv(A) @ B)", ["A", "B"])) == 3


def test_exponents_stay_whole() -> None:
    problem = make_problem(
        {
            "title": "x", "statement": "x", "signature": "g(A, k)", "f": "trace(power(A, k / 2))", "ask": "gradient",
            "inputs": {"A": {"shape": ["n", "n"]}}, "parameters": {"k": [2, 4]},
            "checks": [{"check": "reference", "points": 1}],
        },
        "problem",
    )  # fmt: skip
    assert all(solved.truth is not None for solved in solve_cases(problem, 1, 6))


def test_tolerances_do_not_depend_on_the_step_of_the_differences() -> None:
    problem = make_problem(
        {
            "title": "x", "statement": "x", "signature": "g(A, dA)", "f": "inv(A) @ inv(A)", "ask": "differential",
            "inputs": {"A": {"shape": ["n", "n"]}}, "checks": [{"check": "reference", "points": 1}],
        },
        "problem",
    )  # fmt: skip
    for case in draw_cases(problem, 1, 6):
        asked = asked_map(problem, case, BALLS)
        found: list[float] = []
        with ctx.workprec(700):
            for exponent in (40, 60, 75, 200):
                h = Step(exponent, 700).h(asked)
                found += find_tolerances(asked, exact(asked, h), h, generator("draws"))
        assert found == pytest.approx(found[:1] * len(found), rel=1e-3, abs=0)
