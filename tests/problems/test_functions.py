"""The functions of the language: the same in doubles, in balls and as shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import ctx

from grader.problems.algebras import NUMPY
from grader.problems.language import FUNCTIONS, MATRIX_FUNCTIONS, ExpressionError, evaluate, parse
from grader.problems.shapes import SHAPES, Size
from grader.problems.sides import Labels
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import from_array
from grader.truths.doubles import split

NAMES: dict[str, Any] = {
    "A": np.array([[2.0, -1.0, 0.5], [0.25, 3.0, 1.0], [-0.75, 0.5, 1.5]]),
    "M": np.array([[1.0, -2.0], [0.5, 4.0], [3.0, -0.125]]),
    "S": np.array([[3.0, 1.0, 0.5], [1.0, 2.0, -0.25], [0.5, -0.25, 1.5]]),
    "C": np.array([[1.0, -2.0, 0.5], [3.0, 0.5, 1.0], [0.25, -1.0, 4.0]]),
    "x": np.array([0.75, -0.25, 0.5]),
    "y": np.array([0.5, 2.0, 1.25]),
    "t": np.float64(0.625),
    "labels": np.array([2, 0, 1]),
    "n": 3,
    "k": 2,
}
SHAPES_OF = {
    name: Size.of(value) if isinstance(value, int) else np.shape(value) for name, value in NAMES.items()
}

SHAPES_OF["labels"] = Labels.of((3,), 3)

CALLS = [
    *(f"{name}(x)" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan")),
    *(f"{name}(M)" for name in ("exp", "expm1", "abs", "sign", "square", "real", "imag", "conj", "relu")),
    *(f"{name}(M)" for name in ("erf", "erfc", "sigmoid", "softplus", "arcsinh")),
    *(f"{name}(y)" for name in ("sqrt", "log", "log1p", "gammaln")),
    "arctanh(x)", "arccosh(y + 1)", "gammaln(x - 0.1)", "gammaln(t)",
    *(f"{name}(x, y)" for name in ("maximum", "minimum", "hypot", "logaddexp", "arctan2", "outer", "inner", "dot")),
    "cross(x, y)", "convolve(x, [1, t])", "diff(x)", "diff(M)",
    "maximum(M, 0)", "minimum(M, [1, 2])", "clip(M, -1, 1)", "where(M > 0, M, -M)", "where(x <= y, x, 2)",
    *(f"{name}(M)" for name in ("sum", "mean", "prod", "max", "min", "var", "std", "logsumexp")),
    *(f"{name}(M, axis=0)" for name in ("sum", "mean", "prod", "max", "min", "var", "std", "logsumexp", "softmax")),
    *(f"{name}(M, axis=-1, keepdims=True)" for name in ("sum", "mean", "prod", "max", "min", "var", "logsumexp")),
    *(f"{name}(M, keepdims=True)" for name in ("sum", "max")), "sum(M, axis=(0, 1))", "einsum('ij,ij->j', M, M)",
    "sum(M, 1)", "cumsum(x)", "cumsum(M)", "cumsum(M, axis=1)", "cumprod(M, axis=0)", "softmax(M)", "softmax(x)",
    "det(A)", "inv(A)", "trace(A)", "logdet(A)", "adj(A)", "solve(A, x)", "power(A, k)", "norm(A)", "norm(M, 'nuc')",
    "norm(stack(M, M))",
    "vec(M)", "vech(A)", "unvech(vech(A))", "unvech(x)", "copy(M)", "kron(A, M)", "flip(M)", "flip(M, axis=1)",
    "diag(A)", "diag(x)", "diag(x, 1)", "diag(A, k=-1)", "tril(A)", "tril(A, -1)", "triu(A, k=1)", "triu(M)",
    "toeplitz(x)", "toeplitz(x, [1, t])", "eye(n)", "eye(n, 2)", "eye(n, k=1)", "eye(n - 1)", "zeros(n, n + 1)",
    "zeros((2, 3))", "ones(n)", "arange(n)", "arange(1, n + 1)",
    "duplication(n)", "elimination(n)", "commutation(2, n)",
    "stack(x, y)", "stack([x, y], axis=1)", "stack(M, M, axis=-1)", "concatenate(x, y)", "concatenate([M, M], axis=1)",
    "hstack(M, M)", "vstack(x, y)", "block([[A, M], [M.T, eye(2)]])", "block([x, t])", "reshape(M, 2, 3)",
    "reshape(M, (n, -1), order='F')", "reshape(M, -1)", "ravel(M)", "ravel(M, order='F')", "roll(x, 1)",
    "roll(M, -1, axis=0)", "repeat(x, 2)", "repeat(M, 2, axis=1)", "tile(x, 2)", "tile(x, 2, 1)", "swapaxes(M, 0, 1)",
    "[[t, 1], [0, t]]", "[x, y] @ A", "x[0]", "x[-1]", "M[1:, 0]", "M[:, ::-1]", "x[:, None] * y", "A[k, :k]",
    "A[..., 0]",
    "x[:, None] + y[None, :]", "A - x", "M * [1, 2]", "A ** 2", "y ** (1/3)", "y ** -0.5", "A[n - 1]",
    "stack(M, M) @ [1, 2]", "stack(A, A) @ stack(M, M)", "A @ stack(M, M)", "x @ stack(M, M)",
    "cholesky(S)", "qr(A)[0]", "qr(A)[1]", "qr(M)[0]", "qr(M.T)[1]", "lu(A)[0]", "lu(M)[1]", "lu(M)[2]",
    "eigh(S)[0]", "eigh(S)[1]", "eigvalsh(S)", "eig(C)[0]", "eig(C)[1]", "eigvals(C)", "svd(M)[0]", "svd(A)[2]",
    "svd(M)[1]", "svdvals(M)", "pinv(M)", "pinv(M.T)", "lstsq(M, x)", "lstsq(M, A)", "null_space(M.T)",
    "sylvester(S, S, A)", "expm(A)", "logm(S)", "sqrtm(S)",
    *(f"funm(S / 4, '{name}')" for name in MATRIX_FUNCTIONS),
    "root(lambda v: v ** 3 + v - x, x)", "root(lambda v: S @ v + exp(v) - x, x)",
    "ode(lambda v: A @ v, x, 1 / 64)", "ode(lambda v, s: tanh(A @ v) * s - v, x, 1 / 64)",
    "A[arange(n), labels]", "M[labels[0]]", "A[labels]", "A[:, labels[1:] - 1]",
    "sum(stack(M, M) ** 2, axis=1)", "sum(x[k - 1:]) * n / 2",
]  # fmt: skip


@pytest.mark.parametrize("text", CALLS)
def test_doubles_balls_and_shapes_agree(text: str) -> None:
    expression = parse(text, NAMES)
    double = np.asarray(evaluate(expression, NAMES, NUMPY))
    with ctx.workprec(200):
        lifted = {
            name: value if isinstance(value, int) else from_array(value) for name, value in NAMES.items()
        }
        exactly = split(evaluate(expression, lifted, BALLS))[0]
    assert double.shape == exactly.shape
    assert np.allclose(double, exactly, rtol=1e-13, atol=1e-15)
    shape: Any = evaluate(expression, SHAPES_OF, SHAPES)
    assert tuple(shape) == exactly.shape


def test_every_function_is_called_here() -> None:
    called = {name for name in FUNCTIONS if any(f"{name}(" in text for text in CALLS)}
    assert called == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sum(M, axis=2)", "sum has no axis 2 over 3×2"),
        ("sum(M, axis=k)", "'axis' of sum is a constant, such as axis=0"),
        ("sum(M, over=0)", "allowed: axis, keepdims"),
        ("x + M", "needs equal shapes"),
        ("stack(x, M)", "arrays beside each other need equal shapes"),
        ("concatenate(A, M)", "concatenate does not fit 3×3 and 3×2"),
        ("reshape(M, 4, 2)", "reshape does not fit 3×2"),
        ("cross(x, M[0])", "cross needs two vectors of 3 entries"),
        ("convolve(x, M)", "convolve needs two vectors"),
        ("x[3]", "index 3 is out of bounds"),
        ("M[0, 0, 0]", "too many indices"),
        ("x[t]", "made of sizes, parameters"),
        ("A[x]", "made of sizes, parameters"),
        ("M[:, labels]", "index 2 is out of bounds"),
        ("zeros(t)", "zeros takes one of the sizes"),
        ("unvech(y[1:])", "unvech needs n(n+1)/2 entries, found 2"),
        ("np.sin(x)", "write sin(…) without np"),
        ("x.sum()", "write sum(x)"),
        ("M.shape[0]", "a size has its own letter"),
        ("where(x, 1, 2)", "one comparison"),
        ("expm1p(x)", "did you mean 'expm1'"),
        ("lgamma(x)", "write gammaln(x)"),
        ("vander(x)", "write x[:, None] ** arange(n)"),
        ("polyval(x, x)", "write sum(c * x ** arange(n))"),
        ("hmm(x)", "allowed: abs, adj"),
        ("where(0 < x < 1, 1, 2)", "one comparison"),
        ("root(lambda v: v + root(lambda w: w ** 3 + w - v, x) - x, x)", "root is not allowed inside"),
        ("root(lambda v: v + ode(lambda w: w - v, x, t) - x, x)", "ode is not allowed inside"),
        ("ode(lambda v: root(lambda w: w ** 3 + w - v, x), x, t)", "root is not allowed inside"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(text: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse(text, NAMES), SHAPES_OF, SHAPES)
    assert words in str(caught.value)
