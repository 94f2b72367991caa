"""Several axes at once, einsum, transposes of three axes, and choices by sizes: as numpy has them, in every algebra."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.problems.algebras import NUMPY
from grader.problems.language import ExpressionError, evaluate, parse
from grader.problems.shapes import SHAPES, Size
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import from_array

_RNG = np.random.default_rng(14)
ARRAYS = {
    "A": _RNG.standard_normal((3, 4)),
    "B": _RNG.standard_normal((4, 4)),
    "T": _RNG.standard_normal((2, 3, 4)),
    "x": _RNG.standard_normal(4),
    "Z": np.zeros((0, 4)),
}
A, B, T, x, Z = ARRAYS.values()
VALUES = {
    "T.T": T.T,
    "T.H": T.T,
    "sum(T, axis=(0, 1))": T.sum(axis=(0, 1)),
    "sum(T, axis=())": T,
    "mean(T, axis=(0, -1), keepdims=True)": T.mean(axis=(0, -1), keepdims=True),
    "max(T, axis=(0, 2))": T.max(axis=(0, 2)),
    "std(T, axis=(1, 0))": T.std(axis=(1, 0)),
    "logsumexp(T, axis=(1, 2))": np.log(np.exp(T).sum(axis=(1, 2))),
    "sum(Z, axis=0)": np.zeros(4),
    "sum(Z, axis=(1, 0))": 0.0,
    "einsum('ij,jk->ik', A, B)": A @ B,
    "einsum('ij, jk', A, B)": A @ B,
    "einsum('ij,jk->ki', A, B)": (A @ B).T,
    "einsum('ii', B)": np.trace(B),
    "einsum('ii->i', B)": np.diag(B),
    "einsum('ba', A)": A.T,
    "einsum('aij,ij->a', T, A)": np.tensordot(T, A, 2),
    "einsum('ij,jk,k->', A, B, x)": (A @ B @ x).sum(),
    "einsum('i,j->ij', x, x)": np.outer(x, x),
    "einsum('ij,jk->ik', Z, B)": np.zeros((0, 4)),
    "A if n > 1 else B": A,
    "(x if n > 2 else x[::-1])[0]": x[-1],
    "B @ (x if n > 2 else x / n if n == 2 else 0 * x)": B @ x / 2,
}


@pytest.mark.parametrize("text", VALUES)
def test_all_algebras_agree_with_numpy(text: str) -> None:
    f = parse(text, [*ARRAYS, "n"])
    in_balls = evaluate(f, {"n": 2, **{name: from_array(value) for name, value in ARRAYS.items()}}, BALLS)
    exact = np.array([float(entry.mid()) for entry in in_balls.entries()]).reshape(in_balls.shape)
    assert np.shape(exact) == np.shape(VALUES[text])
    np.testing.assert_allclose(exact, VALUES[text], rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(evaluate(f, {"n": 2, **ARRAYS}, NUMPY), VALUES[text], rtol=1e-13, atol=1e-14)
    shapes = {"n": Size.of(2), **{name: value.shape for name, value in ARRAYS.items()}}
    shape: Any = evaluate(f, shapes, SHAPES)
    assert tuple(shape) == np.shape(VALUES[text])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x[1.0]", "an index is a whole number, found 1.0"),
        ("A[0, 1.0:]", "an index is a whole number, found 1.0"),
        ("x[[0, 2.0]]", "an index is a whole number, found 2.0"),
        ("sum(A, axis=(0, 0))", "sum has an axis twice in (0, 0)"),
        ("sum(A, axis=(0, 5))", "sum has no axis (0, 5) over 3×4"),
        ("cumsum(A, axis=(0, 1))", "'axis' of cumsum is a constant"),
        ("einsum(A, B)", "einsum begins with a constant text"),
        ("einsum('ij,jk->ik', A)", "is for 2 arrays, found 1"),
        ("einsum('ij', x)", "'ij' of einsum has 2 axes, and 4 1"),
        ("einsum('ij,jk', A, A)", "'j' of einsum is 4 and 3"),
        ("einsum('ij->k', A)", "the letters behind -> in 'ij->k' appear before it"),
        ("einsum('...i->...', A)", "einsum takes letters"),
        ("A if sum(x) > 1 else A", "to decide on data write where"),
        ("A if n else B", "a condition compares sizes"),
    ],
)
def test_what_numpy_refuses_is_refused(text: str, words: str) -> None:
    shapes = {"n": Size.of(2), **{name: value.shape for name, value in ARRAYS.items()}}
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse(text, [*ARRAYS, "n"]), shapes, SHAPES)
    assert words in str(caught.value)


def test_a_choice_by_size_may_be_a_view() -> None:
    with pytest.raises(ExpressionError, match="may be a view of 'y'"):
        parse("y = copy(x)\nz = y if n > 1 else x\ny[0] = 1\nreturn z", ["x", "n"])
