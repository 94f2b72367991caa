"""Reports as web pages: self-contained, without script, safe to open whatever a submission contains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from grader.render.clean import clip_lines, one_line
from grader.render.environment import environment, minus
from grader.render.numbers import Grid, format_number, make_grids, make_pair
from grader.render.overview import ClassSummary, Misconception, Row, summarise
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
from grader.report import Counterexample, Failure, ProblemReport, Report, points

_OUTPUT_LINES = 200
_STATUSES = {"ungradable": "could not be graded", "grader_error": "the grader failed"}


def student_page(report: Report) -> str:
    """The feedback for one student, as one file."""
    return (
        _engine()
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
    parts = _engine().get_template("parts.html").make_module({"outcomes": OUTCOMES})
    return Markup(parts.problem(_view(problem), "problem"))  # type: ignore[attr-defined]


def class_page(reports: Iterable[Report]) -> str:
    """The instructor's view; reads the reports once, one at a time, and keeps a line of each."""
    summary = summarise(reports)
    return (
        _engine()
        .get_template("class.html")
        .render(
            summary=summary,
            bars=_bars(summary.bins) if any(summary.bins) else (),
            misconceptions=_group(summary),
            verdicts=VERDICTS,
            cells=_cells(summary.rows),
            statuses=_STATUSES,
        )
    )


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


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    tick: str
    count: int
    x: int
    y: float
    height: float


@cache
def _engine() -> Environment:
    engine = environment()
    engine.filters["feedback"] = _feedback
    return engine


def _feedback(student: str) -> str:
    return f"feedback/{quote(student, safe='', errors='replace')}.html"


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


def _bars(bins: tuple[int, ...]) -> list[_Bar]:
    """The histogram's bars, 64 units apart, the highest 160 units high."""
    most = max(bins)
    heights = [round(160 * count / most, 1) for count in bins]
    ticks = [str(10 * i) for i in range(11)]
    labels = [*(f"{10 * i} % to under {10 * i + 10} %" for i in range(10)), "100 %"]
    return [
        _Bar(labels[i], ticks[i], count, 64 * i + 6, round(190 - heights[i], 1), heights[i])
        for i, count in enumerate(bins)
    ]


def _group(summary: ClassSummary) -> list[tuple[str, list[Misconception], int]]:
    groups = []
    for problem in summary.problems:
        found = [m for m in summary.misconceptions if m.problem == problem.id]
        if found or problem.undiagnosed:
            groups.append((one_line(problem.title) or one_line(problem.id), found, problem.undiagnosed))
    return groups


def _cells(rows: Iterable[Row]) -> dict[Any, Markup]:
    """The few different cells of the table of students, each made once; a class has tens of thousands."""
    cells: dict[Any, Markup] = {None: Markup("<td></td>")}
    for row in rows:
        for key in row.cells.values():
            if key not in cells:
                words = VERDICTS[key[0]]
                cells[key] = Markup('<td class="{}">{} {}</td>').format(
                    words.tone, words.mark, points(key[1])
                )
    return cells
