"""Judge the answers to one problem: no sandbox, no course, and nothing remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from grader.answers.sandbox import Answer
from grader.findings.checks import run_checks
from grader.findings.compare import JudgedAnswers, compare_all
from grader.findings.diagnosis import diagnose
from grader.findings.error_fingerprint import find_fingerprint
from grader.findings.remainder_curve import draw_remainder
from grader.grading.prepare import PreparedProblem
from grader.reports.report import Failure, Finding, ProblemReport, Verdict

_MISSING = ("missing", "not_callable")


def judge_answers(prepared: PreparedProblem, answers: Sequence[Answer]) -> ProblemReport:
    """Judge one function by its answers to `prepared.calls`, and report everything that was found.

    Only the command that shows it again, and the time that the answers took, are left for the caller to add.
    """
    problem = prepared.problem
    compared = compare_all(problem, prepared.asked, answers)
    # Points of a check as part of what the assignment gives for the problem; exact, so that parts add up.
    factor = prepared.points / problem.points
    findings = tuple(_scale(finding, factor) for finding in run_checks(compared))

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
        remainder=draw_remainder(prepared.curve, compared) if prepared.curve else None,
    )
    if verdict != "wrong":
        return report
    diagnosis = diagnose(compared, prepared.mistakes, prepared.candidates)
    return replace(report, diagnosis=diagnosis, residual=find_fingerprint(compared, prepared.directions))


def _scale(finding: Finding, factor: Fraction) -> Finding:
    return replace(finding, score=finding.score * factor, max_score=finding.max_score * factor)


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
        return "wrong", failure

    is_undecided = "inconclusive" in outcomes or any(case.truth is None for case in prepared.cases)
    return ("inconclusive" if is_undecided else "right"), failure
