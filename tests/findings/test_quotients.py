"""Difference quotients are judged by their numbers, as formulas are: what is as exact passes, at every seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.linalg import inv, norm

from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.course import open_course
from grader.truths.cache import find_truths
from tests.conftest import ROOT
from tests.corpus.differences import SCHEMES, Curve, Scheme, differenced
from tests.judging import answers

pytestmark = pytest.mark.slow

COURSE = open_course(ROOT)
SEEDS = range(3)


def drawn(id: str, seed: int) -> PreparedProblem:
    return prepare_problem(COURSE.problem(id), seed, COURSE.cases, solve=find_truths)


def on_a_circle(A: Any, dA: Any) -> Any:
    """Cauchy's formula on a circle in which A + zV is invertible: exact to rounding."""
    if not np.any(dA):
        return np.zeros_like(A * dA)
    r = 0.25 / (norm(inv(A), 2) * norm(dA, 2))
    z = r * np.exp(2j * np.pi * np.arange(32) / 32)
    D = np.mean([inv(A + t * dA) / t for t in z], axis=0)
    return D if np.iscomplexobj(A) or np.iscomplexobj(dA) else D.real


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quotient_that_is_exact_to_rounding_is_right(seed: int) -> None:
    asked = drawn("inv-differential", seed)
    judgement = judge_answers(asked, answers(asked, on_a_circle))
    assert judgement.verdict == "right" and judgement.score == judgement.max_score


@pytest.mark.parametrize("id", ["inv-differential", "det-gradient", "solve-pullback"])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_ordinary_quotient_gets_all_points(id: str, seed: int) -> None:
    asked = drawn(id, seed)
    for name, scheme in SCHEMES.items():
        judgement = judge_answers(asked, answers(asked, differenced(asked.problem, scheme)))
        assert judgement.score < judgement.max_score, name


def eight_points(curve: Curve, h: float) -> Any:
    """The central difference that is exact for polynomials of degree 8."""
    weights = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
    return sum(w * (curve(k * h) - curve(-k * h)) / h for k, w in enumerate(weights, start=1))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_polynomial_is_known_from_its_values_far_apart(seed: int) -> None:
    """The determinant is one: a difference with steps as large as A is a formula for its derivative."""
    asked = drawn("det-gradient", seed)
    scheme = Scheme(eight_points, 2.0**-3, relative=True)
    judgement = judge_answers(asked, answers(asked, differenced(asked.problem, scheme)))
    assert judgement.verdict == "right"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quotient_that_is_nearly_exact_is_never_called_wrong(seed: int) -> None:
    """Its error is that of rounding, here near the tolerance, which it meets at some seeds."""
    asked = drawn("det-gradient", seed)
    scheme = Scheme(eight_points, 2.0**-7, relative=True)
    judgement = judge_answers(asked, answers(asked, differenced(asked.problem, scheme)))
    assert judgement.verdict in ("right", "loses_digits")
