"""The mistakes that a problem lists: what each returns for every case, and whether an answer is that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.diagnosis.agreement import WELL_BEHAVED
from grader.problems.solution import Function, Variant
from grader.truths.truth import SolvedCase, Truth

SLACK = 1e-6
"""How close an answer must be to a mistake's, as a part of the mistake's own error."""
FORMULA = 1e-6
"""A relative difference that no rounding makes: the formula is another."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a mistaken formula returns for a case.

    Args:
        slacks: how far an answer may be from each part and still be the same mistake.
        differs: whether it is another value than the truth, by more than rounding can make of it.
    """

    parts: tuple[Array, ...]
    slacks: tuple[float, ...]
    differs: bool


@dataclass(frozen=True, slots=True, eq=False)
class KnownMistake:
    """A known mistake with what it returns for each case, by index; None where it fails or overflows."""

    id: str
    message: str
    step: str
    predictions: Mapping[int, Prediction | None]


def evaluate_mistakes(
    mistakes: Sequence[Variant], posed: Sequence[SolvedCase], kind: str
) -> tuple[KnownMistake, ...]:
    """Evaluate each mistake at each decided case, once for a whole class; `kind` is the problem's norm."""
    decided = [(item.case, item.truth) for item in posed if item.truth is not None]
    return tuple(
        KnownMistake(
            mistake.id,
            mistake.message,
            mistake.step,
            {case.index: _predict(mistake.answer, case, truth, kind) for case, truth in decided},
        )
        for mistake in mistakes
    )


def call(function: Function, case: Case) -> tuple[Array, ...]:
    """What a formula returns for a case, as arrays; it may raise."""
    arguments = [np.array(v) if isinstance(v, np.ndarray) else v for v in case.values.values()]
    with np.errstate(all="ignore"):
        result: Any = function(*arguments)
    return tuple(np.asarray(part) for part in (result if isinstance(result, tuple) else (result,)))


def _predict(function: Function, case: Case, truth: Truth, kind: str) -> Prediction | None:
    try:
        parts = call(function, case)
        if not all(np.all(np.isfinite(part)) for part in parts):
            return None
    except Exception:  # an author's formula may fail in any way; `grader validate` shows how
        return None
    slacks, differs = [], len(parts) != len(truth.parts)
    for k, part in enumerate(parts):
        right = truth.parts[k].hi if k < len(truth.parts) else np.empty(0)
        if right.shape != part.shape:
            slacks.append(SLACK * norm(part))
            differs = True
            continue
        size, gap = norm(right, kind), norm(right - part)
        # Rounding errors of the mistaken formula are those of the right one, in proportion to its size. By
        # another algorithm the same mistake may lose as many digits as the condition number has.
        growth = max(1.0, norm(part) / size) if size > 0 else 1.0
        error = gap if case.family in WELL_BEHAVED else norm(part)
        slacks.append(4 * truth.tolerances[k] * growth + SLACK * error)
        differs |= gap > max(FORMULA * max(norm(part), norm(right)), 1e3 * truth.tolerances[k])
    return Prediction(parts, tuple(slacks), differs)


def matches(evidence: JudgedAnswers, suspect: KnownMistake) -> bool:
    """The answer is the mistake's at every case, and that tells it from the right answer somewhere.

    Where the mistake's own formula fails, it says nothing: the same mistake may have been made with an
    algorithm that does not. Unless failing there is all that is wrong with it.
    """
    silent, told_apart = [], False
    for index, judged in evidence.first.items():
        prediction = suspect.predictions[index]
        if prediction is None:
            silent.append(judged)
        elif not _agrees(judged, prediction):
            return False
        else:
            told_apart |= prediction.differs
    return told_apart or (bool(silent) and all(_gave_nothing(judged) for judged in silent))


def _gave_nothing(judged: JudgedAnswer) -> bool:
    if judged.failure is not None:
        return judged.failure.kind == "raised"
    return not all(np.all(np.isfinite(x)) for x in judged.raw)


def _agrees(judged: JudgedAnswer, prediction: Prediction) -> bool:
    if judged.failure is not None or len(prediction.parts) != len(judged.raw):
        return False
    for k, (predicted, raw) in enumerate(zip(prediction.parts, judged.raw, strict=True)):
        answer = raw if judged.parts is None or predicted.shape != judged.parts[k].shape else judged.parts[k]
        if answer.shape != predicted.shape:
            return False
        with np.errstate(all="ignore"):
            gap = norm(np.asarray(answer - predicted))
        if not gap <= prediction.slacks[k]:
            return False
    return True
