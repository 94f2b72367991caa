"""Pairs, several inputs and second differentials: the asks that lecture05 itself does not have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, solve

from grader.course import Course
from grader.grading import Exam, prepare
from tests.answers import judged, outcome


@pytest.fixture(scope="module")
def more(course: Course) -> Exam:
    return prepare(course, course.assignment("lecture05-neighbours"), seed=3)


def pullback(A: Any, b: Any, g: Any) -> Any:
    lam = solve(A.conj().T, g)
    return -np.outer(lam, solve(A, b).conj()), lam


def test_a_right_pair_is_right(more: Exam) -> None:
    assert judged(more, "solve-pullback", pullback).verdict == "right"


@pytest.mark.parametrize("wrong", [0, 1])
def test_each_part_of_a_pair_counts(more: Exam, wrong: int) -> None:
    def one_off(*arguments: Any) -> Any:
        parts = list(pullback(*arguments))
        parts[wrong] = parts[wrong] * (1 + 1e-8)
        return tuple(parts)

    assert judged(more, "solve-pullback", one_off).verdict == "wrong"


def test_a_pair_in_the_wrong_order_or_number_is_wrong_in_words(more: Exam) -> None:
    for answer in (
        lambda *a: pullback(*a)[::-1],
        lambda *a: pullback(*a)[0],
        lambda *a: (*pullback(*a), 0.0),
    ):
        judgement = judged(more, "solve-pullback", answer)
        assert judgement.verdict == "wrong" and outcome(judgement, "shape") == "failed"


def second(A: Any, V: Any, W: Any) -> Any:
    X = inv(A)
    return X @ V @ X @ W @ X + X @ W @ X @ V @ X


def test_the_second_differential_is_symmetric_so_the_order_of_directions_is_free(more: Exam) -> None:
    assert judged(more, "inv-second-differential", second).verdict == "right"
    assert judged(more, "inv-second-differential", lambda A, V, W: second(A, W, V)).verdict == "right"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda A, V, W: second(A, V, W) / 2,
        lambda A, V, W: -second(A, V, W),
        lambda A, V, W: second(A, V, V),
        lambda A, V, W: 2 * inv(A) @ V @ inv(A) @ W @ inv(A),
        lambda A, V, W: second(A, V, W) * (1 + 1e-8),
        lambda A, V, W: inv(A + V + W) - inv(A + V) - inv(A + W) + inv(A),
    ],
)
def test_wrong_second_differentials_are_rejected_by_reference_and_remainder(more: Exam, wrong: Any) -> None:
    judgement = judged(more, "inv-second-differential", wrong)
    assert judgement.verdict == "wrong"
    assert outcome(judgement, "reference") == "failed" == outcome(judgement, "taylor")


def test_one_term_of_the_second_differential_of_det_is_not_enough(more: Exam) -> None:
    def first_term(A: Any, V: Any, W: Any) -> Any:
        X = inv(A)
        return det(A) * np.trace(X @ V) * np.trace(X @ W)

    assert judged(more, "det-second-differential", first_term).verdict == "wrong"
