"""Problems of a machine learning course whose map is an algorithm, with right and wrong answers, worked by hand.

Their derivatives saturate, cancel or solve an ill-conditioned system, which is where a tolerance fails first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.linalg import inv, solve

from grader.problems.load import make_problem
from grader.problems.problem import Problem

Function = Callable[..., Any]
CHECKS = [{"check": "shape", "points": 1}, {"check": "reference", "points": 3}]
VECTOR, SQUARE, TALL = {"shape": ["n"]}, {"shape": ["n", "n"]}, {"shape": ["m", "n"]}


@dataclass(frozen=True, slots=True)
class WorkedProblem:
    """A problem with right and wrong functions."""

    problem: Problem
    right: Mapping[str, Function]
    wrong: Mapping[str, Function]


def worked_problems() -> tuple[WorkedProblem, ...]:
    """All of them."""
    return (
        _ridge(),
        _ridge_path(),
        _recurrence(),
        _flow(),
        _logistic(),
        _softmax(),
        _gauss(),
        _least_squares(),
    )


def _make(name: str, signature: str, f: str, ask: str, inputs: Mapping[str, Any], **others: Any) -> Problem:
    fields = {"title": name, "statement": name, "signature": signature, "f": f, "ask": ask}
    return make_problem({**fields, "inputs": inputs, "checks": CHECKS, **others}, name)


def _ridge() -> WorkedProblem:
    """Ridge regression by the normal equations, along dt; for m < n the matrix is nearly singular."""

    def textbook(X: Any, y: Any, t: Any, dt: Any) -> Any:
        S = X.T @ X + t**2 * np.eye(X.shape[1])
        return -2 * t * dt * solve(S, solve(S, X.T @ y))

    def by_inverse(X: Any, y: Any, t: Any, dt: Any) -> Any:
        S = inv(X.T @ X + t**2 * np.eye(X.shape[1]))
        return -2 * t * dt * S @ S @ (X.T @ y)

    def by_svd(X: Any, y: Any, t: Any, dt: Any) -> Any:
        U, s, Vh = np.linalg.svd(X, full_matrices=False)
        return Vh.T @ (-2 * t * dt * s / (s**2 + t**2) ** 2 * (U.T @ y))

    def no_factor(X: Any, y: Any, t: Any, dt: Any) -> Any:
        return textbook(X, y, t, dt) / 2

    def one_solve(X: Any, y: Any, t: Any, dt: Any) -> Any:
        return -2 * t * dt * solve(X.T @ X + t**2 * np.eye(X.shape[1]), X.T @ y)

    problem = _make(
        "ridge-along-t",
        "ridge(X, y, t, dt)",
        "solve(X.T @ X + t ** 2 * eye(n), X.T @ y)",
        "differential",
        {"X": TALL, "y": {"shape": ["m"]}, "t": {"shape": []}},
        sizes={"m": [2, 3], "n": [3, 4]},
    )
    right = {"textbook": textbook, "by inverse": by_inverse, "by SVD": by_svd}
    return WorkedProblem(problem, right, {"no factor 2": no_factor, "one solve": one_solve})


def _ridge_path() -> WorkedProblem:
    """The gradient of the loss of ridge regression, by a chain of solves."""

    def textbook(X: Any, y: Any, w: Any) -> Any:
        return 2 * X.T @ (X @ w - y) + 2 * w

    def expanded(X: Any, y: Any, w: Any) -> Any:
        return 2 * (X.T @ X + np.eye(len(w))) @ w - 2 * X.T @ y

    problem = _make(
        "ridge-loss",
        "ridge_loss(X, y, w)",
        "sum((X @ w - y) ** 2) + w @ w",
        "gradient",
        {"X": TALL, "y": {"shape": ["m"]}, "w": VECTOR},
        wrt=["w"],
        sizes={"m": [2, 3, 4], "n": [3, 2, 4]},
    )
    wrong = {
        "no penalty": lambda X, y, w: 2 * X.T @ (X @ w - y),
        "penalty once": lambda X, y, w: 2 * X.T @ (X @ w - y) + w,
    }
    return WorkedProblem(problem, {"textbook": textbook, "expanded": expanded}, wrong)


_TANH = "(1 - 2 / (exp(2 * ({0})) + 1))"


def _recurrence() -> WorkedProblem:
    """Backpropagation through two layers of tanh, which saturate."""

    def backwards(A: Any, B: Any, x: Any, y: Any) -> Any:
        h = np.tanh(A @ x)
        z = np.tanh(B @ h)
        dz = 2 * (z - y) * (1 - z**2)
        dh = (B.T @ dz) * (1 - h**2)
        return np.outer(dh, x), np.outer(dz, h)

    def by_cosh(A: Any, B: Any, x: Any, y: Any) -> Any:
        u = A @ x
        h = np.tanh(u)
        v = B @ h
        dz = 2 * (np.tanh(v) - y) / np.cosh(v) ** 2
        return np.outer((B.T @ dz) / np.cosh(u) ** 2, x), np.outer(dz, h)

    def no_derivative(A: Any, B: Any, x: Any, y: Any) -> Any:
        h = np.tanh(A @ x)
        dz = 2 * (np.tanh(B @ h) - y)
        return np.outer((B.T @ dz) * (1 - h**2), x), np.outer(dz, h)

    def no_transpose(A: Any, B: Any, x: Any, y: Any) -> Any:
        h = np.tanh(A @ x)
        z = np.tanh(B @ h)
        dz = 2 * (z - y) * (1 - z**2)
        return np.outer((B @ dz) * (1 - h**2), x), np.outer(dz, h)

    inner = _TANH.format("A @ x")
    problem = _make(
        "two-layers",
        "two_layers(A, B, x, y)",
        f"sum(({_TANH.format(f'B @ {inner}')} - y) ** 2)",
        "gradient",
        {"A": SQUARE, "B": SQUARE, "x": VECTOR, "y": VECTOR},
        wrt=["A", "B"],
        sizes={"n": [2, 3, 4]},
    )
    right = {"backwards": backwards, "by cosh": by_cosh}
    return WorkedProblem(problem, right, {"no derivative": no_derivative, "no transpose": no_transpose})


def _flow() -> WorkedProblem:
    """log|det| of a planar flow."""

    def textbook(u: Any, w: Any, x: Any, b: Any) -> Any:
        t = np.tanh(w @ x + b)
        a, c = 1 - t**2, u @ w
        q, da = 1 + c * a, -2 * t * a
        return a * w / q, (a * u + c * da * x) / q, c * da / q

    def by_cosh(u: Any, w: Any, x: Any, b: Any) -> Any:
        s = w @ x + b
        a, c = np.cosh(s) ** -2, u @ w
        q, da = 1 + c * a, -2 * np.tanh(s) * a
        return a * w / q, (a * u + c * da * x) / q, c * da / q

    def no_chain(u: Any, w: Any, x: Any, b: Any) -> Any:
        first, _, last = textbook(u, w, x, b)
        t = np.tanh(w @ x + b)
        return first, (1 - t**2) * u / (1 + (u @ w) * (1 - t**2)), last

    problem = _make(
        "planar-flow",
        "planar_flow(u, w, x, b)",
        f"log(abs(1 + (u @ w) * (1 - {_TANH.format('w @ x + b')} ** 2)))",
        "gradient",
        {"u": VECTOR, "w": VECTOR, "x": VECTOR, "b": {"shape": []}},
        wrt=["u", "w", "b"],
        sizes={"n": [2, 3, 4]},
    )
    return WorkedProblem(problem, {"textbook": textbook, "by cosh": by_cosh}, {"no chain rule": no_chain})


def _logistic() -> WorkedProblem:
    """The Hessian of the logistic loss, as the Jacobian of its gradient."""

    def textbook(X: Any, w: Any, y: Any) -> Any:
        p = 1 / (1 + np.exp(-y * (X @ w)))
        return X.T @ ((p * (1 - p) * y**2)[:, None] * X)

    def by_cosh(X: Any, w: Any, y: Any) -> Any:
        d = y**2 / (4 * np.cosh(y * (X @ w) / 2) ** 2)
        return (X.T * d) @ X

    problem = _make(
        "logistic-hessian",
        "logistic_hessian(X, w, y)",
        "-(y / (1 + exp(y * (X @ w)))) @ X",
        "jacobian",
        {"X": TALL, "w": VECTOR, "y": {"shape": ["m"]}},
        wrt=["w"],
        sizes={"m": [3, 2, 4], "n": [2, 3, 4]},
    )
    wrong = {
        "p for p(1 - p)": lambda X, w, y: X.T @ ((y**2 / (1 + np.exp(-y * (X @ w))))[:, None] * X),
        "y once": lambda X, w, y: X.T @ ((y / (4 * np.cosh(y * (X @ w) / 2) ** 2))[:, None] * X),
    }
    return WorkedProblem(problem, {"textbook": textbook, "by cosh": by_cosh}, wrong)


def _softmax() -> WorkedProblem:
    """The gradient of log-sum-exp."""

    def shifted(x: Any) -> Any:
        e = np.exp(x - x.max())
        return e / e.sum()

    problem = _make(
        "log-sum-exp", "log_sum_exp(x)", "log(sum(exp(x)))", "gradient", {"x": VECTOR}, sizes={"n": [2, 3, 5]}
    )
    right = {"plain": lambda x: np.exp(x) / np.sum(np.exp(x)), "shifted": shifted}
    wrong = {"not normalised": lambda x: np.exp(x), "uniform": lambda x: np.ones(len(x)) / len(x)}
    return WorkedProblem(problem, right, wrong)


def _gauss() -> WorkedProblem:
    """The gradient of a Gaussian log-likelihood in the precision matrix."""
    problem = _make(
        "gauss-precision",
        "gauss_precision(P, x)",
        "logdet(P) - x @ P @ x",
        "gradient",
        {"P": SQUARE, "x": VECTOR},
        wrt=["P"],
        sizes={"n": [2, 3, 4]},
    )
    right = {
        "inverse": lambda P, x: inv(P).T - np.outer(x, x),
        "solve": lambda P, x: solve(P.T, np.eye(len(P))) - np.outer(x, x),
    }
    wrong = {
        "not transposed": lambda P, x: inv(P) - np.outer(x, x),
        "inner product": lambda P, x: inv(P).T - x @ x,
    }
    return WorkedProblem(problem, right, wrong)


def _least_squares() -> WorkedProblem:
    """The solution of least squares along db, by normal equations, QR and the pseudoinverse."""

    def by_qr(A: Any, b: Any, db: Any) -> Any:
        Q, R = np.linalg.qr(A)
        return solve(R, Q.T @ db)

    problem = _make(
        "least-squares",
        "least_squares(A, b, db)",
        "solve(A.T @ A, A.T @ b)",
        "differential",
        {"A": TALL, "b": {"shape": ["m"]}},
        wrt=["b"],
        sizes={"m": [3, 4, 5], "n": [2, 3, 4]},
    )
    right = {
        "normal equations": lambda A, b, db: solve(A.T @ A, A.T @ db),
        "QR": by_qr,
        "pseudoinverse": lambda A, b, db: np.linalg.pinv(A) @ db,
    }
    wrong = {
        "the value": lambda A, b, db: solve(A.T @ A, A.T @ b),
        "no second factor": lambda A, b, db: A.T @ db,
    }
    return WorkedProblem(problem, right, wrong)
