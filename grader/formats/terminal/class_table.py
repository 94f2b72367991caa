"""A class in the terminal: a row per student, then a line per problem."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.core.text import count, name_key, one_line
from grader.formats.terminal.lines import Screen, print_text
from grader.reports.class_summary import ClassSummary, ProblemSummary, Row, summarise
from grader.reports.feedback import VERDICTS
from grader.reports.report import Report, points

_MOST_ROWS = 40
_MOST_ATTENTION = 10
_WIDEST_NAME = 24


def print_class_summary(console: Console, reports: Iterable[Report]) -> None:
    """Print a table of students, then for each problem the share right and the commonest diagnosis.

    Of more than 40 students only the first 40 by score are shown, and the number of the rest.
    """
    summary = summarise(reports)
    if not summary.rows:
        console.print(Text("No submissions."))
        return

    rows = sorted(summary.rows, key=lambda row: (-row.score, name_key(row.label or row.student)))
    console.print(_make_table(console, summary, rows[:_MOST_ROWS]))
    console.print(Text(_make_legend(console.options.ascii_only), "dim"))
    if len(rows) > _MOST_ROWS:
        more = f"… and {len(rows) - _MOST_ROWS} more students with lower or equal scores."
        console.print(Text(more, "dim"))

    console.print()
    for number, problem in enumerate(summary.problems, start=1):
        _print_problem(console, number, problem, summary)
    _print_attention(console, summary)


def _make_legend(ascii_only: bool) -> str:
    styles = (VERDICTS[verdict] for verdict in ("right", "loses_digits", "wrong", "error", "missing"))
    marks = [f"{style.ascii if ascii_only else style.mark} {style.badge}" for style in styles]
    return "  ".join([*marks, "? undecided by the grader"])


def _make_table(console: Console, summary: ClassSummary, rows: list[Row]) -> Table:
    """Students and their verdicts; points beside the marks only where the console is wide enough."""
    screen = Screen(console.width, console.options.ascii_only)
    frame = box.ASCII2 if screen.ascii else box.SIMPLE_HEAD
    table = Table(box=frame, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("student", overflow="ellipsis", no_wrap=True, max_width=_WIDEST_NAME)
    for number, _ in enumerate(summary.problems, start=1):
        table.add_column(str(number), no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)

    has_room = _full_width(summary, rows) <= screen.width
    for row in rows:
        cells = []
        for problem in summary.problems:
            mark, score = _make_cell(screen, row, problem.id)
            cells.append(mark.append(score, "default") if has_room else mark)
        table.add_row(Text(one_line(row.label)), *cells, _make_total(row))
    return table


def _full_width(summary: ClassSummary, rows: list[Row]) -> int:
    """The columns that the table takes with points beside the marks."""
    screen = Screen(0, ascii=True)
    names = max(len(one_line(row.label)) for row in rows)
    width = max(min(names, _WIDEST_NAME), len("student")) + 2
    width += max(len(_make_total(row)) for row in rows) + 2
    for problem in summary.problems:
        cells = (_make_cell(screen, row, problem.id) for row in rows)
        width += max(len(mark) + len(score) for mark, score in cells) + 2
    return width


def _make_cell(screen: Screen, row: Row, problem: str) -> tuple[Text, str]:
    """The mark and the points of a student for a problem."""
    if problem not in row.cells:
        return Text(""), ""
    verdict, score = row.cells[problem]
    return screen.mark(VERDICTS[verdict]), f" {_short(score)}"


def _make_total(row: Row) -> Text:
    if not row.counts:
        return Text("not graded", "magenta")
    style = "bold red" if row.status == "ungradable" else "bold"
    return Text(f"{_short(row.score)}/{points(row.max_score)}", style)


def _short(score: Fraction) -> str:
    return f"{float(score):.2f}".rstrip("0").rstrip(".")


def _print_problem(console: Console, number: int, problem: ProblemSummary, summary: ClassSummary) -> None:
    line = Text(f"{number} ", "dim").append(one_line(problem.id), "bold not dim")
    right = f"{problem.share_right:.0%} right" if problem.judged else "nobody could be judged"
    line.append(f": {right}", "not bold not dim")

    if common := summary.commonest(problem.id):
        line.append(f"; most common ({count(common.students, 'student')}): ", "not bold not dim")
        line.append(common.message, "not bold italic not dim")
    print_text(console, line)


def _print_attention(console: Console, summary: ClassSummary) -> None:
    if not summary.attention:
        return

    labels = {row.student: row.label for row in summary.rows}
    console.print()
    console.print(Text("To look at:", "bold"))
    for student, reason in summary.attention[:_MOST_ATTENTION]:
        print_text(console, Text(f"{one_line(labels.get(student, student), 60)}: {reason}"), indent=2)
    if len(summary.attention) > _MOST_ATTENTION:
        console.print(Text(f"  … and {len(summary.attention) - _MOST_ATTENTION} more.", "dim"))
