"""Reports as Markdown: comments in a gradebook, and messages on platforms that read Markdown.

It must read well unrendered too, since nbgrader's formgrader shows comments as they are. Renderers let HTML pass, and
some typeset what stands between dollars, so whatever is not ours is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.core.text import clip_lines, one_line
from grader.formats.terminal.student import case_text
from grader.reports.feedback import (
    Explanation,
    choose_problems,
    explain,
    explain_file,
    find_case,
    say_headline,
    say_message,
)
from grader.reports.report import ProblemReport, Report, points

_OURS = ("inconclusive", "grader_error")
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
    parts = [f"# {escape(report.assignment)}: {points(report.score)} of {points(report.max_score)} points"]
    if trouble := explain_file(report):
        parts.append(prose(trouble))
    for problem in choose_problems(report):
        parts += [f"## {escape(problem.title or problem.function)}", *_paragraphs(problem)]
    if report.output.strip():
        parts += ["What your code printed:", _block(clip_lines(report.output, _OUTPUT_LINES))]
    return "\n\n".join(parts) + "\n"


def _paragraphs(problem: ProblemReport) -> Iterator[str]:
    explanation = explain(problem)
    score = f"{points(problem.score)} of {points(problem.max_score)} points."
    if problem.verdict == "right":
        yield f"{_name(problem)} is right: {score}"
        for finding in problem.findings:
            if finding.outcome == "failed":
                yield f"Note: {prose(say_message(finding))}"
        return
    yield f"{_name(problem)} {_say(problem, explanation)}"
    if explanation.failure is not None and explanation.failure.text.strip():
        yield f"{escape(explanation.failure.place) or 'There'}:\n\n{_block(one_line(explanation.failure.text, 200))}"
    if case := find_case(problem):
        yield from _show_case(case_text(case, _WIDTH))
    yield prose(explanation.step)
    if problem.verdict not in _OURS and problem.hints:
        hint = f"Hint: {one_line(problem.hints[0])}"
        if hint != explanation.step:
            yield prose(hint)
    yield score


def _name(problem: ProblemReport) -> str:
    return f"**{escape(problem.function)}**"


def _say(problem: ProblemReport, explanation: Explanation) -> str:
    """`is wrong: <lead>`; a lead that goes on from the function's name is the whole sentence."""
    _, verdict, reason = say_headline(problem, explanation)
    return prose(verdict + reason).strip()


def _show_case(text: str) -> Iterator[str]:
    """The rows of matrices as one block, the sentences around it as paragraphs."""
    lines = text.splitlines()
    rows = [line for line in lines if line.startswith("    ")]
    heading, *notes = (line.strip() for line in lines if line.strip() and line not in rows)
    yield prose(heading)
    yield "\n".join(rows)
    if notes:
        yield prose(" ".join(notes))


def _block(text: str) -> str:
    """Text as it is: an indented block, from which nothing can break out."""
    return "\n".join(f"    {line}" for line in text.split("\n"))


def _escape_part(part: str) -> str:
    # `escape` takes the spaces at both ends away, which separate the part from its neighbours.
    inner = escape(part)
    before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{before}{inner}{after}" if inner else part
