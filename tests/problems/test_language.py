from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.norms import Array
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
from grader.truths.balls import from_array
from grader.truths.doubles import split

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
        ("A if x else B", 6, "a condition compares"),
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
        ("A ** c", "needs equal shapes"),
        ("power(A, b)", "an exponent of power is a scalar"),
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


PROGRAMS: dict[str, tuple[str, Callable[..., Any]]] = {
    "a loop": ("s = 0\nfor k in range(n):\n    s += b[k] * k\nreturn s", lambda A, b, x: b @ [0, 1, 2]),
    "a step": (
        "s = 0\nfor k in range(n - 1, -1, -2):\n    s = s + b[k]\nreturn s",
        lambda A, b, x: b[2] + b[0],
    ),
    "entries": ("C = copy(A)\nC[0, :] = b\nC[:, 1] += 1\nreturn C", lambda A, b, x: changed(A, b)),
    "a branch": (
        "if n > 2 and not n == 4:\n    y = A\nelif n == 2:\n    y = b\nelse:\n    y = x\nreturn y",
        lambda A, b, x: A,
    ),
    "two names": ("p, q = b[0], b[1]\np, q = q, p + q\nreturn [p, q]", lambda A, b, x: [b[1], b[0] + b[1]]),
    "a function": (
        "def g(u, v):\n    w = u @ v\n    return w * x\n\nreturn g(A, b) + g(A.T, b)",
        lambda A, b, x: (A + A.T) @ b * x,
    ),
    "a lambda": ("g = lambda u: u ** 2\nreturn g(b) + g(x)", lambda A, b, x: b**2 + x**2),
    "a count": ("m = n // 2 + n % 2\nreturn b[:m]", lambda A, b, x: b[:2]),
    "an early return": (
        "for k in range(n):\n    if k == 1:\n        return b[k]\nreturn x",
        lambda A, b, x: b[1],
    ),
    "one line": ("y = A @ b; return y", lambda A, b, x: A @ b),
}


def changed(A: Array, b: Array) -> Array:
    C = np.array(A)
    C[0] = b
    C[:, 1] += 1
    return C


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_computes_what_python_would(name: str) -> None:
    text, right = PROGRAMS[name]
    program = parse(text, [*NAMES, "n"])
    known: dict[str, Any] = values()
    expected = np.asarray(right(known["A"], known["b"], known["x"]))
    assert np.allclose(evaluate(program, known, NUMPY), expected, rtol=1e-14)
    with ctx.workprec(200):
        lifted = {name: from_array(value) for name, value in known.items()}
        assert np.allclose(split(evaluate(program, lifted, BALLS))[0], expected, rtol=1e-14)
    shapes: dict[str, Any] = {name: np.asarray(value).shape for name, value in known.items()} | {
        "n": Size.of(3)
    }
    shape: Any = evaluate(program, shapes, SHAPES)
    assert tuple(shape) == expected.shape


def test_a_program_without_loops_is_one_expression_to_those_who_need_one() -> None:
    program = parse("y = A @ b\nz = y * x\nreturn z @ y", NAMES)
    assert program.tree is not None and len(program.body) == 3
    expected = evaluate(parse("((A @ b) * x) @ (A @ b)", NAMES), values(), NUMPY)
    assert np.allclose(evaluate(Expression("", program.tree), values(), NUMPY), expected, rtol=1e-15)
    assert parse("s = 0\nfor k in range(2):\n    s = s + x\nreturn s", NAMES).tree is None
    assert parse("return A @ b", NAMES).body == ()


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("y = A\nreturn z", 2, 8, "unknown name 'z'"),
        ("y = A @ b", 1, 1, "the last line is not a return"),
        ("y = A\nfor k in range(3):\n    y = ivn(y)\nreturn y", 3, 9, "did you mean 'inv'"),
        ("while x:\n    x = x - 1\nreturn x", 1, 1, "write for k in range"),
        ("for k in b:\n    x = k\nreturn x", 1, 10, "a loop is over range"),
        ("import os\nreturn x", 1, 1, "imports are not needed"),
        ("A[0, 0] = 1\nreturn A", 1, 1, "write A = copy(A) above"),
        ("C = A\nC[0, 0] = 1\nreturn A", 2, 1, "write C = copy(C) above"),
        ("C = zeros(2)\nD = C\nC[0] = 1\nreturn D", 3, 1, "write D = copy(…)"),
        ("det = x\nreturn det", 1, 1, "is a function; choose another name"),
        ("if x:\n    y = 1\nelse:\n    y = 2\nreturn y", 1, 4, "a condition compares"),
        ("def g(u):\n    return g(u)\nreturn g(x)", 2, 12, "unknown function 'g'"),
        ("def g(u):\n    v = u\nreturn g(x)", 1, 1, "g does not end with return"),
        ("x.y = 3\nreturn x", 1, 1, "what is assigned to is a name"),
        ("y = x if x else 1\nreturn y", 1, 10, "a condition compares sizes"),
        ("  y = (\n  return y", 1, 5, "not an expression"),
    ],
)  # fmt: skip
def test_faults_of_a_program_have_line_and_column(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, NAMES)
    found = [fault for fault in caught.value.faults if words in fault.message]
    assert [(fault.line, fault.column) for fault in found] == [(line, column)], str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "for i in range(n):\n    for j in range(4000):\n        y = x\nreturn y",
            "more than 5000 statements",
        ),
        ("for k in range(x):\n    y = k\nreturn y", "made of sizes, parameters"),
        ("if n > 7:\n    y = x\nreturn y", "no line that sets it was reached"),
        ("if n > 7:\n    return x\nfor k in range(0):\n    y = k\nreturn y", "no line that sets it"),
        ("a, c = A\nreturn a", "2 names are set by 1 value"),
        ("return b[: n // 0]", "division by zero"),
    ],
)
def test_what_a_program_does_wrong_is_found_by_its_shapes(text: str, words: str) -> None:
    shapes: dict[str, Any] = {name: np.asarray(value).shape for name, value in values().items()} | {
        "n": Size.of(3)
    }
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse(text, [*NAMES, "n"]), shapes, SHAPES)
    assert words in str(caught.value)


VIEWS_OF_B = (
    *("B", "B[0]", "B[:2]", "B[0][1:]", "B.T", "B.H", "ravel(B)", "vec(B)", "diag(B)", "swapaxes(B, 0, 1)"),
    *("flip(B)", "real(B)", "conj(B)", "reshape(B, 9)", "power(B, 1)", "[B, B]", "B.T[0]", "h(B)"),
)


@pytest.mark.parametrize("view", VIEWS_OF_B)
@pytest.mark.parametrize("change", ["B[0, 0] = 1", "r[0] = 1", "B += 1", "r += 1"])
@pytest.mark.parametrize(
    "bound", ["r = {}", "r, s = {}, x", "s = {}\nr = s", "for k in range(2):\n    r = {}"]
)
def test_entries_that_two_names_may_share_are_not_set(view: str, change: str, bound: str) -> None:
    lines = ["def h(u):", "    return u", "B = eye(3)", bound.format(view), change, "return r"]
    with pytest.raises(ExpressionError) as caught:
        parse("\n".join(lines), NAMES)
    line = 5 + bound.count("\n")
    assert {(fault.line, fault.column) for fault in caught.value.faults} == {(line, 1)}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("C, D = B, B\nC[0, 0] = 1\nreturn D", 3),
        ("v = zeros(3)\nw = zeros(3)\nfor i in range(3):\n    w[i] = v[0] + 1\n    v = w\nreturn v", 5),
        (
            "u = zeros(3)\nv = zeros(3)\nw = zeros(3)\n"
            "for i in range(3):\n    w[i] = u[0] + 1\n    u = v\n    v = w\nreturn u",
            6,
        ),
        ("T = zeros(3, 3, 3)\nr = T[0, 1]\nT[0, 1, 2] = 1\nreturn r", 4),
        ("f = lambda u: B @ u\nB[0, 0] = 2\nreturn f(b)", 3),
        ("c = 1\nf = lambda u: c * u\nc = 2\nreturn f(x)", 4),
        ("c = 1\ndef f(u):\n    return c * u\nfor c in range(2):\n    x = f(x)\nreturn x", 5),
        ("def f(B):\n    B[0, 0] = 2\n    return B\nreturn f(A)", 3),
        ("def f(u):\n    B[0, 0] = u\n    return B\nreturn f(x)", 3),
        ("y = A\ny += A\nreturn A", 3),
        ("y = A\nz = y\nA = 2 * A\ny += 1\nreturn z", 5),
        ("y = B\nz = B[0]\nB = 2 * B\ny += 1\nreturn z", 5),
        ("A *= 2\nreturn A", 2),
    ],
)
def test_what_numpy_or_python_would_change_elsewhere_too_is_refused(text: str, line: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(f"B = eye(3)\n{text}", NAMES)
    assert {fault.line for fault in caught.value.faults} == {line}


@pytest.mark.parametrize(
    "text",
    [
        "s = B[0, 0]\nB[0, 0] = s + 1\ns += 1\nreturn s * B",
        "r = copy(B[0])\nB[0] = 2\nr[0] = 3\nr += 1\nreturn r",
        "r = B[[0, 1]]\nB[0] = 2\nreturn r",
        "r = B[0]\nr = r + 1\nB[0] = 2\nreturn r",
        "C, D = copy(B), B + 1\nC[0] = 1\nD[0] = 1\nreturn C + D",
        "v = zeros(3)\nfor i in range(3):\n    w = zeros(3)\n    w[i] = v[0]\n    v = w\nreturn v",
        "t = B\nfor k in range(3):\n    B = B @ A\n    t += B\nreturn t",
        "s = 0\nfor k in range(3):\n    f = lambda u: k * u\n    s += f(x)\nreturn s",
    ],
)
def test_arrays_that_nothing_else_holds_are_changed(text: str) -> None:
    assert parse(f"B = eye(3)\n{text}", NAMES).body


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("for i in range(100000000):\n    pass\nreturn x", "more than 5000 statements"),
        (
            "f = lambda u: u + 1\ng = lambda u: f(f(u))\nfor i in range(1200):\n    x = g(x)\nreturn x",
            "more than 5000 statements",
        ),
        ("for i in range(99999 * 99999):\n    return x\nreturn x", "a whole number is at most"),
        ("tile(A, 1000000)", "no more than 200000 entries"),
        ("repeat(b, 300000)", "no more than 200000 entries"),
        ("zeros(1000000000, 1000000000)", "no more than 200000 entries"),
        ("kron(kron(kron(A, A), kron(A, A)), kron(A, kron(A, A)))", "no more than 200000 entries"),
        ("outer(repeat(b, 300), repeat(b, 300))", "no more than 200000 entries"),
        ("concatenate(zeros(700, 200), zeros(700, 200))", "no more than 200000 entries"),
        ("reshape(A, -5, n)", "write -1 once"),
        ("reshape(A, -1, -1)", "write -1 once"),
    ],
)
def test_what_would_grow_without_bound_is_refused(text: str, words: str) -> None:
    with pytest.raises(ExpressionError, match=words):
        evaluate(parse(text, [*NAMES, "n"]), values(), NUMPY)


@pytest.mark.parametrize("text", ["x // 1", "x % 2", "A // 2", "b % n", "reshape(A, -5, n)"])
def test_what_is_for_whole_numbers_is_not_given_data(text: str) -> None:
    shapes: dict[str, Any] = {"A": ("n", "n"), "b": ("n",), "x": (), "n": Size.of("n")}
    with pytest.raises(ExpressionError, match="whole numbers"):
        evaluate(parse(text, [*shapes]), shapes, SHAPES)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_is_no_program(text: str) -> None:
    with pytest.raises(ExpressionError, match="not a return"):
        parse(text, NAMES)


@pytest.mark.parametrize(
    "value",
    [
        "arange(3)",
        "[1, 2, 3]",
        "copy(arange(3))",
        "2 * arange(3)",
        "copy([1, 2])",
        "where(b > 0, 1, 0)",
        "arange(6)[1:]",
    ],
)
def test_entries_of_whole_numbers_are_not_set(value: str) -> None:
    with pytest.raises(ExpressionError, match="write y = y / 1 above") as caught:
        parse(f"y = {value}\nz = copy(y)\ny[0] = x\nreturn y", NAMES)
    assert [fault.line for fault in caught.value.faults] == [3]
    with pytest.raises(ExpressionError, match="write z = z / 1 above"):
        parse(f"y = {value}\nz = copy(y)\nz[0] = x\nreturn z", NAMES)
    assert parse(f"y = {value}\ny = y / 1\ny[0] = x\nreturn y", NAMES).body
