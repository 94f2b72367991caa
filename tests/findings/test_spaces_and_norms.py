"""What the exercises about spaces of matrices, norms and the Gram determinant tell apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, norm, pinv, svd

from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course
from grader.reports.feedback import say_remainder
from grader.reports.report import ProblemReport
from grader.truths.cache import user_cache
from tests.judging import judged, outcome


@pytest.fixture(scope="module")
def exam(course: Course) -> PreparedAssignment:
    ids = ["norm-gradient", "symmetric-gradient", "triangular-gradient", "gram-gradient"]
    return prepare(course, course.assignment("inner-products-and-norms"), 3, ids, store=user_cache())


def named(judgement: ProblemReport) -> str:
    return judgement.diagnosis.id if judgement.diagnosis else ""


def symmetric(S: Any, B: Any) -> Any:
    return inv(S) - inv(S) @ B @ inv(S)


def norms(fro: Callable[..., Any], two: Callable[..., Any], nuc: Callable[..., Any]) -> Callable[..., Any]:
    """An answer to `norm-gradient` by a function of A and its thin SVD for each norm."""

    def answer(A: Any, kind: str) -> Any:
        return {"fro": fro, "2": two, "nuc": nuc}[kind](A, *svd(A, full_matrices=False))

    return answer


def fro(A: Any, *_: Any) -> Any:
    return A / norm(A)


def two(A: Any, U: Any, sigma: Any, Vt: Any) -> Any:
    return np.outer(U[:, 0], Vt[0])


def nuc(A: Any, U: Any, sigma: Any, Vt: Any) -> Any:
    return U @ Vt


EXAMPLES: list[tuple[str, tuple[Any, ...], list[list[float]]]] = [
    ("symmetric-gradient", ([[1, 2], [2, 2]], [[0, 1], [1, 0]]), [[1, -0.5], [-0.5, 0.5]]),
    ("triangular-gradient", ([[2]],), [[0.5]]),
    ("norm-gradient", ([[0, 4], [-3, 0]], "fro"), [[0, 0.8], [-0.6, 0]]),
    ("norm-gradient", ([[0, 4], [-3, 0]], "2"), [[0, 1], [0, 0]]),
    ("norm-gradient", ([[0, 4], [-3, 0]], "nuc"), [[0, 1], [-1, 0]]),
    ("gram-gradient", ([[1, 1], [0, 2], [2, 0]],), [[8, 8], [-4, 20], [20, -4]]),
]


@pytest.mark.parametrize(("id", "arguments", "expected"), EXAMPLES)
def test_references_give_what_the_statements_show(
    course: Course, id: str, arguments: tuple[Any, ...], expected: list[list[float]]
) -> None:
    solution = course.solution(id)
    assert solution is not None
    given = [x if isinstance(x, str) else np.array(x, dtype=float) for x in arguments]
    assert np.allclose(solution.reference(*given), expected, rtol=1e-14, atol=1e-14)


def test_the_cookbook_rule_for_symmetric_matrices_is_no_gradient(exam: PreparedAssignment) -> None:
    def cookbook(S: Any, B: Any) -> Any:
        G = symmetric(S, B)
        return 2 * G - np.diag(np.diag(G))

    assert judged(exam, "symmetric-gradient", symmetric).verdict == "right"
    judgement = judged(exam, "symmetric-gradient", cookbook)
    assert named(judgement) == "cookbook" and outcome(judgement, "inner_product") == "failed"


def test_what_gives_the_right_df_but_leaves_the_space_fails_the_reference_alone(
    exam: PreparedAssignment,
) -> None:
    def half(S: Any, B: Any) -> Any:
        return np.tril(2 * symmetric(S, B)) - np.diag(np.diag(symmetric(S, B)))

    answers: list[tuple[str, Callable[..., Any], str]] = [
        ("triangular-gradient", lambda L: inv(L).T, "full-gradient"),
        ("symmetric-gradient", half, "lower-triangle-doubled"),
    ]
    for id, answer, mistake in answers:
        judgement = judged(exam, id, answer)
        failed = {
            finding.check.split(" (")[0] for finding in judgement.findings if finding.outcome == "failed"
        }
        assert failed == {"reference"} and named(judgement) == mistake, id


def test_a_wrong_answer_that_is_right_along_the_direction_shown_is_not_called_close(
    course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "answers.py"
    path.write_text(
        "import numpy as np\ntriangular_gradient = lambda L: np.linalg.inv(L).T\n", encoding="utf-8"
    )
    alone = prepare(
        course, course.assignment("inner-products-and-norms"), 3, ["triangular-gradient"], store=user_cache()
    )
    with Sandbox(alone.limits, alone.libraries) as sandbox:
        problem = Grader(alone, sandbox).grade(read_submission(path)).problems[0]
    said = say_remainder(problem)
    assert problem.verdict == "wrong" and said is not None and said[0].endswith("along this V it is right")


def test_each_norm_counts_and_is_named(exam: PreparedAssignment) -> None:
    assert judged(exam, "norm-gradient", norms(fro, two, nuc)).verdict == "right"
    wrong = {
        "fro-not-normalised": norms(lambda A, *_: A.copy(), two, nuc),
        "two-scaled-matrix": norms(fro, lambda A, *_: A / norm(A, 2), nuc),
        "two-all-vectors": norms(fro, nuc, nuc),
        "nuc-first-only": norms(fro, two, two),
    }
    for id, function in wrong.items():
        judgement = judged(exam, "norm-gradient", function)
        assert judgement.verdict == "wrong" and named(judgement) == id, id


def test_the_full_svd_fails_at_rectangular_matrices_and_is_told_so(exam: PreparedAssignment) -> None:
    def full(A: Any, *_: Any) -> Any:
        U, _s, Vt = svd(A)
        return U @ Vt

    assert named(judged(exam, "norm-gradient", norms(fro, two, full))) == "nuc-square-only"


def test_dependent_columns_count_by_themselves_for_the_gram_determinant(exam: PreparedAssignment) -> None:
    def regular(A: Any) -> Any:
        return 2 * det(A.T @ A) * A @ inv(A.T @ A)

    judgement = judged(exam, "gram-gradient", regular)
    lost = [finding.check for finding in judgement.findings if finding.outcome == "failed"]
    assert lost == ["reference (dependent columns)"] and named(judgement) == "independent-columns-only"
    right = judged(exam, "gram-gradient", lambda A: 2 * det(A.T @ A) * pinv(A).T)
    assert right.verdict == "right" and right.score == 10


def test_a_place_outside_of_which_all_is_zero_is_not_pointed_at(exam: PreparedAssignment) -> None:
    def wrong(L: Any) -> Any:
        return np.diag((1 + 1e-9 * (L[0, 0] != np.round(L[0, 0]))) / np.diag(L))

    assert named(judged(exam, "triangular-gradient", wrong)) != "one-row"
