"""An error that has no name is placed: at which inputs and sizes, in which entries; one report has one denominator."""

from __future__ import annotations

import re

import pytest

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment
from grader.reports.feedback import explain
from grader.reports.report import Finding, ProblemReport

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
