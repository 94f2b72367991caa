"""What is wrong is named, and nothing is named that is not so."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, slogdet, solve

from grader.findings.diagnosis import KnownMistake, evaluate_mistakes
from grader.grading.prepare import PreparedAssignment
from grader.problems.course import Course
from tests.findings.test_checks import RIGHT
from tests.judging import answers, judged, question


@pytest.mark.parametrize(
    "id", ["adjugate", "det-differential", "det-gradient", "det-pullback", "inv-differential", "inv-jacobian",
           "inv-pullback", "logdet-gradient"],
)  # fmt: skip
def test_every_listed_mistake_is_wrong_and_named_as_itself(
    exam: PreparedAssignment, course: Course, id: str
) -> None:
    solution = course.solution(id)
    assert solution is not None and solution.mistakes
    for mistake in solution.mistakes:
        judgement = judged(exam, id, mistake.answer)
        assert judgement.verdict == "wrong", mistake.id
        assert judgement.diagnosis is not None and judgement.diagnosis.id == mistake.id
        assert (judgement.diagnosis.lead, judgement.diagnosis.step) == (mistake.message, mistake.step)


@pytest.mark.parametrize(
    ("id", "name", "function"),
    [
        ("inv-differential", "wrong-order", lambda A, dA: -solve(A, solve(A, dA))),
        ("inv-differential", "sign", lambda A, dA: solve(A, dA) @ inv(A)),
        ("det-gradient", "transposed", lambda A: inv(A) * det(A)),
        ("det-gradient", "nonsingular-only", lambda A: det(A) * solve(A.T, np.eye(len(A)))),
    ],
)
def test_a_mistake_is_recognised_whatever_algorithm_computes_it(
    exam: PreparedAssignment, id: str, name: str, function: Any
) -> None:
    judgement = judged(exam, id, function)
    assert judgement.diagnosis is not None
    known = {mistake.id for mistake in question(exam, id).mistakes if isinstance(mistake, KnownMistake)}
    assert judgement.diagnosis.id == name or name not in known, judgement.diagnosis


def evaluated(exam: PreparedAssignment, course: Course, called: list[Any]) -> tuple[KnownMistake, ...]:
    """The mistakes listed for the differential of the inverse; notes the arguments of each call of the first."""
    asked, solution = question(exam, "inv-differential"), course.solution("inv-differential")
    assert solution is not None
    first, *others = solution.mistakes

    def noted(*arguments: Any) -> Any:
        called.append(arguments)
        return first.answer(*arguments)

    return evaluate_mistakes([replace(first, answer=noted), *others], asked.cases, asked.problem.norm)


def test_a_mistake_is_evaluated_once_for_each_case_it_is_compared_with(
    exam: PreparedAssignment, course: Course
) -> None:
    called: list[Any] = []
    mistake, *_ = evaluated(exam, course, called)
    assert not called
    index = next(iter(mistake.predictions))
    assert mistake.predictions[index] is mistake.predictions[index] and len(called) == 1


def test_another_process_gets_the_values_of_a_mistake_and_not_its_function(
    exam: PreparedAssignment, course: Course
) -> None:
    mistake, *_ = evaluated(exam, course, [])
    copied: Mapping[int, Any] = pickle.loads(pickle.dumps(mistake.predictions))
    assert copied.keys() == mistake.predictions.keys() and len(copied) == len(mistake.predictions) > 20
    for index, prediction in copied.items():
        own = mistake.predictions[index]
        assert own is not None and np.array_equal(prediction.parts[0], own.parts[0])


def test_a_mistake_is_named_though_the_function_modifies_its_inputs_too(exam: PreparedAssignment) -> None:
    def without_its_sign(A: Any, dA: Any) -> Any:
        answer = inv(A) @ dA @ inv(A)
        A *= 2
        return answer

    judgement = judged(exam, "inv-differential", without_its_sign)
    assert judgement.diagnosis is not None and judgement.diagnosis.id == "sign"
    pure = next(finding for finding in judgement.findings if finding.check == "pure")
    assert pure.failed


@pytest.mark.parametrize("step", [1e-3, 1e-5, 1e-6, 1e-8])
def test_difference_quotients_are_named_so(exam: PreparedAssignment, step: float) -> None:
    for quotient in (
        lambda A, dA: (inv(A + step * dA) - inv(A - step * dA)) / (2 * step),
        lambda A, dA: (inv(A + step * dA) - inv(A)) / step,
    ):
        judgement = judged(exam, "inv-differential", quotient)
        assert judgement.verdict == "wrong"
        if step < 1e-3:
            assert judgement.diagnosis is not None and judgement.diagnosis.id == "finite-differences"


def test_single_precision_is_named_so(exam: PreparedAssignment) -> None:
    single = {"inv-differential": np.complex64, "det-gradient": np.float32, "inv-jacobian": np.float32}
    for id, dtype in single.items():
        right = RIGHT[id]

        def rounded(*a: Any, right: Any = right, dtype: Any = dtype) -> Any:
            result = right(*a)
            return result.astype(dtype if np.iscomplexobj(result) or dtype is np.float32 else np.float32)

        judgement = judged(exam, id, rounded)
        assert judgement.diagnosis is not None and judgement.diagnosis.id == "single-precision"


def test_a_right_answer_is_never_diagnosed(exam: PreparedAssignment) -> None:
    for id, function in RIGHT.items():
        assert judged(exam, id, function).diagnosis is None


def test_a_quotient_whose_step_cannot_be_told_is_said_to_have_few_digits(exam: PreparedAssignment) -> None:
    def gradient(A: Any) -> Any:
        G = np.zeros_like(A)
        for i, j in np.ndindex(A.shape):
            E = np.zeros_like(A)
            E[i, j] = 1e-6 * max(1.0, abs(A[i, j]))
            G[i, j] = (slogdet(A + E)[1] - slogdet(A - E)[1]) / (2 * E[i, j])
        return G

    judgement = judged(exam, "logdet-gradient", gradient)
    assert judgement.diagnosis is not None and judgement.diagnosis.id == "few-digits"


def test_a_wrong_shape_can_be_a_mistake_with_a_name(exam: PreparedAssignment) -> None:
    def four_sides(A: Any) -> Any:
        X = inv(A)
        return -np.einsum("ik,lj->ijkl", X, X)

    judgement = judged(exam, "inv-jacobian", four_sides)
    assert judgement.verdict == "wrong"
    assert answers(question(exam, "inv-jacobian"), four_sides)
    assert judgement.diagnosis is not None
