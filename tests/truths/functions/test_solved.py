"""Roots of equations and solutions of differential equations, against formulas and mpmath; and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import acb, arb, ctx

from grader.core.norms import Array
from grader.problems.language import evaluate, parse
from grader.truths.ball_algebra import ANALYTIC, BALLS
from grader.truths.balls import Ball, NeverExactError, NotExactError, from_array, from_entries, radius
from grader.truths.doubles import split
from grader.truths.functions.root import root
from grader.truths.functions.tape import record

pytestmark = pytest.mark.sampled

BITS = 240
RNG = np.random.default_rng(5)
A = RNG.standard_normal((3, 3))
Y = RNG.standard_normal(3)


@pytest.fixture(autouse=True)
def _bits() -> Iterator[None]:
    with ctx.workprec(BITS):
        yield


def value(text: str, **names: Any) -> Ball:
    lifted = {name: item if isinstance(item, Ball) else from_array(item) for name, item in names.items()}
    found: Ball = evaluate(parse(text, list(names)), lifted, BALLS)
    return found


def doubles(text: str, **names: Any) -> Array:
    return split(value(text, **names))[0]


def test_a_root_is_enclosed_to_nearly_all_bits() -> None:
    found = value("root(lambda x: x ** 3 + x - p, p)", p=[1.0, 10.0])
    assert radius(found) < 2.0**-200
    for entry, p in zip(found.entries(), (1, 10), strict=True):
        assert (entry**3 + entry - p).contains(0)


def test_the_differential_of_a_root_is_that_of_an_implicit_function() -> None:
    h = arb(2) ** -90
    ahead = from_array(Y) + from_array(np.ones(3)) * h
    text = "root(lambda x: S @ x + exp(x) - p, zeros(3))"
    S = A @ A.T
    x, moved = value(text, S=S, p=Y), value(text, S=S, p=ahead)
    found = split((moved - x) * (1 / h))[0]
    expected = np.linalg.solve(S + np.diag(np.exp(split(x)[0])), np.ones(3))
    assert np.allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "root(lambda x: x * x + 1, p)",
        "root(lambda x: x * x, p)",
        "root(lambda x: svdvals(stack(x, x)), p)",
        "root(lambda x: [x[0] - x[1], x[0] - x[1]], p)",
        "root(lambda x: x, 1j * p)",
    ],
)
def test_what_is_no_simple_root_of_an_analytic_function_is_undecided(text: str) -> None:
    with pytest.raises(NotExactError):
        value(text, p=[0.5, 0.75])


def test_what_has_no_root_is_given_up_soon_and_with_any_number_of_bits() -> None:
    asked: list[Ball] = []

    def F(x: Ball) -> Ball:
        asked.append(x)
        return BALLS.operations["square"](x) + from_array([1.0, 1.0])

    with pytest.raises(NeverExactError, match="finds no root"):
        root(F, F, from_array([0.5, 0.75]))
    assert len(asked) < 300


def test_a_distant_root_is_found_although_the_first_step_goes_too_far() -> None:
    assert np.allclose(doubles("root(lambda x: x ** 3 - p, 1 / 1024)", p=8.0), 2.0)


def test_equations_that_depend_on_each_other_are_solved_as_one() -> None:
    together = "root(lambda z: [z[0] ** 3 + z[1] - p, z[1] ** 3 + z[1] - z[0]], zeros(2))"
    (y, z) = doubles(together, p=10.0)
    assert np.allclose([y**3 + z, z**3 + z], [10.0, y])


def test_absolute_values_and_norms_are_continued_away_from_zero() -> None:
    assert np.allclose(doubles("root(lambda x: x + abs(x) * x - p, p)", p=[2.0, -2.0]), [1.0, -1.0])
    (found,) = doubles("root(lambda x: norm(x) * x - p, p)", p=[4.0])
    assert found == 2.0


@pytest.mark.parametrize(
    "g",
    [
        "hypot(y, y + 1)",
        "logaddexp(y, -y)",
        "logsumexp(y) * y / 4",
        "std(y) * y",
        "var(y) * y",
        "arcsinh(y / 4)",
        "arccos(y / 4)",
        "solve(A, y)",
        "logdet(A + outer(y, y)) * y / 4",
    ],
)
def test_what_ode_takes_is_continued_to_complex_arguments_away_from_cuts(g: str) -> None:
    S = A[:2, :2] @ A[:2, :2].T + np.eye(2)
    found = value(f"ode(lambda y: {g}, y, 1)", y=[0.5, 0.75], A=S)
    h = 1 / 256
    steps = (
        f"x = y\nfor k in range(256):\n    a = G(x)\n    b = G(x + {h / 2} * a)\n    c = G(x + {h / 2} * b)\n"
        f"    d = G(x + {h} * c)\n    x = x + {h / 6} * (a + 2 * b + 2 * c + d)\nreturn x"
    )
    program = f"def G(y):\n    return {g}\n{steps}"
    assert np.allclose(split(found)[0], doubles(program, y=[0.5, 0.75], A=S), rtol=1e-9)


@pytest.mark.parametrize(
    "g", ["hypot(y, y)", "std(y) * y", "logsumexp(y) * y", "logaddexp(y, y)", "arccos(y)"]
)
def test_a_function_with_cuts_is_not_on_a_tape_which_would_not_see_them(g: str) -> None:
    program = parse(g, ["y"])
    assert record(lambda y, t: evaluate(program, {"y": y}, ANALYTIC), (2,), 2) is None
    wide = acb(arb(0, 4), arb(0, 4))
    with pytest.raises(NotExactError):
        evaluate(program, {"y": from_entries([wide, wide], (2,))}, ANALYTIC)


def test_a_linear_equation_is_solved_as_by_the_exponential() -> None:
    found = value("ode(lambda y: A @ y, y0, t)", A=A, y0=Y, t=1.0)
    expected = value("expm(A) @ y0", A=A, y0=Y)
    assert radius(found) < 2.0**-150
    assert all(p.overlaps(q) for p, q in zip(found.entries(), expected.entries(), strict=True))


@pytest.mark.parametrize(
    ("text", "solution"),
    [
        ("ode(lambda y: y * y, 1 + 0 * t, t)", lambda t: 1 / (1 - t)),
        ("ode(lambda y, s: s * y, 1 + 0 * t, t)", lambda t: mpmath.exp(t * t / 2)),
        ("ode(lambda y, s: cos(s), 0 * t, t)", mpmath.sin),
        ("ode(lambda y, s: -s ** 2, 1 + 0 * t, t)", lambda t: 1 - t**3 / 3),
        ("ode(lambda y, s: s ** 6 + 0 * y, 0 * t, t)", lambda t: t**7 / 7),
        ("ode(lambda y: 1 / y, 1 + 0 * t, t)", lambda t: mpmath.sqrt(1 + 2 * t)),
        ("ode(lambda y: sqrt(y), 1 + 0 * t, t)", lambda t: (1 + t / 2) ** 2),
        ("ode(lambda y: -y, 1 + 0 * t, t)", lambda t: mpmath.exp(-t)),
    ],
)
@pytest.mark.parametrize("t", [0.75, -0.25, 0.0])
def test_solutions_contain_the_formula_to_forty_digits(text: str, solution: Any, t: float) -> None:
    (entry,) = value(text, t=t).entries()
    with mpmath.workdps(60):
        expected = arb(mpmath.nstr(mpmath.mpf(solution(mpmath.mpf(t))), 58))
    assert abs(entry - expected) < arb(10) ** -40


@pytest.mark.parametrize("speed", [0.5, -1.75, 1.9375])
def test_a_pendulum_swings_as_the_elliptic_functions_say_to_fifty_digits(speed: float) -> None:
    with ctx.workprec(240):
        angle, now = value("ode(lambda y: [y[1], -sin(y[0])], [0 * w, w], 1)", w=speed).entries()
    with mpmath.workdps(60):
        k = mpmath.mpf(speed) / 2
        expected = (
            2 * mpmath.asin(k * mpmath.ellipfun("sn", 1, m=k * k)),
            2 * k * mpmath.ellipfun("cn", 1, m=k * k),
        )
        texts = [mpmath.nstr(number, 58) for number in expected]
    assert abs(angle - arb(texts[0])) < arb(10) ** -50
    assert abs(now - arb(texts[1])) < arb(10) ** -50


def test_the_sensitivity_of_a_solution_solves_the_variational_equation() -> None:
    h = arb(2) ** -90
    V = RNG.standard_normal((2, 2))
    W, y0 = A[:2, :2], Y[:2]
    text = "ode(lambda y: tanh(W @ y), y0, 1)"
    moved = from_array(W) + from_array(V) * h
    found = split((value(text, W=moved, y0=y0) - value(text, W=W, y0=y0)) * (1 / h))[0]
    variational = (
        "z = ode(lambda z: concatenate(tanh(W @ z[:2]), "
        "(1 - tanh(W @ z[:2]) ** 2) * (W @ z[2:] + V @ z[:2])), z0, 1)\nreturn z[2:]"
    )
    expected = doubles(variational, W=W, V=V, z0=np.concatenate([y0, np.zeros(2)]))
    assert np.allclose(found, expected, rtol=1e-13)


def test_a_solution_that_ends_before_the_time_is_undecided() -> None:
    with pytest.raises(NotExactError, match="grows fast"):
        value("ode(lambda y: y * y, y0, 2)", y0=[1.0])


def test_a_matrix_may_flow() -> None:
    found = value("ode(lambda X: A @ X - X @ A, X0, 1)", A=A, X0=np.diag(Y))
    expected = value("expm(A) @ X0 @ expm(-A)", A=A, X0=np.diag(Y))
    assert all(p.overlaps(q) for p, q in zip(found.entries(), expected.entries(), strict=True))
