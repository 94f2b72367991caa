"""Reports as web pages: self-contained, without script, safe to open whatever a submission contains."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from grader.render.clean import clip_lines, one_line
from grader.render.environment import environment, minus
from grader.render.numbers import Grid, format_number, make_grids, make_pair
from grader.render.words import (
    OUTCOMES,
    VERDICTS,
    Words,
    choose_problems,
    explain,
    explain_file,
    find_case,
    raise_opening,
    say_message,
)
from grader.report import Counterexample, Failure, ProblemReport, Report
from grader.sheet import NO_SHEET, Sheet

_OUTPUT_LINES = 200


def student_page(report: Report, sheet: Sheet = NO_SHEET) -> str:
    """The feedback for one student, as one file."""
    return (
        environment()
        .get_template("student.html")
        .render(
            report=report,
            trouble=explain_file(report),
            problems=[_view(problem) for problem in report.problems],
            explained=bool(choose_problems(report)),
            output=clip_lines(report.output, _OUTPUT_LINES, 20_000),
            outcomes=OUTCOMES,
        )
    )


def problem_card(problem: ProblemReport) -> Markup:
    """One problem as the student's page shows it: a `<section>` that needs the style sheet around it."""
    parts = environment().get_template("parts.html").make_module({"outcomes": OUTCOMES})
    return Markup(parts.problem(_view(problem), "problem"))  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Case:
    inputs: tuple[tuple[str, tuple[Grid, ...]], ...]
    answer: tuple[Grid, ...]
    right: tuple[Grid, ...]
    note: str


@dataclass(frozen=True, slots=True)
class _View:
    """One problem as the page shows it."""

    problem: ProblemReport
    title: str
    words: Words
    lead: str
    step: str
    failure: Failure | None
    messages: tuple[str, ...]
    case: _Case | None


def _view(problem: ProblemReport) -> _View:
    explanation = explain(problem, show_hint=False)
    lead = explanation.lead
    case = find_case(problem) if problem.verdict != "right" else None
    return _View(
        problem=problem,
        title=one_line(problem.title) or one_line(problem.function),
        words=VERDICTS[problem.verdict],
        lead=lead if lead.startswith(problem.function) else raise_opening(lead),
        step=explanation.step,
        failure=explanation.failure,
        messages=tuple(say_message(problem, finding) for finding in problem.findings),
        case=_show(case) if case else None,
    )


def _show(case: Counterexample) -> _Case:
    answer, right = make_pair(case.answer, case.right, case.tolerance)
    notes = []
    if any(grid.some_off for grid in answer):
        notes.append("Underlined entries differ.")
    if case.error is not None and case.tolerance is not None and case.error > case.tolerance:
        notes.append(
            f"Off by {format_number(case.error, 3)} where {format_number(case.tolerance, 2)} is allowed."
        )
    return _Case(
        inputs=tuple((one_line(name), make_grids(value)) for name, value in case.inputs.items()),
        answer=answer,
        right=right if case.right is not None else (),
        note=minus(" ".join(notes)),
    )
