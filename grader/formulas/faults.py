"""Why there is nothing to judge in a formula, and what one may name."""

from __future__ import annotations

from grader.core.text import count
from grader.formulas.answers_file import FormulaAnswer, Signature
from grader.formulas.fit import find_misuse
from grader.formulas.formula_lines import Fault
from grader.problems.problem import Problem
from grader.reports.report import Failure


def signature_of(problem: Problem) -> Signature:
    """What a formula for a problem may name."""
    functions = tuple(function.name for function in problem.functions)
    return Signature(problem.function, problem.arguments, tuple(problem.sizes), functions)


def find_failure(problem: Problem, answer: FormulaAnswer) -> Failure | None:
    """Find why a formula cannot be evaluated at all: what its text has wrong, or that it may not be a formula."""
    if answer.faults:
        first, *others = answer.faults
        more = count(len(others), "more fault") if others else ""
        return as_failure(first, more=more)
    if misuse := find_misuse(answer, problem):
        return as_failure(misuse)
    if problem.budget or problem.forbid:
        what = f"{problem.function} must be answered with a program, because its cost counts"
        return Failure("formula", what, "submit it as Python")
    return None


def as_failure(fault: Fault, about: str = "", more: str = "") -> Failure:
    """A fault of the file as the reason why there is nothing to judge.

    Args:
        about: what it is about. more: of what else there is.
    """
    what = f"{about}: {fault.message}" if about else fault.message
    if more:
        what = f"{what} ({more})"
    return Failure("formula", what, place=f"line {fault.line}", text=fault.text, column=fault.column)
