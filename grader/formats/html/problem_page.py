"""A page for each problem, for the instructor: all answers of the class, those with the same mistake together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from markupsafe import Markup

from grader.core.text import one_line, raise_opening
from grader.formats.grades_csv import csv_text, neutralise
from grader.formats.html.class_page import TAGS, page_name, student_link
from grader.formats.html.code import numbered_lines
from grader.formats.html.prose import sentence_html
from grader.formats.html.template_engine import environment, load_inline, minus, typeset
from grader.reports.answer_groups import (
    AnswerGroup,
    GivenAnswer,
    GivenCode,
    ProblemAnswers,
    group_answers,
    same_code,
)
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment
from grader.reports.feedback import VERDICTS, VerdictStyle
from grader.reports.report import Report

MOST_CODES = 60
"""Different codes of a group that are shown; of the rest there are the names."""
_HEAD = ("student", "problem", "check", "points", "comment", "by", "diagnosis")


def problem_pages(
    reports: Iterable[Report], published: PublishedAssignment = NO_ASSIGNMENT
) -> dict[str, str]:
    """The page of each problem, by its id; reads whole reports once, one at a time, and keeps the code of functions."""
    problems = group_answers(reports)
    pages = [(page_name(problem.id), _title(problem)) for problem in problems]
    template = environment().get_template("problem.html")

    return {
        problem.id: template.render(
            style=load_inline("style.css", "class.css"),
            course=one_line(published.course),
            assignment=one_line(published.title),
            title=_title(problem),
            before=pages[position - 1] if position else None,
            after=pages[position + 1] if position + 1 < len(pages) else None,
            students=sum(len(group.answers) for group in problem.groups),
            groups=[_view(problem, group, number) for number, group in enumerate(problem.groups, 1)],
            link=_link,
        )
        for position, problem in enumerate(problems)
    }


@dataclass(frozen=True, slots=True)
class _Answers:
    """The students who wrote the same code.

    Args:
        who: their first names, in words; title: where the first of them wrote it. scores: their points.
    """

    students: tuple[GivenAnswer, ...]
    who: str
    title: str
    scores: tuple[Fraction, ...]
    code: Markup
    failure: str


@dataclass(frozen=True, slots=True)
class _Group:
    """One group as the page shows it.

    Args:
        rows: for `overrides.csv`. others: those whose code is not shown.
    """

    id: str
    heading: Markup | str
    words: VerdictStyle
    tag: str
    group: AnswerGroup
    case: str
    rows: str
    shown: tuple[_Answers, ...]
    others: tuple[GivenAnswer, ...]


def _title(problem: ProblemAnswers) -> str:
    return one_line(problem.title) or one_line(problem.id)


def _view(problem: ProblemAnswers, group: AnswerGroup, number: int) -> _Group:
    words = VERDICTS[group.verdict]
    by_code = same_code(group.answers)
    shown = tuple(_show(code, students) for code, students in islice(by_code, MOST_CODES))
    text = raise_opening(group.message or words.badge)
    is_diagnosed = group.kind not in TAGS or group.kind == "mistake"

    return _Group(
        id=f"g{number}",
        # As on the student's page: a diagnosis is the author's text, the rest may hold a student's.
        heading=sentence_html(text) if is_diagnosed and group.message else typeset(text),
        words=words,
        tag=_tag(group),
        group=group,
        case=minus(group.case),
        rows=_rows(problem.id, group) if group.verdict != "right" else "",
        shown=shown,
        others=tuple(answer for _, students in by_code for answer in students),
    )


def _tag(group: AnswerGroup) -> str:
    if group.kind in TAGS:
        return TAGS[group.kind]
    return "recognised" if group.message else ""


def _show(code: GivenCode, students: list[GivenAnswer]) -> _Answers:
    names = ", ".join(one_line(answer.label, 60) or "(no name)" for answer in students[:3])
    more = f" and {len(students) - 3} more" if len(students) > 3 else ""
    failures = {answer.failure for answer in students}
    return _Answers(
        students=tuple(students),
        who=names + more,
        title=f"{one_line(code.place, 60)}, line {code.first}" if code.lines else "",
        scores=tuple(dict.fromkeys(answer.score for answer in students)),
        code=numbered_lines(code.lines, code.first, code.marked),
        failure=typeset(one_line(failures.pop())) if len(failures) == 1 else "",
    )


def _rows(problem: str, group: AnswerGroup) -> str:
    """Rows of `overrides.csv` for the group: one if its diagnosis stands for it, else one for each student."""
    students = ["*"] if group.fault else [answer.student for answer in group.answers]
    rows = ([neutralise(student), problem, "", "", "", "", group.fault] for student in students)
    return csv_text([_HEAD, *rows]).replace("\r\n", "\n")


def _link(answer: GivenAnswer) -> Markup:
    return student_link(answer.student, answer.label, "../", f"#p{answer.position}")
