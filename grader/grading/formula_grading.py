"""Grade answers that are formulas: nothing of them is run, so they need no sandbox, and no tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from grader.answers.sandbox import Failed, Run
from grader.answers.submission import Submission
from grader.formulas.answers import answer_all
from grader.formulas.answers_file import FormulaAnswer, FormulaFile, read_formula, read_formulas
from grader.formulas.equality import ExactAnswers
from grader.formulas.explain import explain, explain_misfit
from grader.formulas.faults import as_failure, find_failure, signature_of
from grader.formulas.fit import find_excess, fit_shapes
from grader.formulas.formula_lines import Fault
from grader.formulas.in_source import WrittenFormula
from grader.formulas.read_back import read_back
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedAssignment, PreparedProblem
from grader.problems.problem import Problem
from grader.reports.report import Failure, ProblemReport
from grader.truths.ball_algebra import BALLS
from grader.truths.solve import keep_decided

_MOST_KEPT = 128
_MOST_LINES = 5


class FormulaGrader:
    """Judges formulas; each that is the same is judged once for a class."""

    def __init__(self, assignment: PreparedAssignment) -> None:
        self._assignment = assignment
        self._exact = lru_cache(None)(exact_answers)
        self._judge_once = lru_cache(_MOST_KEPT)(self._judge)

    def judge_file(self, submission: Submission) -> tuple[Sequence[ProblemReport], Run]:
        """Judge a file of formulas; nothing of it is run."""
        file = _read_file(submission, self._assignment)
        reports = []
        for problem in self._assignment.problems:
            name = problem.problem.function
            reports.append(self._judge_once(problem, file.answers.get(name), file.unwritten.get(name)))
        return reports, Run((), _load_failures(file.faults), "", {})

    def judge_written(self, problem: PreparedProblem, written: WrittenFormula) -> ProblemReport:
        """Judge a formula that a program holds as text."""
        report = self._judge_once(problem, read_formula(written.text, signature_of(problem.problem)))
        if report.error is None or report.error.kind != "formula":
            return report
        return replace(report, error=replace(report.error, place=written.place, text="", column=0))

    def _judge(
        self, problem: PreparedProblem, answer: FormulaAnswer | None, unwritten: Fault | None = None
    ) -> ProblemReport:
        return judge_formula(problem, answer, self._exact(problem), unwritten)


def _read_file(submission: Submission, assignment: PreparedAssignment) -> FormulaFile:
    problems = [prepared.problem for prepared in assignment.problems]
    signatures = {problem.function: signature_of(problem) for problem in problems}
    text = "\n".join(cell.source for cell in submission.cells)
    return read_formulas(text, signatures, assignment.functions)


def _load_failures(faults: Sequence[Fault]) -> tuple[Failure, ...]:
    """The first fault of a file as one failure, with the lines of some others."""
    if not faults:
        return ()
    first, *others = faults
    lines = ", ".join(str(fault.line) for fault in others[:_MOST_LINES])
    return (as_failure(first, more=f"lines {lines} too" if others else ""),)


def exact_answers(prepared: PreparedProblem) -> ExactAnswers:
    """The exact answers with which formulas for a problem are compared."""
    decided = keep_decided(prepared.cases)
    return ExactAnswers(prepared.problem, [solved.case for solved in decided], BALLS)


def judge_formula(
    prepared: PreparedProblem,
    answer: FormulaAnswer | None,
    exact: ExactAnswers,
    unwritten: Fault | None = None,
) -> ProblemReport:
    """Judge the formula for a problem.

    Args:
        answer: None where the file has none.
        exact: the exact answers to the cases of the problem.
        unwritten: where the file names the function and nothing follows.
    """
    problem = prepared.problem
    if answer is None:
        return _fail(prepared, _missing(problem, unwritten))
    failure = find_failure(problem, answer)
    if failure is not None:
        return _fail(prepared, failure)
    fit = fit_shapes(answer, problem)
    if fit.misfit is not None:
        failed = _fail(prepared, as_failure(fit.misfit, "shapes do not fit"))
        return explain_misfit(failed, answer, exact) if problem.has_map else failed
    if excess := find_excess(answer, problem, [solved.case for solved in prepared.asked]):
        return _fail(prepared, as_failure(excess))

    # A formula has the same value whenever it is asked: one round is enough.
    report = judge_answers(prepared, answer_all(answer, problem, [solved.case for solved in prepared.asked]))
    reading = read_back(answer, fit)
    if not problem.has_map:
        return replace(report, formula=reading)
    agreement = exact.compare(exact.values_of(answer))
    reading = replace(reading, inputs=agreement.inputs, digits=agreement.digits)
    return explain(replace(report, formula=reading), answer, fit, agreement, exact)


def _fail(prepared: PreparedProblem, failure: Failure) -> ProblemReport:
    return judge_answers(prepared, [Failed(failure)] * len(prepared.calls))


def _missing(problem: Problem, unwritten: Fault | None) -> Failure:
    if unwritten is None:
        advice = f"write {problem.signature} = …"
        return Failure("missing", f"there is no formula for {problem.function}", advice)
    place, advice = f"line {unwritten.line}", "write the formula after '='"
    return Failure(
        "missing", unwritten.message, advice, place=place, text=unwritten.text, subject=problem.function
    )
