"""Reports as web pages: self-contained, without script, safe to open whatever a submission contains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from grader.core.text import clip_lines, count, one_line
from grader.formats.html.environment import environment, minus, typeset
from grader.formats.html.matrices import equation_html, figure_html
from grader.formats.html.plot import Plot, make_plot
from grader.formats.html.prose import prose_html, sentence_html, statement_html
from grader.reports.assignment import (
    NO_ASSIGNMENT,
    NO_PROBLEM,
    PublishedAssignment,
    PublishedProblem,
    WorkedSolution,
)
from grader.reports.feedback import (
    OUTCOMES,
    VERDICTS,
    VerdictStyle,
    choose_problems,
    explain,
    explain_file,
    find_case,
    say_lead,
    say_message,
)
from grader.reports.grids import make_grids, make_pair
from grader.reports.numbers import format_number, is_whole
from grader.reports.report import Counterexample, Failure, Finding, ProblemReport, Report

_OUTPUT_LINES = 200
_TO_MEND = ("wrong", "error", "missing")
"""Verdicts that a student can do something about."""


def student_page(report: Report, sheet: PublishedAssignment = NO_ASSIGNMENT) -> str:
    """The feedback for one student, as one file."""
    tasks, explained = sheet.by_id, bool(choose_problems(report))
    views = [
        _view(problem, tasks.get(problem.id, NO_PROBLEM), f"p{k}", explained)
        for k, problem in enumerate(report.problems, 1)
    ]
    named = one_line(sheet.title)
    return (
        environment()
        .get_template("student.html")
        .render(
            report=report,
            title=named or one_line(report.assignment),
            over=" · ".join(
                filter(None, (one_line(sheet.course), one_line(report.assignment) if named else ""))
            ),
            trouble=explain_file(report),
            problems=views,
            tally=_tally(report),
            start=next((view for view in views if view.problem.verdict in _TO_MEND), None)
            if explained
            else None,
            explained=explained,
            output=clip_lines(report.output, _OUTPUT_LINES, 20_000),
            outcomes=OUTCOMES,
        )
    )


def problem_card(problem: ProblemReport, task: PublishedProblem = NO_PROBLEM, id: str = "problem") -> Markup:
    """One problem as the student's page shows it: a `<section>` that needs the style sheet around it.

    Args:
        task: brings the statement, and the solution if it may be seen. id: of the heading, unique in its page.
    """
    module: Any = environment().get_template("parts.html").make_module({"outcomes": OUTCOMES})
    return Markup(module.problem(_view(problem, task, id), id))


@dataclass(frozen=True, slots=True)
class _Case:
    inputs: Markup
    answer: Markup
    right: Markup
    note: str


@dataclass(frozen=True, slots=True)
class _Check:
    finding: Finding
    words: VerdictStyle
    message: str
    numbers: str


@dataclass(frozen=True, slots=True)
class _View:
    """One problem as the page shows it; what is Markup is harmless already.

    Args:
        brief: there is nothing to say first, so all that can be read is folded.
    """

    id: str
    brief: bool
    problem: ProblemReport
    title: str
    signature: str
    words: VerdictStyle
    lead: str
    step: str
    failure: Failure | None
    checks: tuple[_Check, ...]
    hints: Markup
    case: _Case | None
    plot: Plot | None
    statement: Markup
    derivation: Markup
    solution: WorkedSolution | None


def _tally(report: Report) -> str:
    right = sum(problem.verdict == "right" for problem in report.problems)
    if right == len(report.problems):
        return "Everything is right"
    return f"{right} of {count(len(report.problems), 'problem')} right"


def _view(problem: ProblemReport, task: PublishedProblem, id: str, explained: bool = True) -> _View:
    """The problem as it is shown; not `explained` where the file as a whole failed, and says why."""
    explanation = explain(problem, show_hint=False)
    lead, step = say_lead(explanation), explanation.step
    if problem.verdict == "wrong":
        # A diagnosis is the author's text; the rest may hold a student's, which is never read as Markdown.
        say = sentence_html if problem.diagnosis else typeset
        lead, step = say(lead), say(step)
    case = find_case(problem) if problem.verdict != "right" else None
    return _View(
        id=id,
        brief=not explained or problem.verdict == "right",
        problem=problem,
        title=one_line(problem.title) or one_line(problem.function),
        signature=task.signature or one_line(problem.function),
        words=VERDICTS[problem.verdict],
        lead=lead,
        step=step,
        failure=explanation.failure,
        checks=tuple(map(_check, problem.findings)),
        hints=_hints(problem.hints) if problem.verdict in _TO_MEND else Markup(""),
        case=_show(case) if case else None,
        plot=make_plot(problem, id),
        statement=statement_html(task.statement),
        derivation=prose_html(task.solution.derivation) if task.solution else Markup(""),
        solution=task.solution,
    )


@lru_cache(512)
def _hints(hints: tuple[str, ...]) -> Markup:
    """Hints one inside the other, so that each is found only after the one before."""
    inner = Markup("")
    for number, hint in reversed(list(enumerate(hints, 1))):
        inner = Markup(
            '<details class="hint"><summary>Hint {} of {}</summary><div class="prose">{}</div>{}</details>'
        ).format(number, len(hints), prose_html(hint), inner)
    return inner


def _check(finding: Finding) -> _Check:
    message = typeset(say_message(finding))
    return _Check(finding, OUTCOMES[finding.outcome], message, _say_numbers(finding))


def _say_numbers(finding: Finding) -> str:
    """The numbers behind a check, as far as its message does not say them."""
    cases, worst = finding.numbers.get("cases"), finding.numbers.get("error_in_tolerances")
    said = []
    if finding.outcome == "passed" and isinstance(cases, int):
        said.append(count(cases, "case").replace(" ", "\u00a0"))
        if isinstance(worst, float):
            said.append(f"largest error {format_number(worst, 2)} of what is allowed")
    return typeset(f"({', '.join(said)})") if said else ""


def _show(case: Counterexample) -> _Case:
    exact = all(map(is_whole, case.inputs.values()))
    answer, right = make_pair(case.answer, case.right, case.tolerance, exact)
    notes = []
    off = [cell.off for grid in answer for row in grid.rows for cell in row]
    if any(off) and len(off) > 1:
        notes.append("Every entry differs." if all(off) else "Underlined entries differ.")
    if case.error is not None and case.tolerance is not None and case.error > case.tolerance:
        notes.append(
            f"Off by {format_number(case.error, 3)} where {format_number(case.tolerance, 2)} is allowed."
        )
    inputs = (equation_html(one_line(name), make_grids(value)) for name, value in case.inputs.items())
    return _Case(
        inputs=Markup("".join(inputs)),
        answer=figure_html("You returned", answer),
        right=figure_html("Right answer", right) if case.right is not None else Markup(""),
        note=typeset(minus(" ".join(notes))),
    )
