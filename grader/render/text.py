"""Reports in the terminal: one submission for a student, one table for a class."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.render.chart import ASCII_MARKS, MARKS, draw_chart
from grader.render.clean import clip_lines, one_line
from grader.render.numbers import Grid, elide, format_number, make_grids, make_pair
from grader.render.words import (
    OUTCOMES,
    VERDICTS,
    Words,
    choose_problems,
    explain,
    explain_file,
    find_case,
    say_headline,
    say_message,
    say_remainder,
)
from grader.report import Counterexample, Failure, Finding, ProblemReport, Report, points

_BRACKETS = (("⎡", "⎤"), ("⎢", "⎥"), ("⎣", "⎦"))
_OUTPUT_LINES = 20
_WIDEST = 100
"""Longer lines of prose are hard to read; matrices take what there is."""
_NARROW = 64
"""Below this width the messages of checks stand on lines of their own."""
_ASK = "Work the smallest case by hand and compare; a hint is shown with --hint."


def print_report(console: Console, report: Report, hints: int | None = None) -> None:
    """One submission for its author: each problem with its reason and next step, then a table of points.

    Args:
        hints: how many of each problem's hints to show; None where nobody can ask for more, which shows the first
            one where nothing better is known.
    """
    if trouble := explain_file(report):
        print_text(console, Text(trouble, "bold red" if report.status != "graded" else "yellow"))
        _print_place(console, report.error)
        console.print()
    problems = choose_problems(report)
    missing = () if hints else find_missing(problems)
    before = ""
    for problem in problems:
        if problem in missing:
            continue
        if before == "right" and problem.verdict != "right":
            console.print()
        _print_problem(console, problem, hints)
        before = problem.verdict
    if missing:
        if before == "right":
            console.print()
        _print_missing(console, missing)
    if report.output.strip():
        print_text(console, Text("What your code printed:", "dim"))
        print_text(console, Text(clip_lines(report.output, _OUTPUT_LINES)), indent=2)
        console.print()
    if report.problems:
        console.print(_make_totals(console, report))


def student_text(report: Report) -> str:
    """What `print_report` shows, as plain text 80 columns wide."""
    return _capture(lambda console: print_report(console, report))


def problem_screen(problem: ProblemReport) -> str:
    """One problem as `print_report` shows it, as plain text 80 columns wide."""
    return _capture(lambda console: _print_problem(console, problem, hints=None)).rstrip()


def _capture(show: Callable[[Console], None]) -> str:
    out = io.StringIO()
    show(Console(file=out, width=80, force_terminal=False, color_system=None, legacy_windows=False))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def print_text(console: Console, text: Text, indent: int = 0, widest: int = _WIDEST) -> None:
    """Wrapped text, every line indented; unlike rich's padding it leaves no spaces at the ends of lines."""
    for line in text.wrap(console, max(min(console.width, widest) - indent, 10)):
        line.rstrip()
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)


def _mark(console: Console, words: Words) -> Text:
    return Text(words.ascii if console.options.ascii_only else words.mark, words.style)


def _print_place(console: Console, failure: Failure | None) -> None:
    """The line of the student's file at which it failed."""
    if failure is None or not (failure.place or failure.text.strip()):
        return
    place = Text(f"{one_line(failure.place) or 'there'}:  ", "dim")
    print_text(console, place.append(one_line(failure.text, 200), "bold not dim"), indent=2)


def find_missing(problems: Sequence[ProblemReport]) -> tuple[ProblemReport, ...]:
    """The problems whose functions are not there, if they are several: a sentence each would say the same again."""
    missing = tuple(p for p in problems if p.verdict == "missing" and not (p.error and _is_telling(p.error)))
    return missing if len(missing) > 1 else ()


def _is_telling(failure: Failure) -> bool:
    """Whether it says more than that there is no such function."""
    return failure.kind != "missing" or "did you mean" in failure.message


def _print_missing(console: Console, missing: Sequence[ProblemReport]) -> None:
    names = [one_line(problem.function) for problem in missing]
    line = Text("Not there yet: ", VERDICTS["missing"].style)
    print_text(console, line.append(f"{', '.join(names[:-1])} and {names[-1]}.", "default"))
    print_text(console, Text("Write these functions, with exactly these names."), indent=2)
    console.print()


def _print_hints(console: Console, problem: ProblemReport, most: int) -> None:
    """The first hints, each with its number; and how to see the next one."""
    total = len(problem.hints)
    for number, hint in enumerate(problem.hints[:most], start=1):
        label = Text(f"Hint {number} of {total}: ", "bold")
        print_text(console, label.append(one_line(hint), "not bold"), indent=2)
    if most < total:
        print_text(console, Text(f"The next one: {' '.join(['--hint'] * (most + 1))}", "dim"), indent=2)
    elif not total:
        print_text(console, Text("This problem has no hints.", "dim"), indent=2)


def _print_problem(console: Console, problem: ProblemReport, hints: int | None) -> None:
    explanation = explain(problem, hints is None, _ASK if not hints else _ASK.partition(";")[0] + ".")
    if problem.verdict == "right":
        score = f"{points(problem.score)} of {points(problem.max_score)} points."
        print_text(console, _make_headline(problem, score))
        for finding in problem.findings:
            if finding.outcome == "failed":  # a check without points: worth knowing all the same
                print_text(console, Text(f"Note: {say_message(problem, finding)}", "dim"), indent=2)
        return
    print_text(console, _make_headline(problem, explanation.lead))
    _print_place(console, explanation.failure)
    print_text(console, Text(explanation.step), indent=2)
    if hints and VERDICTS[problem.verdict].tone != "ours":
        _print_hints(console, problem, hints)
    if case := find_case(problem):
        _print_case(console, case)
    _print_picture(console, problem)
    if problem.findings and problem.verdict not in {"error", "missing"}:  # there each would say the same
        _print_checks(console, problem)
    if problem.reproduce:
        console.print()
        # One unbroken line, so that it can be copied whole.
        console.print(
            Text("  Again: ", "dim").append(one_line(problem.reproduce, 400), "not dim cyan"), soft_wrap=True
        )
    console.print()


def _print_picture(console: Console, problem: ProblemReport) -> None:
    """The definition of the derivative as a chart: the remainder of the answer beside the right one's."""
    said, rest = say_remainder(problem), problem.remainder
    if said is None or rest is None or rest.yours is None:
        return
    marks = ASCII_MARKS if console.options.ascii_only else MARKS
    chart = draw_chart(rest.distance, rest.yours, rest.right, console.width - 4, marks)
    yours, right = said
    console.print()
    if not chart:  # too narrow
        print_text(console, Text(f"The remainders as h falls: {yours}; {right}.", "dim"), indent=2)
        return
    print_text(console, Text("The remainder ‖f(A + hV) − f(A) − h·L(V)‖ against ‖hV‖:"), indent=2)
    for line in chart:
        console.print(Text(f"    {line}"), soft_wrap=True)
    print_text(console, Text(f"{marks.first} {yours}; {marks.second} {right}.", "dim"), indent=2)


def _make_headline(problem: ProblemReport, lead: str) -> Text:
    name, verdict, rest = say_headline(problem, lead)
    style = f"not bold {VERDICTS[problem.verdict].style}"
    return Text(name, "bold").append(verdict, style).append(rest, "not bold")


def _print_checks(console: Console, problem: ProblemReport) -> None:
    console.print()
    if console.width < _NARROW:
        for finding in problem.findings:
            line = Text("  ").append_text(_mark(console, OUTCOMES[finding.outcome]))
            line.append(f"  {one_line(finding.check)}  {_share(finding)}".rstrip(), "default not dim")
            print_text(console, line)
            print_text(console, Text(say_message(problem, finding), "dim"), indent=5)
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(max_width=max(10, console.width // 4))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(max_width=_WIDEST)
    for finding in problem.findings:
        table.add_row(
            _mark(console, OUTCOMES[finding.outcome]),
            Text(one_line(finding.check)),
            Text(_share(finding)),
            Text(say_message(problem, finding), "dim"),
        )
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _share(finding: Finding) -> str:
    return f"{points(finding.score)}/{points(finding.max_score)}" if finding.max_score else ""


def _make_totals(console: Console, report: Report) -> Table:
    frame = box.ASCII2 if console.options.ascii_only else box.SIMPLE_HEAD
    table = Table(box=frame, show_footer=True, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", "")
    table.add_column("problem", Text("total"))
    narrow = console.width < _NARROW  # the mark says it as well
    if not narrow:
        table.add_column("verdict", Text(""))
    score = f"{points(report.score)} of {points(report.max_score)}"
    table.add_column("points", Text(score), justify="right", no_wrap=True)
    for problem in report.problems:
        words = VERDICTS[problem.verdict]
        score = f"{points(problem.score)} of {points(problem.max_score)}"
        said = () if narrow else (Text(words.badge, words.style),)
        table.add_row(_mark(console, words), Text(one_line(problem.id)), *said, Text(score))
    return table


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of equal width; `base` is the line on which its label stands."""

    lines: tuple[Text, ...]
    base: int

    @property
    def width(self) -> int:
        return max(line.cell_len for line in self.lines)


def _print_case(console: Console, case: Counterexample) -> None:
    """The smallest case: inputs → your answer and the right one, beside each other as far as they fit."""
    ascii_only, room = console.options.ascii_only, console.width - 4
    answer, right = make_pair(case.answer, case.right, case.tolerance)
    marked = any(grid.some_off for grid in answer)
    given = [
        block
        for name, value in case.inputs.items()
        for block in _make_blocks(one_line(name), " = ", make_grids(value), room, ascii_only)
    ]
    back = _make_blocks("you", ": ", answer, room - 3, ascii_only)
    if case.right is not None:
        back += _make_blocks("right", ": ", right, room - 3, ascii_only)
    arrow = _Block((Text("->" if ascii_only else "→"),), 0)
    console.print()
    print_text(console, Text("Smallest case:"), indent=2)
    for row in _fill_rows(given, [arrow, *back], room):
        print_text(console, row, indent=4, widest=console.width)
    notes = [
        f"{_fences(ascii_only)[0]} {_fences(ascii_only)[1]} marks the entries that differ." if marked else ""
    ]
    if case.error is not None and case.tolerance is not None and case.error > case.tolerance:
        off = f"Off by {format_number(case.error, 3)} where {format_number(case.tolerance, 2)} is allowed."
        notes.append(off)
    if note := " ".join(filter(None, notes)):
        print_text(console, Text(note, "dim"), indent=2)


def _fences(ascii_only: bool) -> tuple[str, str]:
    return ("<", ">") if ascii_only else ("‹", "›")


def _make_blocks(name: str, sign: str, grids: Sequence[Grid], room: int, ascii_only: bool) -> list[_Block]:
    return [_fit_block(f"{name}{grid.index}{sign}", grid, room, ascii_only) for grid in grids]


def _fit_block(label: str, grid: Grid, room: int, ascii_only: bool) -> _Block:
    """The grid with its label, with as many columns as fit."""
    block = _make_block(label, grid, ascii_only)
    for columns in range(len(grid.rows[0]) - 1 if grid.rows else 0, 1, -1):
        if block.width <= room:
            break
        block = _make_block(label, elide(grid, columns=columns), ascii_only)
    return block


def _make_block(label: str, grid: Grid, ascii_only: bool) -> _Block:
    fences = _fences(ascii_only) if grid.some_off else ("", "")
    texts = [[fences[0] + c.text + fences[1] if c.off else c.text for c in row] for row in grid.rows]
    if ascii_only:
        texts = [
            [text.replace("…", "..").replace("·", "*").replace("↦", "->") for text in row] for row in texts
        ]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    base = max(len(texts) - 1, 0) // 2
    lines = []
    for i, (row, cells) in enumerate(zip(texts, grid.rows, strict=True)):
        line = Text(label if i == base else " " * len(label))
        left, right = _brackets(i, len(texts), ascii_only)
        line.append("" if grid.bare else left + " ")
        for j, (text, cell) in enumerate(zip(row, cells, strict=True)):
            line.append("  " if j else "").append(" " * (widths[j] - len(text)))
            line.append(text, "bold red" if cell.off else None)
        lines.append(line.append("" if grid.bare else " " + right))
    return _Block(tuple(lines) or (Text(label + "[ ]"),), base)


def _brackets(i: int, count: int, ascii_only: bool) -> tuple[str, str]:
    if count == 1 or ascii_only:
        return "[", "]"
    return _BRACKETS[0 if i == 0 else 2 if i == count - 1 else 1]


def _fill_rows(given: list[_Block], back: list[_Block], room: int) -> list[Text]:
    """Everything in one row if it fits; else the inputs first, then what came back."""
    if sum(block.width + 3 for block in [*given, *back]) - 3 <= room:
        return [_beside([*given, *back])]
    rows: list[Text] = []
    for blocks in (given, back):
        before = len(rows)
        row: list[_Block] = []
        for block in blocks:
            if row and sum(other.width + 3 for other in row) + block.width > room:
                rows.append(_beside(row))
                row = []
            row.append(block)
        if row:
            rows.append(_beside(row))
        if blocks is back:  # `right` below `you`, as it would be without the arrow
            rows[before + 1 :] = [_indent(text, back[0].width + 1) for text in rows[before + 1 :]]
    return rows


def _indent(text: Text, columns: int) -> Text:
    lines = [Text(" " * columns).append_text(line) for line in text.split("\n")]
    return Text("\n", no_wrap=True).join(lines)


def _beside(blocks: Sequence[_Block]) -> Text:
    above = max(block.base for block in blocks)
    below = max(len(block.lines) - block.base for block in blocks)
    lines = [Text() for _ in range(above + below)]
    for i, block in enumerate(blocks):
        first = above - block.base
        for j, line in enumerate(lines):
            line.append("   " if i else "")
            inside = block.lines[j - first] if first <= j < first + len(block.lines) else Text()
            line.append_text(inside).append(" " * (block.width - inside.cell_len))
    for line in lines:
        line.rstrip()
    return Text("\n", no_wrap=True).join(lines)
