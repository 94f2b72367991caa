"""The limit for a whole submission is learnt from the reference, and who is slow waits until the others are graded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.answers.sandbox import Isolation, Limits, Sandbox, TakesLong
from grader.answers.submission import SubmittedFile, parse_submission
from grader.grading.engines import Workers
from grader.grading.grade import Grader
from grader.grading.grade_all import grade_all
from grader.grading.prepare import PreparedAssignment, prepare
from grader.grading.time_limit import choose_total_seconds, patience_for, time_reference
from grader.problems.config_yaml import LimitsFile
from grader.problems.course import Course
from grader.reports.report import Report
from grader.truths.cache import user_cache

IDS = ["inv-differential", "inv-pullback"]
SLEEPS = b"""
import time
def inv_differential(A, dA):
    time.sleep(9)
def inv_pullback(A, G):
    time.sleep(9)
"""
RIGHT = b"""
import numpy as np
def inv_differential(A, dA):
    X = np.linalg.inv(A)
    return -X @ dA @ X
"""


@pytest.fixture(scope="module")
def exam(course: Course) -> PreparedAssignment:
    limits = Limits(seconds=0.8, cpu_seconds=0.8, total_seconds=5.0)
    return replace(prepare(course, course.assignment("lecture05"), 3, IDS, store=user_cache()), limits=limits)


def test_each_function_has_its_own_time_and_the_reference_adds_a_hundredfold() -> None:
    limits = Limits(seconds=2.0, total_seconds=30.0)
    assert choose_total_seconds(limits, [0.001]).total_seconds == 4 + 5
    assert choose_total_seconds(limits, [0.06, 0.03, 0.0]).total_seconds == 8 + 10
    assert choose_total_seconds(limits, [0.01] * 8).total_seconds == 18 + 10
    assert choose_total_seconds(limits, [0.01] * 20) == limits


def test_without_all_references_nothing_is_learnt() -> None:
    limits = Limits(total_seconds=30.0)
    assert choose_total_seconds(limits, [0.001, None]) == limits
    assert choose_total_seconds(limits, [None]) == limits


def test_a_course_that_says_how_long_is_believed_and_others_learn(course: Course) -> None:
    lecture = course.assignment("lecture05")
    one = prepare(course, lecture, 3, IDS[:1], store=user_cache())
    assert one.problems[0].seconds is not None and one.limits.total_seconds == 4 + 5
    said = replace(course, limits=LimitsFile(total_seconds=77))
    assert prepare(said, lecture, 3, IDS[:1], store=user_cache()).limits.total_seconds == 77


def test_a_course_without_solutions_has_the_longest(course: Course, tmp_path: Path) -> None:
    alone = replace(course, folder=tmp_path)
    prepared = prepare(alone, course.assignment("lecture05"), 3, IDS[:1], store=user_cache())
    assert prepared.problems[0].seconds is None and prepared.limits.total_seconds == 30


def test_a_reference_that_fails_teaches_nothing(exam: PreparedAssignment) -> None:
    def fails(*_: Any) -> Any:
        raise ArithmeticError

    cases = exam.problems[0].cases
    assert time_reference(fails, cases, 10) is None
    assert time_reference(lambda *_: 0.0, (), 10) is None
    few, many = (time_reference(lambda *_: 0.0, cases, calls) for calls in (1, 100_000))
    assert few is not None and many is not None and few < many


def test_a_class_waits_for_a_fifth_of_the_limit_and_never_less_than_a_moment() -> None:
    assert patience_for(Limits(total_seconds=30)) == 6
    assert patience_for(Limits(total_seconds=600)) == 120
    assert patience_for(Limits(total_seconds=9)) == 3


def test_who_waits_less_than_the_limit_is_told_and_the_sandbox_goes_on(exam: PreparedAssignment) -> None:
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        grader = Grader(exam, sandbox)
        zygote = sandbox._open()
        with pytest.raises(TakesLong):
            grader.grade(parse_submission(SubmittedFile("slow", "a.py", SLEEPS)), patience=0.5)
        assert sandbox._zygote is zygote
        right = grader.grade(parse_submission(SubmittedFile("right", "a.py", RIGHT)), patience=5.0)
    assert right.problems[0].verdict == "right"


def keyed(key: str, report: Report) -> tuple[str, Report]:
    return key, report


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_slow_submissions_are_graded_last_with_the_marks_that_they_would_have_had(
    exam: PreparedAssignment, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.grading.time_limit._SHORTEST", 1.2)
    files = [SubmittedFile(name, "a.py", SLEEPS) for name in ("slow1", "slow2")]
    files += [SubmittedFile(f"right{number}", "a.py", RIGHT) for number in range(3)]
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        level = sandbox.isolation.level
        expected = Grader(exam, sandbox).grade(parse_submission(files[0]))

    postponed: list[str] = []
    workers = Workers(exam, Isolation(level), jobs)
    reports = dict(grade_all(workers, [(file.student, file) for file in files], keyed, postponed.append))
    assert sorted(postponed) == ["slow1", "slow2"]
    assert {name[:5] for name in list(reports)[:3]} == {"right"} and len(reports) == 5
    for name in postponed:
        assert _without_times(reports[name], "slow") == _without_times(expected, "slow")


def _without_times(report: Report, student: str) -> Report:
    problems = tuple(replace(problem, seconds=0.0) for problem in report.problems)
    return replace(report, student=student, problems=problems)
