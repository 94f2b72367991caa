"""Recognise the mistakes that a problem lists: predict what each returns for every case, and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, align_parts, are_finite, decided
from grader.findings.diagnosis.part_case import INCOMPARABLE, WELL_BEHAVED
from grader.findings.freedom import align
from grader.problems.relation import Freedom
from grader.problems.solution import Function, Variant
from grader.reports.report import Diagnosis
from grader.truths.solve import SolvedCase
from grader.truths.truth import Truth

SLACK = 1e-6
"""How close an answer must be to a mistake's, as a part of the mistake's own error."""
FORMULA = 1e-6
"""A relative difference that no rounding makes: the formula is another."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The values of a mistaken formula for a case.

    Args:
        slacks: how far an answer may be from each part and still be the same mistake.
        differs: whether it is another value than the truth, by more than rounding can make of it.
    """

    parts: tuple[Array, ...]
    slacks: tuple[float, ...]
    differs: bool


class Predictions(Mapping[int, Prediction | None]):
    """Predictions by the index of the case, each made when it is first asked for.

    The first case tells most mistakes from an answer. Another process is sent all of them, since an author's function
    cannot be.

    Args:
        predict: makes the prediction for an index.
        indices: of all cases.
    """

    def __init__(self, predict: Callable[[int], Prediction | None], indices: Sequence[int]) -> None:
        self._predict, self._indices = cache(predict), indices

    def __getitem__(self, index: int) -> Prediction | None:
        return self._predict(index)

    def __iter__(self) -> Iterator[int]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)

    def __reduce__(self) -> tuple[type[dict[int, Prediction | None]], tuple[dict[int, Prediction | None]]]:
        return dict, (dict(self),)


@dataclass(frozen=True, slots=True, eq=False)
class KnownMistake:
    """A known mistake with its values for each case, by index; None where it fails or overflows."""

    id: str
    message: str
    step: str
    predictions: Mapping[int, Prediction | None]

    def recognise(self, answers: JudgedAnswers) -> Diagnosis | None:
        """What is said of the mistake, if the answers are those of its formula."""
        if not matches(answers, self):
            return None
        return Diagnosis("mistake", self.id, self.message, self.step)


def evaluate_mistakes(
    mistakes: Sequence[Variant],
    cases: Sequence[SolvedCase],
    norm_name: str,
    freedom: Freedom | None = None,
) -> tuple[KnownMistake, ...]:
    """Evaluate each mistake at the decided cases, where it is asked for; once for a whole class.

    Args:
        norm_name: the problem's norm, in which tolerances are.
        freedom: what an answer may choose.
    """
    pairs = {case.index: (case, truth) for case, truth in decided(cases)}

    def predict(mistake: Variant, index: int) -> Prediction | None:
        return _predict(mistake.answer, *pairs[index], norm_name, freedom)

    return tuple(
        KnownMistake(
            mistake.id, mistake.message, mistake.step, Predictions(partial(predict, mistake), list(pairs))
        )
        for mistake in mistakes
    )


def call(function: Function, case: Case) -> tuple[Array, ...]:
    """Call a formula for a case and return its parts as arrays; it may raise."""
    arguments = [np.array(v) if isinstance(v, np.ndarray) else v for v in case.values.values()]
    with np.errstate(all="ignore"):
        result: Any = function(*arguments)
    parts = result if isinstance(result, tuple) else (result,)
    return tuple(map(np.asarray, parts))


def _predict(
    function: Function, case: Case, truth: Truth, norm_name: str, freedom: Freedom | None
) -> Prediction | None:
    try:
        parts = align_parts(call(function, case), truth, freedom)
        if not are_finite(parts):
            return None
    except Exception:  # an author's formula may fail in any way; `grader validate` shows how
        return None

    slacks: list[float] = []
    differs = len(parts) != len(truth.parts)
    for k, part in enumerate(parts):
        right = truth.parts[k].hi if k < len(truth.parts) else np.empty(0)
        if right.shape != part.shape:
            slacks.append(SLACK * norm(part))
            differs = True
            continue

        size, gap = norm(right, norm_name), norm(right - part)
        # Rounding errors of the mistaken formula are those of the right one, in proportion to its size. By
        # another algorithm the same mistake may lose as many digits as the condition number has.
        growth = max(1.0, norm(part) / size) if size > 0 else 1.0
        error = gap if case.family in WELL_BEHAVED else norm(part)
        slacks.append(4 * truth.tolerances[k] * growth + SLACK * error)
        differs |= gap > max(FORMULA * max(norm(part), norm(right)), 1e3 * truth.tolerances[k])
    return Prediction(parts, tuple(slacks), differs)


def matches(answers: JudgedAnswers, mistake: KnownMistake) -> bool:
    """Do the answers equal the mistake's in every case, and does the mistake differ from the truth in one?

    Where the mistake's own formula fails, it says nothing: the same mistake may have been made with an
    algorithm that does not. Unless failing there is all that is wrong with it.
    """
    silent: list[JudgedAnswer] = []
    differs = False
    for index, judged in answers.first.items():
        if judged.case.family in INCOMPARABLE:
            continue
        prediction = mistake.predictions[index]
        if prediction is None:
            silent.append(judged)
            continue

        if not _agrees(judged, prediction, answers.problem.up_to):
            return False
        differs |= prediction.differs
    only_fails = bool(silent) and all(map(_gave_nothing, silent))
    return differs or only_fails


def _gave_nothing(judged: JudgedAnswer) -> bool:
    return judged.failure.kind == "raised" if judged.failure is not None else not judged.is_finite


def _agrees(judged: JudgedAnswer, prediction: Prediction, freedom: Freedom | None) -> bool:
    if judged.failure is not None or len(prediction.parts) != len(judged.raw):
        return False

    fitted = judged.parts or ()
    if len(fitted) != len(judged.raw):
        fitted = judged.raw
    if judged.truth.open and freedom is None:
        freedom = "column_signs"
    rows = zip(prediction.parts, prediction.slacks, fitted, judged.raw, strict=True)
    for predicted, slack, part, raw in rows:
        answer = part if part.shape == predicted.shape else raw
        if freedom is not None:  # where answers are not unique, neither are wrong ones
            answer = align(answer, predicted, freedom)
        if answer.shape != predicted.shape:
            return False
        with np.errstate(all="ignore"):
            gap = norm(np.asarray(answer - predicted))
        if not gap <= slack:
            return False
    return True
