"""Answers that were cut to whole numbers, as in arrays of integers, or are too large for those."""

from __future__ import annotations

import numpy as np

from grader.core.norms import norm
from grader.findings.diagnosis.agreement import PartAnswer
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import relation
from grader.reports.report import Diagnosis

_LARGEST = 1e9
"""Larger numbers may overflow as whole numbers, and say nothing."""
_ENOUGH = 3
"""The least number of wrong answers."""

_BITS = (8, 16, 32, 64)
"""The sizes of numpy's integers."""


def name_whole_numbers(context: PartContext) -> Diagnosis | None:
    """Name answers that are the right ones without their decimals, and without imaginary parts."""
    usable = context.part_answers.given.where(lambda answer: norm(answer.truth, "max") < _LARGEST)
    if len(usable) < len(context.part_answers) / 2 or len(usable.wrong) < _ENOUGH:
        return None
    if not any(np.any(answer.value) for answer in usable):
        return None  # zeros have a name of their own

    if all(map(_is_truncated, usable)):
        cut = "truncated to integers"
    elif all(map(_is_floored, usable)):
        cut = "rounded down to integers"
    else:
        return None
    step = "Look for `astype(int)`, `//`, or an integer array: values stored in it are truncated."
    return relation("whole-numbers", f"you returned the right answer {cut}", step)


def _is_truncated(answer: PartAnswer) -> bool:
    """Is every number whole, and less than 1 away from the right one, towards 0?"""
    value, right = np.asarray(answer.value), np.real(answer.truth)
    return _is_near_and_whole(answer) and bool(np.all(np.abs(value) <= np.abs(right) + _slack(answer)))


def _is_floored(answer: PartAnswer) -> bool:
    """Is every number whole, and less than 1 below the right one?"""
    value, right = np.asarray(answer.value), np.real(answer.truth)
    return _is_near_and_whole(answer) and bool(np.all(np.real(value) <= right + _slack(answer)))


def _is_near_and_whole(answer: PartAnswer) -> bool:
    value = np.asarray(answer.value)
    is_near = np.all(np.abs(value - np.real(answer.truth)) < 1 + _slack(answer))
    return bool(is_near and np.all(value == np.trunc(np.real(value))))


def _slack(answer: PartAnswer) -> float:
    """What is computed a little below a whole number is cut to the next one."""
    return answer.tolerance + 1e-6


def name_overflow(context: PartContext) -> Diagnosis | None:
    """Name answers that are right except for multiples of 2⁸, 2¹⁶, 2³² or 2⁶⁴, as integers of so many bits are."""
    wrong = context.part_answers.wrong
    if len(wrong) < _ENOUGH:
        return None

    for bits in _BITS:
        if all(_is_wrapped(answer, bits) for answer in wrong):
            multiples = f"multiples of 2^{bits}, as {bits}-bit integers are"
            lead = f"your numbers overflowed: they are right except for {multiples}"
            step = f"Look for `int{bits}` or `uint{bits}`, and compute with floats (`astype(float)`)."
            return relation("integer-overflow", lead, step)
    return None


def _is_wrapped(answer: PartAnswer, bits: int) -> bool:
    """Is every number of an answer an integer of so many bits that overflowed?"""
    exact = answer.judged.truth.parts[answer.part]
    if answer.value is None or np.iscomplexobj(answer.value) or np.iscomplexobj(exact.hi):
        return False

    columns = [x.ravel().tolist() for x in (answer.value, exact.hi, exact.lo)]
    return all(_has_overflowed(value, hi, lo, bits) for value, hi, lo in zip(*columns, strict=True))


def _has_overflowed(value: float, hi: float, lo: float, bits: int) -> bool:
    """Is it an integer of so many bits, and off from hi + lo by a multiple of what these can tell apart?"""
    if not all(map(float.is_integer, (value, hi, lo))):
        return False

    modulus = 1 << bits
    rest = (int(value) - int(hi) - int(lo)) % modulus
    rounding = int(abs(value)) >> 52  # of what was an integer
    has_so_many_bits = -modulus / 2 <= value <= modulus
    return has_so_many_bits and min(rest, modulus - rest) <= rounding
