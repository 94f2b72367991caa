"""Words for factors and places, in a student's language."""

from __future__ import annotations

from fractions import Fraction

from grader.problems.problem import Problem
from grader.reports.report import Diagnosis

_TIMES = {
    Fraction(-1): "exactly minus", Fraction(2): "exactly twice", Fraction(1, 2): "exactly half",
    Fraction(-2): "minus twice", Fraction(-1, 2): "minus half", Fraction(1): "exactly",
}  # fmt: skip


def factor_phrase(factor: Fraction | float) -> str:
    """`exactly minus`, `exactly half`, `3/2 times`: goes before `the right answer`."""
    if isinstance(factor, Fraction):
        return _TIMES.get(factor, f"exactly {factor} times".replace("-", "−"))
    if abs(factor - 1) < 1e-3:
        return f"(1 {'+−'[factor < 1]} {abs(factor - 1):.3g}) times"
    return f"{factor:.6g} times".replace("-", "−")


def ask_noun(problem: Problem) -> str:
    """What is asked for."""
    return problem.definition.noun


def relation(id: str, lead: str, step: str) -> Diagnosis:
    """A diagnosis in two sentences: what the answer is, and what to do next."""
    return Diagnosis("relation", id, f"{lead}.", step)


def precision(id: str, lead: str, step: str) -> Diagnosis:
    """A diagnosis of answers that are right to some digits: how many, and what to do next."""
    return Diagnosis("precision", id, f"{lead}.", step)


def case_count_phrase(count: int, total: int) -> str:
    """`in 3 of 24 cases`, `in every case`."""
    return "in every case" if count == total else f"in {count} of {total} cases"
