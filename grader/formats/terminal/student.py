"""Reports in the terminal: one submission for a student; see `class_table` for a class.

Everything is lines of styled text, which a console prints, and of which plain text is made without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rich.console import Console
from rich.text import Text

from grader.core.text import clip_lines, one_line
from grader.formats.terminal.lines import Lines, Screen, join_lines, print_lines
from grader.formats.terminal.matrices import DrawnCase, lay_out_case
from grader.formats.terminal.plot import ASCII_MARKS, MARKS, draw_chart
from grader.reports.feedback import (
    OUTCOMES,
    VERDICTS,
    Explanation,
    choose_problems,
    explain,
    explain_file,
    find_case,
    say_comparison,
    say_deduction,
    say_headline,
    say_message,
    say_points,
    say_reading,
    say_remainder,
)
from grader.reports.glossary import words_for
from grader.reports.report import Counterexample, Failure, Finding, ProblemReport, Report, points

_OUTPUT_LINES = 20
_NARROW = 64
"""Below this width the messages of checks stand on lines of their own, and a mark is all there is of a verdict."""
_ON_PAPER = Screen(80, ascii=False)


def print_report(console: Console, report: Report, hints: int | None = None, plot: bool = True) -> None:
    """Print one submission for its author: each problem with its reason and next step, then a table of points.

    Args:
        hints: how many of each problem's hints to show; None where nobody can ask for more, which shows the first
            one where nothing better is known.
        plot: draw the remainder.
    """
    screen = Screen(console.width, console.options.ascii_only)
    print_lines(console, _show_report(screen, report, hints, plot))


def student_text(report: Report) -> str:
    """Render what `print_report` shows, as plain text 80 columns wide."""
    return join_lines(_show_report(_ON_PAPER, report, None, plot=True))


def problem_screen(problem: ProblemReport) -> str:
    """One problem as `print_report` shows it, as plain text 80 columns wide."""
    return join_lines(show_problem(_ON_PAPER, problem, None)).rstrip()


def plain_case(case: Counterexample, width: int) -> DrawnCase:
    """A case as `print_report` shows it on a screen of that width."""
    return lay_out_case(case, width - 4, ascii_only=False)


def _show_report(screen: Screen, report: Report, hints: int | None, plot: bool) -> Lines:
    yield from show_trouble(screen, report)
    yield from _show_problems(screen, report, hints, plot)
    yield from show_output(screen, report)
    yield from _show_score(screen, report)


def show_trouble(screen: Screen, report: Report) -> Lines:
    """What went wrong with the file as a whole, if anything did."""
    if trouble := explain_file(report):
        style = "yellow" if report.status == "graded" else "bold red"
        yield from screen.wrap(Text(trouble, style))
        yield from show_place(screen, report.error)
        yield Text()


def show_output(screen: Screen, report: Report) -> Lines:
    """The beginning of what was printed."""
    if report.output.strip():
        yield from screen.wrap(Text("What your code printed:", "dim"))
        yield from screen.wrap(Text(clip_lines(report.output, _OUTPUT_LINES)), indent=2)
        yield Text()


def _show_problems(screen: Screen, report: Report, hints: int | None, plot: bool) -> Lines:
    """Each problem, apart from the right ones above it, and at the end all that are not there."""
    problems = choose_problems(report)
    missing = () if hints else find_missing(problems)
    before = ""
    for problem in problems:
        if problem in missing:
            continue
        if before == "right" and problem.verdict != "right":
            yield Text()
        yield from show_problem(screen, problem, hints, plot)
        before = problem.verdict

    if missing:
        if before == "right":
            yield Text()
        yield from show_missing(screen, missing, report)


def find_missing(problems: Sequence[ProblemReport]) -> tuple[ProblemReport, ...]:
    """The problems whose functions are not there, if they are several: a sentence each would say the same again."""
    missing = tuple(p for p in problems if p.verdict == "missing" and not _is_telling(p.error))
    return missing if len(missing) > 1 else ()


def _is_telling(failure: Failure | None) -> bool:
    """True if it says more than that there is no such function."""
    return failure is not None and (failure.kind != "missing" or bool(failure.suggestion))


def show_missing(screen: Screen, missing: Sequence[ProblemReport], report: Report) -> Lines:
    """The functions that are not there, in one sentence, and in another those that the file stopped before."""
    unread = [problem for problem in missing if _is_unread(problem, report.error)]
    unwritten = [problem for problem in missing if problem not in unread]

    step = "Write these functions, with exactly these names."
    if report.file.lower().endswith(".txt"):
        step = "Write a line for each, such as f(A) = inv(A), with exactly these names."
    if unread:
        yield from _list_functions(
            screen, "Not read yet", unread, "Fix what stopped your file: they stand below it."
        )
    if unwritten:
        yield from _list_functions(screen, "Not answered yet", unwritten, step)


def _is_unread(problem: ProblemReport, stopped: Failure | None) -> bool:
    """Is the function missing for the same line that stopped the file?"""
    failure = problem.error
    if failure is None or stopped is None or not failure.place:
        return False
    return (failure.place, failure.text) == (stopped.place, stopped.text)


def _list_functions(screen: Screen, lead: str, problems: Sequence[ProblemReport], step: str) -> Lines:
    *others, last = [one_line(problem.function) for problem in problems]
    names = f"{', '.join(others)} and {last}" if others else last
    line = Text(f"{lead}: ", VERDICTS["missing"].style)
    yield from screen.wrap(line.append(f"{names}.", "default"))
    yield from screen.wrap(Text(step), indent=2)
    yield Text()


def show_problem(screen: Screen, problem: ProblemReport, hints: int | None, plot: bool = True) -> Lines:
    """One problem with all that is known of it; a line if it is right."""
    if problem.verdict == "right":
        yield from _show_right(screen, problem)
        return

    explanation = explain(problem, say_folded(problem, hints))
    yield from screen.wrap(make_headline(problem, explanation))
    yield from show_place(screen, explanation.failure)
    yield from _show_reading(screen, problem)
    yield from screen.wrap(Text(explanation.step), indent=2)

    if hints and problem.is_judged:
        yield from show_hints(screen, problem, hints)
    if case := find_case(problem):
        yield from _show_case(screen, case)
    yield from _show_remainder(screen, problem, plot)
    if problem.findings and problem.verdict not in {"error", "missing"}:  # there each would say the same
        yield from _show_checks(screen, problem.findings)
        yield from _show_words(screen, problem)

    if problem.reproduce:
        yield Text()
        # One unbroken line, so that it can be copied whole.
        yield Text("  Again: ", "dim").append(one_line(problem.reproduce, 400), "not dim cyan")
    yield Text()


def say_folded(problem: ProblemReport, hints: int | None) -> str:
    """The next step where hints are shown only if asked for."""
    if hints is None:
        return ""
    step = say_comparison(problem)
    return f"{step}." if hints else f"{step}; a hint is shown with --hint."


def _show_right(screen: Screen, problem: ProblemReport) -> Lines:
    score = f"{say_points(problem)} points."
    yield from screen.wrap(make_headline(problem, Explanation(score)))
    yield from _show_reading(screen, problem)
    for finding in problem.failed:  # a check without points: worth knowing all the same
        yield from screen.wrap(Text(f"Note: {say_message(finding)}", "dim"), indent=2)


def make_headline(problem: ProblemReport, explanation: Explanation) -> Text:
    """The name, what is the matter, and why."""
    name, verdict, reason = say_headline(problem, explanation)
    style = f"not bold {VERDICTS[problem.verdict].style}"
    return Text(name, "bold").append(verdict, style).append(reason, "not bold")


def show_place(screen: Screen, failure: Failure | None) -> Lines:
    """The line of the student's file at which it failed."""
    if failure is None or not (failure.place or failure.text.strip()):
        return
    place = Text(f"{one_line(failure.place) or 'there'}:  ", "dim")
    # Spaces that stand together are shown as one, so the caret is placed by what is shown before it.
    before = len(place) + len(one_line(f"{failure.text[: failure.column - 1]}^", 200)) - 1
    yield from screen.wrap(place.append(one_line(failure.text, 200), "bold not dim"), indent=2)
    if failure.column and before + 3 < screen.width:
        yield Text(f"  {' ' * before}^", "red")


def _show_reading(screen: Screen, problem: ProblemReport) -> Lines:
    """How a formula was read."""
    if reading := say_reading(problem):
        yield from screen.wrap(Text(reading, "dim"), indent=2)


def show_hints(screen: Screen, problem: ProblemReport, most: int) -> Lines:
    """The first hints, each with its number; and how to see the next one."""
    total = len(problem.hints)
    for number, hint in enumerate(problem.hints[:most], start=1):
        label = Text(f"Hint {number} of {total}: ", "bold")
        yield from screen.wrap(label.append(one_line(hint), "not bold"), indent=2)

    if most < total:
        yield from screen.wrap(Text(f"The next one: {' '.join(['--hint'] * (most + 1))}", "dim"), indent=2)
    elif not total:
        yield from screen.wrap(Text("This problem has no hints.", "dim"), indent=2)


def _show_case(screen: Screen, case: Counterexample) -> Lines:
    """The smallest case, and what is to be said of its numbers."""
    drawn = lay_out_case(case, screen.width - 4, screen.ascii)
    yield Text()
    yield from screen.wrap(Text("Smallest case:"), indent=2)
    for line in drawn.lines:
        yield from screen.wrap(line, indent=4, widest=screen.width)
    if drawn.note:
        yield from screen.wrap(Text(drawn.note, "dim"), indent=2)


def _show_remainder(screen: Screen, problem: ProblemReport, plot: bool) -> Lines:
    """The definition of the derivative as a chart: the remainder of the answer beside the right one's."""
    slopes, curve = say_remainder(problem), problem.remainder
    if slopes is None or curve is None or curve.yours is None:
        return

    yours, right = slopes
    marks = ASCII_MARKS if screen.ascii else MARKS
    chart = draw_chart(curve.distance, curve.yours, curve.right, screen.width - 4, marks)
    yield Text()
    if not plot or not chart:  # not asked for, or too narrow
        drawn = " --plot draws both." if chart else ""
        yield from screen.wrap(Text(f"The remainder as h falls: {yours}; {right}.{drawn}", "dim"), indent=2)
        return

    yield from screen.wrap(Text("The remainder ‖f(A + hV) − f(A) − h·L(V)‖ against ‖hV‖:"), indent=2)
    yield from (Text(f"    {line}") for line in chart)
    yield from screen.wrap(Text(f"{marks.first} {yours}; {marks.second} {right}.", "dim"), indent=2)


def _show_checks(screen: Screen, findings: Sequence[Finding]) -> Lines:
    yield Text()
    if screen.width < _NARROW:
        for finding in findings:
            line = Text("  ").append_text(screen.mark(OUTCOMES[finding.outcome]))
            line.append(f"  {one_line(finding.check)}  {_share(finding)}".rstrip(), "default not dim")
            yield from screen.wrap(line)
            yield from screen.wrap(Text(say_message(finding), "dim"), indent=5)
        return

    names = [one_line(finding.check) for finding in findings]
    first = min(max(map(len, names)), max(10, screen.width // 4))
    second = max(len(_share(finding)) for finding in findings)
    for name, finding in zip(names, findings, strict=True):
        yield from _show_check(screen, name, finding, first, second)


def _show_words(screen: Screen, problem: ProblemReport) -> Lines:
    """What the checks that failed ask in plain words, and where to read more."""
    words = words_for(problem)
    if not words:
        return
    yield Text()
    for word in words:
        yield from screen.wrap(Text(f"{word.name}: {word.title}", "dim"), indent=2)
    yield from screen.wrap(Text(f"More: grader explain {words[0].name}", "dim"), indent=2)


def _show_check(screen: Screen, name: str, finding: Finding, first: int, second: int) -> Lines:
    """A row of three columns: name, points and message, of which the first and the last are wrapped."""
    room = screen.width - (2 + 3 + first + 2 + second + 2)
    left = Screen(first, screen.ascii).wrap(Text(name))
    right = Screen(room, screen.ascii).wrap(Text(say_message(finding), "dim"))
    mark, share = screen.mark(OUTCOMES[finding.outcome]), _share(finding)

    for part, words in zip_longest(left, right, fillvalue=Text()):
        line = Text("  ").append_text(mark).append("  ").append_text(part)
        line.append(" " * (5 + first - line.cell_len))
        line.append(f"  {share:>{second}}  ", "default not dim")
        yield line.append_text(words)
        mark, share = Text(" "), ""


def _share(finding: Finding) -> str:
    return f"{points(finding.score)}/{points(finding.max_score)}" if finding.max_score else ""


def _show_score(screen: Screen, report: Report) -> Lines:
    """A table of points; a line, where the table would say what is said above of every problem, or the only one."""
    if deduction := say_deduction(report):
        yield Text(deduction)
        yield Text()

    score = f"{say_points(report)} points."
    if report.status == "ungradable":
        yield Text(score)
        yield Text()
    elif len(report.problems) > 1:
        yield from show_totals(screen, report)
    elif report.problems and report.problems[0].verdict != "right":
        style = VERDICTS[report.problems[0].verdict]
        yield screen.mark(style).append(f" {style.badge}: ").append(score, "default not bold")
        yield Text()


def show_totals(screen: Screen, report: Report) -> Lines:
    """A line for each problem, between a head and the sum; verdicts in words where there is room for them."""
    scores = [say_points(p) for p in report.problems]
    total = say_points(report)
    styles = [VERDICTS[problem.verdict] for problem in report.problems]

    last = max(map(len, (*scores, total, "points")))
    badge = max(len("verdict"), *(len(style.badge) for style in styles))
    between = badge + 2 if screen.width >= _NARROW else 0
    names = [
        one_line(problem.id, max(screen.width - 3 - last - 3 - between, 8)) for problem in report.problems
    ]
    first = max(map(len, (*names, "problem")))

    def line(mark: Text, name: str, verdict: Text, score: str) -> Text:
        row = Text(" ").append_text(mark).append(f"  {name:<{first}}", "default not bold")
        if between:
            row.append("  ").append_text(verdict).append(" " * (badge - verdict.cell_len))
        return row.append(f"  {score:>{last}}", "default not bold")

    yield Text()
    yield line(Text(" "), "problem", Text("verdict"), "points")
    yield Text(" " + ("-" if screen.ascii else "─") * (first + last + 5 + between))
    for name, style, score in zip(names, styles, scores, strict=True):
        yield line(screen.mark(style), name, Text(style.badge, style.style), score)
    yield Text()
    yield line(Text(" "), "total", Text(), total)
    yield Text()
