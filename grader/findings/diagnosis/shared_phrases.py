"""Phrases that several rules share: factors, counts of cases, and what is asked for, in a student's language."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

_PHRASES: Mapping[Fraction, str] = {
    Fraction(-1): "exactly minus",
    Fraction(2): "exactly twice",
    Fraction(1, 2): "exactly half",
    Fraction(-2): "minus twice",
    Fraction(-1, 2): "minus half",
    Fraction(1): "exactly",
}


COUNTED_ONCE = "⟨G, V⟩ adds up both (i, j) and (j, i): count each entry once."
"""The next step for a gradient whose entries off the diagonal are doubled, whatever space it lies in."""


def factor_phrase(factor: Fraction | float) -> str:
    """`exactly minus`, `exactly half`, `3/2 times`: goes before `the right answer`."""
    if isinstance(factor, Fraction):
        return _PHRASES.get(factor, f"exactly {factor} times".replace("-", "−"))
    if abs(factor - 1) < 1e-3:
        return f"(1 {'+−'[factor < 1]} {abs(factor - 1):.3g}) times"
    return f"{factor:.6g} times".replace("-", "−")


def ask_noun(problem: Problem) -> str:
    """The noun for what is asked."""
    return problem.definition.noun


def relation(diagnosis_id: str, lead: str, step: str) -> Diagnosis:
    """A diagnosis in two sentences: what the answer is, and what to do next."""
    return Diagnosis("relation", diagnosis_id, f"{lead}.", step)


def precision(diagnosis_id: str, lead: str, step: str) -> Diagnosis:
    """A diagnosis of answers that are right to some digits: how many, and what to do next."""
    return Diagnosis("precision", diagnosis_id, f"{lead}.", step)


def case_count_phrase(count: int, total: int) -> str:
    """`in 3 of 24 cases`, `in every case`."""
    return "in every case" if count == total else f"in {count} of {total} cases"
