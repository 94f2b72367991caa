"""The examples of the documentation are problems, and answers to them are judged as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import yaml

from grader.grading.judge import judge_answers
from grader.grading.prepare import prepare_problem
from grader.problems.load import make_problem
from tests.conftest import ROOT
from tests.judging import answers

pytestmark = pytest.mark.sampled

TEXT = (ROOT / "docs/problems/relations.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.M | re.S)]


def eigen_derivative(S: Any, dS: Any) -> Any:
    w, Q = np.linalg.eigh(S)
    C = Q.T @ dS @ Q
    gap = w[None, :] - w[:, None]
    np.fill_diagonal(gap, np.inf)
    return Q, w, Q @ (C / gap), np.diag(C).copy()


def shift(A: Any) -> Any:
    units = (np.outer(e, d) for e in np.eye(len(A)) for d in np.eye(len(A)))
    return max(units, key=lambda B: float(np.linalg.norm(A @ B - B @ A)))


RIGHT: dict[str, Callable[..., Any]] = {
    "qr_factors": lambda A: tuple(np.linalg.qr(A)),
    "eigen_derivative": eigen_derivative,
    "column_space": lambda A: np.linalg.svd(A)[0][:, :-1],
    "not_commuting": shift,
    "descent": lambda g: -g,
    "direction": lambda b: -b / np.linalg.norm(b),
}
WRONG: dict[str, Callable[..., Any]] = {
    "qr_factors": lambda A: (A.copy(), np.eye(A.shape[1])),
    "eigen_derivative": lambda S, dS: (*np.linalg.eigh(S)[::-1], 0 * S, 0 * S[0]),
    "column_space": lambda A: np.linalg.svd(A)[2][:-1].T,
    "not_commuting": lambda A: A @ A,
    "descent": lambda g: g.copy(),
    "direction": lambda b: b.copy(),
}


@pytest.mark.parametrize("fields", EXAMPLES, ids=lambda fields: fields["title"])
def test_an_example_accepts_right_answers_and_no_wrong_ones(fields: dict[str, Any]) -> None:
    asked = prepare_problem(make_problem(fields, "some-example"), 1, 12)
    name = asked.problem.function
    assert judge_answers(asked, answers(asked, RIGHT[name])).verdict == "right"
    assert judge_answers(asked, answers(asked, WRONG[name])).verdict == "wrong"


def test_every_example_is_tried() -> None:
    assert {make_problem(fields, "some-example").function for fields in EXAMPLES} == {*RIGHT} == {*WRONG}
