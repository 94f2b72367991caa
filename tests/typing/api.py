"""The public face as others use it: never run, only read by mypy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import grader

course: grader.Course = grader.open_course("my-course")
nearest: grader.Course = grader.open_course()
report: grader.Report = grader.grade_file("answers.py", course, assignment="lecture05", seed=5)
reports: Iterator[grader.Report] = grader.grade_class("submitted/", course, assignment="lecture05", jobs=8)
page: str | bytes = grader.render(report, "html")
table: str | bytes = grader.render(reports, "csv")
problem: grader.Problem = course.problem("det-gradient")
for solved in grader.solve_cases(problem, seed=5, count=24):
    case: grader.Case = solved.case
    truth: grader.Truth | None = solved.truth


def differential(A: np.ndarray, dA: np.ndarray) -> np.ndarray:
    return dA


if grader.check_derivative("A", "differential", differential, {"A": "n×n"}, raise_exception=False):
    verdict: str = grader.check_derivative("A", "differential", differential, {"A": "n×n"}).report.verdict
