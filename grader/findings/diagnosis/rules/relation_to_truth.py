"""A relation to the truth: a factor, its transpose or conjugate, another order of vec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from grader.findings.diagnosis.agreement import CLOSE
from grader.findings.diagnosis.candidates.dictionary import Multiple, simple_fraction
from grader.findings.diagnosis.candidates.terms import SumOfTerms, plain_formula, write_term
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import COUNTED_ONCE, factor_phrase, relation
from grader.reports.report import Diagnosis

_EXACT = 1e-3
"""How constant a factor near 1 must be, relative to its distance from 1."""
NEARLY = 1e-3
"""A factor closer to 1 than this need not be a simple fraction."""
_ROUNDING = 1e-13
"""A factor closer to 1 than this is 1."""


def name_relation_to_truth(context: PartContext) -> Diagnosis | None:
    """Name a multiple of the truth, of its transpose, or of what another order of vec makes of it."""
    candidates, values = context.part_candidates, context.pilot_values
    if candidates is None or values is None:
        return None

    multiples = candidates.relations.find(candidates.relations.stack(values))
    confirmed = filter(None, map(partial(_confirm, context), multiples))
    simplest = next(confirmed, None)
    if simplest is None:
        return None
    if context.problem.form == "matrix":
        return _describe_jacobian([simplest, *confirmed])
    return _describe(context, simplest)


def _confirm(context: PartContext, multiple: Multiple) -> SumOfTerms | None:
    factor, term = multiple
    is_factor = term.base == "same" and not term.scalar
    if is_factor and abs(factor - 1) < _ROUNDING:
        return None

    # A number that differs a little from 1 may be any; all others are what a derivation brings in.
    is_nearly_one = is_factor and abs(factor - 1) <= NEARLY
    exact = None if is_nearly_one else simple_fraction(factor)
    may_be_any = not term.scalar and np.isfinite(factor)
    if exact is None and not may_be_any:
        return None
    close = min(CLOSE, _EXACT * abs(factor - 1)) if is_factor else CLOSE
    return context.confirmed(plain_formula([exact or factor], [term]), close)


def _describe(context: PartContext, formula: SumOfTerms) -> Diagnosis:
    (term,), (flags,) = formula.terms, formula.flags
    if term.base == "same":
        return _describe_factor(formula, "answer")
    if term.base != "transpose":
        diagnosis_id, changed, step = _CHANGED[term.base]
        return relation(diagnosis_id, f"you returned {_multiple(formula)}{changed}", step)

    is_conjugated = flags[-1] and any(answer.is_complex for answer in context.part_answers)
    transpose = "conjugate transpose" if is_conjugated else "transpose"
    step = "Test with a matrix that is not symmetric: where are rows and columns swapped?"
    lead = f"you returned {_multiple(formula)}the {transpose} of the right answer"
    return relation(transpose.replace(" ", "-"), lead, step)


def _describe_jacobian(confirmed: Sequence[SumOfTerms]) -> Diagnosis:
    """A multiple of the Jacobian, of its transpose, or in another order; for some maps these are the same."""
    simplest = confirmed[0]
    (term,) = simplest.terms
    if term.base == "same":
        return _describe_factor(simplest, "Jacobian")

    bases = {formula.terms[0].base for formula in confirmed if formula.terms[0].scalar == term.scalar}
    if bases == {"transpose"}:
        lead = f"you returned {_multiple(simplest)}the transpose of the right Jacobian"
        step = "Rows of J belong to entries of the output, columns to entries of the input."
        return relation("transpose", lead, step)

    base = next(base for base in _ORDERS if base in bases)
    also = "; for this map that is also its transpose" if {"transpose", "row-major"} <= bases else ""
    lead = f"you returned {_multiple(simplest)}the right Jacobian {_ORDERS[base]}{also}"
    step = 'vec stacks columns here: in numpy that is order="F", not the default.'
    return relation("row-major", lead, step)


def _describe_factor(formula: SumOfTerms, noun: str) -> Diagnosis:
    (factor,), (term,) = formula.factors, formula.terms
    lead = f"you returned {factor_phrase(factor)} {_numbers(formula)}the right {noun}"
    if term.scalar:
        number = term.scalar[0]
        is_determinant = number.kind == "f" and "det(" in number.name
        diagnosis_id, step = _DETERMINANT if is_determinant else _NUMBERS.get(number.kind, _DETERMINANT)
        return relation(diagnosis_id, lead, step)
    event = "the sign was lost" if factor == -1 else "that factor appeared or was lost"
    return relation("constant-factor", lead, f"Find the step in your derivation where {event}.")


def _multiple(formula: SumOfTerms) -> str:
    """`exactly minus det A times `, before what it is a multiple of; nothing if that is all."""
    (factor,), numbers = formula.factors, _numbers(formula)
    return "" if factor == 1 and not numbers else f"{factor_phrase(factor)} {numbers}"


def _numbers(formula: SumOfTerms) -> str:
    (term,), (flags,) = formula.terms, formula.flags
    return f"{write_term(term._replace(base=''), flags)} times " if term.scalar else ""


_DETERMINANT = ("determinant-factor", "Check where the determinant enters your derivation.")
_SIZE = ("size-factor", "Look for a mean where a sum belongs, or vice versa.")
_VALUE = ("extra-factor", "Check where the value of f enters.")
_NUMBERS: Mapping[str, tuple[str, str]] = {"size": _SIZE, "1/size": _SIZE, "f": _VALUE}
"""The id, and what to do, by the kind of the number."""

_CHANGED: Mapping[str, tuple[str, str, str]] = {
    "off-diagonal": (
        "off-diagonal-doubled",
        "the right answer with the entries off its diagonal doubled",
        COUNTED_ONCE,
    ),
    "checkerboard": (
        "checkerboard-signs",
        "the right answer with signs that alternate like a checkerboard",
        "Check where the signs (−1)ⁱ⁺ʲ enter.",
    ),
    "absolute": (
        "absolute-value",
        "the absolute value of the right answer",
        "Keep the sign: look for `abs`, a square root, or a sign that was dropped.",
    ),
}
_ORDERS: Mapping[str, str] = {
    "row-major": "for a vec that stacks rows",
    "row-major rows": "with its rows in row-major order",
    "row-major columns": "with its columns in row-major order",
    "row-major transpose": "for a vec that stacks rows, and transposed",
}
