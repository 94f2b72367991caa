"""The picture of the definition: slopes and bends of remainders, as data and as a chart."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from grader.core.norms import norm
from grader.formats.terminal.plot import ASCII_MARKS, MARKS, draw_chart
from grader.formats.terminal.student import print_report
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course
from grader.problems.load import load_problem
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis, Remainder
from grader.reports.serialize import to_json
from grader.truths.cache import user_cache
from grader.truths.remainder import RemainderCurve, find_remainder
from grader.truths.solve import solve_cases
from tests.judging import judged, question
from tests.report_factory import make_problem, make_report

pytestmark = pytest.mark.sampled

inv, det = np.linalg.inv, np.linalg.det


def right(A: Any, dA: Any) -> Any:
    return -inv(A) @ dA @ inv(A)


def wrong(A: Any, dA: Any) -> Any:
    return -inv(A) @ inv(A) @ dA


def central(A: Any, dA: Any, k: float = 1e-5) -> Any:
    return (inv(A + k * dA) - inv(A - k * dA)) / (2 * k)


def forward(A: Any, dA: Any, k: float = 1e-8) -> Any:
    return (inv(A + k * dA) - inv(A)) / k


def picture(
    exam: PreparedAssignment, function: Callable[..., Any], id: str = "inv-differential"
) -> Remainder:
    found = judged(exam, id, function).remainder
    assert found is not None
    return found


def curve_of(problem: Problem) -> RemainderCurve:
    curve = find_remainder(problem, solve_cases(problem, 5, 8))
    assert curve is not None
    return curve


@pytest.mark.slow
def test_a_right_answer_has_slope_2_until_its_own_rounding_bends_it(exam: PreparedAssignment) -> None:
    found = picture(exam, right)
    assert found.slope_yours == pytest.approx(2, abs=0.05)
    assert found.bends_at is None or found.bends_at < 1e-14
    assert found.agrees


@pytest.mark.slow
def test_a_wrong_formula_has_slope_1_from_the_start(exam: PreparedAssignment) -> None:
    found = picture(exam, wrong)
    assert found.slope_yours == pytest.approx(1, abs=0.05)
    assert found.slope_right == pytest.approx(2, abs=0.05)
    assert found.bends_at is None and not found.agrees


@pytest.mark.parametrize(("function", "low", "high"), [(central, 1e-12, 1e-8), (forward, 1e-9, 1e-6)])
def test_a_difference_quotient_bends_where_its_error_overtakes_the_remainder(
    exam: PreparedAssignment, function: Callable[..., Any], low: float, high: float
) -> None:
    found = picture(exam, function)
    assert found.slope_yours == pytest.approx(2, abs=0.05)
    assert found.bends_at is not None and low < found.bends_at < high
    assert found.yours is not None
    after = [(h, y) for h, y in zip(found.h, found.yours, strict=True) if h < found.bends_at / 30]
    (h, large), (k, small) = after[0], after[-1]
    assert np.log(large / small) / np.log(h / k) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("error", [1e-3, 1e-6, 1e-9, -1e-5])
def test_a_bend_is_where_error_and_remainder_are_equal(exam: PreparedAssignment, error: float) -> None:
    curve = question(exam, "inv-differential").curve
    assert curve is not None
    truth = curve.solved.truth
    assert truth is not None
    quadratic = norm(curve.remainders[20]) / curve.h[20] ** 2
    bend = picture(exam, lambda A, dA: right(A, dA) * (1 + error)).bends_at
    assert bend == pytest.approx(abs(error) * norm(truth.parts[0].hi) / quadratic, rel=0.05)


def test_a_bend_at_large_h_is_none(exam: PreparedAssignment) -> None:
    found = picture(exam, lambda A, dA: right(A, dA) * 1.05)
    assert found.bends_at is None and found.slope_yours == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    "id", ["det-gradient", "inv-jacobian", "inv-pullback", "det-second-differential", "solve-pullback"]
)
def test_the_remainder_of_the_derivative_is_quadratic_down_to_1e_20_for_every_ask(
    course: Course, id: str
) -> None:
    problem = course.problem(id)
    curve = curve_of(problem)
    case = curve.solved.case
    assert case.family == "generic" and set(case.sizes.values()) <= {3, 4}
    assert curve.solved.truth is not None and curve.solved.truth.probe is not None
    V = np.concatenate([np.ravel(v) for v in curve.solved.truth.probe.direction.values()])
    assert curve.distance == pytest.approx([h * norm(V) for h in curve.h])
    assert curve.h[0] == 1 and curve.h[-1] == 1e-20
    sizes = [norm(rest) for rest in curve.remainders]
    ratios = [x / h**2 for h, x in zip(curve.h, sizes, strict=True) if h < 1e-5]
    assert max(ratios) / min(ratios) == pytest.approx(1, abs=1e-4)


ANSWERS: dict[str, Callable[..., Any]] = {
    "det-gradient": lambda A: det(A) * inv(A).T,
    "inv-jacobian": lambda A: -np.kron(inv(A).T, inv(A)),
    "inv-pullback": lambda A, G: -inv(A).conj().T @ G @ inv(A).conj().T,
    "solve-pullback": lambda A, b, g: (
        -np.outer(np.linalg.solve(A.conj().T, g), np.linalg.solve(A, b).conj()),
        np.linalg.solve(A.conj().T, g),
    ),
    "inv-second-differential": lambda A, V, W: (
        inv(A) @ V @ inv(A) @ W @ inv(A) + inv(A) @ W @ inv(A) @ V @ inv(A)
    ),
}


@pytest.fixture(scope="module")
def every_ask(course: Course) -> PreparedAssignment:
    assignment = course.assignment("lecture05")
    points = {id: course.problem(id).points for id in ANSWERS}
    return prepare(course, replace(assignment, points=points), seed=3, store=user_cache())


@pytest.mark.slow
@pytest.mark.parametrize("id", ANSWERS)
def test_every_ask_tells_the_derivative_from_twice_the_derivative(
    every_ask: PreparedAssignment, id: str
) -> None:
    def twice(*arguments: Any) -> Any:
        answer = ANSWERS[id](*arguments)
        return tuple(2 * part for part in answer) if isinstance(answer, tuple) else 2 * answer

    good, bad = picture(every_ask, ANSWERS[id], id), picture(every_ask, twice, id)
    assert good.right == bad.right
    assert good.agrees and good.slope_yours == pytest.approx(2, abs=0.1)
    assert not bad.agrees and bad.slope_yours == pytest.approx(1, abs=0.1)


def test_a_value_has_no_picture(exam: PreparedAssignment) -> None:
    asked = question(exam, "adjugate")
    assert asked.curve is None
    assert judged(exam, "adjugate", lambda A: A).remainder is None


@pytest.mark.parametrize("useless", [lambda A, dA: dA * np.nan, lambda A, dA: np.ones(7), lambda A: A])
def test_without_a_usable_answer_the_right_curve_remains(
    exam: PreparedAssignment, useless: Callable[..., Any]
) -> None:
    found = picture(exam, useless)
    assert found.yours is None and found.slope_yours is None and found.bends_at is None
    assert found.slope_right == pytest.approx(2, abs=0.05)
    assert len(found.right) == len(found.h) == len(found.distance) == 41


LINEAR = """\
title: Gradient of a linear function
statement: Return it.
signature: linear_gradient(A, B)
f: trace(inv(B) @ A) / 3
ask: gradient
inputs:
  A: {shape: [n, n]}
  B: {shape: [n, n]}
wrt: [A]
checks:
  - {check: reference, points: 1}
"""


def test_the_remainder_of_a_linear_map_is_zero_and_stays_zero(write_problem: Callable[..., Path]) -> None:
    curve = curve_of(load_problem(write_problem(LINEAR, "linear-gradient")))
    assert all(norm(rest) == 0 for rest in curve.remainders)


def test_steps_at_which_f_is_not_defined_are_left_out(course: Course) -> None:
    problem = course.problem("inv-differential")
    chosen = curve_of(problem).solved
    assert chosen.truth is not None and chosen.truth.probe is not None
    # Along −A the map meets the singular matrix 0 at h = 1, and nowhere before.
    probe = replace(chosen.truth.probe, direction={"A": -np.asarray(chosen.case.values["A"])})
    curve = find_remainder(problem, [replace(chosen, truth=replace(chosen.truth, probe=probe))])
    assert curve is not None
    assert len(curve.h) == 40 and max(curve.h) < 1


def test_the_json_has_the_numbers_of_the_picture(exam: PreparedAssignment) -> None:
    found = picture(exam, central)
    text = to_json(make_report(make_problem("wrong", remainder=found)))
    data = json.loads(text)["problems"][0]["remainder"]
    assert list(data) == [
        "case", "family", "h", "distance", "yours", "right", "slope_yours", "slope_right", "bends_at", "agrees",
    ]  # fmt: skip
    assert asdict(found) == {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    assert json.loads(to_json(make_report(make_problem())))["problems"][0]["remainder"] is None


def test_where_the_right_remainder_vanishes_that_is_said(exam: PreparedAssignment) -> None:
    flat = replace(picture(exam, wrong), right=(0.0,) * 41, slope_right=None)
    assert "○ the right one vanishes." in " ".join(shown(flat).split())


# The chart.

X = [10.0 ** (-k / 2) for k in range(41)]


def test_a_chart_shows_both_curves_apart_and_together() -> None:
    lines = draw_chart(X, [1e-9 * x + x * x for x in X], [x * x for x in X], 76, MARKS)
    top, bottom = lines[0], lines[-3]
    assert "◉" in top and "●" not in top
    assert "○" in bottom and "◉" not in bottom
    assert "●" in "".join(lines)
    assert lines[0].startswith("  10⁰ │") and "10⁻²⁰" in lines[-1] and lines[-1].endswith("10⁰")


@pytest.mark.parametrize("width", [46, 50, 56, 76, 200])
@pytest.mark.parametrize("marks", [MARKS, ASCII_MARKS])
def test_a_chart_keeps_to_its_width_and_height(width: int, marks: Any) -> None:
    lines = draw_chart(X, X, [x * x for x in X], width, marks)
    assert 40 < max(map(len, lines)) <= min(width, 62)
    assert 8 <= len(lines) <= 14
    assert marks is MARKS or "".join(lines).isascii()


def test_a_narrow_terminal_gets_no_chart_and_zeros_are_not_drawn() -> None:
    assert draw_chart(X, X, X, 45, MARKS) == []
    assert draw_chart(X, [0] * 41, [0] * 41, 76, MARKS) == []
    text = "".join(draw_chart(X, X, [0] * 41, 76, MARKS))
    assert "●" in text and "○" not in text and "◉" not in text


def test_a_slope_of_2_falls_twice_as_far_as_one_of_1() -> None:
    lines = draw_chart(X, X, [x * x for x in X], 76, MARKS)
    left = [(k, line[9]) for k, line in enumerate(lines) if line[9:10] in ("●", "○")]
    assert left == [(5, "●"), (10, "○")]


# In the terminal.


def shown(remainder: Remainder, width: int = 80, verdict: str = "wrong", **changes: Any) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, legacy_windows=False)
    print_report(console, make_report(make_problem(verdict, remainder=remainder, **changes)))
    return out.getvalue()


def test_the_terminal_shows_the_picture_of_a_wrong_answer_between_the_case_and_the_checks(
    exam: PreparedAssignment,
) -> None:
    text = shown(picture(exam, wrong))
    flat = " ".join(text.split())
    assert "● yours falls with slope 1.00 from the start, so L is not the derivative;" in flat
    assert "○ the right one falls with slope 2.00." in flat
    assert text.index("The error is") < text.index("10⁻¹⁶ │") < text.index("✗  reference")
    assert text.count("10⁻¹⁶ │") == 1
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_bend_is_put_down_to_differences_only_where_they_were_diagnosed(exam: PreparedAssignment) -> None:
    found = picture(exam, forward)
    named = Diagnosis("precision", "finite-differences", "It has 8 digits.", "Use a formula.")
    assert "yours bends to slope 1 at h ≈ " in shown(found)
    assert "difference quotient" not in shown(found)
    assert "as a difference quotient does" in " ".join(shown(found, diagnosis=named).split())


def test_no_picture_where_it_would_show_nothing(exam: PreparedAssignment) -> None:
    for text in (
        shown(picture(exam, right), verdict="right"),
        shown(picture(exam, right)),  # wrong elsewhere, right at the case of the picture
        shown(picture(exam, lambda A, dA: dA * np.nan)),
        shown(picture(exam, wrong), verdict="error"),
    ):
        assert "10⁻¹⁶" not in text and "slope" not in text


def test_terminals_too_narrow_for_a_picture_get_its_words(exam: PreparedAssignment) -> None:
    text = " ".join(shown(picture(exam, wrong), width=49).split())
    assert "10⁻¹⁶" not in text and "yours falls with slope 1.00 from the start" in text


def test_narrow_terminals_get_a_narrower_picture(exam: PreparedAssignment) -> None:
    for width in (50, 60):
        text = shown(picture(exam, wrong), width=width)
        chart = [line for line in text.splitlines() if "│" in line or "└" in line]
        assert 10 <= len(chart) <= 13
        assert all(len(line) <= width for line in chart)
