"""Right, but only to some digits: rounded, single precision, an unstable formula, or for no clear reason."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np

from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, Selection
from grader.findings.diagnosis.agreement import PartAnswer, PartAnswers
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.part_case import WELL_BEHAVED
from grader.findings.diagnosis.shared_phrases import precision
from grader.findings.lost_digits import largest_relative_error, relative_error
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

Answers = Selection[JudgedAnswer]

FEW_DIGITS = (1e-13, 1e-3)
"""Relative errors that come from rounding or differencing, not from a wrong formula."""
_MOST = 0.7
"""The part of the well-behaved cases that a difference quotient gets wrong; some come out exact by luck."""
SMOOTH = 1e-4
"""The largest squared sine between errors and a formula that they follow."""
_CONSTANT = 1e-2
"""The relative difference up to which errors are constant."""
MOST_DECIMALS = 10
"""Numbers with more decimals than that are not rounded on purpose."""


def name_lost_precision(context: PartContext) -> Diagnosis | None:
    """Name answers that are rounded, computed in single precision, or right to some digits only.

    Where that explains the answers to real inputs alone, it is said of these.
    """
    given = Answers(context.judged.first.values()).where(lambda judged: judged.failure is None)
    ordinary = given.where(lambda judged: judged.case.family in WELL_BEHAVED and not _vanishes(judged))
    diagnosis = _name_precision(context, ordinary)
    if diagnosis is None:
        return None

    slack = 2 * float(np.max(np.abs(_numbers(ordinary, "defects"))))
    unexplained = context.part_answers.wrong.given.where(lambda answer: _is_far_off(answer, slack))
    if not unexplained:
        return diagnosis
    if not all(answer.is_complex for answer in unexplained):
        return None
    lead = f"for real inputs {diagnosis.lead.removesuffix('.')}; for complex ones there is another mistake"
    step = f"{diagnosis.step} For complex inputs look at every transpose: must it conjugate as well?"
    return precision(diagnosis.id, lead, step)


def _is_far_off(answer: PartAnswer, slack: float) -> bool:
    """Is it off by more than lost digits and so much, where a right formula keeps its digits?"""
    if answer.value is None or answer.is_delicate or answer.can_overflow:
        return False
    allowed = slack + FEW_DIGITS[1] * norm(answer.truth, "max")
    return not norm(answer.defect, "max") <= allowed


def _name_precision(context: PartContext, ordinary: Answers) -> Diagnosis | None:
    """Name the loss that explains the ordinary answers."""
    rounded = _name_rounded(ordinary)
    if rounded is not None:
        return rounded

    wrong = ordinary.wrong
    if not wrong or not _are_accurate(ordinary):
        return None
    worst = max(map(relative_error, wrong))
    is_everywhere = len(wrong) >= _MOST * len(ordinary) and _is_spread(wrong)
    if not is_everywhere or worst < FEW_DIGITS[0]:
        return None

    digits = _digits(worst)
    if _are_kept(ordinary, "float32"):
        return _name_short_floats(ordinary, digits)
    if _errors_follow_a_formula(context):
        return None
    return _name_few_digits(context.problem, digits)


def _name_few_digits(problem: Problem, digits: int) -> Diagnosis:
    noun = "derivative" if problem.order else "value"
    lead = (
        f"your answer agrees with the right one to only about {digits} digits, like a rounded number, a "
        "difference quotient, or a formula with a small extra term"
    )
    step = f"Derive the formula for the {noun} and return its value without rounding."
    return precision("few-digits", lead, step)


def _name_short_floats(ordinary: Answers, digits: int) -> Diagnosis:
    size = "half" if _are_kept(ordinary, "float16") else "single"
    lead = f"your formula seems right, but it was computed in {size} precision: only {digits} digits are left"
    return precision("single-precision", lead, "Keep float64 throughout.")


def _name_rounded(ordinary: Answers) -> Diagnosis | None:
    """All numbers have few decimals, and they are the right ones rounded."""
    if len(ordinary) < 6 or any(judged.parts is None for judged in ordinary):
        return None
    dense = ordinary.where(lambda judged: judged.case.family != "integer")
    if len(dense.wrong) < max(3, _MOST * len(dense)):
        return None

    values, defects, right = (_numbers(ordinary, name) for name in ("parts", "defects", "right"))
    for decimals in range(MOST_DECIMALS + 1):
        has_few_decimals = np.array_equal(np.round(values, decimals), values)
        allowed = 0.5 * 10.0**-decimals * (1 + 1e-6) + 1e-9 * np.abs(right)
        if has_few_decimals and np.all(np.abs(defects) <= allowed):
            lead = f"your answers are the right ones rounded to {decimals} decimals"
            return precision("rounded-digits", lead, "Return them without rounding.")
    return None


def name_lost_digits(answers: JudgedAnswers) -> Diagnosis:
    """Digits are lost where inputs are ill-conditioned or badly scaled, and nowhere else."""
    digits = _digits(largest_relative_error(answers))
    lead = (
        f"your answers are right at ordinary inputs, but only to {digits} digits where an input is nearly "
        "singular or badly scaled"
    )
    step = "Look for huge and tiny factors that should cancel, and combine them first."
    return precision("loses-digits", lead, step)


def _are_accurate(ordinary: Answers) -> bool:
    """Are all right to three digits, and real where they should be? An imaginary part is no rounding."""
    if not ordinary or not all(relative_error(judged) < FEW_DIGITS[1] for judged in ordinary):
        return False
    imaginary_parts = _numbers(ordinary, "defects")[1::2]
    return not np.any(imaginary_parts)


def _is_spread(wrong: Answers) -> bool:
    """Are at least half of the entries off, as after rounding or differencing?"""
    dense = wrong.where(lambda judged: judged.case.family == "generic")
    defects = chain.from_iterable(judged.defects for judged in dense)
    off = [float(np.mean(np.abs(defect) > 1e-3 * norm(defect))) for defect in defects]
    return not off or sum(off) / len(off) >= 0.5


def _errors_follow_a_formula(context: PartContext) -> bool:
    """Are the errors constant or a product of inputs, as those of rounding and differencing are not?"""
    given = context.part_answers.given
    if _have_constant_errors(given.where(lambda answer: answer.case.family in WELL_BEHAVED)):
        return True

    candidates = context.part_candidates
    if candidates is None:
        return False
    defects = {answer.case.index: np.real(answer.defect) for answer in given}
    if not defects.keys() >= {*candidates.pilots}:
        return False

    y = candidates.products.stack([defects[index] for index in candidates.pilots])
    dictionaries = (candidates.relations, candidates.products, candidates.near_products)
    return any(dictionary.find(y, SMOOTH) for dictionary in dictionaries)


def _have_constant_errors(answers: PartAnswers) -> bool:
    """Do answers of the same shape have the same error?"""
    first: dict[tuple[int, ...], Array] = {}
    for answer in answers:
        error = np.asarray(answer.value) - answer.truth
        constant = first.setdefault(answer.truth.shape, error)
        if not norm(error - constant) <= _CONSTANT * norm(constant):
            return False
    return True


def _vanishes(judged: JudgedAnswer) -> bool:
    return not any(map(np.any, judged.right))


def _digits(error: float) -> int:
    return math.floor(-math.log10(error))


def _are_kept(answers: Answers, dtype: str) -> bool:
    """Are all numbers those of a shorter floating-point type?"""
    numbers = _numbers(answers, "raw")
    with np.errstate(all="ignore"):
        return np.array_equal(numbers, numbers.astype(dtype))


def _numbers(answers: Answers, name: str) -> Array:
    """All numbers in the arrays of that name as one vector, the real and the imaginary part of each."""
    arrays = [np.ravel(x) for judged in answers for x in getattr(judged, name)]
    return np.concatenate(arrays).astype(np.complex128).view(np.float64)
