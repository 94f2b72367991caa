"""A class in the terminal: a row per student, then a line per problem."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.core.text import one_line
from grader.formats.terminal.lines import print_text
from grader.reports.class_summary import ClassSummary, ProblemSummary, Row, summarise
from grader.reports.feedback import VERDICTS
from grader.reports.report import Report, points

_MOST_ROWS = 40
_MOST_ATTENTION = 10


def print_class_summary(console: Console, reports: Iterable[Report]) -> None:
    """A table of students, then for each problem the share right and the commonest diagnosis.

    Of more than 40 students only the first 40 by score are shown, and the number of the rest.
    """
    summary = summarise(reports)
    if not summary.rows:
        console.print(Text("No submissions."))
        return
    rows = sorted(summary.rows, key=lambda row: (-row.score, row.student))
    console.print(_make_table(console, summary, rows[:_MOST_ROWS]))
    console.print(Text(_make_legend(console), "dim"))
    if len(rows) > _MOST_ROWS:
        console.print(
            Text(f"… and {len(rows) - _MOST_ROWS} more students with lower or equal scores.", "dim")
        )
    console.print()
    for number, problem in enumerate(summary.problems, start=1):
        _print_problem(console, number, problem, summary)
    _print_attention(console, summary)


def _make_legend(console: Console) -> str:
    shown = [words for verdict, words in VERDICTS.items() if verdict not in {"inconclusive", "grader_error"}]
    marks = [f"{words.ascii if console.options.ascii_only else words.mark} {words.badge}" for words in shown]
    return "  ".join([*marks, "? up to the grader"])


def _make_table(console: Console, summary: ClassSummary, rows: list[Row]) -> Table:
    """Students and their verdicts; points beside the marks only where the console is wide enough."""
    plain = console.options.ascii_only
    table = Table(box=box.ASCII2 if plain else box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    name_width = min(max(len(one_line(row.student)) for row in rows), 24)
    total_width = max(len(_make_total(row)) for row in rows)
    widths = [_find_width(rows, problem) for problem in summary.problems]
    roomy = max(name_width, 7) + 2 + total_width + sum(width + 2 for width in widths) + 2 <= console.width
    table.add_column("student", overflow="ellipsis", no_wrap=True, max_width=24)
    for number, _ in enumerate(summary.problems, start=1):
        table.add_column(str(number), no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    for row in rows:
        cells = [_make_cell(row, problem.id, roomy, plain) for problem in summary.problems]
        table.add_row(Text(one_line(row.student)), *cells, _make_total(row))
    return table


def _find_width(rows: list[Row], problem: ProblemSummary) -> int:
    return max(len(_make_cell(row, problem.id, roomy=True, plain=True)) for row in rows)


def _make_cell(row: Row, problem: str, roomy: bool, plain: bool) -> Text:
    if problem not in row.cells:
        return Text("")
    verdict, score = row.cells[problem]
    words = VERDICTS[verdict]
    text = Text(words.ascii if plain else words.mark, words.style)
    return text.append(f" {_short(float(score))}", "default") if roomy else text


def _make_total(row: Row) -> Text:
    if row.status == "graded":
        return Text(f"{_short(float(row.score))}/{points(row.max_score)}", "bold")
    return Text("not graded", "magenta" if row.status == "grader_error" else "red")


def _short(score: float) -> str:
    return f"{score:.2f}".rstrip("0").rstrip(".")


def _print_problem(console: Console, number: int, problem: ProblemSummary, summary: ClassSummary) -> None:
    line = Text(f"{number} ", "dim").append(one_line(problem.id), "bold not dim")
    right = f"{problem.share_right:.0%} right" if problem.judged else "nobody could be judged"
    line.append(f": {right}", "not bold not dim")
    if common := summary.commonest(problem.id):
        who = f"{common.students} student{'s' if common.students != 1 else ''}"
        line.append(f"; commonest ({who}): ", "not bold not dim").append(
            common.message, "not bold italic not dim"
        )
    print_text(console, line)


def _print_attention(console: Console, summary: ClassSummary) -> None:
    if not summary.attention:
        return
    console.print()
    console.print(Text("To look at:", "bold"))
    for student, reason in summary.attention[:_MOST_ATTENTION]:
        print_text(console, Text(f"{one_line(student, 60)}: {reason}"), indent=2)
    if len(summary.attention) > _MOST_ATTENTION:
        console.print(Text(f"  … and {len(summary.attention) - _MOST_ATTENTION} more.", "dim"))
