"""Reports as web pages: self-contained, without script, safe to open whatever a submission contains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from grader.render.clean import clean, clip_lines, one_line
from grader.render.environment import environment, minus
from grader.render.matrices import equation_html, figure_html
from grader.render.numbers import format_number, is_whole, make_grids, make_pair
from grader.render.overview import ClassSummary, Misconception, Row, summarise
from grader.render.plot import draw_plot
from grader.render.prose import formula_html, prose_html, sentence_html, statement_html
from grader.render.words import (
    OUTCOMES,
    VERDICTS,
    Words,
    choose_problems,
    count,
    explain,
    explain_file,
    find_case,
    raise_opening,
    say_message,
    say_remainder,
)
from grader.report import (
    Counterexample,
    Excerpt,
    Failure,
    Finding,
    ProblemReport,
    Remainder,
    Report,
    points,
)
from grader.sheet import NO_SHEET, NO_TASK, Sheet, Task, Worked

_OUTPUT_LINES = 200
_TO_MEND = ("wrong", "error", "missing")
"""Verdicts that a student can do something about."""
_STATUSES = {"ungradable": "could not be graded", "grader_error": "the grader failed"}


def student_page(report: Report, sheet: Sheet = NO_SHEET) -> str:
    """The feedback for one student, as one file."""
    shown = choose_problems(report)
    tasks = sheet.by_id
    views = [
        _view(problem, tasks.get(problem.id, NO_TASK), f"p{k}")
        for k, problem in enumerate(report.problems, 1)
    ]
    return (
        _engine()
        .get_template("student.html")
        .render(
            report=report,
            over=" · ".join(
                filter(None, (one_line(sheet.course), one_line(report.assignment) if sheet.title else ""))
            ),
            title=one_line(sheet.title) or one_line(report.assignment),
            trouble=explain_file(report),
            problems=views,
            tally=_tally(report),
            start=next((view for view in views if view.problem.verdict in _TO_MEND), None) if shown else None,
            explained=bool(shown),
            output=clip_lines(report.output, _OUTPUT_LINES, 20_000),
            outcomes=OUTCOMES,
        )
    )


def problem_card(problem: ProblemReport, task: Task = NO_TASK, id: str = "problem") -> Markup:
    """One problem as the student's page shows it: a `<section>` that needs the style sheet around it.

    Args:
        task: brings the statement, and the solution if it may be seen. id: of the heading, unique in its page.
    """
    module: Any = _engine().get_template("parts.html").make_module({"outcomes": OUTCOMES})
    return Markup(module.problem(_view(problem, task, id), id))


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
    inputs: Markup
    answer: Markup
    right: Markup
    note: str


@dataclass(frozen=True, slots=True)
class _Plot:
    drawing: Markup
    definition: Markup
    said: str
    rows: Markup


@dataclass(frozen=True, slots=True)
class _View:
    """One problem as the page shows it; texts of the course are markup, others are not."""

    id: str
    problem: ProblemReport
    title: str
    signature: str
    words: Words
    lead: str
    step: str
    failure: Failure | None
    findings: tuple[tuple[Finding, str, str], ...]
    hints: tuple[Markup, ...]
    case: _Case | None
    plot: _Plot | None
    statement: Markup
    derivation: Markup
    solution: Worked | None


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
    engine.filters.update(feedback=_feedback, numbered=_numbered)
    return engine


def _feedback(student: str) -> str:
    return f"feedback/{quote(student, safe='', errors='replace')}.html"


def _numbered(excerpt: Excerpt) -> list[tuple[str, str, bool]]:
    """The lines of an excerpt with their numbers, all of one width, and which of them is marked."""
    width = len(str(excerpt.first + len(excerpt.lines)))
    rows = enumerate(excerpt.lines, excerpt.first)
    return [(f"{k:>{width}}", clean(line).expandtabs(4), k == excerpt.marked) for k, line in rows]


def _tally(report: Report) -> str:
    right = sum(problem.verdict == "right" for problem in report.problems)
    if right == len(report.problems):
        return "Everything is right" if right != 1 else "It is right"
    return f"{right} of {count(len(report.problems), 'problem')} right"


def _view(problem: ProblemReport, task: Task, id: str) -> _View:
    explanation = explain(problem, show_hint=False)
    lead, step = explanation.lead, explanation.step
    if not lead.startswith(problem.function):
        lead = raise_opening(lead)
    if problem.verdict == "wrong" and problem.diagnosis is not None:
        lead, step = sentence_html(lead), sentence_html(step)
    case = find_case(problem) if problem.verdict != "right" else None
    return _View(
        id=id,
        problem=problem,
        title=one_line(problem.title) or one_line(problem.function),
        signature=task.signature or one_line(problem.function),
        words=VERDICTS[problem.verdict],
        lead=lead,
        step=step,
        failure=explanation.failure,
        findings=tuple((f, say_message(problem, f), _say_numbers(f)) for f in problem.findings),
        hints=tuple(map(prose_html, problem.hints)) if problem.verdict in _TO_MEND else (),
        case=_show(case) if case else None,
        plot=_plot(problem, id),
        statement=statement_html(task.statement),
        derivation=prose_html(task.solution.derivation) if task.solution else Markup(""),
        solution=task.solution,
    )


def _show(case: Counterexample) -> _Case:
    exact = all(map(is_whole, case.inputs.values()))
    answer, right = make_pair(case.answer, case.right, case.tolerance, exact)
    notes = []
    if any(grid.some_off for grid in answer):
        notes.append("Underlined entries differ.")
    if case.error is not None and case.tolerance is not None and case.error > case.tolerance:
        notes.append(
            f"Off by {format_number(case.error, 3)} where {format_number(case.tolerance, 2)} is allowed."
        )
    inputs = [equation_html(one_line(name), make_grids(value)) for name, value in case.inputs.items()]
    return _Case(
        inputs=Markup("").join(inputs),
        answer=figure_html("You returned", answer),
        right=figure_html("Right answer", right) if case.right is not None else Markup(""),
        note=minus(" ".join(notes)),
    )


def _plot(problem: ProblemReport, id: str) -> _Plot | None:
    """The remainder plot, where it shows something: the answer is right, or wrong along the direction drawn."""
    rest = problem.remainder
    if rest is None or rest.yours is None:
        return None
    said = say_remainder(problem)
    if said is None and problem.verdict != "right":
        return None
    drawing = draw_plot(rest, id)
    if not drawing:
        return None
    yours, right = said or ("Yours does as well", "")
    return _Plot(drawing, _definition(), _sentence(yours, right), _rows(rest))


@cache
def _definition() -> Markup:
    """What the picture is of: L is the derivative when this falls faster than ‖dA‖."""
    formula = formula_html(r"\lVert f(A+dA)-f(A)-L[dA]\rVert=o(\lVert dA\rVert)")
    return Markup(
        "The derivative of f at A is the linear map L with {}: "
        "the remainder falls faster than ‖dA‖, on these axes with a slope above 1."
    ).format(formula)


def _sentence(yours: str, right: str) -> str:
    return f"{raise_opening(yours)}; {right}." if right else f"{yours}."


def _rows(rest: Remainder) -> Markup:
    """Every other step: a row for each power of ten."""
    cells = zip(rest.h, rest.distance, rest.yours or (), rest.right, strict=True)
    return Markup("\n").join(
        Markup("<tr>") + Markup("").join(map(_number_cell, row)) + Markup("</tr>") for row in list(cells)[::2]
    )


def _number_cell(number: float) -> Markup:
    return Markup("<td>{}</td>").format(minus(format_number(number, 4)))


def _say_numbers(finding: Finding) -> str:
    """The numbers behind a check, as far as its message does not say them."""
    cases, worst = finding.numbers.get("cases"), finding.numbers.get("error_in_tolerances")
    said = []
    if finding.outcome == "passed" and isinstance(cases, int):
        said.append(count(cases, "case"))
    if isinstance(worst, float):
        said.append(f"largest error {format_number(worst, 2)} times what is allowed")
    return minus(", ".join(said)) and f"({minus(', '.join(said))})"


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
