"""Pairs, several inputs and second differentials: the asks that lecture05 itself does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, solve

from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course
from grader.reports.report import ProblemReport
from grader.truths.cache import user_cache
from tests.judging import finding, judged, outcome

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def more(course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("lecture05-neighbours"), seed=3, store=user_cache())


def pullback(A: Any, b: Any, g: Any) -> Any:
    lam = solve(A.conj().T, g)
    return -np.outer(lam, solve(A, b).conj()), lam


def test_a_right_pair_is_right(more: PreparedAssignment) -> None:
    assert judged(more, "solve-pullback", pullback).verdict == "right"


@pytest.mark.parametrize("wrong", [0, 1])
def test_each_part_of_a_pair_counts(more: PreparedAssignment, wrong: int) -> None:
    def one_off(*arguments: Any) -> Any:
        parts = list(pullback(*arguments))
        parts[wrong] = parts[wrong] * (1 + 1e-8)
        return tuple(parts)

    assert judged(more, "solve-pullback", one_off).verdict == "wrong"


def test_a_pair_in_the_wrong_order_or_number_is_wrong_in_words(more: PreparedAssignment) -> None:
    for answer in (
        lambda *a: pullback(*a)[::-1],
        lambda *a: pullback(*a)[0],
        lambda *a: (*pullback(*a), 0.0),
    ):
        judgement = judged(more, "solve-pullback", answer)
        assert judgement.verdict == "wrong" and outcome(judgement, "shape") == "failed"


def sandboxed(course: Course, folder: Path, answer: str) -> ProblemReport:
    """The report on a submission whose `solve_pullback` ends in `return` and this."""
    exam = prepare(
        course, course.assignment("lecture05-neighbours"), 3, ["solve-pullback"], store=user_cache()
    )
    path = folder / "answers.py"
    path.write_text(
        "import numpy as np\ndef solve_pullback(A, b, g):\n"
        "    x, p = np.linalg.solve(A, b), np.linalg.solve(A.conj().T, g)\n"
        f"    P = -np.outer(p, x.conj())\n    return {answer}\n",
        encoding="utf-8",
    )
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        return Grader(exam, sandbox).grade(read_submission(path)).problems[0]


@pytest.mark.parametrize("answer", ["P, p", "[P, p]", "P.tolist(), list(p)", "[P.tolist(), p]"])
def test_a_pair_may_be_a_list(course: Course, tmp_path: Path, answer: str) -> None:
    report = sandboxed(course, tmp_path, answer)
    assert (report.verdict, report.score) == ("right", report.max_score)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("P", "wrong_parts", "must return 2 values, as in return a, b; it returned"),
        ("P, p, x", "wrong_parts", "must return 2 values; it returned 3"),
        ("(P,)", "wrong_parts", "must return 2 values; it returned 1"),
        ("{'P': P, 'p': p}", "wrong_parts", "must return 2 values"),
        ("P, None", "returned_nothing", "None in place 2 of 2"),
    ],
)
def test_what_is_no_pair_is_told_how_many_parts_are_wanted(
    course: Course, tmp_path: Path, answer: str, kind: str, words: str
) -> None:
    report = sandboxed(course, tmp_path, answer)
    assert report.verdict == "error" and report.score == 0
    assert report.error is not None and report.error.kind == kind and words in report.error.message


def test_a_row_for_the_vector_of_a_pair_costs_the_shape_only(more: PreparedAssignment) -> None:
    judgement = judged(more, "solve-pullback", lambda *a: (pullback(*a)[0], pullback(*a)[1][None, :]))
    assert [finding.check for finding in judgement.findings if finding.outcome == "failed"] == ["shape"]
    assert "of shape (2,)" in finding(judgement, "shape").message


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("sign", lambda P, p: (-P, p)),
        ("outer-transposed", lambda P, p: (P.conj().T, p)),
        ("parts-exchanged", lambda P, p: (p, P)),
        ("constant-factor", lambda P, p: (P, -p)),
        ("zero", lambda P, p: (np.zeros_like(P), p)),
    ],
)
def test_a_pair_with_one_wrong_part_is_named_by_both(
    more: PreparedAssignment, name: str | None, wrong: Any
) -> None:
    judgement = judged(more, "solve-pullback", lambda *a: wrong(*pullback(*a)))
    assert judgement.verdict == "wrong"
    assert (judgement.diagnosis.id if judgement.diagnosis else None) == name


def second(A: Any, V: Any, W: Any) -> Any:
    X = inv(A)
    return X @ V @ X @ W @ X + X @ W @ X @ V @ X


def test_the_second_differential_is_symmetric_so_the_order_of_directions_is_free(
    more: PreparedAssignment,
) -> None:
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
def test_wrong_second_differentials_are_rejected_by_reference_and_remainder(
    more: PreparedAssignment, wrong: Any
) -> None:
    judgement = judged(more, "inv-second-differential", wrong)
    assert judgement.verdict == "wrong"
    assert outcome(judgement, "reference") == "failed" == outcome(judgement, "taylor")


def det_second(A: Any, V: Any, W: Any) -> Any:
    """Row i from V, row j from W: right at every rank."""
    total = 0.0
    for i, j in np.ndindex(A.shape):
        if i != j:
            B = np.array(A)
            B[i], B[j] = V[i], W[j]
            total += det(B)
    return total


def traces(A: Any, V: Any, W: Any) -> tuple[Any, Any]:
    X = inv(A)
    return det(A) * np.trace(X @ V) * np.trace(X @ W), det(A) * np.trace(X @ V @ X @ W)


def test_the_second_differential_of_det_is_asked_at_every_rank(more: PreparedAssignment) -> None:
    for right in (det_second, lambda A, V, W: det_second(A, W, V)):
        judgement = judged(more, "det-second-differential", right)
        assert judgement.verdict == "right" and judgement.score == 10


def test_the_formula_for_invertible_matrices_loses_what_is_nearly_singular_only(
    more: PreparedAssignment,
) -> None:
    def classical(A: Any, V: Any, W: Any) -> Any:
        first, last = traces(A, V, W)
        return first - last

    judgement = judged(more, "det-second-differential", classical)
    assert judgement.diagnosis is not None and judgement.diagnosis.id == "nonsingular-only"
    assert outcome(judgement, "reference") == "passed"
    assert outcome(judgement, "reference (singular A)") == "failed"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("first-term-only", lambda A, V, W: traces(A, V, W)[0]),
        ("second-term-only", lambda A, V, W: -traces(A, V, W)[1]),
        ("plus", lambda A, V, W: sum(traces(A, V, W))),
        ("half", lambda A, V, W: det_second(A, V, W) / 2),
        ("sign", lambda A, V, W: -det_second(A, V, W)),
        ("one-direction", lambda A, V, W: det_second(A, V, V)),
        ("other-product", lambda A, V, W: det_second(A, W, W)),
        ("constant-factor", lambda A, V, W: det_second(A, V, W) * (1 + 1e-3)),
    ],
)
def test_wrong_second_differentials_of_det_are_told_apart(
    more: PreparedAssignment, name: str | None, wrong: Any
) -> None:
    judgement = judged(more, "det-second-differential", wrong)
    assert judgement.verdict == "wrong"
    assert (judgement.diagnosis.id if judgement.diagnosis else None) == name


def test_a_second_differential_that_is_not_linear_in_its_first_direction_fails_linear(
    more: PreparedAssignment,
) -> None:
    judgement = judged(more, "inv-second-differential", lambda A, V, W: second(A, V, V))
    assert outcome(judgement, "linear") == "failed"
    judgement = judged(more, "inv-second-differential", lambda A, V, W: 3 * second(A, V, W))
    assert outcome(judgement, "linear") == "passed"
