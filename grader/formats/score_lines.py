"""A report as the flat list of named, scored lines that gradebooks and test reports are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from grader.core.text import one_line
from grader.formats.plain_text import problem_text
from grader.reports.feedback import VERDICTS, explain, say_message
from grader.reports.report import Finding, Outcome, ProblemReport, Report, Verdict


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A check of a problem; or a problem as a whole, where no check could be made.

    Args:
        position: of the problem in the report, from 1; part: of the check in the problem.
        finding: what the check found; None for a problem as a whole.
        message: one sentence. detail: what the student should read besides, once for each problem, else empty.
        is_repeated: the detail says the message, too.
    """

    problem: ProblemReport
    position: int
    message: str
    finding: Finding | None = None
    part: int = 0
    detail: str = ""
    is_repeated: bool = False

    @property
    def number(self) -> str:
        """`2.1` for the first check of the second problem."""
        return f"{self.position}.{self.part}" if self.finding else str(self.position)

    @property
    def check(self) -> str:
        """The check with its families, or the function."""
        return one_line(self.finding.check if self.finding else self.problem.function, 80)

    @property
    def name(self) -> str:
        """`inv_differential: reference`, or the function alone."""
        return f"{one_line(self.problem.function, 80)}: {self.check}" if self.finding else self.check

    @property
    def outcome(self) -> Outcome | Verdict:
        """The check's outcome, or the problem's verdict."""
        return self.finding.outcome if self.finding else self.problem.verdict

    @property
    def score(self) -> Fraction:
        """The points."""
        return (self.finding or self.problem).score

    @property
    def max_score(self) -> Fraction:
        """The points that could be had."""
        return (self.finding or self.problem).max_score

    @property
    def words(self) -> str:
        """Message and detail, nothing twice."""
        return self.detail if self.is_repeated else "\n\n".join(filter(None, (self.message, self.detail)))


def list_score_lines(report: Report) -> Iterator[ScoreLine]:
    """The lines of a report, in order; their points add up to those of the report."""
    for position, problem in enumerate(report.problems, start=1):
        if problem.has_checks:
            yield from _list_checks(problem, position)
        else:
            yield _whole_problem(problem, position)


def _whole_problem(problem: ProblemReport, position: int) -> ScoreLine:
    message = explain(problem).sentence or VERDICTS[problem.verdict].badge
    detail = problem_text(problem)
    return ScoreLine(problem, position, message, detail=detail, is_repeated=bool(detail))


def _list_checks(problem: ProblemReport, position: int) -> Iterator[ScoreLine]:
    """A line for each check; the first that was not passed has the detail."""
    detail, explained = problem_text(problem), explain(problem).finding
    for part, finding in enumerate(problem.findings, start=1):
        own = detail if finding.outcome in {"failed", "inconclusive"} else ""
        is_repeated = bool(own) and finding is explained
        yield ScoreLine(problem, position, say_message(finding), finding, part, own, is_repeated)
        detail = "" if own else detail
