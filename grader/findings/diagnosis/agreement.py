"""Compare one part of each answer with a prediction, and decide when agreement is proof enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, Selection, are_finite, in_tolerances
from grader.findings.diagnosis.part_case import INCOMPARABLE, PartCase
from grader.problems.problem import Problem

CLOSE = 1e-9
"""How close an answer must be to a prediction, as a part of that."""
ROUGH = 1e-2
"""The same where the formula loses digits."""
ENOUGH = 3
"""The least number of cases, of two sizes, in which the answer is wrong and as predicted."""


@dataclass(frozen=True, slots=True, eq=False)
class PartAnswer(PartCase):
    """One part of one answer.

    Args:
        value: finite and in the shape of the truth, else None (a matrix given as one row has no rows and columns).
        error: its distance from the truth, in tolerances.
    """

    judged: JudgedAnswer
    value: Array | None
    error: float

    @property
    def is_right(self) -> bool:
        """Is it within the tolerance?"""
        return self.error <= 1.0

    @property
    def is_not_finite(self) -> bool:
        """Does it fit, but have NaN or infinite numbers?"""
        parts = self.judged.parts
        return parts is not None and not are_finite([parts[self.part]])

    @property
    def defect(self) -> Array:
        """Truth − value, without cancellation."""
        return self.judged.defects[self.part]


class PartAnswers(Selection[PartAnswer]):
    """One part of the answers to several cases."""

    __slots__ = ()

    @property
    def given(self) -> PartAnswers:
        """Those that are finite and of the right shape."""
        return self.where(lambda answer: answer.value is not None)

    def inputs(self, name: str) -> list[Any]:
        """The values of one input, case by case."""
        return [answer.case.values[name] for answer in self]

    def matrices(self, name: str) -> list[Array]:
        """The values of one input as arrays, case by case."""
        return list(map(np.asarray, self.inputs(name)))

    def sizes(self, letter: str) -> list[int]:
        """The values of one size, case by case."""
        return [answer.case.sizes[letter] for answer in self]


Predict = Callable[[PartAnswer], "Array | None"]
"""The value that is expected in the place of an answer; None where the formula fails."""


def part_answers(answers: JudgedAnswers, part: int) -> PartAnswers:
    """One part of the first answer to every case."""
    return PartAnswers(_part_answer(answers.problem, judged, part) for judged in answers.first.values())


def _part_answer(problem: Problem, judged: JudgedAnswer, part: int) -> PartAnswer:
    nothing = PartAnswer(problem, part, judged.case, judged.truth, judged, value=None, error=math.inf)
    if judged.parts is None or len(judged.raw) != len(judged.parts):
        return nothing

    value = judged.parts[part]
    is_flat = judged.raw[part].ndim < 2 <= value.ndim and min(value.shape) > 1
    if is_flat or not np.all(np.isfinite(value)):
        return nothing
    error = in_tolerances(norm(nothing.defect, problem.norm), nothing.tolerance)
    return replace(nothing, value=value, error=error)


def agrees(answer: PartAnswer, predicted: Array, close: float = CLOSE) -> bool:
    """Is an answer as predicted?

    Where inputs are delicate, huge or tiny, it may also fail or be 0. `close` is the distance that is allowed, as a
    part of what was predicted.
    """
    is_nothing = answer.value is None or not np.any(answer.value)
    if is_nothing and (answer.is_delicate or answer.can_overflow):
        return True
    if answer.value is None or predicted.shape != answer.value.shape:
        return False

    gap, allowed = norm(answer.value - predicted), _allowed(answer, predicted, close)
    if not answer.is_delicate:
        return gap <= allowed
    return gap <= allowed + ROUGH * norm(predicted) or norm(answer.value) <= answer.tolerance


def _allowed(answer: PartAnswer, predicted: Array, close: float) -> float:
    size = norm(answer.truth)
    growth = max(1.0, norm(predicted) / size) if size > 0 else 1.0
    return 4 * answer.tolerance * growth + close * norm(predicted)


def distinguishes(answer: PartAnswer, predicted: Array, close: float = CLOSE) -> bool:
    """Is the prediction clearly not the truth?"""
    return norm(predicted - answer.truth) > 10 * _allowed(answer, predicted, close)


def confirms(answers: PartAnswers, predict: Predict, close: float = CLOSE) -> bool:
    """Is every answer as predicted, and wrong in enough cases?

    Where nothing is predicted (None), the formula fails, and nothing is learned.
    """
    decisive: list[PartAnswer] = []
    with np.errstate(all="ignore"):
        for answer in answers:
            if answer.case.family in INCOMPARABLE and not answer.is_right:
                continue
            predicted = predict(answer)
            if predicted is None or not np.all(np.isfinite(predicted)):
                continue

            if not agrees(answer, predicted, close):
                return False
            if distinguishes(answer, predicted, close):
                decisive.append(answer)
    return is_conclusive(PartAnswers(decisive).given.wrong, answers)


def is_conclusive(decisive: Sequence[PartAnswer], answers: Sequence[PartAnswer]) -> bool:
    """Several cases, and of two sizes if there are two besides 0."""
    sizes = {answer.sizes for answer in decisive}
    drawn = {answer.sizes for answer in answers if all(answer.sizes)}
    has_other_size = len(sizes) > 1 or len(drawn) == 1
    return len(decisive) >= ENOUGH and has_other_size
