"""What random directions prove is stated, and true."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.linalg import inv

from grader.cases.draw import draw_cases
from grader.cases.plan import DIRECTIONS
from grader.findings.detection_power import MISSED, smallest_detected
from grader.grading.prepare import PreparedAssignment
from grader.problems.course import Course
from tests.findings.test_checks import RIGHT
from tests.judging import finding, judged, matrix


@pytest.mark.parametrize("directions", [1, 2, 3])
def test_errors_hide_as_seldom_as_stated(directions: int) -> None:
    """For a bound that can be simulated: the δ whose probability is 1/100."""
    rng = np.random.default_rng(3)
    delta = np.sqrt(np.pi / 2) * 0.01 ** (1 / directions)
    V = rng.standard_normal((20_000, directions, 9))
    for sigma in ([1.0] + [0.0] * 8, [1.0] * 9):
        hidden = np.all(np.linalg.norm(V * sigma, axis=2) <= delta, axis=1)
        assert hidden.mean() <= 0.01 * 1.2
    detected = smallest_detected([1.0] * directions)
    assert (np.sqrt(2 / np.pi) / detected) ** directions == pytest.approx(MISSED)


def test_a_point_with_a_wide_tolerance_does_not_spoil_what_the_others_prove() -> None:
    assert smallest_detected([1e-13] * 8 + [1e3]) == smallest_detected([1e-13] * 8) < 20e-13


def test_right_differentials_and_pullbacks_say_what_was_proven(
    exam: PreparedAssignment, course: Course
) -> None:
    for id in ("inv-differential", "inv-pullback", "det-differential", "det-pullback"):
        solution = course.solution(id)
        assert solution is not None
        passed = finding(judged(exam, id, solution.reference), "reference")
        assert passed.numbers["directions"] >= DIRECTIONS
        assert 1e-15 < passed.numbers["detects"] < 1e-11
        assert "would have been missed with probability below 1e-09" in passed.message


def test_an_error_map_of_rank_one_above_what_is_stated_is_found(exam: PreparedAssignment) -> None:
    detects = finding(judged(exam, "inv-differential", RIGHT["inv-differential"]), "reference").numbers[
        "detects"
    ]
    rng = np.random.default_rng(0)

    def nearly(A: np.ndarray, dA: np.ndarray) -> np.ndarray:
        right = -inv(A) @ dA @ inv(A)
        P, Q = rng.standard_normal((2, *A.shape))
        error = np.sum(P * dA) / np.linalg.norm(P) * Q / np.linalg.norm(Q)
        return np.asarray(right + 2 * detects * np.linalg.norm(right) * error)

    assert judged(exam, "inv-differential", nearly).verdict == "wrong"


def test_a_second_answer_to_the_same_question_is_no_further_direction(exam: PreparedAssignment) -> None:
    rng = np.random.default_rng(0)

    def restless(A: np.ndarray, dA: np.ndarray) -> np.ndarray:
        return np.asarray(
            -inv(A) @ dA @ inv(A) * (1 + 1e-16 * rng.integers(0, 3)) * (1 + 2e-16 * rng.integers(0, 3))
        )

    steady, twice = (
        finding(judged(exam, "inv-differential", answer), "reference")
        for answer in (RIGHT["inv-differential"], restless)
    )
    assert twice.outcome == "passed"
    for count in ("cases", "directions"):
        assert twice.numbers[count] == steady.numbers[count]


def test_a_gradient_is_compared_whole_so_nothing_is_said_of_directions(exam: PreparedAssignment) -> None:
    assert (
        "directions" not in finding(judged(exam, "det-gradient", RIGHT["det-gradient"]), "reference").numbers
    )


def test_directions_come_from_the_seed(course: Course) -> None:
    problem = course.problem("inv-differential")
    first, second, again = (
        [matrix(case, "dA") for case in draw_cases(problem, seed, 24)] for seed in (1, 2, 1)
    )
    dense = [k for k, V in enumerate(first) if np.size(V) > 4 and np.any(V)]
    assert all(not np.array_equal(first[k], second[k]) for k in dense)
    assert all(np.array_equal(first[k], again[k]) for k in dense)
