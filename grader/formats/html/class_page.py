"""The instructor's page: a class in one file, readable without its script, quick with thousands of students."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from urllib.parse import quote

from markupsafe import Markup

from grader.core.text import one_line, raise_opening
from grader.formats.html.environment import Style, environment, hash_source, load_style, minus, typeset
from grader.formats.html.prose import sentence_html
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment
from grader.reports.class_summary import ClassSummary, Misconception, ProblemSummary, Row, summarise
from grader.reports.feedback import VERDICTS, VerdictStyle
from grader.reports.problem_tally import ALONE, CONTRACT, NUMBERS
from grader.reports.report import Report, Verdict, points
from grader.reports.shared_errors import SharedErrors

_STATUSES = {"ungradable": "could not be graded", "grader_error": "the grader failed"}
_COMMONEST = 5
_FEWEST, _MOST = 2, 8
"""Misconceptions of a problem that are shown at once."""
_ATTENTION = 10
"""Students to look at that are shown at once; the others are folded."""
_LONGEST_NAME = 255
"""Of a file, in characters; a longer one would only fill the page."""
_NAMED_COLUMNS = 10
"""With more problems than this only their numbers head the columns of the table of students."""
_LOW = 0.1
"""Below this a problem hardly tells strong students from weak ones."""
_TAGS = {
    "mistake": "known mistake",
    NUMBERS: "unexplained, same wrong answers",
    CONTRACT: "not the numbers",
    ALONE: "unexplained, each on their own",
}


def class_page(reports: Iterable[Report], sheet: PublishedAssignment = NO_ASSIGNMENT) -> str:
    """The instructor's view; reads the reports once, one at a time, and keeps a line of each."""
    summary = summarise(reports)
    problems = [_view(number, item) for number, item in enumerate(summary.problems, start=1)]
    names = {problem.id: problem for problem in problems}
    script = _load_script()
    text: str = (
        environment()
        .get_template("class.html")
        .render(
            style=_style(),
            script=script,
            title=one_line(sheet.title) or one_line(summary.assignment) or "The class",
            course=one_line(sheet.course),
            summary=summary,
            bars=_bars(summary.bins) if any(summary.bins) else (),
            problems=problems,
            named=len(problems) <= _NAMED_COLUMNS,
            commonest=[_entry(m, summary, names) for m in _choose_commonest(summary)],
            groups=_group(summary, problems),
            attention=(summary.attention[:_ATTENTION], summary.attention[_ATTENTION:]),
            shared=[_shared(group, names) for group in summary.shared],
            verdicts=_occurring(summary),
            legend=_legend(),
            row=_row_maker(summary),
            link=_link,
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
    """One row of the table of problems; `stack` are the class's verdicts as (tone, x, width) in a bar of 100."""

    number: int
    id: str
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

    found: Misconception
    problem: _Problem
    text: str
    shown: str
    tag: str
    share: float
    case: str


@dataclass(frozen=True, slots=True)
class _Script:
    code: Markup
    hash: str


@cache
def _style() -> Style:
    return load_style(environment(), "style.css", "class.css")


@cache
def _load_script() -> _Script:
    loader = environment().loader
    assert loader is not None
    code = loader.get_source(environment(), "class.js")[0].replace("\r\n", "\n")
    return _Script(Markup(code), hash_source(code))


def _view(number: int, item: ProblemSummary) -> _Problem:
    r = item.discrimination
    note = r if isinstance(r, str) else "negative" if r < 0 else "low" if r < _LOW else ""
    return _Problem(
        number=number,
        id=item.id,
        title=one_line(item.title) or one_line(item.id),
        summary=item,
        right=f"{100 * item.share_right:.0f} %" if item.judged else "–",
        discrimination="–" if isinstance(r, str) else minus(f"{r:.2f}"),
        note=note,
        seconds=_say_time(item.seconds),
        stack=_stack(item),
    )


def _say_time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms" if seconds >= 1e-3 else "< 1 ms"


def _stack(item: ProblemSummary) -> tuple[tuple[str, float, float], ...]:
    whole = sum(item.verdicts.values()) or 1
    parts, x = [], 0.0
    for verdict, words in VERDICTS.items():
        width = 100 * item.verdicts.get(verdict, 0) / whole
        if width:
            parts.append((words.tone, round(x, 2), round(width, 2)))
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


def _choose_commonest(summary: ClassSummary) -> list[Misconception]:
    return [m for m in summary.misconceptions if m.kind != ALONE and m.students > 1][:_COMMONEST]


def _group(
    summary: ClassSummary, problems: Sequence[_Problem]
) -> list[tuple[_Problem, tuple[list[_Entry], list[_Entry]]]]:
    """For each problem what is shown at once, and what is folded: the rare, if there is much else."""
    names = {problem.id: problem for problem in problems}
    entries: dict[str, list[_Entry]] = {problem.id: [] for problem in problems}
    for found in summary.misconceptions:
        entries[found.problem].append(_entry(found, summary, names))
    groups = []
    for problem in problems:
        found_here = entries[problem.id]
        several = sum(entry.found.students > 1 for entry in found_here)
        shown = min(max(several, _FEWEST), _MOST)
        if found_here:
            groups.append((problem, (found_here[:shown], found_here[shown:])))
    return groups


def _entry(found: Misconception, summary: ClassSummary, problems: dict[str, _Problem]) -> _Entry:
    text, case = raise_opening(found.message), found.case
    if found.kind == ALONE and found.students > 1:
        text, case = "Wrong in ways that nobody else shares.", ""
    return _Entry(
        found=found,
        problem=problems[found.problem],
        text=text,
        # As on the student's page: a diagnosis is the author's text, the rest may hold a student's.
        shown=sentence_html(text) if found.is_diagnosed else typeset(text),
        tag=_TAGS.get(found.kind, "recognised"),
        share=round(100 * found.students / len(summary.rows), 2),
        case=minus(case),
    )


def _occurring(summary: ClassSummary) -> dict[Verdict, VerdictStyle]:
    """The verdicts other than right that somebody has."""
    found = {verdict for problem in summary.problems for verdict in problem.verdicts}
    return {verdict: words for verdict, words in VERDICTS.items() if verdict in found - {"right"}}


def _shared(group: SharedErrors, problems: dict[str, _Problem]) -> tuple[tuple[str, ...], list[_Problem]]:
    return group.students, [problems[id_] for id_ in group.problems]


def _legend() -> list[tuple[str, str]]:
    """Each mark once, with all that it stands for."""
    badges: dict[str, list[str]] = {}
    for words in VERDICTS.values():
        badges.setdefault(words.mark, []).append(words.badge)
    return [(mark, " or ".join(said)) for mark, said in badges.items()]


def _link(student: str) -> Markup:
    """A student's name, leading to the student's page."""
    address = quote(student[:_LONGEST_NAME], safe="", errors="replace")
    return Markup('<a href="feedback/{}.html">{}</a>').format(address, one_line(student) or "(no name)")


def _row_maker(summary: ClassSummary) -> Callable[[Row], Markup]:
    """What makes a row of the table of students.

    It is written here and not in the template, since a class has a hundred thousand cells, of which only a few are
    different; these are made once.
    """
    ids = [problem.id for problem in summary.problems]
    cells: dict[tuple[Verdict, Fraction] | None, str] = {None: "<td></td>"}

    def cell(key: tuple[Verdict, Fraction] | None) -> str:
        if key not in cells:
            assert key is not None
            words = VERDICTS[key[0]]
            cells[key] = f"<td class={words.tone}>{words.mark} {points(key[1])}</td>"
        return cells[key]

    def row(item: Row) -> Markup:
        mistakes = f' data-m="{" ".join(map(str, item.mistakes))}"' if item.mistakes else ""
        score = _STATUSES.get(item.status) or f"{points(item.score)} of {points(item.max_score)}"
        middle = "".join(cell(item.cells.get(id_)) for id_ in ids)
        # Numbers, words of our own, and a name that is escaped.
        return Markup(
            f"<tr{mistakes}><th scope=row>{_link(item.student)}</th>{middle}<td class=number>{score}</td></tr>"
        )

    return row
