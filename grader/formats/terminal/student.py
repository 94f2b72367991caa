"""Reports in the terminal: one submission for a student; see `text_class` for a class.

Everything is lines of styled text, which a console prints, and of which plain text is made without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from grader.core.text import clip_lines, one_line
from grader.formats.terminal.chart import ASCII_MARKS, MARKS, draw_chart
from grader.formats.terminal.matrices import draw_case, fences
from grader.reports.feedback import (
    OUTCOMES,
    VERDICTS,
    Explanation,
    VerdictStyle,
    choose_problems,
    explain,
    explain_file,
    find_case,
    say_headline,
    say_message,
    say_remainder,
)
from grader.reports.numbers import format_number
from grader.reports.report import Counterexample, Failure, Finding, ProblemReport, Report, points

_OUTPUT_LINES = 20
_WIDEST = 100
"""Longer lines of prose are hard to read; matrices take what there is."""
_NARROW = 64
"""Below this width the messages of checks stand on lines of their own, and a mark is all there is of a verdict."""
_COMPARE = "Work the smallest case by hand and compare"
_PLAIN = Console(width=80, color_system=None, force_terminal=False, legacy_windows=False, no_color=True)
"""Only wraps, never prints."""

Lines = Iterator[Text]


@dataclass(frozen=True, slots=True)
class Screen:
    """What lines are laid out for."""

    width: int
    ascii: bool

    def wrap(self, text: Text, indent: int = 0, widest: int = _WIDEST) -> Lines:
        """Wrapped text, every line indented, without spaces at the ends of lines."""
        room = max(min(self.width, widest) - indent, 10)
        short = text.cell_len <= room and "\n" not in text.plain
        for line in (text,) if short else text.wrap(_PLAIN, room):
            line.rstrip()
            yield Text(" " * indent).append_text(line)

    def mark(self, words: VerdictStyle) -> Text:
        """The character that stands for a verdict or an outcome."""
        return Text(words.ascii if self.ascii else words.mark, words.style)


def print_report(console: Console, report: Report, hints: int | None = None) -> None:
    """One submission for its author: each problem with its reason and next step, then a table of points.

    Args:
        hints: how many of each problem's hints to show; None where nobody can ask for more, which shows the first
            one where nothing better is known.
    """
    screen = Screen(console.width, console.options.ascii_only)
    _print(console, _show_report(screen, report, hints))


def student_text(report: Report) -> str:
    """What `print_report` shows, as plain text 80 columns wide."""
    return _join(_show_report(Screen(80, ascii=False), report, None))


def problem_screen(problem: ProblemReport) -> str:
    """One problem as `print_report` shows it, as plain text 80 columns wide."""
    return _join(_show_problem(Screen(80, ascii=False), problem, None)).rstrip()


def case_text(case: Counterexample, width: int = 80) -> str:
    """The smallest case as `print_report` shows it: rows of matrices indented by four, sentences by two."""
    return _join(_show_case(Screen(width, ascii=False), case))


def print_text(console: Console, text: Text, indent: int = 0) -> None:
    """Wrapped text, every line indented; unlike rich's padding it leaves no spaces at the ends of lines."""
    _print(console, Screen(console.width, console.options.ascii_only).wrap(text, indent))


def _print(console: Console, lines: Iterable[Text]) -> None:
    console.print(Text("\n").join(lines), soft_wrap=True)


def _join(lines: Iterable[Text]) -> str:
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)


def _show_report(screen: Screen, report: Report, hints: int | None) -> Lines:
    if trouble := explain_file(report):
        yield from screen.wrap(Text(trouble, "bold red" if report.status != "graded" else "yellow"))
        yield from _show_place(screen, report.error)
        yield Text()
    problems = choose_problems(report)
    missing = () if hints else _find_missing(problems)
    before = ""
    for problem in problems:
        if problem in missing:
            continue
        if before == "right" and problem.verdict != "right":
            yield Text()
        yield from _show_problem(screen, problem, hints)
        before = problem.verdict
    if missing:
        if before == "right":
            yield Text()
        yield from _show_missing(screen, missing)
    if report.output.strip():
        yield from screen.wrap(Text("What your code printed:", "dim"))
        yield from screen.wrap(Text(clip_lines(report.output, _OUTPUT_LINES)), indent=2)
        yield Text()
    score = f"{points(report.score)} of {points(report.max_score)} points."
    # A table would say of every problem, or of the only one, what is said above.
    if report.status == "ungradable":
        yield Text(score)
        yield Text()
    elif len(report.problems) == 1:
        if (verdict := report.problems[0].verdict) != "right":
            words = VERDICTS[verdict]
            yield screen.mark(words).append(f" {words.badge}: ").append(score, "default not bold")
            yield Text()
    elif report.problems:
        yield from _show_totals(screen, report)


def _show_place(screen: Screen, failure: Failure | None) -> Lines:
    """The line of the student's file at which it failed."""
    if failure is None or not (failure.place or failure.text.strip()):
        return
    place = Text(f"{one_line(failure.place) or 'there'}:  ", "dim")
    yield from screen.wrap(place.append(one_line(failure.text, 200), "bold not dim"), indent=2)


def _find_missing(problems: Sequence[ProblemReport]) -> tuple[ProblemReport, ...]:
    """The problems whose functions are not there, if they are several: a sentence each would say the same again."""
    missing = tuple(p for p in problems if p.verdict == "missing" and not (p.error and _is_telling(p.error)))
    return missing if len(missing) > 1 else ()


def _is_telling(failure: Failure) -> bool:
    """Whether it says more than that there is no such function."""
    return failure.kind != "missing" or bool(failure.suggestion)


def _show_missing(screen: Screen, missing: Sequence[ProblemReport]) -> Lines:
    names = [one_line(problem.function) for problem in missing]
    line = Text("Not there yet: ", VERDICTS["missing"].style)
    yield from screen.wrap(line.append(f"{', '.join(names[:-1])} and {names[-1]}.", "default"))
    yield from screen.wrap(Text("Write these functions, with exactly these names."), indent=2)
    yield Text()


def _show_hints(screen: Screen, problem: ProblemReport, most: int) -> Lines:
    """The first hints, each with its number; and how to see the next one."""
    total = len(problem.hints)
    for number, hint in enumerate(problem.hints[:most], start=1):
        label = Text(f"Hint {number} of {total}: ", "bold")
        yield from screen.wrap(label.append(one_line(hint), "not bold"), indent=2)
    if most < total:
        yield from screen.wrap(Text(f"The next one: {' '.join(['--hint'] * (most + 1))}", "dim"), indent=2)
    elif not total:
        yield from screen.wrap(Text("This problem has no hints.", "dim"), indent=2)


def _show_problem(screen: Screen, problem: ProblemReport, hints: int | None) -> Lines:
    folded = f"{_COMPARE}." if hints else f"{_COMPARE}; a hint is shown with --hint."
    explanation = explain(problem, hints is None, folded)
    if problem.verdict == "right":
        score = f"{points(problem.score)} of {points(problem.max_score)} points."
        yield from screen.wrap(_make_headline(problem, Explanation(score)))
        for finding in problem.findings:
            if finding.outcome == "failed":  # a check without points: worth knowing all the same
                yield from screen.wrap(Text(f"Note: {say_message(finding)}", "dim"), indent=2)
        return
    yield from screen.wrap(_make_headline(problem, explanation))
    yield from _show_place(screen, explanation.failure)
    yield from screen.wrap(Text(explanation.step), indent=2)
    if hints and VERDICTS[problem.verdict].tone != "ours":
        yield from _show_hints(screen, problem, hints)
    if case := find_case(problem):
        yield from _show_case(screen, case)
    yield from _show_picture(screen, problem)
    if problem.findings and problem.verdict not in {"error", "missing"}:  # there each would say the same
        yield from _show_checks(screen, problem)
    if problem.reproduce:
        yield Text()
        # One unbroken line, so that it can be copied whole.
        yield Text("  Again: ", "dim").append(one_line(problem.reproduce, 400), "not dim cyan")
    yield Text()


def _show_picture(screen: Screen, problem: ProblemReport) -> Lines:
    """The definition of the derivative as a chart: the remainder of the answer beside the right one's."""
    said, rest = say_remainder(problem), problem.remainder
    if said is None or rest is None or rest.yours is None:
        return
    marks = ASCII_MARKS if screen.ascii else MARKS
    chart = draw_chart(rest.distance, rest.yours, rest.right, screen.width - 4, marks)
    yours, right = said
    yield Text()
    if not chart:  # too narrow
        yield from screen.wrap(Text(f"The remainders as h falls: {yours}; {right}.", "dim"), indent=2)
        return
    yield from screen.wrap(Text("The remainder ‖f(A + hV) − f(A) − h·L(V)‖ against ‖hV‖:"), indent=2)
    yield from (Text(f"    {line}") for line in chart)
    yield from screen.wrap(Text(f"{marks.first} {yours}; {marks.second} {right}.", "dim"), indent=2)


def _make_headline(problem: ProblemReport, explanation: Explanation) -> Text:
    name, verdict, rest = say_headline(problem, explanation)
    style = f"not bold {VERDICTS[problem.verdict].style}"
    return Text(name, "bold").append(verdict, style).append(rest, "not bold")


def _show_checks(screen: Screen, problem: ProblemReport) -> Lines:
    yield Text()
    if screen.width < _NARROW:
        for finding in problem.findings:
            line = Text("  ").append_text(screen.mark(OUTCOMES[finding.outcome]))
            line.append(f"  {one_line(finding.check)}  {_share(finding)}".rstrip(), "default not dim")
            yield from screen.wrap(line)
            yield from screen.wrap(Text(say_message(finding), "dim"), indent=5)
        return
    names = [one_line(finding.check) for finding in problem.findings]
    first = min(max(map(len, names)), max(10, screen.width // 4))
    second = max(len(_share(finding)) for finding in problem.findings)
    indent = 2 + 3 + first + 2 + second + 2
    for name, finding in zip(names, problem.findings, strict=True):
        left = list(Screen(first, screen.ascii).wrap(Text(name)))
        said = Text(say_message(finding), "dim")
        right = list(Screen(screen.width - indent, screen.ascii).wrap(said))
        for k in range(max(len(left), len(right))):
            line = Text("  ").append_text(screen.mark(OUTCOMES[finding.outcome]) if k == 0 else Text(" "))
            line.append("  ").append_text(left[k] if k < len(left) else Text())
            line.append(" " * (5 + first - line.cell_len))
            line.append(f"  {_share(finding) if k == 0 else '':>{second}}  ", "default not dim")
            yield line.append_text(right[k]) if k < len(right) else line


def _share(finding: Finding) -> str:
    return f"{points(finding.score)}/{points(finding.max_score)}" if finding.max_score else ""


def _show_totals(screen: Screen, report: Report) -> Lines:
    """A line for each problem, between a head and the sum; verdicts in words where there is room for them."""
    scores = [f"{points(p.score)} of {points(p.max_score)}" for p in report.problems]
    total = f"{points(report.score)} of {points(report.max_score)}"
    words = [VERDICTS[problem.verdict] for problem in report.problems]
    last = max(map(len, (*scores, total, "points")))
    badge = 0 if screen.width < _NARROW else max(len("verdict"), *(len(item.badge) for item in words))
    room = screen.width - 3 - last - 3 - (badge + 2 if badge else 0)
    names = [one_line(problem.id, max(room, 8)) for problem in report.problems]
    first = max(map(len, (*names, "problem")))

    def line(mark: Text, name: str, verdict: Text, score: str) -> Text:
        row = Text(" ").append_text(mark).append(f"  {name:<{first}}", "default not bold")
        if badge:
            row.append("  ").append_text(verdict).append(" " * (badge - verdict.cell_len))
        return row.append(f"  {score:>{last}}", "default not bold")

    yield Text()
    yield line(Text(" "), "problem", Text("verdict"), "points")
    wide = first + last + 5 + (badge + 2 if badge else 0)
    yield Text(" " + ("-" if screen.ascii else "─") * wide)
    for name, item, score in zip(names, words, scores, strict=True):
        yield line(screen.mark(item), name, Text(item.badge, item.style), score)
    yield Text()
    yield line(Text(" "), "total", Text(), total)
    yield Text()


def _show_case(screen: Screen, case: Counterexample) -> Lines:
    """The smallest case, and what is to be said of its numbers."""
    rows, marked = draw_case(case, screen.width - 4, screen.ascii)
    yield Text()
    yield from screen.wrap(Text("Smallest case:"), indent=2)
    for row in rows:
        yield from screen.wrap(row, indent=4, widest=screen.width)
    around = fences(screen.ascii)
    notes = [f"{around[0]} {around[1]} marks the entries that differ." if marked else ""]
    if case.error is not None and case.tolerance is not None and case.error > case.tolerance:
        off = f"Off by {format_number(case.error, 3)} where {format_number(case.tolerance, 2)} is allowed."
        notes.append(off)
    if note := " ".join(filter(None, notes)):
        yield from screen.wrap(Text(note, "dim"), indent=2)
