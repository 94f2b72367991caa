"""Balls and cases as reports show them: plain numbers, in nested lists."""

from __future__ import annotations

import math
from typing import Any

from grader.cases.case import Case, Formula
from grader.problems.axes import nested
from grader.reports.report import Plain
from grader.truths.balls import Ball, from_array


def plain_inputs(case: Case) -> dict[str, Plain]:
    """The arguments of a case by name; a word in quotes, a function as what it does to its argument."""
    return {name: _plain_input(value) for name, value in case.values.items()}


def _plain_input(value: Any) -> Plain:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Formula):
        return str(value)
    return plain_ball(from_array(value))


def plain_parts(parts: tuple[Ball, ...]) -> Plain:
    """A list for an answer of several parts."""
    return plain_ball(parts[0]) if len(parts) == 1 else [plain_ball(part) for part in parts]


def plain_ball(x: Ball) -> Plain:
    """The midpoints, rounded to doubles; complex ones as two arrays."""
    entries = x.entries()
    if not x.is_complex:
        return _nested(entries, x.shape)
    return {
        "real": _nested([entry.real for entry in entries], x.shape),
        "imag": _nested([entry.imag for entry in entries], x.shape),
    }


def _nested(entries: list[Any], shape: tuple[int, ...]) -> Plain:
    numbers = [_number(float(entry.mid())) for entry in entries]
    plain: Plain = nested(numbers, shape)
    return plain


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
