"""Programs on a tape: what is noted is computed as by the algebra, and what depends on data is not noted."""

from __future__ import annotations

from typing import Any

import pytest
from flint import arb

from grader.problems.language import evaluate, parse
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, from_array, from_entries
from grader.truths.functions.tape import record

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
    run = record(g(text, calls), (2,), 2)
    expected = g(text)(from_entries(Y, (2,)), from_entries([T], ())).entries()

    found = [run(Y, T) for _ in range(3)][-1]

    assert len(calls) == 1
    for a, b in zip(found, expected, strict=True):
        assert a.overlaps(b)
        assert abs(a - b) < 1e-12


@pytest.mark.parametrize("text", ["where(y > 0, y, 2 * y)", "maximum(y, t * y)", "solve(W + outer(y, y), y)"])
def test_what_depends_on_data_is_called_each_time(text: str) -> None:
    calls: list[int] = []
    run = record(g(text, calls), (2,), 2)
    for sign in (1, -1):
        y = [sign * entry for entry in Y]
        expected = g(text)(from_entries(y, (2,)), from_entries([T], ())).entries()
        assert all(a.overlaps(b) for a, b in zip(run(y, T), expected, strict=True))
    assert len(calls) == 3


def test_the_result_may_be_known_beforehand() -> None:
    assert record(g("W[0]"), (2,), 2)(Y, T) == [1, 2]
