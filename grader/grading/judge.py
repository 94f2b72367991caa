"""Judge the answers to one problem: no sandbox, no course, and nothing remembered.

A function is asked in one round or two: each case once and some of them twice, then some of the others again. Most
functions are right, and are done after the first. The second can only say more about what is wrong: all answers count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from grader.answers.sandbox import Answer, Call
from grader.findings.checks import run_checks
from grader.findings.compare import Compare, JudgedAnswers, compare_all
from grader.findings.diagnosis import diagnose, localise
from grader.findings.error_fingerprint import find_fingerprint
from grader.findings.lost_digits import loses_digits
from grader.findings.remainder_curve import draw_remainder
from grader.grading.prepare import PreparedProblem, add_second_round
from grader.reports.feedback import is_timeout
from grader.reports.report import Failure, Finding, Outcome, ProblemReport, Verdict

_MISSING = ("missing", "not_callable")
_ENOUGH = 6
"""Decided cases that settle whether a function is right, where others are undecided."""


def judge_in_rounds(
    prepared: PreparedProblem, ask: Callable[[Sequence[Call]], Sequence[Answer]]
) -> ProblemReport:
    """Judge one function that is called wherever `ask` calls it."""
    answers = ask(prepared.calls)
    judged = judge_first_round(prepared, answers)
    if isinstance(judged, ProblemReport):
        return judged
    return judge_answers(judged, [*answers, *ask(judged.calls[len(answers) :])])


def judge_first_round(
    prepared: PreparedProblem, answers: Sequence[Answer], counted: Sequence[Answer] | None = None
) -> ProblemReport | PreparedProblem:
    """The report on a function that need not be asked again; for a wrong one, the problem with the second round.

    Args:
        counted: answers to the calls that are counted; None where nothing is counted.
    """
    report, compared = judge_verdict(prepared, answers, counted)
    if not report.has_wrong_answers:
        return _with_remainder(prepared, report, compared)
    # One that had no time for the first round would have none for the second.
    if is_timeout(report.error):
        return judge_answers(prepared, answers, counted)
    return add_second_round(prepared, {judged.case.index for judged in compared.wrong})


def judge_answers(
    prepared: PreparedProblem,
    answers: Sequence[Answer],
    counted: Sequence[Answer] | None = None,
    compare: Compare | None = None,
) -> ProblemReport:
    """Judge one function by its answers to the calls of a round or of both, and report everything that was found.

    Only the command that shows it again, and the time that the answers took, are left for the caller to add.
    """
    report, compared = judge_verdict(prepared, answers, counted, compare)
    report = _with_remainder(prepared, report, compared)
    if not report.has_wrong_answers:
        return report

    diagnosis = diagnose(compared, prepared.mistakes, prepared.candidates)
    where = localise(compared, prepared.candidates) if diagnosis is None else ""
    residual = find_fingerprint(compared, prepared.directions)
    return replace(report, diagnosis=diagnosis, residual=residual, where=where)


def judge_verdict(
    prepared: PreparedProblem,
    answers: Sequence[Answer],
    counted: Sequence[Answer] | None = None,
    compare: Compare | None = None,
) -> tuple[ProblemReport, JudgedAnswers]:
    """Say whether a function is right, not yet what is wrong with it, and how each answer compares with the truth."""
    problem = prepared.problem
    compared = compare_all(problem, prepared.asked, answers, compare)
    counts = None if counted is None else list(zip(prepared.counted, counted, strict=True))
    # Points of a check as part of what the assignment gives for the problem; exact, so that parts add up.
    factor = prepared.points / problem.points
    findings = tuple(_scale(finding, factor) for finding in run_checks(compared, counts))

    verdict, failure = _verdict(prepared, compared, findings)
    if verdict in ("error", "missing"):
        findings = tuple(replace(finding, score=Fraction(0), counterexample=None) for finding in findings)

    report = ProblemReport(
        id=problem.id,
        function=problem.function,
        title=problem.title,
        score=sum((finding.score for finding in findings), Fraction(0)),
        max_score=prepared.points,
        verdict=verdict,
        error=failure,
        findings=findings,
        hints=problem.hints,
    )
    return report, compared


def _with_remainder(
    prepared: PreparedProblem, report: ProblemReport, compared: JudgedAnswers
) -> ProblemReport:
    if prepared.curve is None or prepared.right_remainder is None:
        return report
    return replace(report, remainder=draw_remainder(prepared.curve, prepared.right_remainder, compared))


def _scale(finding: Finding, factor: Fraction) -> Finding:
    if factor == 1:
        return finding
    return replace(finding, score=finding.score * factor, max_score=finding.max_score * factor)


def _only_loses_digits(compared: JudgedAnswers, findings: Sequence[Finding]) -> bool:
    """Is rounding all that is wrong?"""
    failed = {finding.name for finding in findings if finding.costs_points}
    return failed.isdisjoint(("shape", "pure")) and loses_digits(compared)


def _verdict(
    prepared: PreparedProblem, compared: JudgedAnswers, findings: Sequence[Finding]
) -> tuple[Verdict, Failure | None]:
    if not compared.first:
        return "inconclusive", None

    failures = [judged.failure for judged in compared.all if judged.failure is not None]
    failure = failures[0] if failures else None
    if failure is not None and len(failures) == len(compared.all):
        return "missing" if failure.kind in _MISSING else "error", failure

    outcomes = {finding.outcome for finding in findings if finding.max_score > 0}
    if "failed" in outcomes:
        return ("loses_digits" if _only_loses_digits(compared, findings) else "wrong"), failure
    if "inconclusive" in outcomes or _is_undecided(prepared, compared, outcomes):
        return "inconclusive", failure
    return "right", failure


def _is_undecided(prepared: PreparedProblem, compared: JudgedAnswers, outcomes: Collection[Outcome]) -> bool:
    """Have too few cases a truth to call a function right?"""
    if all(case.truth is not None for case in prepared.cases):
        return False
    # A check without a case has lost all of them: the others say nothing of what it is about.
    return "skipped" in outcomes or len(compared.first) < _ENOUGH
