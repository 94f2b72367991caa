"""Right for real inputs, wrong for complex ones: what became of the conjugates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.cases.asked_map import in_doubles
from grader.core.norms import Array, norm
from grader.findings.diagnosis.agreement import CLOSE, PartAnswer, agrees, distinguishes
from grader.findings.diagnosis.candidates.terms import write_formula
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import relation
from grader.reports.report import Diagnosis


def name_complex(view: PartContext) -> Diagnosis | None:
    """The conjugate of the truth, or a complex step where the inputs are complex already."""
    real = [item for item in view.seen if not item.is_complex]
    complex_ = [item for item in view.seen if item.is_complex]
    if len(complex_) < 2 or not all(item.right for item in real) or any(item.right for item in complex_):
        return None
    if all(item.answer is not None and _is(item, item.truth.conj()) for item in complex_):
        step = "Check with 1×1 matrices: which factor must not be conjugated?"
        return relation(
            "conjugate", "for complex inputs you returned the conjugate of the right answer", step
        )
    if _is_complex_step(view, complex_):
        lead = "you differentiated by a complex step, which is right for real inputs only"
        return relation(
            "complex-step", lead, "For complex ones its imaginary part is f's own. Find the formula instead."
        )
    own = view.known.own if view.known is not None else None
    formula = view.conjugated(own, CLOSE) if own is not None else None
    if formula is None or not all(
        item.answer is not None
        and (predicted := view.value(formula, item)) is not None
        and _is(item, predicted)
        for item in complex_
    ):
        return None
    lead = f"your answer is right for real inputs; for complex ones it is {write_formula(formula)}"
    return relation("only-real", lead, "Ask of every factor in it whether it must be conjugated.")


def _is(item: PartAnswer, predicted: Array) -> bool:
    """Whether the answer is what was predicted, and that is not the truth."""
    return agrees(item, predicted) and distinguishes(item, predicted)


def _is_complex_step(view: PartContext, complex_: Sequence[PartAnswer]) -> bool:
    """Im f(A)/h: the part of Im f(A + ihV)/h that does not shrink with h, one h for all cases."""
    factors = []
    for item in complex_:
        if item.answer is None or np.any(np.imag(item.answer) != 0):
            return False
        try:
            value = np.imag(in_doubles(view.problem, item.case).value)
        except (np.linalg.LinAlgError, ValueError):
            return False
        if value.shape not in ((), item.answer.shape) or norm(value) == 0:
            return False
        value = np.broadcast_to(value, item.answer.shape)
        factor = float(np.vdot(value, item.answer).real / np.vdot(value, value).real)
        if norm(item.answer - factor * value) > 1e-3 * norm(item.answer):
            return False
        factors.append(factor)
    return min(factors) > 1e3 and max(factors) < 1.01 * min(factors)
