"""A counterexample is as large as people need, whatever a submission returns."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from grader.answers.sandbox import Limits, Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.findings.counterexample import limit_findings, plain
from grader.formats.plain_text import problem_text
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment
from grader.reports.report import Counterexample, Finding
from grader.reports.serialize import to_json

HUGE = b"""
import numpy as np
def inv_differential(A, dA): return np.full((340, 340), 0.1)
def det_gradient(A): return np.arange(120000) / 7
def adjugate(A): return np.full((50, 50, 40), 1e-3j)
"""


def finding(entries: int) -> Finding:
    case = Counterexample(0, "real", {"A": [0.5] * entries}, 1.0, 2.0)
    return Finding("reference", "failed", Fraction(0), Fraction(1), "it is off", case)


def test_of_a_large_array_the_first_entries_along_each_axis_are_kept() -> None:
    x = np.arange(10000.0).reshape(100, 100)
    assert plain(x) == x[:16, :16].tolist()
    assert plain(x[:16, :16]) == x[:16, :16].tolist()
    assert len(plain(np.zeros(100000))) == 256
    assert np.shape(plain(np.zeros((30, 30, 30)))) == (6, 6, 6)
    assert np.shape(plain(np.zeros((0, 10**6)))) == (0,)


def test_many_counterexamples_lose_the_last_ones_and_never_the_first() -> None:
    kept = limit_findings([finding(2000), finding(2000), finding(10)])
    assert [item.counterexample is not None for item in kept] == [True, False, True]
    assert limit_findings([finding(10**5)])[0].counterexample is not None


def test_what_many_findings_say_is_cut_once_it_is_much() -> None:
    long = [replace(finding(1), what="é" * 2000) for _ in range(500)]
    kept = [len(item.what) for item in limit_findings(long)]
    assert kept == [2000] * 3 + [201] * 497
    assert [item.what for item in limit_findings([finding(1)] * 20)] == ["it is off"] * 20


def test_huge_answers_make_no_huge_report(exam: PreparedAssignment) -> None:
    with Sandbox(Limits(seconds=60, cpu_seconds=60, total_seconds=300), exam.libraries) as sandbox:
        report = Grader(exam, sandbox).grade(parse_submission(SubmittedFile("student", "student.py", HUGE)))
    text = to_json(report)
    assert len(text.encode()) < 256 * 1024
    case = next(p for p in report.problems if p.id == "inv-differential").findings[0].counterexample
    assert case is not None and case.cut == {"answer": (340, 340)} and np.shape(case.answer) == (16, 16)
    shown = problem_text(next(p for p in report.problems if p.id == "inv-differential"))
    assert "340 × 340" in shown and len(shown) < 4000
