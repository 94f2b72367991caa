"""Texts as authors write them: which are read, as what shape, and what is said of those that are not."""

from __future__ import annotations

from typing import Any

import pytest

from grader.core.errors import AuthorError
from grader.problems.load import make_problem
from grader.problems.problem import Problem


def problem(f: str, **more: Any) -> Problem:
    shapes = {"x": ["n"], "y": ["n"], "X": ["n", "n"], "Z": ["m", "n"], "w": ["m"]}
    used = {name: shape for name, shape in shapes.items() if any(name == word for word in words(f))}
    letters = {side for shape in used.values() for side in shape}
    fields = {
        "title": "t",
        "statement": "s",
        "signature": f"g({', '.join([*used, *more.get('parameters', {})])})",
        "f": f,
        "ask": "value",
        "inputs": {name: {"shape": shape} for name, shape in used.items()},
        "sizes": {letter: {"n": [2, 3, 4], "m": [2, 3]}[letter] for letter in sorted(letters)},
        "checks": [{"check": "reference", "points": 1}],
    }
    return make_problem({**fields, **more}, "p")


def words(f: str) -> set[str]:
    return set("".join(letter if letter.isalnum() else " " for letter in f).split())


RIGHT = {
    "sum(abs(x) ** 3) ** (1/3)": (),
    "flip(cumsum(flip(x)))": ("n",),
    "d = x[1:] - x[:-1]\nreturn d ** 2": ("(n−1)",),
    "W = exp(-2j * pi * outer(arange(n), arange(n)) / n)\nreturn real(W @ x)": ("n",),
    "x[[0, 1]] * x[[1, 0]]": (2,),
    "X[[0, 1], [1, 0]]": (2,),
    "sum((Z[:, None, :] - Z[None, :, :]) ** 2, axis=-1)": ("m", "m"),
    "C = Z - mean(Z, axis=0, keepdims=True)\nreturn C.T @ C / (m - 1)": ("n", "n"),
    "softmax(Z @ Z.T / sqrt(n), axis=-1) @ Z": ("m", "n"),
    "where(tril(ones(m, m)) > 0, Z @ Z.T, -1e9)": ("m", "m"),
    "where(abs(x) <= 1, x ** 2 / 2, abs(x) - 1/2)": ("n",),
    "block([[X, x[:, None]], [x[None, :], 1]])": ("(n+1)", "(n+1)"),
    "P = eye(n)[:, ::-1]\nreturn P @ X @ P.T": ("n", "n"),
    "vech((X + X.T) / 2)": ("n(n+1)/2",),
    "concatenate(x, w)": ("(m+n)",),
    "kron(Z, x[None, :]).T": ("n²", "m"),
    "p, q = 1, 0\nfor i in range(n):\n    p, q = x[i] * p + q, p\nreturn p": (),
    "norm(X, 2) + norm(X, ord='fro') + norm(x, 1)": (),
    "y = zeros(n)\nfor i in range(n):\n    y[i] = (x[i] - X[i, :i] @ y[:i]) / X[i, i]\nreturn y": ("n",),
    "A = copy(X)\nfor k in range(n):\n    for i in range(k + 1, n):\n"
    "        A[i, k:] -= A[i, k] / A[k, k] * A[k, k:]\nreturn A": ("n", "n"),
    "u = x\nfor k in range(3):\n    u = u + 0.1 * (roll(u, 1) - 2 * u + roll(u, -1))  # heat\nreturn u": ("n",),
    "Q, R = qr(X)\nreturn abs(Q.T) @ abs(R)": ("n", "n"),
    "X[0][1] + x[-1] + 2 ** x[0] + x[0] ** n": (),
}  # fmt: skip


@pytest.mark.parametrize("f", RIGHT)
def test_a_text_is_read_and_its_shape_written_in_letters(f: str) -> None:
    assert problem(f).output == RIGHT[f]


@pytest.mark.parametrize(
    ("f", "words"),
    [
        ("norm(X, 3)", "the second argument of norm is one of 'fro', '2'"),
        ("X.trace()", "write trace(X)"),
        ("np.linalg.norm(x)", "write norm(…) without np.linalg"),
        ("tr(X)", "write trace(A)"),
        ("odeint(lambda y, t: X @ y, x, 1)", "write ode(lambda y, t: …, y0, t)"),
        ("fsolve(lambda z: z ** 3 - x, x)", "write root(lambda x: …, x0)"),
        ("ode(lambda t, y: X @ y, x, 1)", "the state first and then the time; write lambda y, t"),
        ("ode(lambda t, y: t * y, sum(x), 1)", "the state first and then the time; write lambda y, t"),
        ("X^2", "'^' is not a power here"),
        ("sum(x[i] for i in range(n))", "write sum(x), or lines with for k in range(n)"),
        ("max(x, 0)", "max of two is maximum(x, y)"),
        ("if sum(x) > 0:\n    return x\nreturn -x", "to decide on data write where"),
        ("len(x) * x", "write the letter of the size"),
        ("x.shape[0] * x", "a size has its own letter"),
        ("for v in x:\n    s = v\nreturn s", "as in for i in range(n)"),
            ("1 if sum(x) > 2 else x", "to decide on data write where"),
        ("y = x return y", "YAML has joined its lines; write f: |"),
        ("zeros(4000) @ x", "a side has at most 1000 entries"),
        ("commutation(90, 90) @ x", "commutation takes sizes up to 40"),
        ("x[7]", "index 7 is out of bounds for axis 0 with size 2 (at n = 2)"),
        ("if n > 3:\n    return x\nreturn X", "f is 2×2 at some sizes and 4 at others, such as n = 4"),
        ("X @ (x, x)", "a tuple is not part of the expression language; write [a, b] for an array"),
        ("eigh(X)[2]", "this returns 2 values"),
    ],
)  # fmt: skip
def test_what_a_text_does_wrong_is_told(f: str, words: str) -> None:
    with pytest.raises(AuthorError) as caught:
        problem(f)
    assert words in str(caught.value)
