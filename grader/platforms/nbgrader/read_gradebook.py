"""Read from the gradebook: how an assignment was released, and what people decided about submissions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from grader.core.errors import GraderError
from grader.platforms.nbgrader import gradebook_tables as t
from grader.platforms.nbgrader.released_notebook import ReleasedCell, ReleasedNotebook, claimed_versions


@contextmanager
def open_gradebook(url: str) -> Iterator[Connection]:
    """Open the gradebook, for one or more transactions.

    Raises:
        GraderError: there is none yet, it is locked, or something else went wrong with it.
    """
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        raise GraderError(f"There is no gradebook {url} yet; run nbgrader generate_assignment first")

    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise GraderError(
            f"The gradebook {url} cannot be used: {reason}; what was written before is kept"
        ) from error
    finally:
        engine.dispose()


def list_notebooks(gradebook: Connection) -> dict[str, list[str]]:
    """Every assignment with its notebooks."""
    notebooks: dict[str, list[str]] = {name: [] for name in gradebook.scalars(select(t.assignment.c.name))}
    query = (
        select(t.assignment.c.name, t.notebook.c.name)
        .where(t.notebook.c.assignment_id == t.assignment.c.id)
        .order_by(t.notebook.c.name)
    )
    for assignment, notebook in gradebook.execute(query):
        notebooks[assignment].append(notebook)
    return notebooks


def find_notebook(gradebook: Connection, assignment: str, notebook: str) -> Row[Any]:
    """The row of a notebook: its `id`, `assignment_id` and `kernelspec`.

    Raises:
        GraderError: there is no such notebook.
    """
    query = select(t.notebook).where(
        t.notebook.c.assignment_id == t.assignment.c.id,
        t.assignment.c.name == assignment,
        t.notebook.c.name == notebook,
    )
    row = gradebook.execute(query).first()

    if row is None:
        raise GraderError(
            f"The gradebook has no notebook {notebook!r} of the assignment {assignment!r}; "
            f"run nbgrader generate_assignment {assignment} first"
        )
    return row


def cell_values(gradebook: Connection, notebook_id: str, kind: Table, value: Any) -> dict[str, Any]:
    """The value of a column for each of a notebook's cells of a kind, by the cells' names."""
    query = select(t.base_cell.c.name, value).where(
        kind.c.id == t.base_cell.c.id, t.base_cell.c.notebook_id == notebook_id
    )
    return dict(gradebook.execute(query).all())


def read_released(
    gradebook: Connection, assignment: str, notebook: str, path: Path | None = None
) -> ReleasedNotebook:
    """Read a notebook as `nbgrader generate_assignment` left it in the gradebook.

    Args:
        path: of the notebook that students got, for the order and the versions of its cells.

    Raises:
        GraderError: the gradebook has no such notebook.
    """
    row = find_notebook(gradebook, assignment, notebook)
    points = {
        **cell_values(gradebook, row.id, t.grade_cells, t.grade_cells.c.max_score),
        **cell_values(gradebook, row.id, t.task_cells, t.task_cells.c.max_score),
    }
    tasks = cell_values(gradebook, row.id, t.task_cells, t.task_cells.c.id)
    solutions = cell_values(gradebook, row.id, t.solution_cells, t.solution_cells.c.id)
    sources, versions = _read_public(path)

    query = select(t.source_cell).where(t.source_cell.c.notebook_id == row.id)
    cells = [
        ReleasedCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            public_source=sources.get(cell.name, cell.source or ""),
            checksum=cell.checksum,
            solution=cell.name in solutions,
            locked=cell.locked,
            task=cell.name in tasks,
            points=points.get(cell.name),
        )
        for cell in gradebook.execute(query)
    ]

    order = {name: position for position, name in enumerate(sources)}
    cells.sort(key=lambda cell: (order.get(cell.grade_id, len(order)), cell.grade_id))
    kernelspec = json.loads(row.kernelspec or "{}") or {}
    return ReleasedNotebook(assignment, notebook, tuple(cells), kernelspec, versions)


def _read_public(path: Path | None) -> tuple[dict[str, str], dict[str, str]]:
    """Read from the notebook that students got: `grade_id` → source in its order, and its problems' versions."""
    if path is None or not path.is_file():
        return {}, {}

    sources = {}
    try:
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            if "grade_id" in about:
                sources[about["grade_id"]] = "".join(cell["source"])
        return sources, claimed_versions(notebook)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise GraderError(
            f"{path} is no longer a notebook; make it again with nbgrader generate_assignment"
        ) from None


@dataclass(frozen=True, slots=True)
class GradebookDecision:
    """Decisions of people about a student's notebook, and the points that count in the end.

    Args:
        marks: cell → the mark that a person gave.
        comments: cell → a person's comment.
    """

    score: float
    penalty: float
    marks: Mapping[str, float]
    comments: Mapping[str, str]


def read_gradebook_decisions(
    gradebook: Connection, released: ReleasedNotebook
) -> dict[str, GradebookDecision]:
    """Student → what the gradebook says besides what the grader found."""
    notebook_id = find_notebook(gradebook, released.assignment, released.notebook).id
    submission, notebook = t.submitted_assignment.c, t.submitted_notebook.c
    query = select(
        submission.student_id, notebook.id, t.notebook_score, notebook.late_submission_penalty
    ).where(notebook.assignment_id == submission.id, notebook.notebook_id == notebook_id)

    is_by_person = t.grade.c.manual_score.is_not(None) | t.grade.c.extra_credit.is_not(None)
    marks = _by_notebook(gradebook, t.grade, t.score, is_by_person)
    text = t.comment.c.manual_comment
    comments = _by_notebook(gradebook, t.comment, text, text.is_not(None))
    return {
        student: GradebookDecision(score, penalty or 0.0, marks.get(key, {}), comments.get(key, {}))
        for student, key, score, penalty in gradebook.execute(query).all()
    }


def _by_notebook(
    gradebook: Connection, table: Table, value: Any, condition: Any
) -> dict[str, dict[str, Any]]:
    """Submitted notebook → name of a cell → value, of the rows that fulfil a condition."""
    query = select(table.c.notebook_id, t.base_cell.c.name, value).where(
        table.c.cell_id == t.base_cell.c.id, condition
    )
    values: dict[str, dict[str, Any]] = {}
    for notebook, cell, content in gradebook.execute(query):
        values.setdefault(notebook, {})[cell] = content
    return values
