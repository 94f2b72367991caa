"""Right for real inputs, wrong for complex ones: what became of the conjugates."""

from __future__ import annotations

from functools import partial

import numpy as np

from grader.cases.case import Case
from grader.cases.difference_quotients import in_doubles
from grader.core.norms import Array, norm
from grader.findings.diagnosis.agreement import PartAnswer, PartAnswers, Predict, agrees, distinguishes
from grader.findings.diagnosis.candidates.terms import evaluate_formula, write_formula
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import relation
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

SMALLEST = 1e3
"""1/h of the largest step that is taken for one of a complex step."""
_CONSTANT = 1.01
"""The most by which 1/h may differ from case to case."""
_SAME = 1e-3
"""The relative difference up to which an answer is Im f(A)/h: what shrinks with h is left out."""


def name_conjugation(context: PartContext) -> Diagnosis | None:
    """Name the conjugate of the truth, a complex step, or conjugates that are missing or too many."""
    real = context.part_answers.where(lambda answer: not answer.is_complex)
    complexes = context.part_answers.where(lambda answer: answer.is_complex)
    if len(complexes) < 2 or real.wrong or complexes.right:
        return None

    if _all_are(complexes, lambda answer: answer.truth.conj()):
        lead = "for complex inputs you returned the conjugate of the right answer"
        return relation("conjugate", lead, "Test with 1×1 matrices: which factor must not be conjugated?")
    if _is_complex_step(context.problem, complexes):
        lead = "you differentiated by a complex step, which is right for real inputs only"
        step = "For complex inputs, f has an imaginary part of its own. Derive the formula instead."
        return relation("complex-step", lead, step)

    truth = context.truth_formula
    formula = context.conjugated(truth) if truth is not None else None
    if formula is None or not _all_are(complexes, partial(evaluate_formula, formula)):
        return None
    lead = f"your answer is right for real inputs; for complex ones it is {write_formula(formula)}"
    return relation("only-real", lead, "Check for each of its factors whether it must be conjugated.")


def _all_are(answers: PartAnswers, predict: Predict) -> bool:
    """Are all answers as predicted, and is that not the truth?"""
    if len(answers.given) < len(answers):
        return False
    return all(_is_as_predicted(answer, predict(answer)) for answer in answers)


def _is_as_predicted(answer: PartAnswer, predicted: Array | None) -> bool:
    return predicted is not None and agrees(answer, predicted) and distinguishes(answer, predicted)


def _is_complex_step(problem: Problem, answers: PartAnswers) -> bool:
    """Im f(A)/h: the part of Im f(A + ihV)/h that does not shrink with h, one h for all cases."""
    factors = [_factor_of_step(problem, answer) for answer in answers]
    return min(factors) > SMALLEST and max(factors) < _CONSTANT * min(factors)


def _factor_of_step(problem: Problem, answer: PartAnswer) -> float:
    """1/h if the answer is Im f(A)/h, else 0."""
    if answer.value is None or np.any(np.imag(answer.value)):
        return 0.0
    imaginary = _imaginary_part(problem, answer.case)
    if imaginary.shape not in ((), answer.value.shape) or norm(imaginary) == 0:
        return 0.0

    imaginary = np.broadcast_to(imaginary, answer.value.shape)
    factor = float(np.vdot(imaginary, answer.value).real / np.vdot(imaginary, imaginary).real)
    is_step = norm(answer.value - factor * imaginary) <= _SAME * norm(answer.value)
    return factor if is_step else 0.0


def _imaginary_part(problem: Problem, case: Case) -> Array:
    """Im f(A); 0 where f cannot be computed."""
    try:
        return np.imag(in_doubles(problem, case).value)
    except (np.linalg.LinAlgError, ValueError):
        return np.zeros(())
