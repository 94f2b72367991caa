"""Reports as web pages: self-contained, without script, safe to open whatever a submission contains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup, escape

from grader.core.memo import Memo
from grader.core.text import clip_lines, count, one_line
from grader.formats.html.code import Code, Note, show_code
from grader.formats.html.matrices import equation_html, figure_html
from grader.formats.html.plot import Plot, make_plot
from grader.formats.html.prose import formula_html, prose_html, sentence_html, statement_html
from grader.formats.html.template_engine import environment, minus, typeset
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
    say_deduction,
    say_lead,
    say_message,
    say_reading,
)
from grader.reports.glossary import ExplainedWord, words_for
from grader.reports.report import Counterexample, Failure, Finding, ProblemReport, Report
from grader.reports.serialize import OWN
from grader.reports.shown_matrices import Grid, make_case, make_grids
from grader.reports.shown_numbers import are_whole, entries_of, format_number, say_cut, say_error

_OUTPUT_LINES = 200
_ABOUT_FILE = "About the file"
_LONGEST_FORMULA = 400
"""A longer one is shown as it was read, not typeset."""
_OPEN_HINT = "Open the first hint below and try again."
_SHOWN = tuple(name for name in ProblemReport.__slots__ if name not in OWN)
"""The fields of a problem's report that its section shows, but for the command."""


def student_page(
    report: Report, published: PublishedAssignment = NO_ASSIGNMENT, memo: Memo | None = None
) -> str:
    """The feedback for one student, as one file.

    Args:
        memo: of what reports of the same class and the same published assignment have in common.
    """
    explained, memo = bool(choose_problems(report)), memo or Memo()
    code = show_code(report.code)
    entries = [
        _entry(problem, published.by_id.get(problem.id, NO_PROBLEM), f"p{k}", explained, memo, code)
        for k, problem in enumerate(report.problems, 1)
    ]
    to_fix = (entry for entry in entries if explained and entry.problem.needs_work)

    title, assignment = one_line(published.title), one_line(report.assignment)
    over = (one_line(published.course), assignment if title else "")
    return (
        environment()
        .get_template("student.html")
        .render(
            report=report,
            deduction=say_deduction(report),
            title=title or assignment,
            over=" · ".join(filter(None, over)),
            trouble=explain_file(report),
            problems=entries,
            tally=_tally(report),
            start=next(to_fix, None),
            explained=explained,
            output=clip_lines(report.output, _OUTPUT_LINES, 20_000),
            cells=code.whole(_note_lines(report, entries, code)),
            anchor=code.anchor(_place_of(report.error)),
        )
    )


def _note_lines(report: Report, entries: Sequence[_Entry], code: Code) -> dict[str, Note]:
    """What is said of lines in the whole of the code: at a failure, else where the function begins."""
    notes: dict[str, Note] = {}
    if place := code.anchor(_place_of(report.error)):
        notes[place] = Note(_ABOUT_FILE, "file")
    for entry in entries:
        id = code.anchor(_place_of(entry.problem.error)) or entry.anchor
        if id and entry.section and entry.problem.needs_work:
            notes.setdefault(id, Note(f"{entry.title}: {entry.words.badge}", entry.id))
    return notes


def _place_of(failure: Failure | None) -> str:
    """Where in the student's code it failed; empty if it did not."""
    return failure.place if failure else ""


def problem_card(
    problem: ProblemReport,
    published: PublishedProblem = NO_PROBLEM,
    id: str = "problem",
    commented: bool = False,
) -> Markup:
    """One problem as the student's page shows it, for a `<section>` with the style sheet around it.

    Args:
        published: brings the statement, and the solution if it may be seen.
        id: of the heading, unique in its page.
        commented: leave out what a comment beside it says: what is wrong, the next step, the smallest case.
    """
    view = _view(problem, published, id, explained=True)
    if commented:
        view = replace(view, lead="", step="", case=None)
    return _render(view)


def formula_feedback(problem: ProblemReport, id: str) -> Markup:
    """What a page of formulas says of one, below the field where it was typed and read back.

    Args:
        id: of the problem, unique in its page.
    """
    view = _view(problem, NO_PROBLEM, id, explained=True)
    template = environment().get_template("formula.html")
    return Markup(template.render(view=view, reading=one_line(say_reading(problem))))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One problem in the overview, and its section; no section if there is nothing to say.

    Args:
        code: the lines of its function; anchor: the id of the first of them in the whole of the code.
    """

    id: str
    problem: ProblemReport
    title: str
    words: VerdictStyle
    section: Markup
    code: Markup
    place: str
    anchor: str


def _entry(
    problem: ProblemReport,
    published: PublishedProblem,
    id: str,
    explained: bool,
    memo: Memo,
    code: Code,
) -> _Entry:
    section = Markup("")
    failed_at = _place_of(problem.error)
    anchor = code.anchor(failed_at)

    if explained or published.solution:
        # Nothing of it is the student's own, but the command where a mistake is explained.
        own = "" if _is_brief(problem, explained) else problem.reproduce
        section = memo.once(
            lambda: _section(problem, published, id, anchor, explained=explained),
            *("section", id, explained, published, own, anchor),
            *(getattr(problem, name) for name in _SHOWN),
        )

    shown, place, first_line = Markup(""), "", ""
    lines = code.find(problem.function)
    if lines is not None:
        shown, place = code.part(lines, failed_at), code.place_of(lines)
        first_line = code.id_of(lines.cell, lines.first)

    return _Entry(
        id=id,
        problem=problem,
        title=_title(problem),
        words=VERDICTS[problem.verdict],
        section=section,
        code=shown,
        place=place,
        anchor=first_line,
    )


def _section(
    problem: ProblemReport, published: PublishedProblem, id: str, anchor: str = "", *, explained: bool
) -> Markup:
    """What is said of a problem, for the `<section>` around it.

    Args:
        anchor: id of the line in the student's code at which it failed; empty if that is not in the page.
    """
    return _render(_view(problem, published, id, explained=explained), anchor)


def _render(view: _View, anchor: str = "") -> Markup:
    module: Any = environment().get_template("parts.html").module
    return Markup(module.problem(view, view.id, anchor))


def _title(problem: ProblemReport) -> str:
    return one_line(problem.title) or one_line(problem.function)


def _is_brief(problem: ProblemReport, explained: bool) -> bool:
    """Whether there is nothing to say first, so that all that can be read is folded."""
    return not explained or problem.verdict == "right"


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
        brief: see `_is_brief`.
    """

    id: str
    brief: bool
    problem: ProblemReport
    title: str
    signature: str
    reading: Markup
    words: VerdictStyle
    lead: str
    step: str
    failure: Failure | None
    checks: tuple[_Check, ...]
    terms: tuple[ExplainedWord, ...]
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


def _view(problem: ProblemReport, published: PublishedProblem, id: str, *, explained: bool) -> _View:
    """The problem as it is shown; not `explained` where the file as a whole failed, and says why."""
    explanation = explain(problem, _OPEN_HINT)
    lead, step = say_lead(explanation), explanation.step
    if problem.has_wrong_answers:
        # A diagnosis is the author's text; the rest may hold a student's, which is never read as Markdown.
        show = sentence_html if problem.diagnosis else typeset
        lead, step = show(lead), show(step)

    case = find_case(problem) if problem.verdict != "right" else None
    solution = published.solution
    return _View(
        id=id,
        brief=_is_brief(problem, explained),
        problem=problem,
        title=_title(problem),
        signature=published.signature or one_line(problem.function),
        reading=_show_reading(problem),
        words=VERDICTS[problem.verdict],
        lead=lead,
        step=step,
        failure=explanation.failure,
        checks=tuple(map(_check, problem.findings)),
        terms=words_for(problem),
        hints=hints_html(problem.hints) if problem.needs_work else Markup(""),
        case=_show(case) if case else None,
        plot=make_plot(problem, id),
        statement=statement_html(published.statement),
        derivation=prose_html(solution.derivation) if solution else Markup(""),
        solution=solution,
    )


def _show_reading(problem: ProblemReport) -> Markup:
    """How a formula was read: typeset if it is one, and how well it agrees; empty for other answers."""
    formula = problem.formula
    if formula is None:
        return Markup("")
    said = one_line(say_reading(problem))
    if not formula.latex or len(formula.latex) > _LONGEST_FORMULA:
        return escape(said)
    return Markup('{} <span class="display">{}</span>').format(said, formula_html(formula.latex))


def hints_html(hints: tuple[str, ...]) -> Markup:
    """Hints one inside the other, so that each is found only after the one before."""
    inner = ""
    for number, hint in reversed(list(enumerate(hints, 1))):
        summary = f"<summary>Hint {number} of {len(hints)}</summary>"
        inner = f'<details class="hint">{summary}<div class="prose">{prose_html(hint)}</div>{inner}</details>'
    return Markup(inner)


def _check(finding: Finding) -> _Check:
    message = typeset(say_message(finding))
    return _Check(finding, OUTCOMES[finding.outcome], message, _say_numbers(finding))


def _say_numbers(finding: Finding) -> str:
    """The numbers behind a check that passed: how many cases, and the largest error."""
    cases, largest = finding.numbers.get("cases"), finding.numbers.get("error_in_tolerances")
    if finding.outcome != "passed" or not isinstance(cases, int):
        return ""

    numbers = count(cases, "case").replace(" ", "\u00a0")
    if isinstance(largest, float):
        numbers += f", largest error {format_number(largest, 2)} of what is allowed"
    return typeset(f"({numbers})")


def _show(case: Counterexample) -> _Case:
    exact = are_whole(entries_of(case.inputs.values()))
    answer, beside = make_case(case, exact=exact)
    inputs = (equation_html(one_line(name), make_grids(value)) for name, value in case.inputs.items())
    note = " ".join(filter(None, (_say_off(answer), say_error(case), say_cut(case))))
    return _Case(
        inputs=Markup("".join(inputs)),
        answer=figure_html("You returned", answer),
        right=_show_beside(case, beside),
        note=typeset(minus(note)),
    )


def _show_beside(case: Counterexample, grids: Sequence[Grid]) -> Markup:
    """The right answer, or what is left of a relation."""
    if case.right is not None:
        return figure_html("Right answer", grids)
    if case.residual is not None:
        return figure_html("What is left of the relation", grids)
    return Markup("")


def _say_off(answer: Sequence[Grid]) -> str:
    """Say which entries differ; empty for a single one, or if none does."""
    off = [entry.off for grid in answer for row in grid.rows for entry in row]
    if len(off) == 1 or not any(off):
        return ""
    return "Every entry differs." if all(off) else "Underlined entries differ."
