"""Grade answers that are formulas: nothing of them is run, so they need no sandbox, and no tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.answers.sandbox import Answer, Failed
from grader.answers.submission import Submission
from grader.core.text import count
from grader.formulas.answers_file import Fault, FormulaAnswer, FormulaFile, Signature, read_formulas
from grader.formulas.equality import ExactAnswers
from grader.formulas.evaluate import answer_all, find_misfit
from grader.formulas.explain import explain
from grader.formulas.show import as_latex
from grader.formulas.wrong_factor import find_roots
from grader.grading.judge import judge_answers, judge_first_round
from grader.grading.prepare import PreparedAssignment, PreparedProblem
from grader.problems.problem import Problem
from grader.reports.report import Failure, FormulaReading, ProblemReport
from grader.truths.solve import SolvedCase


def signature_of(problem: Problem) -> Signature:
    """What a formula for a problem may name."""
    functions = tuple(function.name for function in problem.functions)
    return Signature(problem.function, problem.arguments, tuple(problem.sizes), functions)


def read_formula_file(submission: Submission, assignment: PreparedAssignment) -> FormulaFile:
    """Read a file of formulas that answers an assignment."""
    problems = [prepared.problem for prepared in assignment.problems]
    signatures = {problem.function: signature_of(problem) for problem in problems}
    text = "\n".join(cell.source for cell in submission.cells)
    return read_formulas(text, signatures, assignment.functions)


def judge_formula(
    prepared: PreparedProblem, answer: FormulaAnswer | None, exact: ExactAnswers
) -> ProblemReport:
    """Judge the formula for a problem.

    Args:
        answer: None where the file has none.
        exact: the exact answers to the cases of the problem.
    """
    problem = prepared.problem
    if answer is None:
        return judge_answers(prepared, [Failed(_missing(problem))] * len(prepared.calls))
    failure = _find_failure(problem, answer)
    if failure is not None:
        return judge_answers(prepared, [Failed(failure)] * len(prepared.calls))

    def ask(cases: Sequence[SolvedCase]) -> Sequence[Answer]:
        return answer_all(answer, problem, [solved.case for solved in cases])

    answers = ask(prepared.asked[: prepared.first])
    report = judge_first_round(prepared, answers)
    if report is None:
        report = judge_answers(prepared, [*answers, *ask(prepared.asked[prepared.first :])])
    latex = ", ".join(map(as_latex, find_roots(answer) or ()))
    if not problem.has_map:
        return replace(report, formula=FormulaReading(answer.text, latex=latex))
    agreement = exact.compare(answer)
    reading = FormulaReading(answer.text, agreement.inputs, agreement.digits, latex)
    report = replace(report, formula=reading)
    return explain(report, answer, agreement, exact)


def _missing(problem: Problem) -> Failure:
    advice = f"write {problem.signature} = …"
    return Failure("missing", f"there is no formula for {problem.function}", advice)


def _find_failure(problem: Problem, answer: FormulaAnswer) -> Failure | None:
    """Find why a formula cannot be evaluated at all: what its text has wrong, or shapes that never fit."""
    if answer.faults:
        first, *others = answer.faults
        advice = f"{count(len(others), 'more fault')} after it" if others else ""
        return as_failure(first, f"the formula for {problem.function} cannot be read", advice)
    if problem.budget or problem.forbid:
        what = f"{problem.function} must be answered with a program, because its cost counts"
        return Failure("formula", what, "submit it as Python")

    misfit = find_misfit(answer, problem)
    if misfit is None:
        return None
    return as_failure(misfit, f"shapes do not fit in the formula for {problem.function}")


def as_failure(fault: Fault, about: str, advice: str = "") -> Failure:
    """A fault of the file as the reason why there is nothing to judge."""
    what = f"{about}: {fault.message}"
    return Failure("formula", what, advice, place=f"line {fault.line}", text=fault.text, column=fault.column)
