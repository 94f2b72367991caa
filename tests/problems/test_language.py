from __future__ import annotations

import numpy as np
import pytest
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.problems.algebras import NUMPY
from grader.problems.language import (
    COMPARISONS,
    FUNCTIONS,
    INTERNAL,
    NORMS,
    Expression,
    ExpressionError,
    evaluate,
    parse,
)
from grader.problems.shapes import SHAPES, Size
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import from_array, split

NAMES = ("A", "B", "b", "x")

scalars = st.recursive(
    st.sampled_from(["x", "2", "0.5", "det(A)", "trace(B)", "norm(A, 'fro')", "(b @ b)", "sum(A)"]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
    max_leaves=4,
)
matrices = st.recursive(
    st.sampled_from(["A", "B", "A.T", "inv(A)", "adj(B)", "eye(n)", "diag(b)", "B.H"]),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*@"), inner)
        | st.builds("({} * {})".format, scalars, inner)
        | st.builds("(-{})".format, inner)
        | st.builds("solve(A, {})".format, inner)
    ),
    max_leaves=5,
)
expressions = (
    matrices | scalars | st.builds("vec({})".format, matrices) | st.builds("({} @ b)".format, matrices)
)


def values(seed: int = 0) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    return {
        "A": rng.normal(size=(3, 3)) + 3 * np.eye(3),
        "B": rng.normal(size=(3, 3)),
        "b": rng.normal(size=3),
        "x": 0.7,
        "n": 3,
    }


@settings(max_examples=150)
@given(expressions)
def test_numpy_balls_and_shapes_give_the_same_value(text: str) -> None:
    expression = parse(text, [*NAMES, "n"])
    names = values()
    double = np.asarray(evaluate(expression, names, NUMPY))
    with ctx.workprec(300):
        ball = evaluate(expression, {name: from_array(value) for name, value in names.items()}, BALLS)
    hi, _ = split(ball)
    scale = max(1.0, float(np.max(np.abs(hi))))
    assert double.shape == hi.shape
    assert float(np.max(np.abs(double - hi))) <= 1e-8 * scale
    shapes = {"A": ("n", "n"), "B": ("n", "n"), "b": ("n",), "x": (), "n": Size.of("n")}
    assert len(evaluate(expression, shapes, SHAPES)) == hi.ndim


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_with_columns(text: str) -> None:
    try:
        result = parse(text, NAMES)
    except ExpressionError as error:
        assert error.faults and all(column >= 1 and message for _, column, message in error.faults)
    else:
        assert isinstance(result, Expression)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("__import__('os')", 1, "unknown function '__import__'"),
        ("A.__class__", 1, "unknown attribute '.__class__'"),
        ("A + B.real", 5, "allowed: .T, .H"),
        ("[x for x in A]", 1, "comprehension"),
        ("A[c]", 3, "unknown name 'c'"),
        ("x ** 1000", 6, "exponent"),
        ("9 ** 9 ** 9", 6, "exponent"),
        ("inv(C)", 5, "unknown name 'C'"),
        ("ivn(A)", 1, "did you mean 'inv'"),
        ("norm(A, 'largest')", 1, "second argument of norm"),
        ("solve(A)", 1, "takes 2 arguments, found 1"),
        ("det(A=A)", 1, "plain arguments"),
        ("(lambda: 1)()", 1, "only the listed functions"),
        ("'text'", 1, "a string or constant"),
        ("A if x else B", 1, "if/else"),
        ("A < B", 1, "a comparison"),
        ("1e999 * A", 1, "too large"),
        ("det", 1, "is a function and needs arguments"),
        ("A +", 1, "not an expression"),
        ("-" * 90 + "A", 62, "nested deeper"),
        ("A" * 7000, 6000, "longer than"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, NAMES)
    assert any(found == column and words in message for _, found, message in caught.value.faults), str(
        caught.value
    )


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("inv(C) + ivn(A) + A.real", NAMES)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("det(b)", "det needs a square matrix, found n"),
        ("A + c", "equal shapes or a scalar"),
        ("A @ x", "'@' does not fit n×n and a scalar"),
        ("eye(x)", "eye takes one of the sizes"),
        ("x ** A", "an exponent is a scalar"),
        ("diag(x)", "diag needs a matrix or a vector"),
    ],
)
def test_shapes_that_do_not_fit_are_found_without_numbers(text: str, words: str) -> None:
    shapes = {"A": ("n", "n"), "b": ("n",), "c": ("m",), "x": (), "n": Size.of("n")}
    with pytest.raises(ExpressionError, match="column") as caught:
        evaluate(parse(text, [*shapes]), shapes, SHAPES)
    assert words in str(caught.value)


@pytest.mark.parametrize("kind", NORMS)
def test_norms_agree_between_numpy_and_balls(kind: str) -> None:
    for name in ("A", "b"):
        expression = parse(f"norm({name}, '{kind}')", NAMES)
        with ctx.workprec(300):
            exactly = split(evaluate(expression, {name: from_array(values()[name])}, BALLS))[0]
        assert np.isclose(evaluate(expression, values(), NUMPY), exactly, rtol=1e-13)


def test_every_function_exists_in_every_algebra() -> None:
    for algebra in (NUMPY, BALLS, SHAPES):
        signs = {*"+-*/@%", "**", "//", "neg", ".T", ".H", "[]", "[]=", *COMPARISONS}
        assert ({*FUNCTIONS} - {"block"}) | {*INTERNAL, *signs} == set(algebra.operations)


def test_the_adjugate_is_right_at_every_rank() -> None:
    expression = parse("adj(A)", ["A"])
    for A in (
        [[1.0, 2], [2, 4]],
        [[0.0]],
        [[0.0, 0], [0, 0]],
        [[1.0, 2, 3], [2, 4, 6], [3, 6, 9]],
        [[2.0, 1], [1, 3]],
    ):
        n = len(A)
        minors = [
            [np.linalg.det(np.delete(np.delete(np.array(A), i, 0), j, 1)) for i in range(n)] for j in range(n)
        ]
        right = [[(-1) ** (i + j) * minors[i][j] for j in range(n)] for i in range(n)]
        assert np.allclose(evaluate(expression, {"A": np.array(A)}, NUMPY), right, atol=1e-12)
        assert np.allclose(
            split(evaluate(expression, {"A": from_array(np.array(A))}, BALLS))[0], right, atol=1e-12
        )
