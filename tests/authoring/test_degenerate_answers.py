"""Relations that do not pin an answer down are found by changing right answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.authoring.degenerate_answers import find_degenerate
from grader.grading.prepare import prepare_problem
from grader.problems.load import make_problem
from tests.judging import answers

NULL = {
    "title": "A null vector",
    "statement": "Any.",
    "signature": "null_vector(A)",
    "returns": {"x": ["n"]},
    "inputs": {"A": {"shape": ["n", "n"], "family": ["corank_1"]}},
    "relations": [{"holds": "A @ x", "points": 1}],
}
COMMUTING = {
    **NULL,
    "signature": "commuting(A)",
    "returns": {"B": ["n", "n"]},
    "inputs": {"A": {"shape": ["n", "n"], "family": ["generic"]}},
    "relations": [{"holds": "A @ B - B @ A", "points": 1}],
}
PARTLY = {
    **COMMUTING,
    "returns": {"B": ["n", "n"], "C": ["n", "n"]},
    "relations": [{"holds": "A @ B - B @ A", "points": 1}, {"holds": "0 * C", "points": 1}],
}


def found(fields: dict[str, Any], reference: Callable[..., Any]) -> dict[str, bool]:
    asked = prepare_problem(make_problem(fields, "some-problem"), 1, 12)
    given = answers(asked, reference)
    return {degenerate.what: degenerate.is_fault for degenerate in find_degenerate(asked, given)}


def null_vector(A: Any) -> Any:
    return np.linalg.svd(A)[2][-1]


def test_zeros_are_a_fault_where_nothing_forbids_them() -> None:
    loose = found(NULL, null_vector)
    assert loose["zeros"] and not loose["twice x"]
    normed = {**NULL, "relations": [*NULL["relations"], {"holds": "x @ x - 1", "points": 1}]}
    assert found(normed, null_vector) == {"minus x": False}


def test_identities_and_copies_of_inputs_are_told() -> None:
    loose = found(COMMUTING, lambda A: A @ A)
    assert loose["ones on the diagonal and zeros elsewhere"]
    assert loose["a copy of A"] is False and "B moved a little" not in loose


def test_an_array_that_no_relation_holds_is_told() -> None:
    assert "C moved a little" in found(PARTLY, lambda A: (A @ A, A))


def test_singular_inputs_stay_singular_where_generic_ones_are_not_listed() -> None:
    asked = prepare_problem(make_problem(NULL, "some-problem"), 1, 12)
    assert {solved.case.family for solved in asked.cases} == {"corank_1"}
