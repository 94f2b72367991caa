"""Grade submissions: run each in the sandbox, judge its answers, and report what was found."""

from __future__ import annotations

import math
import platform
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import flint
import numpy as np

from grader.answers.sandbox import SHORT_ANSWER, Answer, Call, Run, Sandbox
from grader.answers.submission import Submission, show_lines
from grader.answers.written_functions import written_parameters
from grader.core.memo import Memo
from grader.core.version import __version__
from grader.formulas.in_source import find_formulas
from grader.grading.judge import judge_answers, judge_first_round
from grader.grading.prepare import PreparedAssignment, PreparedProblem
from grader.problems.problem import Problem
from grader.reports.code import fit_code
from grader.reports.fit_report import fit_report
from grader.reports.report import Diagnosis, Failure, ProblemReport, Report, Status, Verdict

if TYPE_CHECKING:
    from grader.grading.formula_grading import FormulaGrader

_MOST_KEPT = 128
_MOST_BYTES = 1 << 19
"""Bytes of answers to one problem that are kept, if each is short, with what was found about them."""


class Grader:
    """Grades one submission after another, and keeps what a class shares until it goes itself.

    Students who compute the same thing return the same bytes, and most of a class does: those are judged once.

    Args:
        assignment: all of it that does not depend on a submission.
        sandbox: open; submissions are run in it.
    """

    def __init__(self, assignment: PreparedAssignment, sandbox: Sandbox) -> None:
        self.assignment, self.sandbox = assignment, sandbox
        self._memo = Memo()
        self._judge_round_once = lru_cache(_MOST_KEPT)(judge_first_round)
        self._judge_once = lru_cache(_MOST_KEPT)(judge_answers)

    @cached_property
    def _formulas(self) -> FormulaGrader:
        # Most submissions are programs, and a check of one would wait for imports that it has no use for.
        from grader.grading.formula_grading import FormulaGrader

        return FormulaGrader(self.assignment)

    def grade(self, submission: Submission, command: str = "", patience: float = math.inf) -> Report:
        """Grade a submission; whatever is wrong with it is in the report.

        Args:
            command: checks the file again, with the same inputs; if not given, the seed stays secret: students who
                know it could look up the answers of the next round.
            patience: seconds to wait for it, if that is less than its limit.

        Raises:
            SandboxError: the sandbox itself failed, which is never the submission's fault.
            TakesLong: patience is at an end.
        """
        isolation = self.sandbox.isolation.level
        if submission.fault is not None:
            return ungraded(self.assignment, submission, "ungradable", submission.fault, isolation)

        if submission.has_formulas:
            judged, run = self._formulas.judge_file(submission)
        else:
            run, asked = self._ask(submission, patience)
            judged = self._with_order(submission, self._with_formulas(submission, asked))
        seed = f" --seed {self.assignment.seed}" if command else ""
        command = command or f"grader check {shlex.quote(submission.name)}"
        reports = [
            replace(
                report,
                error=report.error and show_lines(report.error, submission.cells),
                reproduce=f"{command} --problem {report.id}{seed}",
                seconds=round(run.seconds.get(report.function, 0.0), 4),
            )
            for report in judged
        ]

        broken = show_lines(run.load_failures[0], submission.cells) if run.load_failures else None
        has_something = broken is None or any(_was_read(report, run.load_failures) for report in reports)
        status: Status = "graded" if has_something else "ungradable"
        report = make_report(
            self.assignment, submission, status, tuple(reports), broken, isolation, run.output
        )
        return fit_report(report, self._memo)

    def _ask(self, submission: Submission, patience: float) -> tuple[Run, Sequence[ProblemReport]]:
        """Ask all functions the first round and those that are wrong the second, and judge them."""
        problems = self.assignment.problems
        calls = [call for problem in problems for call in (*problem.calls, *problem.counted_calls)]
        first_round: list[ProblemReport | PreparedProblem] = list(problems)

        def choose_second(answers: Sequence[Answer]) -> Sequence[Call]:
            """Judge the first round; of each problem with a second, return the calls that are added."""
            second: list[Call] = []
            for number, (asked, counted) in enumerate(_split(problems, answers)):
                judged = self._judge_first_round(problems[number], asked, counted)
                first_round[number] = judged
                if isinstance(judged, PreparedProblem):
                    second += judged.calls[len(asked) :]
            return second

        run = self.sandbox.run(submission.cells, calls, choose_second, patience)

        second = iter(run.answers[len(calls) :])
        reports: list[ProblemReport] = []
        for judged, (asked, counted) in zip(first_round, _split(problems, run.answers), strict=True):
            if isinstance(judged, PreparedProblem):
                again = islice(second, len(judged.calls) - len(asked))
                judged = self.judge(judged, (*asked, *again), counted)
            reports.append(judged)
        return run, reports

    def _with_formulas(
        self, submission: Submission, reports: Sequence[ProblemReport]
    ) -> Sequence[ProblemReport]:
        """The same reports, but for names that stand for a formula as text."""
        if not any(_is_no_function(report) for report in reports):
            return reports
        written = find_formulas(submission.cells)
        return [
            self._formulas.judge_written(problem, written[report.function])
            if _is_no_function(report) and report.function in written
            else report
            for problem, report in zip(self.assignment.problems, reports, strict=True)
        ]

    def _with_order(
        self, submission: Submission, reports: Sequence[ProblemReport]
    ) -> Sequence[ProblemReport]:
        """The same reports; a function whose parameters are in a different order than it is called is told so first."""
        if not any(map(_may_mix_up, reports)):
            return reports
        parameters = written_parameters(submission.cells)
        return [
            _say_order(problem.problem, parameters.get(report.function, ()), report)
            if _may_mix_up(report)
            else report
            for problem, report in zip(self.assignment.problems, reports, strict=True)
        ]

    def _judge_first_round(
        self, problem: PreparedProblem, answers: tuple[Answer, ...], counted: tuple[Answer, ...]
    ) -> ProblemReport | PreparedProblem:
        judge = self._judge_round_once if _are_short((*answers, *counted)) else judge_first_round
        return judge(problem, answers, counted)

    def judge(
        self, problem: PreparedProblem, answers: Sequence[Answer], counted: Sequence[Answer] = ()
    ) -> ProblemReport:
        """Judge answers; what is found about long ones is not kept, as it would fill the memory."""
        judge = self._judge_once if _are_short((*answers, *counted)) else judge_answers
        return judge(problem, tuple(answers), tuple(counted))


def _split(
    problems: Sequence[PreparedProblem], answers: Sequence[Answer]
) -> Iterator[tuple[tuple[Answer, ...], tuple[Answer, ...]]]:
    """The answers to each problem's calls of the first round, and to those that are counted."""
    remaining = iter(answers)
    for problem in problems:
        asked = tuple(islice(remaining, len(problem.calls)))
        yield asked, tuple(islice(remaining, len(problem.counted_calls)))


def _was_read(report: ProblemReport, load_failures: Sequence[Failure]) -> bool:
    """Was an answer of the file read, whatever came of it? Else all that is wrong with it is wrong with the file."""
    failure = report.error
    if report.verdict not in ("missing", "error") or failure is None:
        return report.verdict not in ("missing", "error")
    is_there = failure.kind != "missing" or bool(failure.subject)
    return is_there and all(broken.what not in failure.what for broken in load_failures)


def _may_mix_up(report: ProblemReport) -> bool:
    return report.has_wrong_answers or report.verdict == "error"


def _say_order(problem: Problem, parameters: Sequence[str], report: ProblemReport) -> ProblemReport:
    asked = tuple(problem.arguments)
    if tuple(parameters) == asked or sorted(parameters) != sorted(asked):
        return report

    what = f"your function takes ({', '.join(parameters)}), and it is called as {problem.signature}"
    if report.error is not None and not report.has_wrong_answers:
        return replace(report, error=replace(report.error, advice=what, suggestion=""))
    step = "Write its parameters in that order; then check again."
    return replace(report, diagnosis=Diagnosis("relation", "argument-order", f"{what}.", step), where="")


def _is_no_function(report: ProblemReport) -> bool:
    return report.error is not None and report.error.kind == "not_callable"


def _are_short(answers: Sequence[Answer]) -> bool:
    sizes = [answer.size for answer in answers]
    return max(sizes, default=0) <= SHORT_ANSWER and sum(sizes) <= _MOST_BYTES


def ungraded(
    assignment: PreparedAssignment, submission: Submission, status: Status, failure: Failure, isolation: str
) -> Report:
    """Report a submission that could not be run at all."""
    verdict: Verdict = "grader_error" if status == "grader_error" else "error"
    problems = tuple(
        ProblemReport(
            id=prepared.problem.id,
            function=prepared.problem.function,
            title=prepared.problem.title,
            score=Fraction(0),
            max_score=prepared.points,
            verdict=verdict,
            error=failure,
        )
        for prepared in assignment.problems
    )
    return make_report(assignment, submission, status, problems, failure, isolation)


def empty_report(assignment: PreparedAssignment) -> Report:
    """Report that nobody has answered anything."""
    missing = Failure("missing", "There is no answer.")
    return ungraded(assignment, Submission("nobody", "", (), None), "graded", missing, "none")


def make_report(
    assignment: PreparedAssignment,
    submission: Submission,
    status: Status,
    problems: tuple[ProblemReport, ...],
    error: Failure | None,
    isolation: str,
    output: str = "",
) -> Report:
    """Report problems that were graded; their points add up to the score."""
    score = sum((report.score for report in problems), Fraction(0))

    return Report(
        student=submission.student,
        assignment=assignment.assignment,
        status=status,
        score=score,
        max_score=sum((report.max_score for report in problems), Fraction(0)),
        isolation=isolation,
        seed=assignment.seed,
        versions=versions(),
        problems=problems,
        error=error,
        file=submission.name,
        output=output,
        raw_score=score,
        code=fit_code(submission.cells),
    )


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    return {
        "grader": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "flint": flint.__version__,
    }
