"""Points that a person has decided on, in the place of those that grading found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.reports.report import Decision, ProblemReport, Report


@dataclass(frozen=True, slots=True)
class Override:
    """One decision.

    Args:
        student: as reports name them; empty for the whole class.
        problem: its id. check: as its finding is called, such as `reference (singular A)`; empty for the whole problem.
        points: None for all that there are.
        comment, by: why, and whose decision it is.
    """

    student: str
    problem: str
    check: str = ""
    points: Fraction | None = None
    comment: str = ""
    by: str = ""


def override(report: Report, overrides: Iterable[Override]) -> Report:
    """The report with the points that were decided on; a decision about one student goes before one about all.

    A file that nobody could grade has no checks, but its problems can be given points.
    """
    own = [one for one in overrides if one.student in ("", report.student)]
    if not own:
        return report
    own.sort(key=lambda one: bool(one.student))

    problems = tuple(
        _override(problem, [one for one in own if one.problem == problem.id]) for problem in report.problems
    )
    score = sum((problem.score for problem in problems), Fraction(0))
    return replace(report, problems=problems, score=score, raw_score=None)


def _override(problem: ProblemReport, overrides: Sequence[Override]) -> ProblemReport:
    """First the checks, then the whole problem, as the sum would undo that."""
    before = problem
    decisions = {}
    for one in overrides:
        if one.check:
            problem, decision = _override_check(problem, one)
            if decision is not None:
                decisions[one.check] = decision
    for one in overrides:
        if not one.check:
            points = problem.max_score if one.points is None else one.points
            decisions[""] = Decision("", before.score, points, one.comment, one.by)
            problem = replace(problem, score=points)
    return replace(problem, decisions=tuple(decisions.values()))


def _override_check(problem: ProblemReport, one: Override) -> tuple[ProblemReport, Decision | None]:
    findings = list(problem.findings)
    for k, finding in enumerate(findings):
        if one.check in (finding.check, finding.name):
            points = finding.max_score if one.points is None else one.points
            decision = Decision(finding.check, finding.score, points, one.comment, one.by)
            findings[k] = replace(finding, score=points)
            score = problem.score - finding.score + points
            return replace(problem, findings=tuple(findings), score=score), decision
    return problem, None
