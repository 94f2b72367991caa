"""Typical slips of students, which nobody listed, are named by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from grader.problems.course import Course
from grader.reports.report import Diagnosis
from grader.truths.cache import user_cache
from tests.corpus.formulas.students_inverse import STUDENTS
from tests.corpus.judge import exam_on
from tests.judging import judged

pytestmark = pytest.mark.slow

SEED = 1
NAMED = 0.95
SAYS_NOTHING = ("for n = 1 only", "for m = 1 only", "for k = 1 only")


@pytest.fixture(scope="module")
def diagnoses(course: Course) -> dict[str, Diagnosis | None]:
    exam = exam_on(course, STUDENTS, SEED, user_cache())
    reports = {
        f"{id}/{name}": judged(exam, id, function)
        for id, functions in STUDENTS.items()
        for name, function in functions.items()
    }
    return {name: report.diagnosis for name, report in reports.items() if report.verdict != "right"}


def test_every_exercise_has_slips(course: Course) -> None:
    assert set(STUDENTS) == set(course.problems)
    assert min(map(len, STUDENTS.values())) >= 8


def test_nearly_all_slips_are_named(diagnoses: dict[str, Diagnosis | None]) -> None:
    unnamed = sorted(name for name, diagnosis in diagnoses.items() if diagnosis is None)
    assert len(unnamed) <= (1 - NAMED) * len(diagnoses), unnamed


def test_being_right_where_all_formulas_are_is_not_said(diagnoses: dict[str, Diagnosis | None]) -> None:
    said = [diagnosis.lead for diagnosis in diagnoses.values() if diagnosis is not None]
    assert [lead for lead in said if any(words in lead for words in SAYS_NOTHING)] == []


@pytest.mark.parametrize(
    ("slip", "id"),
    [
        ("adjugate/sign-product", "checkerboard-signs"),
        ("det-differential/sum-for-trace", "other-function"),
        ("det-gradient/det-times-entrywise", "elementwise"),
        ("gram-gradient/entrywise", "elementwise"),
        ("inv-pullback/elementwise", "elementwise"),
        ("inv-pullback/real-array", "real-parts"),
        ("matrix-power-differential/changes-A", "changed-arguments"),
        ("weighted-gradient/trace-of-weight", "other-function"),
        ("inv-differential/plus-value", "extra-term"),
        ("matrix-power-differential/range-from-one", "wrong-range"),
        ("det-gradient/ints", "whole-numbers"),
    ],
)
def test_slips_are_named_for_what_they_are(
    diagnoses: dict[str, Diagnosis | None], slip: str, id: str
) -> None:
    diagnosis = diagnoses[slip]
    assert diagnosis is not None and diagnosis.id == id, diagnosis


BEYOND_ONE = ("charpoly-derivative", "det-differential", "solve-pullback", "triangular-gradient")


@pytest.mark.parametrize("problem_id", BEYOND_ONE)
def test_a_formula_that_has_a_value_at_few_inputs_explains_nothing(course: Course, problem_id: str) -> None:
    """1/A has one for n = 1 only where A has zeros: an error there is no 1/A."""
    solution = course.solution(problem_id)
    assert solution is not None

    def answer(*arguments: Any) -> Any:
        right = solution.reference(*arguments)
        if len(arguments[0]) > 1:
            return right
        return tuple(1.5 * part for part in right) if isinstance(right, tuple) else 1.5 * right

    exam = exam_on(course, [problem_id], SEED, user_cache())
    report = judged(exam, problem_id, answer)

    assert report.diagnosis is not None
    assert report.diagnosis.id == "only-size"
