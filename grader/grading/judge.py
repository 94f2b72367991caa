"""Judge the answers to one problem: no sandbox, no course, and nothing remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.answers.sandbox import Answer
from grader.findings.checks import run_checks
from grader.findings.compare import JudgedAnswers, compare_all
from grader.findings.diagnosis import diagnose
from grader.findings.error_fingerprint import find_fingerprint
from grader.findings.remainder_curve import draw_remainder
from grader.grading.prepare import PreparedProblem
from grader.reports.report import Diagnosis, Failure, Finding, ProblemReport, Remainder, Verdict

_MISSING = ("missing", "not_callable")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one function, and all that led to it.

    Args:
        failure: why some or all of its calls gave no answer.
        residual: the wrong numbers' fingerprint.
    """

    verdict: Verdict
    failure: Failure | None
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None
    remainder: Remainder | None = None
    residual: str = ""

    @property
    def score(self) -> Fraction:
        """The points of all checks together."""
        return sum((finding.score for finding in self.findings), Fraction(0))


def judge_answers(prepared: PreparedProblem, answers: Sequence[Answer]) -> Judgement:
    """Judge one function by its answers to `prepared.calls`."""
    compared = compare_all(prepared.problem, prepared.asked, answers)
    # Points of a check as part of what the assignment gives for the problem; exact, so that parts add up.
    factor = prepared.points / prepared.problem.points
    findings = tuple(_scale(finding, factor) for finding in run_checks(compared))
    verdict, failure = _verdict(prepared, compared, findings)
    if verdict in ("error", "missing"):
        findings = tuple(replace(finding, score=Fraction(0), counterexample=None) for finding in findings)

    remainder = draw_remainder(prepared.curve, compared) if prepared.curve else None
    if verdict != "wrong":
        return Judgement(verdict, failure, findings, None, remainder)

    diagnosis = diagnose(compared, prepared.mistakes, prepared.candidates)
    fingerprint = find_fingerprint(compared, prepared.directions)
    return Judgement(verdict, failure, findings, diagnosis, remainder, fingerprint)


def report_problem(
    prepared: PreparedProblem, judgement: Judgement, reproduce: str, seconds: float
) -> ProblemReport:
    """Report a judgement.

    Args:
        reproduce: the command that shows it again.
        seconds: the time that the answers took.
    """
    problem = prepared.problem
    return ProblemReport(
        id=problem.id,
        function=problem.function,
        title=problem.title,
        score=judgement.score,
        max_score=prepared.points,
        verdict=judgement.verdict,
        diagnosis=judgement.diagnosis,
        error=judgement.failure,
        findings=judgement.findings,
        hints=problem.hints,
        reproduce=reproduce,
        seconds=round(seconds, 4),
        remainder=judgement.remainder,
        residual=judgement.residual,
    )


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
