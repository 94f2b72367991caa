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
from grader.oracle.truth import Posed, Truth
from grader.report import Diagnosis
from grader.solution import Function, Variant

SLACK = 1e-6
"""How close an answer must be to a mistake's, as a part of the mistake's own error."""
FEW_DIGITS = (1e-13, 1e-3)
"""Relative errors that come from rounding or differencing, not from a wrong formula."""
MOST = 0.7
"""The part of the well-behaved cases that a difference quotient gets wrong; some come out exact by luck."""
FORMULA = 1e-6
"""A relative difference that no rounding makes: the formula is another."""
WELL_BEHAVED = ("generic", "integer", "symmetric", "orthogonal", "triangular", "diagonal")
"""Real and well-conditioned: a difference quotient has its usual accuracy, and so has any formula."""


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
class Suspect:
    """A known mistake with what it returns for each case, by index; None where it fails or overflows."""

    id: str
    message: str
    predictions: Mapping[int, Prediction | None]


def line_up(mistakes: Sequence[Variant], posed: Sequence[Posed], kind: str) -> tuple[Suspect, ...]:
    """Evaluate each mistake at each decided case, once for a whole class; `kind` is the problem's norm."""
    decided = [(item.case, item.truth) for item in posed if item.truth is not None]
    return tuple(
        Suspect(
            mistake.id,
            mistake.message,
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


def diagnose(evidence: Evidence, suspects: Sequence[Suspect]) -> Diagnosis | None:
    """Name what a wrong answer is, if that can be said for sure."""
    for suspect in suspects:
        if _matches(evidence, suspect):
            return Diagnosis("mistake", suspect.id, suspect.message)
    return _few_digits(evidence)


def _matches(evidence: Evidence, suspect: Suspect) -> bool:
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


def _gave_nothing(judged: Judged) -> bool:
    if judged.failure is not None:
        return judged.failure.kind == "raised"
    return not all(np.all(np.isfinite(x)) for x in judged.raw)


def _agrees(judged: Judged, prediction: Prediction) -> bool:
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


def _few_digits(evidence: Evidence) -> Diagnosis | None:
    """Right, but only to some digits: single precision, a difference quotient, or an unstable formula."""
    judged = [item for item in evidence.first.values() if item.failure is None]
    plain = [item for item in judged if item.posed.case.family in WELL_BEHAVED and not _vanishes(item)]
    wrong = [item for item in plain if not item.is_right]
    low, high = FEW_DIGITS
    if not plain or not all(_relative_error(item) < high for item in plain):
        return None
    if not wrong:
        return _loses_digits([item for item in judged if not item.is_right])
    worst = max(_relative_error(item) for item in wrong)
    if len(wrong) < MOST * len(plain) or worst < low or not _is_spread(wrong):
        return None
    digits = math.floor(-math.log10(worst))
    if all(_is_single(x) for item in plain for x in item.raw):
        message = (
            f"your formula seems right, but it was computed in single precision: {digits} digits are left. "
        )
        return Diagnosis("precision", "single-precision", message + "Keep float64 throughout.")
    source = "rounding" if evidence.problem.ask == "value" else "a difference quotient (or rounding)"
    thing = "value" if evidence.problem.ask == "value" else "derivative"
    message = (
        f"your answer agrees with the right one to about {digits} digits, as {source} does. "
        f"Find the formula for the {thing} and return that."
    )
    return Diagnosis("precision", "finite-differences", message)


def _loses_digits(wrong: Sequence[Judged]) -> Diagnosis | None:
    errors = [_relative_error(item) for item in wrong]
    if (
        len(errors) < 2
        or not all(error < FEW_DIGITS[1] for error in errors)
        or not all(map(_is_delicate, wrong))
    ):
        return None
    digits = math.floor(-math.log10(max(errors)))
    message = (
        f"your answers are right at ordinary inputs, but only to {digits} digits where A is nearly singular or badly "
        "scaled, as if rounding had spoilt them. Look for tiny and huge factors that should cancel, and form them "
        "together."
    )
    return Diagnosis("precision", "loses-digits", message)


def _is_spread(wrong: Sequence[Judged]) -> bool:
    """Whether, where all entries matter, more than a few of them are off, as they are after differencing."""
    dense = [defect for item in wrong if item.posed.case.family == "generic" for defect in item.defects]
    off = [float(np.mean(np.abs(defect) > 1e-3 * norm(defect))) for defect in dense]
    return not off or sum(off) / len(off) >= 0.5


def _is_delicate(judged: Judged) -> bool:
    return judged.posed.case.family in ("ill_conditioned", "scaled")


def _vanishes(judged: Judged) -> bool:
    return all(norm(part.hi) == 0 for part in judged.truth.parts)


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
