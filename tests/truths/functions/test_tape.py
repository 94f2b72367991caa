"""Programs on a tape: what is noted is computed as by the algebra, and what depends on data is not noted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb

from grader.problems.language import evaluate, parse
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, from_array, from_entries
from grader.truths.functions.slopes import _at_once, _one_by_one
from grader.truths.functions.tape import Numbers, by_entries, record

pytestmark = pytest.mark.sampled

W = from_array([[1.0, 2.0], [-0.5, 3.0]])
Y = [arb(0.75), arb(-1.5)]
T = arb(0.25)


def g(text: str, calls: list[int] | None = None) -> Any:
    expression = parse(text, ["W", "y", "t"])

    def apply(y: Ball, t: Ball) -> Ball:
        if calls is not None:
            calls.append(1)
        found: Ball = evaluate(expression, {"W": W, "y": y, "t": t}, BALLS)
        return found

    return apply


def noted(text: str, calls: list[int] | None = None) -> Numbers:
    run = record(g(text, calls), (2,), 2)
    assert run is not None
    return run


NOTED = (
    "tanh(W @ y) / 3 - t * y",
    "stack([y[1], -sin(y[0])])",
    "2 - y ** 2 + (y @ y) * W[0]",
    "y * sqrt(1 + norm(y))",
    "(y @ W).T * exp(t) - 1 / (2 + y)",
    "y ** 3 * sum(y) + trace(outer(y, y)) * abs(y)",
    "W @ stack([y[1] * y[0], 1 / 3])",
)


@pytest.mark.parametrize("text", NOTED)
def test_a_tape_computes_what_the_program_does_and_reads_it_once(text: str) -> None:
    calls: list[int] = []
    run = noted(text, calls)
    expected = g(text)(from_entries(Y, (2,)), from_entries([T], ())).entries()

    found = [run(Y, T) for _ in range(3)][-1]

    assert len(calls) == 1
    for a, b in zip(found, expected, strict=True):
        assert a.overlaps(b)
        assert abs(a - b) < 1e-12


@pytest.mark.parametrize("text", ["where(y > 0, y, 2 * y)", "maximum(y, t * y)", "solve(W + outer(y, y), y)"])
def test_what_depends_on_data_is_called_each_time(text: str) -> None:
    calls: list[int] = []
    assert record(g(text), (2,), 2) is None
    run = by_entries(g(text, calls), (2,))
    for sign in (1, -1):
        y = [sign * entry for entry in Y]
        expected = g(text)(from_entries(y, (2,)), from_entries([T], ())).entries()
        assert all(a.overlaps(b) for a, b in zip(run(y, T), expected, strict=True))
    assert len(calls) == 2


def test_the_result_may_be_known_beforehand() -> None:
    assert noted("W[0]")(Y, T) == [1, 2]


SMOOTH = (
    *NOTED,
    "sin(y) * cos(y) + tan(y / 9) - arctan(t * y)",
    "exp(y) + expm1(y) + sinh(y) * cosh(y) - tanh(y)",
    "log1p(y * y) + erf(y) * erfc(y) + log(2 + y) ** 2",
    "y ** -2 + y ** 3 - 1 / y + sqrt(y * y + t)",
)


@pytest.mark.parametrize("text", SMOOTH)
def test_slopes_at_many_points_are_difference_quotients_one_by_one(text: str) -> None:
    points, times = np.array([[0.75, -1.5], [0.25, 0.5], [-1.25, 1.0]]), np.array([0.25, 0.5, -0.125])
    run = noted(text)
    found = _at_once(run, points, times)
    expected = _one_by_one(run, points, times)
    assert found[0].shape == (3, 2) and found[1].shape == (3, 2, 2)
    assert np.allclose(found[0], expected[0], rtol=1e-13, atol=1e-15)
    assert np.allclose(found[1], expected[1], rtol=1e-9, atol=1e-9)
