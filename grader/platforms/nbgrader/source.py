"""`source/<assignment>/`: the notebook from which nbgrader makes what students get, and the files that it reads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from grader.authoring.question_notebook import NotebookStyle, question_notebook
from grader.authoring.release import public_files, public_seed, refuse_leaks, sealed_files
from grader.authoring.stub import make_stub
from grader.core.errors import GraderError
from grader.core.files import write_file
from grader.platforms.nbgrader.course_directory import CONFIG
from grader.platforms.nbgrader.solution_cell import BEGIN, END, SETUP, solution_cell
from grader.problems.course import Assignment, Course, find_course
from grader.problems.problem import Problem
from grader.problems.solution import read_reference

_INTRODUCTION = (
    "Write each answer in place of `raise NotImplementedError()`. Run the cell below it to see at once whether it is "
    "right, and why not. Other inputs will be used for grading.",
    "Leave the cells that check your answers as they are; they are not what your answers are graded with.",
)


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written, and the lines that are missing in a configuration that was there before."""

    files: tuple[Path, ...]
    missing: str = ""


def write_source(course: Course, assignment: Assignment, folder: Path, force: bool = False) -> Written:
    """Write an assignment into the folder of an nbgrader course, which is made if there is none.

    Args:
        force: overwrite files of the assignment that say something else.

    Raises:
        GraderError: there are no solutions, something private would be released, or files say something else.
    """
    source = folder / "source" / assignment.id
    public = {
        **public_files(course, assignment),
        **sealed_files(course, assignment, public_seed(course)),
    }
    refuse_leaks(course, public)
    contents = {source / name: data for name, data in public.items()}
    contents[source / f"{assignment.id}.ipynb"] = source_notebook(course, assignment).encode()
    if not force:
        _refuse_changed(folder, contents)

    config, lines = folder / CONFIG, config_lines(course, folder)
    missing = ""
    if not config.exists():
        contents[config] = _config_text(course, lines).encode()
    elif "grader.nbgrader" not in config.read_text(encoding="utf-8", errors="replace"):
        missing = lines

    for path, data in contents.items():
        write_file(path, data)
    return Written(tuple(contents), missing)


def _refuse_changed(folder: Path, contents: dict[Path, bytes]) -> None:
    changed = [path for path, data in contents.items() if path.exists() and path.read_bytes() != data]
    if changed:
        names = ", ".join(os.path.relpath(path, folder) for path in changed)
        raise GraderError(
            f"{names} in {folder} would be overwritten and lose changes; save what you changed there, "
            "then repeat the command with --force"
        )


def source_notebook(course: Course, assignment: Assignment) -> str:
    """The instructor's notebook: statements, answers between nbgrader's marks, and cells that check them.

    Raises:
        GraderError: a reference is missing, or what students get of the notebook would hold a part of a solution.
    """

    def with_answers(answer: Callable[[Problem], str]) -> str:
        style = NotebookStyle(
            introduction=_INTRODUCTION,
            setup=SETUP,
            answer=answer,
            check=check_source,
            answer_metadata=_answer_metadata,
            check_metadata=_check_metadata,
        )
        return question_notebook(course, assignment, style)

    refuse_leaks(course, {f"{assignment.id}.ipynb": with_answers(make_stub).encode()})
    return with_answers(partial(_answer, course))


def check_source(problem: Problem) -> str:
    """The test cell: shows the card and ends in a built-in float, which is all that nbgrader counts."""
    return f'from grader import check\n\ncheck("{problem.id}", {problem.function}).show().points'


def _answer_metadata(grade_id: str) -> dict[str, Any]:
    return _metadata(grade=False, grade_id=grade_id, locked=False, solution=True)


def _check_metadata(grade_id: str, worth: Fraction) -> dict[str, Any]:
    points = int(worth) if worth.denominator == 1 else float(worth)
    return _metadata(grade=True, grade_id=grade_id, locked=True, solution=False, points=points)


def _metadata(**fields: Any) -> dict[str, Any]:
    """A cell's metadata for nbgrader, schema 3: exactly these keys, `points` with `grade` only."""
    return {"nbgrader": {"schema_version": 3, "task": False, **fields}}


def _answer(course: Course, problem: Problem) -> str:
    folder = course.folder / "solutions" / problem.id
    path = folder / "reference.py"
    if course.solution(problem.id) is None:
        step = course.solutions_hint
        raise GraderError(f"There is no {path}, and nbgrader's source shows the reference; {step}")

    reference = read_reference(folder)
    if BEGIN in reference or END in reference:
        raise GraderError(f"{path} holds nbgrader's own marks ({BEGIN}); remove them")
    return solution_cell(problem, reference)


def config_lines(course: Course, folder: Path) -> str:
    """The lines of `nbgrader_config.py` with which nbgrader grades with this grader."""
    ours, theirs = course.folder.resolve(), folder.resolve()
    is_found = ours == find_course(theirs).resolve()
    problems = "" if is_found else f", problems={os.path.relpath(ours, theirs)!r}"
    return f"from grader.nbgrader import configure\n\nconfigure(c{problems})\n"


def _config_text(course: Course, lines: str) -> str:
    course_id = re.sub(r"[^a-z0-9]+", "-", course.title.lower()).strip("-") or "course"
    head = f'c = get_config()\n\nc.CourseDirectory.course_id = "{course_id}"\n\n'
    return f"{head}# Answers are graded by frechet-grader.\n{lines}"
