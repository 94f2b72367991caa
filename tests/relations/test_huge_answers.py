"""Answers so large that rounding hides a relation are not accepted."""

from __future__ import annotations

import numpy as np
import pytest

from grader.grading.judge import judge_answers
from grader.grading.prepare import prepare_problem
from grader.problems.load import make_problem
from tests.judging import answers

pytestmark = pytest.mark.sampled


def verdict(relation: dict[str, str], scale: float) -> str:
    """Judge a pair x, y, where y is the next double after x."""
    entry = {
        "title": "Two vectors",
        "statement": "Return two vectors.",
        "signature": "pair(a)",
        "returns": {"x": [3], "y": [3]},
        "inputs": {"a": {"shape": [3], "family": ["generic"]}},
        "relations": [{**relation, "points": 1}],
    }
    asked = prepare_problem(make_problem(entry, "pair"), 1, 24)
    x = np.full(3, scale)
    return judge_answers(asked, answers(asked, lambda a: (x, np.nextafter(x, np.inf)))).verdict


@pytest.mark.parametrize("scale", [1e20, 1e160, 1e200])
def test_a_sign_that_only_rounding_explains_is_not_accepted_at_huge_numbers(scale: float) -> None:
    assert verdict({"at_least": "x - y + 1"}, scale) == "wrong"


@pytest.mark.parametrize("relation", ["holds", "at_least"])
def test_an_allowance_beyond_all_doubles_accepts_nothing(relation: str) -> None:
    residual = "norm(x) * (x - y)"
    assert verdict({relation: residual}, 1.0) == "right"
    assert verdict({relation: residual}, 2e161) == "wrong"
