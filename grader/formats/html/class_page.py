"""The instructor's page: a class in one file, readable without its script, quick with thousands of students."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import quote

from markupsafe import Markup

from grader.core.grouping import group_pairs
from grader.core.text import one_line, raise_opening
from grader.formats.html.prose import sentence_html
from grader.formats.html.template_engine import environment, load_inline, minus, typeset
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment
from grader.reports.class_list import NO_CLASS, ClassList
from grader.reports.class_summary import ClassSummary, Misconception, ProblemSummary, Row, summarise
from grader.reports.feedback import VERDICTS, VerdictStyle
from grader.reports.problem_tally import ALONE, CONTRACT, NUMBERS
from grader.reports.report import Report, Verdict, points

_STATUSES = {"ungradable": "could not be graded", "grader_error": "the grader failed"}
_COMMONEST = 5
_FEWEST, _MOST = 2, 8
"""Misconceptions of a problem that are shown at once."""
_ATTENTION = 10
"""Students to look at that are shown at once; the others are folded."""
_LONGEST_NAME = 255
"""The most characters of a student's name in the address of a page."""
_NAMED_COLUMNS = 10
"""With more problems than this only their numbers head the columns of the table of students."""
_LOW = 0.1
"""Below this a problem hardly tells strong students from weak ones."""
TAGS = {
    "mistake": "known mistake",
    NUMBERS: "unexplained, same wrong answers",
    CONTRACT: "not the numbers",
    ALONE: "unexplained, each on their own",
}


def class_page(
    reports: Iterable[Report],
    published: PublishedAssignment = NO_ASSIGNMENT,
    class_list: ClassList = NO_CLASS,
) -> str:
    """The instructor's view; reads the reports once, one at a time, and keeps a line of each."""
    summary = summarise(reports)
    labels = {row.student: row.label for row in summary.rows}

    def link(student: str) -> Markup:
        return student_link(student, labels.get(student, student))

    problems = {
        problem.id: _view(number, problem) for number, problem in enumerate(summary.problems, start=1)
    }
    commonest = [m for m in summary.misconceptions if m.kind != ALONE and m.students > 1][:_COMMONEST]
    text: str = (
        environment()
        .get_template("class.html")
        .render(
            style=load_inline("style.css", "class.css"),
            script=load_inline("class.js"),
            title=one_line(published.title) or one_line(summary.assignment) or "The class",
            course=one_line(published.course),
            summary=summary,
            bars=_bars(summary.bins) if any(summary.bins) else (),
            problems=list(problems.values()),
            named=len(problems) <= _NAMED_COLUMNS,
            commonest=[_entry(misconception, summary, problems) for misconception in commonest],
            groups=_group(summary, problems),
            attention=(summary.attention[:_ATTENTION], summary.attention[_ATTENTION:]),
            shared=[(group.students, [problems[id] for id in group.problems]) for group in summary.shared],
            verdicts=_occurring(summary),
            legend=_legend(),
            row=_RowWriter(summary).write,
            link=link,
            people=class_list,
            uncounted=sum(not row.counts for row in summary.rows),
        )
    )
    return text


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    tick: str
    count: int
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class _Problem:
    """One row of the table of problems; `stack` are the class's verdicts as (tone, x, width) in a bar of 100.

    Args:
        address: of the page with all answers to it.
    """

    number: int
    id: str
    address: str
    title: str
    summary: ProblemSummary
    right: str
    discrimination: str
    note: str
    seconds: str
    stack: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the map of misconceptions; `share` is of the class, in per cent, `shown` the text as HTML."""

    misconception: Misconception
    problem: _Problem
    text: str
    shown: str
    tag: str
    share: float
    case: str


def _view(number: int, problem: ProblemSummary) -> _Problem:
    discrimination, note = "–", str(problem.discrimination)
    if isinstance(problem.discrimination, float):
        discrimination, note = minus(f"{problem.discrimination:.2f}"), _judge(problem.discrimination)

    return _Problem(
        number=number,
        id=problem.id,
        address=f"problems/{page_name(problem.id)}",
        title=one_line(problem.title) or one_line(problem.id),
        summary=problem,
        right=f"{100 * problem.share_right:.0f} %" if problem.judged else "–",
        discrimination=discrimination,
        note=note,
        seconds=_say_time(problem.seconds),
        stack=_stack(problem),
    )


def _judge(discrimination: float) -> str:
    if discrimination < 0:
        return "negative"
    return "low" if discrimination < _LOW else ""


def _say_time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{1000 * seconds:.0f} ms" if seconds >= 1e-3 else "< 1 ms"


def _stack(problem: ProblemSummary) -> tuple[tuple[str, float, float], ...]:
    whole = sum(problem.verdicts.values()) or 1
    parts, x = [], 0.0
    for verdict, style in VERDICTS.items():
        width = 100 * problem.verdicts.get(verdict, 0) / whole
        if width:
            parts.append((style.tone, round(x, 2), round(width, 2)))
        x += width
    return tuple(parts)


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


def _group(
    summary: ClassSummary, problems: Mapping[str, _Problem]
) -> list[tuple[_Problem, tuple[list[_Entry], list[_Entry]]]]:
    """For each problem what is shown at once, and what is folded: the rare, if there is much else."""
    entries: dict[str, list[_Entry]] = {id: [] for id in problems}
    for misconception in summary.misconceptions:
        entries[misconception.problem].append(_entry(misconception, summary, problems))

    groups = []
    for id, listed in entries.items():
        several = sum(entry.misconception.students > 1 for entry in listed)
        shown = min(max(several, _FEWEST), _MOST)
        if listed:
            groups.append((problems[id], (listed[:shown], listed[shown:])))
    return groups


def _entry(misconception: Misconception, summary: ClassSummary, problems: Mapping[str, _Problem]) -> _Entry:
    text, case = raise_opening(misconception.message), misconception.case
    if misconception.kind == ALONE and misconception.students > 1:
        text, case = "Wrong in ways that nobody else shares.", ""

    return _Entry(
        misconception=misconception,
        problem=problems[misconception.problem],
        text=text,
        # As on the student's page: a diagnosis is the author's text, the rest may hold a student's.
        shown=sentence_html(text) if misconception.is_diagnosed else typeset(text),
        tag=TAGS.get(misconception.kind, "recognised"),
        share=round(100 * misconception.students / len(summary.rows), 2),
        case=minus(case),
    )


def _occurring(summary: ClassSummary) -> dict[Verdict, VerdictStyle]:
    """The verdicts other than right that somebody has."""
    present = {verdict for problem in summary.problems for verdict in problem.verdicts} - {"right"}
    return {verdict: style for verdict, style in VERDICTS.items() if verdict in present}


def _legend() -> list[tuple[str, str]]:
    """Each mark once, with all that it stands for."""
    badges = group_pairs((style.mark, style.badge) for style in VERDICTS.values())
    return [(mark, " or ".join(words)) for mark, words in badges.items()]


def student_link(student: str, label: str, folder: str = "", place: str = "") -> Markup:
    """A student's name, leading to the student's page, or to a place in it.

    Args:
        folder: that of the results, as seen from the page with the link.
    """
    name = one_line(label) or "(no name)"
    return Markup('<a href="{}feedback/{}{}">{}</a>').format(folder, page_name(student), place, name)


def page_name(name: str) -> str:
    """The file of a student's or a problem's page, for an address."""
    return f"{quote(name[:_LONGEST_NAME], safe='', errors='replace')}.html"


def _say_score(row: Row) -> str:
    """The score, with a note where it is not simply that of the answers; no number where there is none."""
    note = _STATUSES.get(row.status, "")
    if note and (not row.cells or not row.counts):
        return note
    if not row.counts:
        note = "not counted: the grader failed"
    elif row.status == "grader_error":
        note = "decided"
    score = f"{points(row.score)} of {points(row.max_score)}"
    return f"{score} <span class=note>{note}</span>" if note else score


class _RowWriter:
    """Writes the rows of the table of students.

    Not the template does it, since a class has a hundred thousand cells, of which only a few are different; these
    are made once.
    """

    def __init__(self, summary: ClassSummary) -> None:
        self._ids = [problem.id for problem in summary.problems]
        self._cells: dict[tuple[Verdict, Fraction] | None, str] = {None: "<td></td>"}

    def write(self, row: Row) -> Markup:
        """The row of one student."""
        mistakes = f' data-m="{" ".join(map(str, row.mistakes))}"' if row.mistakes else ""
        score = _say_score(row)
        cells = "".join(self._cell(row.cells.get(id)) for id in self._ids)
        head = f"<tr{mistakes}><th scope=row>{student_link(row.student, row.label)}</th>"
        # Numbers, words of our own, and a name that is escaped.
        return Markup(f"{head}{cells}<td class=number>{score}</td></tr>")

    def _cell(self, result: tuple[Verdict, Fraction] | None) -> str:
        if result is not None and result not in self._cells:
            style = VERDICTS[result[0]]
            self._cells[result] = f"<td class={style.tone}>{style.mark} {points(result[1])}</td>"
        return self._cells[result]
