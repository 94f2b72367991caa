"""Listed mistakes are recognised where answers are not unique, whatever signs they have; at home as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.authoring.release import release_files
from grader.findings.diagnosis import SealedMistake, evaluate_mistakes, seal_mistakes
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem
from grader.problems.course import load_course
from grader.problems.solution import Variant
from tests.judging import answers
from tests.relations.test_catalogue import prepared, write_course
from tests.running import run_grader

pytestmark = pytest.mark.sampled

Function = Callable[..., Any]


def left_vector(A: Any) -> Any:
    return np.linalg.svd(A)[0][:, -1]


MISTAKE = Variant("left", left_vector, "This is a null vector of the transpose.")


def exam(sealed: bool) -> PreparedProblem:
    asked = prepared("unit-null-vector")
    if sealed:
        listed = tuple(map(SealedMistake, seal_mistakes(asked.problem, [MISTAKE], asked.cases)))
        return replace(asked, mistakes=listed)
    return replace(asked, mistakes=evaluate_mistakes([MISTAKE], asked.cases, asked.problem.norm))


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_listed_mistake_is_recognised_with_either_sign(sealed: bool, sign: int) -> None:
    asked = exam(sealed)
    report = judge_answers(asked, answers(asked, lambda A: sign * left_vector(A)))
    assert report.diagnosis is not None and report.diagnosis.id == "left"


@pytest.mark.parametrize("sealed", [False, True])
def test_another_wrong_answer_is_not_taken_for_it(sealed: bool) -> None:
    asked = exam(sealed)
    report = judge_answers(asked, answers(asked, lambda A: A[0] / np.linalg.norm(A[0])))
    assert report.diagnosis is None or report.diagnosis.id != "left"


def test_a_course_of_relations_can_be_released(tmp_path: Path) -> None:
    write_course(tmp_path)
    course = load_course(tmp_path)
    answers_file = release_files(course, course.assignment(None))["answers.py"].decode()
    assert (
        "X: an array of shape (m, m - n)" in answers_file and "dR: an array of shape (n, n)" in answers_file
    )


def test_a_case_is_shown_with_what_is_asked_of_it(tmp_path: Path) -> None:
    write_course(tmp_path)
    shown = run_grader("show", "lu", cwd=tmp_path).stdout
    assert "any P, L, U with: P A = L U;" in shown and "→   P, L, U" in shown
