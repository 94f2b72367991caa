"""Points and comments that a person has decided on, beside or in the place of what grading found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from grader.core.errors import suggest
from grader.reports.report import Decision, Failure, Finding, ProblemReport, Report


@dataclass(frozen=True, slots=True)
class Override:
    """One decision.

    Args:
        student: as reports name them; empty for the whole class.
        problem: its id. check: as its finding is called, such as `reference (singular A)`; empty for the whole problem.
        points: None for all that there are.
        comment, by: why, and whose decision it is.
        diagnosis: of those alone whose answer has this diagnosis or this kind of failure, see `name_fault`; empty for
            all answers.
        keep: a comment alone; the points are those that were found.
    """

    student: str
    problem: str
    check: str = ""
    points: Fraction | None = None
    comment: str = ""
    by: str = ""
    diagnosis: str = ""
    keep: bool = False

    def is_about(self, student: str, problem: ProblemReport) -> bool:
        """Whether it is about this student's answer to this problem."""
        if self.problem != problem.id or self.student not in ("", student):
            return False
        return self.diagnosis in ("", name_fault(problem))

    @property
    def precision(self) -> tuple[bool, bool]:
        """How closely it says whom it is about: who is named comes after a diagnosis, and that after the class."""
        return bool(self.student), bool(self.diagnosis)


def name_fault(problem: ProblemReport) -> str:
    """The id of the diagnosis of an answer, or the kind of its failure; empty if there is neither."""
    if problem.diagnosis is not None:
        return problem.diagnosis.id
    return problem.error.kind if problem.error is not None else ""


def override(report: Report, overrides: Iterable[Override]) -> Report:
    """The report with what was decided; a closer decision goes before one about more people.

    A file that nobody could grade has no checks, but its problems can be given points.
    """
    closest_last = sorted(overrides, key=lambda one: one.precision)
    problems = tuple(
        _override(problem, [one for one in closest_last if one.is_about(report.student, problem)])
        for problem in report.problems
    )
    if problems == report.problems:
        return report

    score = sum((problem.score for problem in problems), Fraction(0))
    return replace(report, problems=problems, score=score, raw_score=None)


def blank_report(pattern: Report, student: str) -> Report:
    """The report of one who submitted nothing, for decisions about answers that are elsewhere, such as on paper.

    Args:
        pattern: a report of the same assignment.
    """
    missing = Failure("missing", "nothing was submitted for this problem")
    problems = tuple(
        ProblemReport(
            id=problem.id,
            function=problem.function,
            title=problem.title,
            score=Fraction(0),
            max_score=problem.max_score,
            verdict="missing",
            error=missing,
        )
        for problem in pattern.problems
    )
    return Report(
        student=student,
        assignment=pattern.assignment,
        status="graded",
        score=Fraction(0),
        max_score=pattern.max_score,
        isolation=pattern.isolation,
        seed=pattern.seed,
        versions=pattern.versions,
        problems=problems,
    )


def say_unreached(overrides: Iterable[Override], reports: Iterable[Report]) -> list[str]:
    """Say which decisions are about a diagnosis that no answer has, and what may be meant."""
    asked = [one for one in overrides if one.diagnosis]
    if not asked:
        return []

    seen: dict[str, dict[str, None]] = {}
    for report in reports:
        for problem in report.problems:
            seen.setdefault(problem.id, {})[name_fault(problem)] = None
    sentences = []
    for one in asked:
        known = [name for name in seen.get(one.problem, ()) if name]
        if one.diagnosis not in known:
            near = f"; {suggest(one.diagnosis, known)}" if known else ""
            sentences.append(f"nobody's answer to {one.problem} has the diagnosis {one.diagnosis!r}{near}")
    return sentences


def _override(problem: ProblemReport, overrides: Sequence[Override]) -> ProblemReport:
    """First the checks, then the whole problem, as the sum would undo that; comments stand at the points they leave."""
    graded = problem
    decisions = {}
    comments = []
    for one in sorted(overrides, key=lambda one: not one.check):
        finding = _find_check(problem, one.check)
        if one.check and finding is None:
            continue

        name = finding.check if finding else ""
        if one.keep:
            now = finding.score if finding else problem.score
            comments.append(Decision(name, now, now, one.comment, one.by, keep=True))
            continue

        points = one.points
        if points is None:
            points = finding.max_score if finding else problem.max_score
        found = _find_check(graded, one.check) or graded
        decisions[name] = Decision(name, found.score, points, one.comment, one.by)
        problem = _give(problem, finding, points)
    return replace(problem, decisions=(*decisions.values(), *comments))


def _find_check(problem: ProblemReport, check: str) -> Finding | None:
    if not check:
        return None
    return next((one for one in problem.findings if check in (one.check, one.name)), None)


def _give(problem: ProblemReport, finding: Finding | None, points: Fraction) -> ProblemReport:
    """The problem with other points for a check, or for the whole of it."""
    if finding is None:
        return replace(problem, score=points)
    findings = tuple(replace(one, score=points) if one is finding else one for one in problem.findings)
    return replace(problem, findings=findings, score=problem.score - finding.score + points)
