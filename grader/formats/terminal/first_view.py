"""What `grader check` prints of several problems: points, where to start, one in full, two lines on the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby, islice

from rich.console import Console
from rich.text import Text

from grader.core.text import one_line
from grader.formats.terminal.lines import Lines, Screen, print_lines
from grader.formats.terminal.student import (
    find_missing,
    make_headline,
    print_report,
    say_folded,
    show_hints,
    show_missing,
    show_output,
    show_problem,
    show_totals,
    show_trouble,
)
from grader.reports.feedback import explain
from grader.reports.report import ProblemReport, Report


def print_first_view(console: Console, report: Report, hints: int, plot: bool, everything: bool) -> None:
    """Print one submission for its author, who has time for one thing next.

    Args:
        hints: how many of each problem's hints to show.
        plot: draw the remainder.
        everything: show all problems in full.
    """
    if everything or len(report.problems) < 2 or report.status != "graded":
        print_report(console, report, hints, plot)
        return
    screen = Screen(console.width, console.options.ascii_only)
    print_lines(console, _show(screen, report, hints, plot))


def _show(screen: Screen, report: Report, hints: int, plot: bool) -> Lines:
    yield from show_trouble(screen, report)
    # Without its empty line: nothing is above it.
    yield from islice(show_totals(screen, report), 1, None)

    missing = () if hints else find_missing(report.problems)
    written = [problem for problem in report.problems if problem not in missing]
    first = choose_first(written)
    if first is not None:
        yield from screen.wrap(Text("Start with ").append(one_line(first.function), "bold").append(":"))
        yield Text()
        yield from show_problem(screen, first, hints, plot)

    others = [problem for problem in written if problem is not first]
    for is_right, alike in groupby(others, key=lambda problem: problem.verdict == "right"):
        for problem in alike:
            yield from _show_briefly(screen, problem, hints)
        if is_right:
            yield Text()
    if missing:
        yield from show_missing(screen, missing, report)

    yield from show_output(screen, report)
    if any(problem.verdict != "right" for problem in others):
        yield from screen.wrap(Text("All of them in full: --all; one of them: --problem ID.", "dim"))
        yield Text()


def choose_first(problems: Sequence[ProblemReport]) -> ProblemReport | None:
    """The problem to go on with: the first that is begun and not right, else the first that is not there."""
    unfinished = [problem for problem in problems if problem.verdict != "right"]
    begun = [problem for problem in unfinished if problem.verdict != "missing"]
    return next(chain(begun, unfinished), None)


def _show_briefly(screen: Screen, problem: ProblemReport, hints: int) -> Lines:
    """What is wrong and what to do next, in two lines; one if it is right."""
    if problem.verdict == "right":
        yield from show_problem(screen, problem, hints)
        return

    explanation = explain(problem, say_folded(problem, hints))
    first, *others = screen.wrap(make_headline(problem, explanation))
    yield first

    # What is wrong goes on in the second line if need be: the next step may be cut instead.
    step = explanation.step
    if not step and explanation.failure:
        step = one_line(explanation.failure.place)
    if step:
        others.append(Text(one_line(step, 400), "dim"))
    if others:
        yield _clip(screen, Text("  ").append_text(Text(" ").join(others)))

    if hints and problem.is_judged:
        yield from show_hints(screen, problem, hints)
    yield Text()


def _clip(screen: Screen, line: Text) -> Text:
    line.truncate(max(screen.width, 10), overflow="ellipsis")
    return line
