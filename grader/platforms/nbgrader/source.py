"""`source/<assignment>/`: the notebook from which nbgrader makes what students get, and the files that it reads."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from grader.authoring.question_notebook import NotebookStyle, question_notebook
from grader.authoring.release import public_files, refuse_leaks
from grader.authoring.stub import INDENT, heading, starter
from grader.core.errors import GraderError
from grader.core.files import write_atomically
from grader.problems.course import Assignment, Course, find_course
from grader.problems.problem import Problem
from grader.problems.solution import read_reference

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CONFIG = "nbgrader_config.py"
_INTRODUCTION = (
    "Write each answer where `raise NotImplementedError()` stands. Run the cell below it to see at once whether it is "
    "right, and why not. Other inputs will be used for grading.",
    "Leave the cells that check your answers as they are; they are not what your answers are graded with.",
)
_SETUP = "import numpy as np"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and the lines that are missing in a configuration that was there before."""

    files: tuple[Path, ...]
    missing: str = ""


def write_source(course: Course, assignment: Assignment, folder: Path, force: bool = False) -> Written:
    """Write an assignment into the folder of an nbgrader course, which is made if there is none.

    Args:
        force: overwrite files of the assignment that say something else.

    Raises:
        GraderError: there are no solutions, something private would be released, or files say something else.
    """
    place = folder / "source" / assignment.id
    public = public_files(course, assignment)
    refuse_leaks(course, public)
    texts = {place / name: data for name, data in public.items()}
    texts[place / f"{assignment.id}.ipynb"] = source_notebook(course, assignment).encode()
    changed = [path for path, data in texts.items() if path.exists() and path.read_bytes() != data]
    if changed and not force:
        names = ", ".join(os.path.relpath(path, folder) for path in changed)
        raise GraderError(
            f"{names} in {folder} would be overwritten, and say something else; save what you changed there, "
            "then repeat the command with --force"
        )
    config = folder / CONFIG
    lines = config_lines(course, folder)
    missing = ""
    if not config.exists():
        texts[config] = _config_text(course, lines).encode()
    elif "grader.nbgrader" not in config.read_text(encoding="utf-8", errors="replace"):
        missing = lines
    for path, data in texts.items():
        write_atomically(path, data)
    return Written(tuple(texts), missing)


def source_notebook(course: Course, assignment: Assignment) -> str:
    """The instructor's notebook: statements, answers between nbgrader's marks, and cells that check them.

    Raises:
        GraderError: a reference is missing, or what students get of the notebook would hold a part of a solution.
    """

    def marked(answer: Callable[[Problem], str]) -> str:
        style = NotebookStyle(_INTRODUCTION, _SETUP, answer, check_source, _answer_metadata, _check_metadata)
        return question_notebook(course, assignment, style)

    refuse_leaks(course, {f"{assignment.id}.ipynb": marked(starter).encode()})
    return marked(partial(_answer, course))


def check_source(problem: Problem) -> str:
    """The test cell: shows the card and ends in a built-in float, which is all that nbgrader counts."""
    return f'from grader import check\n\ncheck("{problem.id}", {problem.function}).show().points'


def _answer_metadata(id: str) -> dict[str, Any]:
    return _metadata(grade=False, grade_id=id, locked=False, solution=True)


def _check_metadata(id: str, worth: Fraction) -> dict[str, Any]:
    number = int(worth) if worth.denominator == 1 else float(worth)
    return _metadata(grade=True, grade_id=id, locked=True, solution=False, points=number)


def _metadata(**fields: Any) -> dict[str, Any]:
    """What nbgrader keeps with a cell, schema 3: exactly these keys, `points` with `grade` only."""
    return {"nbgrader": {"schema_version": 3, "task": False, **fields}}


def _answer(course: Course, problem: Problem) -> str:
    folder = course.folder / "solutions" / problem.id
    if course.solution(problem.id) is None:
        raise GraderError(f"There is no {folder / 'reference.py'}, and nbgrader's source shows the reference")
    text = read_reference(folder)
    if BEGIN in text or END in text:
        raise GraderError(f"{folder / 'reference.py'} holds nbgrader's own marks ({BEGIN}); remove them")
    return solution_cell(problem, text)


def solution_cell(problem: Problem, reference: str) -> str:
    """A function with the reference as its body, all of it between nbgrader's marks.

    A reference of imports and one function is shown as its lines are. Of any other, the whole file becomes the body
    and is called, so that its helpers and constants mean what they meant.
    """
    body = _plain_body(problem, reference) or _whole_body(problem, reference)
    cell = "\n".join([heading(problem).rstrip("\n"), f"{INDENT}{BEGIN}", *body, f"{INDENT}{END}"])
    try:
        compile(cell, problem.id, "exec")
    except SyntaxError as error:
        raise GraderError(
            f"solutions/{problem.id}/reference.py cannot stand in a function: {error.msg}"
        ) from None
    return cell


def _plain_body(problem: Problem, reference: str) -> list[str] | None:
    """The lines of the function, below its derivation as a comment; None if there is more to the file."""
    module, lines = ast.parse(reference), reference.split("\n")
    rest = module.body[1:] if ast.get_docstring(module) is not None else module.body
    imports, others = rest[:-1], rest[-1:]
    function = others[0] if others else None
    if not isinstance(function, ast.FunctionDef) or function.name != problem.function:
        return None
    if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in imports):
        return None
    documented = ast.get_docstring(function) is not None
    first = function.body[0]
    simple = [argument.arg for argument in function.args.args] == list(problem.arguments)
    if function.decorator_list or not simple or first.col_offset != len(INDENT):
        return None
    if first.lineno == function.lineno or (documented and len(function.body) == 1):
        return None
    start = (first.end_lineno or 0) if documented else first.lineno - 1
    while not documented and lines[start - 1].strip().startswith("#"):
        start -= 1
    needed = [ast.unparse(node) for node in imports]
    return [
        *_derivation(ast.get_docstring(module), ast.get_docstring(function)),
        *(f"{INDENT}{line}" for line in needed if line != _SETUP),
        *lines[start : function.end_lineno],
    ]


def _derivation(*texts: str | None) -> list[str]:
    """Docstrings as a comment."""
    return [f"{INDENT}# {line}".rstrip() for text in texts if text for line in text.splitlines()]


def _whole_body(problem: Problem, reference: str) -> list[str]:
    """The whole file indented, and a call of its function."""
    module, inside = ast.parse(reference), _lines_inside_strings(reference)
    words = ast.get_docstring(module)
    start = (module.body[0].end_lineno or 0) if words else 0
    lines = [
        line if number in inside or not line.strip() else f"{INDENT}{line}"
        for number, line in enumerate(reference.rstrip("\n").split("\n"), start=1)
    ]
    call = f"{INDENT}return {problem.function}({', '.join(problem.arguments)})"
    return [*_derivation(words), *lines[start:], "", call]


def _lines_inside_strings(text: str) -> set[int]:
    """The lines that begin inside a string literal: to indent them would change it."""
    return {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno is not None
        for number in range(node.lineno + 1, node.end_lineno + 1)
    }


def config_lines(course: Course, folder: Path) -> str:
    """What `nbgrader_config.py` has to say for nbgrader to grade with this grader."""
    found = course.folder.resolve() == find_course(folder.resolve()).resolve()
    problems = "" if found else f", problems={os.path.relpath(course.folder.resolve(), folder.resolve())!r}"
    return f"from grader.nbgrader import configure\n\nconfigure(c{problems})\n"


def _config_text(course: Course, lines: str) -> str:
    id = re.sub(r"[^a-z0-9]+", "-", course.title.lower()).strip("-") or "course"
    head = f'c = get_config()\n\nc.CourseDirectory.course_id = "{id}"\n\n'
    return f"{head}# Answers are graded by frechet-grader.\n{lines}"
