"""Whatever a submission does, what is kept and shown of it has a bounded size, and says what matters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.core.memo import Memo
from grader.formats import STUDENT_FORMATS
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment
from grader.reports.assignment import NO_ASSIGNMENT
from grader.reports.fit_report import MOST_BYTES, MOST_LONGER, fit_report, length_in_python
from grader.reports.report import Failure, Report
from grader.reports.serialize import to_json, write_report
from tests.report_factory import make_finding, make_problem, make_report

pytestmark = pytest.mark.slow

MOST = 256 << 10
MATRICES = {"": "(n, n)", "inv_jacobian": "(n * n, n * n)", "det_differential": "()"}
BODIES = {
    "huge arrays": "return np.full((340, 340), 1 / 7)",
    "huge complex arrays": "return np.random.random((60, 60)) * (1 + 1j) / 7e100",
    "dense numbers": "return np.random.random({shape}) * (1 + 1j) / 7e100",
    "now and then an exception": (
        "if a[0].sum() > 0: raise ValueError('é' * 3000)\n    return np.random.random((20, 20)) / 7"
    ),
    "long lines and exceptions": "x = '{wide}'; raise ValueError('\U0001f600' * 3000)",
}
PRINTED = "print('ā\U0001f600' * 20000)"


def source(body: str, names: list[str]) -> str:
    functions = []
    for name in names:
        shape = MATRICES.get(name, MATRICES[""])
        text = body.replace("{shape}", shape).replace("{wide}", "\U0001f600" * 600)
        functions.append(f"def {name}(*a):\n    n = len(a[0])\n    {text}")
    return "\n".join(["import numpy as np", *functions, PRINTED])


def sizes(report: Report) -> dict[str, int]:
    """Bytes of all that is made of a report."""
    made = {name: one.render(report, NO_ASSIGNMENT) for name, one in STUDENT_FORMATS.items()}
    texts = {"kept": write_report(report), **made}
    return {
        name: len(text if isinstance(text, bytes) else text.encode(errors="surrogatepass"))
        for name, text in texts.items()
    }


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_worst_submissions_make_no_large_report(exam: PreparedAssignment, body: str) -> None:
    text = source(body, [problem.problem.function for problem in exam.problems])
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        report = Grader(exam, sandbox).grade(parse_submission(SubmittedFile("s", "s.py", text.encode())))
    assert report.output and {p.verdict for p in report.problems} <= {"wrong", "error"}
    for problem in report.problems:
        shown = [finding.counterexample for finding in problem.findings]
        assert any(shown) or problem.verdict == "error"

    found = sizes(report)
    assert max(found["kept"], found["json"]) <= MOST_BYTES < MOST
    assert max(found.values()) <= MOST, found


def large_report(problems: int, findings: int, text: str) -> Report:
    failed = make_finding(outcome="failed", what=text)
    failure = Failure("raised", text, text, text=text)
    wrong = make_problem("wrong", findings=(failed,) * findings, error=failure, hints=(text,) * 5)
    report = make_report(*[wrong] * problems)
    return replace(report, output=text * 20, error=failure)


@pytest.mark.parametrize(
    ("problems", "findings", "text"),
    [(8, 400, "x"), (60, 30, "é"), (150, 20, "\U0001f600"), (1, 1000, "x")],
)
def test_many_problems_with_many_checks_share_the_room(problems: int, findings: int, text: str) -> None:
    report = large_report(problems, findings, text * 2000)
    fitted = fit_report(report)
    assert max(len(to_json(report).encode()), len(write_report(report))) > MOST
    assert max(len(to_json(fitted).encode()), len(write_report(fitted))) <= MOST_BYTES
    assert (fitted.score, len(fitted.problems)) == (report.score, problems)
    assert all(problem.failed and problem.score == report.problems[0].score for problem in fitted.problems)


def test_a_report_that_fits_is_left_alone(sample_reports: dict[str, Report]) -> None:
    assert all(fit_report(report) is report for report in sample_reports.values())


@given(st.text())
@example('"' * 200)
@example("\\" * 200)
@example("\0" * 200)
@example("é" * 200)
@example("\U0001f600" * 200)
@example("\u202e" * 200)
def test_neither_form_is_much_longer_than_the_values_in_python(text: str) -> None:
    for report in (large_report(3, 2, text), make_report()):
        most = MOST_LONGER * length_in_python(report, Memo())
        assert max(len(to_json(report).encode()), len(write_report(report))) <= most
