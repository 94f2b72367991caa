"""What a wrong answer is instead: one of the problem's known mistakes, or the right answer to too few digits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.cases import Case
from grader.evidence import Array, Evidence, Judged
from grader.norms import norm
from grader.oracle.truth import Posed
from grader.report import Diagnosis
from grader.solution import Function, Variant

SLACK = 1e-6
"""How close an answer must be to a mistake's, as a part of the mistake's own error."""
FEW_DIGITS = (1e-13, 1e-3)
"""Relative errors that come from rounding or differencing, not from a wrong formula."""
WELL_BEHAVED = ("generic", "integer", "symmetric", "orthogonal", "triangular", "diagonal")
"""Real and well-conditioned: a difference quotient has its usual accuracy, and so has any formula."""

Prediction = tuple[Array, ...] | None
"""What a formula returns for a case; None if it fails there."""


@dataclass(frozen=True, slots=True, eq=False)
class Suspect:
    """A known mistake with what it returns for each case, by index."""

    id: str
    message: str
    predictions: Mapping[int, Prediction]


def line_up(mistakes: Sequence[Variant], posed: Sequence[Posed]) -> tuple[Suspect, ...]:
    """Evaluate each mistake at each decided case, once for a whole class."""
    decided = [item.case for item in posed if item.truth is not None]
    return tuple(
        Suspect(mistake.id, mistake.message, {case.index: call(mistake.answer, case) for case in decided})
        for mistake in mistakes
    )


def call(function: Function, case: Case) -> Prediction:
    """What a formula returns for a case, as arrays; None if it raises."""
    arguments = [np.array(v) if isinstance(v, np.ndarray) else v for v in case.values.values()]
    try:
        with np.errstate(all="ignore"):
            result: Any = function(*arguments)
    except (ArithmeticError, ValueError, TypeError, IndexError):  # LinAlgError is a ValueError
        return None
    return tuple(np.asarray(part) for part in (result if isinstance(result, tuple) else (result,)))


def diagnose(evidence: Evidence, suspects: Sequence[Suspect]) -> Diagnosis | None:
    """Name what a wrong answer is, if that can be said for sure."""
    for suspect in suspects:
        if _matches(evidence, suspect):
            return Diagnosis("mistake", suspect.id, suspect.message)
    return _few_digits(evidence)


def _matches(evidence: Evidence, suspect: Suspect) -> bool:
    """The answer is the mistake's at every case, and that tells it from the right answer somewhere."""
    told_apart = False
    for index, judged in evidence.first.items():
        prediction = suspect.predictions[index]
        if prediction is None or judged.failure is not None:
            raised = judged.failure is not None and judged.failure.kind == "raised"
            if prediction is not None or not raised:
                return False
            told_apart = True
        elif not _agrees(judged, prediction, evidence.problem.norm):
            return False
        else:
            told_apart |= not judged.is_right or bool(judged.shape_fault)
    return told_apart


def _agrees(judged: Judged, prediction: tuple[Array, ...], kind: str) -> bool:
    if len(prediction) != len(judged.raw):
        return False
    for k, (predicted, raw) in enumerate(zip(prediction, judged.raw, strict=True)):
        answer = (
            judged.parts[k] if judged.parts is not None and predicted.shape == judged.parts[k].shape else raw
        )
        if answer.shape != predicted.shape:
            return False
        with np.errstate(all="ignore"):
            both = bool(np.array_equal(np.isfinite(answer), np.isfinite(predicted)))
            gap = norm(np.where(np.isfinite(predicted), answer - predicted, 0.0))
        if not both or not gap <= _slack(judged, k, predicted, kind):
            return False
    return True


def _slack(judged: Judged, k: int, predicted: Array, kind: str) -> float:
    """Rounding errors of the mistaken formula are those of the right one, in proportion to its size."""
    truth, tolerance = judged.truth.parts[k].hi, judged.truth.tolerances[k]
    finite = np.where(np.isfinite(predicted), predicted, 0.0)
    if truth.shape != predicted.shape:
        return tolerance + SLACK * norm(finite, "fro")
    size = norm(truth, kind)
    growth = norm(finite, "fro") / size if size > 0 else 1.0
    if judged.posed.case.family not in WELL_BEHAVED:
        # The same mistake by another algorithm may lose as many digits as the condition number has.
        return 4 * tolerance * max(1.0, growth) + SLACK * norm(finite, "fro")
    return 4 * tolerance * max(1.0, growth) + SLACK * norm(truth - finite, "fro")


def _few_digits(evidence: Evidence) -> Diagnosis | None:
    """Right, but only to some digits: single precision or a difference quotient."""
    judged = [item for item in evidence.first.values() if item.posed.case.family in WELL_BEHAVED]
    errors = [_relative_error(item) for item in judged]
    wrong = [error for item, error in zip(judged, errors, strict=True) if not item.is_right]
    low, high = FEW_DIGITS
    if (
        not wrong
        or len(wrong) < len(judged) / 3
        or not all(error < high for error in errors)
        or max(wrong) < low
    ):
        return None
    digits = math.floor(-math.log10(max(wrong)))
    if all(_is_single(x) for item in judged for x in item.raw):
        message = (
            f"Your formula seems right, but it was computed in single precision: {digits} digits are left. "
        )
        return Diagnosis("precision", "single-precision", message + "Keep float64 throughout.")
    message = (
        f"Your answer agrees with the right one to about {digits} digits, as a difference quotient (or rounding) does. "
        "Find the formula for the derivative and return that."
    )
    return Diagnosis("precision", "finite-differences", message)


def _relative_error(judged: Judged) -> float:
    if judged.parts is None:
        return math.inf
    sizes = [(norm(d), norm(part.hi)) for d, part in zip(judged.defects, judged.truth.parts, strict=True)]
    return max(
        (off / size if size > 0 else math.inf if off > 0 else 0.0 for off, size in sizes), default=math.inf
    )


def _is_single(x: Array) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.array_equal(x, x.astype(np.complex64 if x.dtype.kind == "c" else np.float32)))
