"""One part of each answer beside its truth, and what it takes to say that the answers are something else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, in_tolerances

WELL_BEHAVED = ("generic", "integer", "symmetric", "orthogonal", "triangular", "diagonal")
"""Real and well-conditioned: a difference quotient has its usual accuracy, and so has any formula."""
DELICATE = ("ill_conditioned", "corank_1", "corank_2", "eigenvalue", "empty")
"""Nearly or exactly singular, or of size 0: a formula may lose its digits there, or fail."""
CLOSE = 1e-9
"""How close an answer must be to what it is said to be, as a part of that."""
ROUGH = 1e-2
"""The same where the formula loses digits."""
ENOUGH = 3
"""In so many cases, of two sizes, the answer must be wrong and what it is said to be."""


@dataclass(frozen=True, slots=True, eq=False)
class PartAnswer:
    """One part of one answer.

    Args:
        answer: finite and in the shape of the truth, else None (a matrix given as one row has no rows and columns).
        error: its distance from the truth, in tolerances; right: whether that is at most 1.
    """

    judged: JudgedAnswer
    truth: Array
    tolerance: float
    answer: Array | None
    error: float

    @property
    def right(self) -> bool:
        """Whether it is within the tolerance."""
        return self.error <= 1.0

    @property
    def case(self) -> Case:
        """The case that was asked."""
        return self.judged.posed.case

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the case."""
        return tuple(self.case.sizes.values())

    @property
    def is_lost(self) -> bool:
        """Whether there is no answer, or it has numbers that are not finite."""
        return self.judged.failure is not None or not all(np.all(np.isfinite(x)) for x in self.judged.raw)

    @property
    def is_complex(self) -> bool:
        """Whether some argument is complex."""
        return is_complex(self.case)


Predict = Callable[[Case], "Array | None"]


def is_complex(case: Case) -> bool:
    """Whether some argument is complex."""
    return any(np.asarray(value).dtype.kind == "c" for value in case.values.values())


def part_answers(evidence: JudgedAnswers, part: int) -> tuple[PartAnswer, ...]:
    """The first answer to every case, one part of it."""
    return tuple(_see(judged, part, evidence.problem.norm) for judged in evidence.first.values())


def _see(judged: JudgedAnswer, part: int, kind: str) -> PartAnswer:
    truth, tolerance = judged.truth.parts[part].hi, judged.truth.tolerances[part]
    if judged.failure is not None or judged.parts is None or len(judged.raw) != len(judged.parts):
        return PartAnswer(judged, truth, tolerance, None, math.inf)
    answer = judged.parts[part]
    flat = judged.raw[part].ndim < 2 <= answer.ndim and min(answer.shape) > 1
    if flat or not np.all(np.isfinite(answer)):
        return PartAnswer(judged, truth, tolerance, None, math.inf)
    return PartAnswer(
        judged, truth, tolerance, answer, in_tolerances(norm(judged.defects[part], kind), tolerance)
    )


def agrees(seen: PartAnswer, predicted: Array, close: float = CLOSE) -> bool:
    """Whether an answer is what was predicted; where inputs are delicate, it may also fail or vanish,
    and overflow where they are huge or tiny.
    """
    delicate = seen.case.family in DELICATE
    if seen.answer is None:
        return delicate or seen.case.family == "scaled"
    if predicted.shape != seen.answer.shape:
        return False
    allowed = _allowed(seen, predicted, close) + (ROUGH * norm(predicted) if delicate else 0.0)
    return norm(seen.answer - predicted) <= allowed or (delicate and norm(seen.answer) <= seen.tolerance)


def _allowed(seen: PartAnswer, predicted: Array, close: float) -> float:
    size = norm(seen.truth)
    growth = max(1.0, norm(predicted) / size) if size > 0 else 1.0
    return 4 * seen.tolerance * growth + close * norm(predicted)


def confirms(all_seen: Sequence[PartAnswer], predict: Predict, close: float = CLOSE) -> bool:
    """Whether every answer is what is predicted for its case, and that is wrong in enough of them.

    Where nothing is predicted (None), the formula fails, and nothing is learned.
    """
    told: list[PartAnswer] = []
    with np.errstate(all="ignore"):
        for seen in all_seen:
            predicted = predict(seen.case)
            if predicted is None or not np.all(np.isfinite(predicted)):
                continue
            if not agrees(seen, predicted, close):
                return False
            if distinguishes(seen, predicted, close) and not seen.right and seen.answer is not None:
                told.append(seen)
    return is_conclusive(told, all_seen)


def distinguishes(seen: PartAnswer, predicted: Array, close: float = CLOSE) -> bool:
    """Whether what was predicted is clearly not the truth."""
    return norm(predicted - seen.truth) > 10 * _allowed(seen, predicted, close)


def is_conclusive(told: Sequence[PartAnswer], all_seen: Sequence[PartAnswer]) -> bool:
    """Several cases, and of two sizes if there are two besides 0."""
    sizes = {seen.sizes for seen in told}
    drawn = {seen.sizes for seen in all_seen if all(seen.sizes)}
    return len(told) >= ENOUGH and (len(sizes) > 1 or len(drawn) == 1)
