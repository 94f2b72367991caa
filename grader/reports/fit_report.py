"""A report has so much room and no more: what helps least is left out of a larger one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from grader.core.memo import Memo
from grader.reports.feedback import find_case
from grader.reports.report import Failure, Finding, ProblemReport, Report
from grader.reports.serialize import to_json, write_report

MOST_BYTES = 250_000
"""Of a report as JSON, in either of its forms."""
MOST_LONGER = 4
"""Times that either form may be as long as the values in Python: it escapes quotes and may write a message twice."""
_SHORT_OUTPUT, _SHORT_TEXT = 4000, 300
_SHARED_TEXT, _SHORTEST_TEXT = 1600, 8
"""Characters of a text in a report with one problem, where there is hardly any room, and of any."""
_FEW_ENTRIES = 100
"""Of a counterexample, where there is little room: three 5 × 5 matrices and a vector."""


def fit_report(report: Report, memo: Memo | None = None) -> Report:
    """Leave out of a report what it has no room for; what a student reads first stays longest.

    Args:
        memo: of what reports of the same class have in common.
    """
    memo = memo or Memo()
    for leave_out in (_keep, *_STEPS):
        report = leave_out(report)
        if _fits(report, memo):
            break
    return report


def _fits(report: Report, memo: Memo) -> bool:
    # Nearly all reports are short, and a check that prints text has no use for the library that writes JSON.
    if length_in_python(report, memo) * MOST_LONGER <= MOST_BYTES:
        return True
    return all(len(write(report, memo).encode()) <= MOST_BYTES for write in (write_report, to_json))


def length_in_python(report: Report, memo: Memo) -> int:
    """Bytes of a report as Python shows it; the findings, which a class shares, are shown once."""
    shown = [
        memo.once(partial(repr, problem.findings), "repr", problem.findings) for problem in report.problems
    ]
    own = _on_problems(report, lambda problem: replace(problem, findings=()))
    return sum(len(text.encode()) for text in (repr(own), *shown))


def _keep(report: Report) -> Report:
    return report


def _leave_out_code(report: Report) -> Report:
    return replace(report, code=()) if report.code else report


def _shorten_output(report: Report) -> Report:
    if len(report.output) <= _SHORT_OUTPUT:
        return report
    return replace(report, output=f"{report.output[:_SHORT_OUTPUT]}\n… (the rest is left out)")


def _keep_one_case(report: Report) -> Report:
    """Of each problem's counterexamples keep the one that feedback shows."""

    def keep(problem: ProblemReport) -> ProblemReport:
        shown = find_case(problem)
        return _on_findings(problem, lambda one: one if one.counterexample is shown else _without_case(one))

    return _on_problems(report, keep)


def _cut_texts(report: Report, most: int = _SHORT_TEXT) -> Report:
    """Cut what exceptions say, and leave out the lines around them."""

    def cut(problem: ProblemReport) -> ProblemReport:
        shorter = replace(problem, error=_cut_failure(problem.error, most), hints=())
        return _on_findings(
            shorter, lambda one: replace(one, what=_cut(one.what, most), advice=_cut(one.advice, most))
        )

    return replace(_on_problems(report, cut), error=_cut_failure(report.error, most))


def _keep_small_cases(report: Report) -> Report:
    def keep(finding: Finding) -> Finding:
        case = finding.counterexample
        return finding if case is None or case.size <= _FEW_ENTRIES else _without_case(finding)

    return _on_problems(report, lambda problem: _on_findings(problem, keep))


def _keep_failed_checks(report: Report) -> Report:
    """Keep the checks that failed, and no curves."""
    return _on_problems(report, lambda problem: replace(problem, findings=problem.failed, remainder=None))


def _keep_first_failed_check(report: Report) -> Report:
    def keep(problem: ProblemReport) -> ProblemReport:
        return replace(problem, findings=tuple(map(_without_case, problem.findings[:1])))

    return _on_problems(report, keep)


def _share_texts(report: Report) -> Report:
    """Cut all texts to what each problem has room for."""
    return _cut_texts(report, max(_SHORTEST_TEXT, _SHARED_TEXT // max(1, len(report.problems))))


_STEPS: tuple[Callable[[Report], Report], ...] = (
    _leave_out_code,
    _shorten_output,
    _keep_one_case,
    _cut_texts,
    _keep_small_cases,
    _keep_failed_checks,
    _keep_first_failed_check,
    _share_texts,
)


def _on_problems(report: Report, change: Callable[[ProblemReport], ProblemReport]) -> Report:
    return replace(report, problems=tuple(map(change, report.problems)))


def _on_findings(problem: ProblemReport, change: Callable[[Finding], Finding]) -> ProblemReport:
    return replace(problem, findings=tuple(map(change, problem.findings)))


def _without_case(finding: Finding) -> Finding:
    return replace(finding, counterexample=None)


def _cut_failure(failure: Failure | None, most: int) -> Failure | None:
    if failure is None:
        return None
    what, advice, text = (_cut(text, most) for text in (failure.what, failure.advice, failure.text))
    return replace(failure, what=what, advice=advice, text=text, excerpt=None)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
