"""Reports as Markdown: comments in a gradebook, and messages on platforms that read Markdown.

It must read well unrendered too, since nbgrader's formgrader shows comments as they are. Renderers let HTML pass, and
some typeset what stands between dollars, so whatever is not ours is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.core.text import clip_lines, one_line
from grader.formats.terminal.matrices import DrawnCase
from grader.formats.terminal.student import plain_case
from grader.reports.feedback import (
    choose_problems,
    explain,
    explain_file,
    find_case,
    say_deduction,
    say_headline,
    say_message,
    say_points,
)
from grader.reports.report import ProblemReport, Report

_WIDTH = 76
_OUTPUT_LINES = 20
# Pieces of code in sentences, of characters that mean nothing anywhere.
_CODE = re.compile(r"(`[^`$\\<>&\n]+`)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "\\": "&#92;", "`": "&#96;"}
_SPECIAL = re.compile(r"[&<>$\\`]")
# An underscore inside a word, as in a function's name, is only itself; addresses must not become links.
_MARKS = re.compile(r"[*\[\]~|]|:(?=//)|(?<=www)\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_OPENING = re.compile(r"^(?=[#+=:-])")
_NUMBERED = re.compile(r"^(\d+)([.)])")


def escape(text: str) -> str:
    """Text on one line in which nothing means anything to a renderer of Markdown, HTML or formulas."""
    line = _SPECIAL.sub(lambda match: _ENTITIES[match[0]], one_line(text))
    line = _MARKS.sub(lambda match: f"\\{match[0]}", line)
    return _NUMBERED.sub(r"\1\\\2", _OPENING.sub(r"\\", line))


def prose(text: str) -> str:
    """A sentence with its pieces of code between backticks left as they are, everything else escaped."""
    parts = _CODE.split(one_line(text, 1200))
    return "".join(part if i % 2 else _escape_part(part) for i, part in enumerate(parts))


def problem_markdown(problem: ProblemReport) -> str:
    """One problem for its student: verdict, reason, smallest case, next step, the first hint."""
    return "\n\n".join(_paragraphs(problem)) + "\n"


def report_markdown(report: Report) -> str:
    """The whole report: each problem under its title, then what the code printed."""
    parts = [f"# {escape(report.assignment)}: {say_points(report)} points"]
    if deduction := say_deduction(report):
        parts.append(deduction)
    if trouble := explain_file(report):
        parts.append(prose(trouble))
    for problem in choose_problems(report):
        parts += [f"## {escape(problem.title or problem.function)}", *_paragraphs(problem)]
    if report.output.strip():
        parts += ["What your code printed:", _block(clip_lines(report.output, _OUTPUT_LINES))]
    return "\n\n".join(parts) + "\n"


def _paragraphs(problem: ProblemReport) -> Iterator[str]:
    score = f"{say_points(problem)} points."
    if problem.verdict == "right":
        yield f"{_name(problem)} is right: {score}"
        yield from (f"Note: {prose(say_message(finding))}" for finding in problem.failed)
        return

    explanation = explain(problem)
    _, verdict, reason = say_headline(problem, explanation)
    yield f"{_name(problem)} {prose(verdict + reason).strip()}"
    failure = explanation.failure
    if failure is not None and failure.text.strip():
        yield f"{escape(failure.place) or 'There'}:\n\n{_block(one_line(failure.text, 200))}"
    if case := find_case(problem):
        yield from _show_case(plain_case(case, _WIDTH))

    yield prose(explanation.step)
    if problem.is_judged and problem.hints:
        hint = f"Hint: {one_line(problem.hints[0])}"
        if hint != explanation.step:
            yield prose(hint)
    yield score


def _name(problem: ProblemReport) -> str:
    return f"**{escape(problem.function)}**"


def _show_case(case: DrawnCase) -> Iterator[str]:
    """The rows of matrices as one block, the sentences around it as paragraphs."""
    yield "Smallest case:"
    yield _block("\n".join(line.plain.rstrip() for line in case.lines))
    if case.note:
        yield prose(case.note)


def _block(text: str) -> str:
    """Text as it is: an indented block, from which nothing can break out."""
    return "\n".join(f"    {line}" for line in text.split("\n"))


def _escape_part(part: str) -> str:
    inner = escape(part)
    # It takes the spaces at both ends away, which separate the part from its neighbours.
    before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{before}{inner}{after}" if inner else part
