"""Right, but only to some digits: rounded, single precision, an unstable formula, or for no clear reason."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from grader.core.norms import Array, norm
from grader.findings.compare import JudgedAnswer
from grader.findings.diagnosis.agreement import WELL_BEHAVED
from grader.findings.diagnosis.candidates.dictionary import find_pairs
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import precision
from grader.reports.report import Diagnosis

FEW_DIGITS = (1e-13, 1e-3)
"""Relative errors that come from rounding or differencing, not from a wrong formula."""
MOST = 0.7
"""The part of the well-behaved cases that a difference quotient gets wrong; some come out exact by luck."""
SMOOTH = 1e-4
"""An error is a formula's if the squared sine between them is no more than this."""
MOST_DECIMALS = 10
"""Numbers with more decimals than that are not rounded on purpose."""


def name_digits(view: PartContext) -> Diagnosis | None:
    """Right, but only to some digits: rounded, single precision, an unstable formula, or for no clear reason."""
    judged = [item for item in view.evidence.first.values() if item.failure is None]
    plain = [item for item in judged if item.posed.case.family in WELL_BEHAVED and not _vanishes(item)]
    wrong = [item for item in plain if not item.is_right]
    low, high = FEW_DIGITS
    rounded = _rounded(plain)
    if rounded is not None:
        return rounded
    if not plain or not all(_relative_error(item) < high for item in plain):
        return None
    if any(np.any(np.imag(defect)) for item in plain for defect in item.defects):
        return None  # an imaginary part is no rounding of a real number
    if not wrong:
        return _loses_digits([item for item in judged if not item.is_right])
    worst = max(_relative_error(item) for item in wrong)
    if len(wrong) < MOST * len(plain) or worst < low or not _is_spread(wrong):
        return None
    digits = math.floor(-math.log10(worst))
    if all(_is_kept(x, "float32") for item in plain for x in item.raw):
        half = all(_is_kept(x, "float16") for item in plain for x in item.raw)
        lead = (
            f"your formula seems right, but it was computed in {'half' if half else 'single'} precision: "
            f"{digits} digits are left"
        )
        return precision("single-precision", lead, "Keep float64 throughout.")
    if _is_smooth(view):
        return None
    thing = "derivative" if view.problem.order else "value"
    lead = (
        f"your answer agrees with the right one to about {digits} digits and no further, as after rounding, a "
        "difference quotient or one small term too many"
    )
    return precision("few-digits", lead, f"Find the formula for the {thing} and return that as it is.")


def _is_smooth(view: PartContext) -> bool:
    """Whether the errors follow a formula, as rounding and differencing do not: constant, or a product of inputs."""
    errors = {item.case.index: item.answer - item.truth for item in view.seen if item.answer is not None}
    by_shape: dict[tuple[int, ...], list[Array]] = {}
    for item in view.seen:
        if item.case.index in errors and item.case.family in WELL_BEHAVED:
            by_shape.setdefault(item.truth.shape, []).append(errors[item.case.index])
    groups = [group for group in by_shape.values() if len(group) > 1]
    if all(norm(x - group[0]) <= 1e-2 * norm(group[0]) for group in groups for x in group):
        return True
    known = view.known
    if known is None or any(item.case.index not in errors for item in known.pilots):
        return False
    defects = {item.case.index: item.judged.defects[view.part] for item in view.seen if item.judged.defects}
    y = known.products.stack([np.real(defects[item.case.index]) for item in known.pilots])
    return bool(
        known.relations.find(y, SMOOTH) or known.products.find(y, SMOOTH)
        or find_pairs(known.products, known.akin, y, SMOOTH)
    )  # fmt: skip


def _rounded(plain: Sequence[JudgedAnswer]) -> Diagnosis | None:
    """All numbers have few decimals, and they are the right ones rounded."""
    if len(plain) < 6 or any(item.parts is None for item in plain):
        return None
    dense = [item for item in plain if item.posed.case.family != "integer"]
    if sum(not item.is_right for item in dense) < max(3, MOST * len(dense)):
        return None
    for k in range(MOST_DECIMALS + 1):
        if all(_is_rounded(item, k) for item in plain):
            lead = f"your answers are the right ones rounded to {k} decimals"
            return precision("rounded-digits", lead, "Return them as they are computed.")
    return None


def _is_rounded(judged: JudgedAnswer, k: int) -> bool:
    assert judged.parts is not None
    for answer, defect, part in zip(judged.parts, judged.defects, judged.truth.parts, strict=True):
        if not np.all(np.isfinite(answer)) or not np.array_equal(np.round(answer, k), answer):
            return False
        for off, size in ((np.real(defect), np.real(part.hi)), (np.imag(defect), np.imag(part.hi))):
            if np.any(np.abs(off) > 0.5 * 10.0**-k * (1 + 1e-6) + 1e-9 * np.abs(size)):
                return False
    return True


def _loses_digits(wrong: Sequence[JudgedAnswer]) -> Diagnosis | None:
    errors = [_relative_error(item) for item in wrong]
    if (
        len(errors) < 2
        or not all(error < FEW_DIGITS[1] for error in errors)
        or not all(map(_is_delicate, wrong))
    ):
        return None
    digits = math.floor(-math.log10(max(errors)))
    lead = (
        f"your answers are right at ordinary inputs, but only to {digits} digits where A is nearly singular or badly "
        "scaled, as if rounding had spoilt them"
    )
    step = "Look for tiny and huge factors that should cancel, and form them together."
    return precision("loses-digits", lead, step)


def _is_spread(wrong: Sequence[JudgedAnswer]) -> bool:
    """Whether, where all entries matter, more than a few of them are off, as they are after differencing."""
    dense = [defect for item in wrong if item.posed.case.family == "generic" for defect in item.defects]
    off = [float(np.mean(np.abs(defect) > 1e-3 * norm(defect))) for defect in dense]
    return not off or sum(off) / len(off) >= 0.5


def _is_delicate(judged: JudgedAnswer) -> bool:
    return judged.posed.case.family in ("ill_conditioned", "scaled")


def _vanishes(judged: JudgedAnswer) -> bool:
    return all(norm(part.hi) == 0 for part in judged.truth.parts)


def _relative_error(judged: JudgedAnswer) -> float:
    if judged.parts is None:
        return math.inf
    sizes = [(norm(d), norm(part.hi)) for d, part in zip(judged.defects, judged.truth.parts, strict=True)]
    return max(
        (off / size if size > 0 else math.inf if off > 0 else 0.0 for off, size in sizes), default=math.inf
    )


def _is_kept(x: Array, kind: str) -> bool:
    """Whether all numbers are those of a shorter floating-point type."""
    with np.errstate(all="ignore"):
        return all(np.array_equal(y, y.astype(kind)) for y in (x.real, x.imag))
