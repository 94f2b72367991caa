"""The questions of an assignment as a notebook and as Markdown, the same text every time.

Notebooks are written here as plain JSON (nbformat 4.5), in the layout in which Jupyter itself saves them: releasing
works where nothing of Jupyter is installed, and nbformat comes with the extra `nbgrader` only.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.core.hashing import hash_text
from grader.core.text import count
from grader.problems.course import Assignment, Course
from grader.problems.language import Expression
from grader.problems.problem import Problem
from grader.reports.report import points

METADATA = "frechet_grader"
"""The key of a notebook's metadata that names the assignment and its problems' versions."""
CHECK = "-check"
"""Ends the id of the cell that checks a problem."""
_WORDS = frozenset({"title", "statement", "hints"})
_LONGEST_ID = 64
_KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

Notebook = dict[str, Any]
NotebookCell = dict[str, Any]


def problem_version(problem: Problem) -> str:
    """A short hash of all that an answer is judged by; another title, statement or hint makes no new version.

    What later versions of the grader add to problems does not change it, as long as a problem leaves it alone.
    """
    text = json.dumps(_formal(problem), default=_formal, sort_keys=True, ensure_ascii=False)
    return hash_text(text, 8)


def _formal(value: Any) -> Any:
    """A problem, or a part of it, by the fields that are not as usual."""
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Fraction):
        return str(value)

    words = _WORDS if isinstance(value, Problem) else frozenset[str]()
    formal = {}
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if content != field.default and field.name not in words:
            formal[field.name] = content
    return formal


def notebook_metadata(course: Course, assignment: Assignment) -> dict[str, Any]:
    """The origin of a notebook: `{"assignment": id, "problems": {id: version}}`."""
    versions = {problem: problem_version(course.problems[problem]) for problem in assignment.points}
    return {"assignment": assignment.id, "problems": versions}


def make_notebook(cells: Iterable[NotebookCell], metadata: Mapping[str, Any]) -> Notebook:
    """A notebook of these cells for a Python kernel; `metadata` is kept under our own key."""
    return {
        "cells": list(cells),
        "metadata": {**_KERNEL, METADATA: dict(metadata)},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def notebook_text(notebook: Notebook) -> str:
    """The notebook as Jupyter writes it: sorted keys, an indent of one space."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def markdown_cell(cell_id: str, source: str) -> NotebookCell:
    """A cell of text."""
    return {"cell_type": "markdown", "id": _shorten(cell_id), "metadata": {}, "source": _lines(source)}


def code_cell(cell_id: str, source: str, metadata: Mapping[str, Any] | None = None) -> NotebookCell:
    """A cell of code that was not run yet."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _shorten(cell_id),
        "metadata": dict(metadata or {}),
        "outputs": [],
        "source": _lines(source),
    }


@dataclass(frozen=True, slots=True)
class NotebookStyle:
    """The differences between one kind of notebook and another.

    Args:
        introduction: paragraphs above the questions.
        setup: the code of the first cell.
        answer, check: the code of a problem's two cells.
        answer_metadata, check_metadata: of these cells, from their id and from what the problem is worth.
    """

    introduction: tuple[str, ...]
    setup: str
    answer: Callable[[Problem], str]
    check: Callable[[Problem], str]
    answer_metadata: Callable[[str], Mapping[str, Any]] = lambda cell_id: {}
    check_metadata: Callable[[str, Fraction], Mapping[str, Any]] = lambda cell_id, worth: {}


def question_notebook(course: Course, assignment: Assignment, style: NotebookStyle) -> str:
    """A notebook with a statement, a cell for the answer and one that checks it for every problem."""
    cells = [
        markdown_cell("opening", opening(course, assignment, style.introduction)),
        code_cell("setup", style.setup),
    ]

    for number, (problem_id, worth) in enumerate(assignment.points.items(), start=1):
        problem, check = course.problems[problem_id], f"{problem_id}{CHECK}"
        cells += [
            markdown_cell(f"{problem_id}-statement", statement(problem, number, worth)),
            code_cell(problem_id, style.answer(problem), style.answer_metadata(problem_id)),
            code_cell(check, style.check(problem), style.check_metadata(check, worth)),
        ]
    return notebook_text(make_notebook(cells, notebook_metadata(course, assignment)))


def statement(problem: Problem, number: int, worth: Fraction) -> str:
    """The question in Markdown, mathematics between dollar signs."""
    return (
        f"## {number}. {problem.title} ({points(worth)} points)\n\n{problem.statement.strip()}\n\n"
        f"Write `{problem.signature}`."
    )


def opening(course: Course, assignment: Assignment, paragraphs: Iterable[str]) -> str:
    """The text above the questions: titles, the due date and the given paragraphs."""
    problems = count(len(assignment.points), "problem")
    total = points(sum(assignment.points.values(), Fraction(0)))
    facts = f"{course.title}. {problems}, {total} points.{_due(assignment)}"
    return "\n\n".join([f"# {assignment.title}", facts, *paragraphs])


def _due(assignment: Assignment) -> str:
    if not assignment.due:
        return ""
    has_time = isinstance(assignment.due, datetime.datetime)
    when = "%Y-%m-%d %H:%M" if has_time else "%Y-%m-%d"
    return f" Due {assignment.due:{when}}."


def _shorten(cell_id: str) -> str:
    """The id, shortened if it is longer than the format allows."""
    if len(cell_id) <= _LONGEST_ID:
        return cell_id
    digest = hash_text(cell_id, 4)
    return f"{cell_id[: _LONGEST_ID - 9]}-{digest}"


def _lines(source: str) -> list[str]:
    return source.rstrip("\n").splitlines(keepends=True)
