"""A report as the flat list of named, scored lines that gradebooks and test reports are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from grader.core.text import one_line
from grader.formats.plain_text import problem_text
from grader.reports.feedback import VERDICTS, explain, say_message
from grader.reports.report import Outcome, ProblemReport, Report, Verdict


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A check of a problem; or a problem as a whole, where no check could be made.

    Args:
        number: `2.1` for the first check of the second problem. name: `inv_differential: reference`.
        outcome: the check's, or the problem's verdict.
        message: one sentence. detail: what the student should read besides, once for each problem, else empty.
    """

    problem: ProblemReport
    number: str
    name: str
    outcome: Outcome | Verdict
    score: Fraction
    max_score: Fraction
    message: str
    detail: str = ""

    @property
    def words(self) -> str:
        """Message and detail, nothing twice."""
        if self.message.rstrip(".").casefold() in self.detail.casefold():
            return self.detail
        return f"{self.message}\n\n{self.detail}" if self.detail else self.message


def list_items(report: Report) -> Iterator[ScoreLine]:
    """The lines of a report, in order; their points add up to those of the report."""
    for number, problem in enumerate(report.problems, start=1):
        yield from _list_problem(number, problem)


def failed_by_grader(report: Report) -> bool:
    """Whether the grader failed, on the file or on a problem: the score is nothing to be recorded."""
    return report.status == "grader_error" or any(p.verdict == "grader_error" for p in report.problems)


def _list_problem(number: int, problem: ProblemReport) -> Iterator[ScoreLine]:
    name = one_line(problem.function, 80)
    if problem.verdict in {"error", "missing", "grader_error"} or not problem.findings:
        message = explain(problem).sentence or VERDICTS[problem.verdict].badge
        yield ScoreLine(
            problem, str(number), name, problem.verdict, problem.score, problem.max_score, message,
            problem_text(problem),
        )  # fmt: skip
        return
    detail = problem_text(problem)
    for position, finding in enumerate(problem.findings, start=1):
        said = detail if finding.outcome in {"failed", "inconclusive"} else ""
        detail = "" if said else detail
        yield ScoreLine(
            problem, f"{number}.{position}", f"{name}: {one_line(finding.check, 80)}", finding.outcome,
            finding.score, finding.max_score, say_message(finding), said,
        )  # fmt: skip
