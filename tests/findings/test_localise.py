"""An error that has no name is placed: at which inputs and sizes, in which entries; one report has one denominator."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

import numpy as np
import pytest

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.findings.diagnosis.localise import is_no_accident
from grader.grading.grade import Grader
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedAssignment, prepare_problem
from grader.problems.course import Course
from grader.problems.load import make_problem
from grader.reports.feedback import explain
from grader.reports.report import Finding, ProblemReport
from grader.truths.cache import find_truths
from tests.corpus.hidden_paths import go_wrong, is_upper_triangular
from tests.corpus.variant import Array
from tests.judging import answers

pytestmark = pytest.mark.sampled

HEAD = "import numpy as np\ndef det_gradient(A):\n    n = len(A)\n    G = _right(A)\n"
TAIL = """
def _right(A):
    U, s, Vh = np.linalg.svd(A)
    rest = np.array([np.prod(np.delete(s, k)) for k in range(len(s))])
    factor = np.linalg.det(U) * np.linalg.det(Vh)
    return (factor * (U * rest) @ Vh).conj() if np.iscomplexobj(A) else factor * (U * rest) @ Vh
"""


def graded(exam: PreparedAssignment, body: str) -> ProblemReport:
    source = f"{HEAD}{body}    return G\n{TAIL}"
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        report = Grader(exam, sandbox).grade(parse_submission(SubmittedFile("s", "s.py", source.encode())))
    return next(problem for problem in report.problems if problem.id == "det-gradient")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("    if n >= 4: G = G + np.cos(np.outer(np.arange(n), A[0] + 1))\n", "n ≤ 3 only"),
        (
            "    if n >= 4 and A[0, 0] < A[1, 1]: G = G + np.cos(np.outer(np.arange(n), A[0] + 1))\n",
            "for n ≥ 4",
        ),
        (
            "    if np.linalg.matrix_rank(A) < n > 2: G = G + np.cos(np.outer(np.arange(n), A[0] + 1))\n",
            "singular A",
        ),
        ("    if n > 1: G[0, -1] += np.sin(A[0, 0].real + n)\n", "its upper right entry"),
    ],
)
def test_where_all_errors_are_is_said(exam: PreparedAssignment, body: str, words: str) -> None:
    problem = graded(exam, body)
    assert problem.verdict == "wrong"
    named = problem.diagnosis.message if problem.diagnosis else problem.where
    assert words in named, named
    if not problem.diagnosis:
        assert problem.where in explain(problem).sentence


TWICE = {
    "title": "Twice",
    "statement": "Twice",
    "signature": "twice(X, dX)",
    "f": "X + X",
    "ask": "differential",
    "inputs": {"X": {"shape": ["m", "n"]}},
    "sizes": {"m": [2, 3, 4], "n": [2, 3, 4]},
    "checks": [{"check": "reference", "points": 1}],
}


@pytest.mark.parametrize(("sign", "holds"), [("=", operator.eq), ("≥", operator.ge), ("≤", operator.le)])
def test_where_a_function_is_right_by_the_order_of_two_sizes_is_named(
    sign: str, holds: Callable[[int, int], bool]
) -> None:
    asked = prepare_problem(make_problem(TWICE, "twice"), 1, 24)
    report = judge_answers(
        asked, answers(asked, lambda X, dX: 2 * dX if holds(*X.shape) else dX * np.cos(dX))
    )
    assert report.diagnosis is not None and report.diagnosis.id == "only-size"
    assert f"m {sign} n only" in report.diagnosis.message


def pullback(A: Array, g: complex) -> Array:
    return np.asarray(g * np.conj(np.linalg.det(A)) * np.linalg.inv(A).conj().T)


def charpoly_derivative(A: Array, x: float) -> float:
    M = x * np.eye(len(A)) - A
    minors = [np.delete(np.delete(M, k, axis=0), k, axis=1) for k in range(len(A))]
    return float(sum(map(np.linalg.det, minors)))


@pytest.mark.parametrize(
    ("id", "where", "words"),
    [
        ("det-pullback", lambda A, g: abs(g) > 16, "for large g"),
        ("det-pullback", lambda A, g: 0 < abs(g) < 0.005, "for small g"),
        ("det-pullback", lambda A, g: len(A) > 1 and is_upper_triangular(A), "for upper triangular A"),
        ("charpoly-derivative", lambda A, x: x == 0, "for x = 0"),
    ],
)
def test_errors_at_special_inputs_are_placed_there(
    course: Course, id: str, where: Callable[..., bool], words: str
) -> None:
    asked = prepare_problem(course.problems[id], 1, course.cases, solve=find_truths)

    right = {"det-pullback": pullback, "charpoly-derivative": charpoly_derivative}[id]
    report = judge_answers(asked, answers(asked, go_wrong(where, right)))
    assert report.verdict == "wrong" and words in report.where, report.where


@pytest.mark.parametrize(
    ("inside", "of", "errors", "is_told"),
    [(1, 60, 1, True), (12, 60, 1, False), (12, 60, 3, True), (25, 60, 3, False), (25, 60, 8, True)],
)
def test_a_place_that_errors_are_at_by_accident_is_not_told(
    inside: int, of: int, errors: int, is_told: bool
) -> None:
    pattern = [k < inside for k in range(of)]
    assert is_no_accident(pattern, errors) == is_told


def test_one_report_has_one_denominator(exam: PreparedAssignment) -> None:
    problem = graded(exam, "    G = G + np.sin(np.outer(np.arange(n) + 1, A[0].real))\n")
    texts = [finding.message for finding in problem.failed]
    assert len(texts) > 1
    counted = {number for text in texts for number in re.findall(r"in \d+ of (\d+) cases", text)}
    assert len(counted) <= 1


def test_what_one_case_alone_can_show_is_not_counted() -> None:
    from fractions import Fraction

    def finding(cases: int) -> Finding:
        return Finding(
            "linear", "failed", Fraction(0), Fraction(1), "it is not linear", failed=1, cases=cases
        )

    assert finding(0).message == "it is not linear."
    assert finding(25).message == "it is not linear (in 1 of 25 cases)."
