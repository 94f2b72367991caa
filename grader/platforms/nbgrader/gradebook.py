"""The gradebook: what an assignment consists of is read there, results are written in few transactions."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, create_engine, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from grader.core.errors import GraderError
from grader.platforms.nbgrader import gradebook_tables as t
from grader.platforms.nbgrader.restore_cells import ReleasedCell, ReleasedNotebook, claimed_versions

Penalty = Callable[[str, float, float], float | None]
"""Student, score and seconds late → how much to take off."""
_MANY = 500
"""So many names at most in one question: databases have limits."""


@dataclass(frozen=True, slots=True)
class GradebookEntry:
    """What is written of one student's notebook.

    Args:
        timestamp: when it was submitted, in UTC. scores: test cell → points, None where a person has to decide.
        comments: answer cell → comment, None for none.
    """

    student: str
    timestamp: datetime.datetime | None
    scores: Mapping[str, float | None]
    comments: Mapping[str, str | None] = field(default_factory=dict)


@contextmanager
def open_gradebook(url: str) -> Iterator[Connection]:
    """The gradebook, for one or more transactions.

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
        why = str(error).splitlines()[0]
        raise GraderError(
            f"The gradebook {url} cannot be used: {why}; what was written before is kept"
        ) from error
    finally:
        engine.dispose()


def list_notebooks(gradebook: Connection) -> dict[str, list[str]]:
    """Every assignment with its notebooks."""
    found: dict[str, list[str]] = {name: [] for name in gradebook.scalars(select(t.assignment.c.name))}
    pairs = select(t.assignment.c.name, t.notebook.c.name).where(
        t.notebook.c.assignment_id == t.assignment.c.id
    )
    for assignment, notebook in gradebook.execute(pairs.order_by(t.notebook.c.name)):
        found[assignment].append(notebook)
    return found


def read_master(
    gradebook: Connection, assignment: str, notebook: str, released: Path | None = None
) -> ReleasedNotebook:
    """A notebook as `nbgrader generate_assignment` left it in the gradebook.

    Args:
        released: the notebook that students got, for the order and the versions of its cells.

    Raises:
        GraderError: the gradebook has no such notebook.
    """
    id, kernelspec = _find_notebook(gradebook, assignment, notebook)
    graded = dict(_cells(gradebook, id, t.grade_cells, t.grade_cells.c.max_score))
    tasks = dict(_cells(gradebook, id, t.task_cells, t.task_cells.c.max_score))
    solutions = dict(_cells(gradebook, id, t.solution_cells, t.solution_cells.c.id))
    texts, versions = _read_released(released)
    rows = gradebook.execute(select(t.source_cell).where(t.source_cell.c.notebook_id == id)).mappings()
    cells = [
        ReleasedCell(
            grade_id=row["name"], cell_type=row["cell_type"], source=row["source"] or "",
            released=texts.get(row["name"], row["source"] or ""), checksum=row["checksum"],
            solution=row["name"] in solutions, locked=row["locked"], task=row["name"] in tasks,
            points=(graded | tasks).get(row["name"]),
        )
        for row in rows
    ]  # fmt: skip
    order = {name: i for i, name in enumerate(texts)}
    cells.sort(key=lambda cell: (order.get(cell.grade_id, len(order)), cell.grade_id))
    return ReleasedNotebook(
        assignment, notebook, tuple(cells), json.loads(kernelspec or "{}") or {}, versions
    )


def _find_notebook(gradebook: Connection, assignment: str, notebook: str) -> tuple[str, str | None]:
    query = select(t.notebook.c.id, t.notebook.c.kernelspec).where(
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
    return row[0], row[1]


def _cells(gradebook: Connection, notebook: str, kind: Table, value: Any) -> Iterator[tuple[str, Any]]:
    """The names of a notebook's cells of a kind, each with something of it."""
    query = select(t.base_cell.c.name, value).where(
        kind.c.id == t.base_cell.c.id, t.base_cell.c.notebook_id == notebook
    )
    yield from gradebook.execute(query)


def _read_released(path: Path | None) -> tuple[dict[str, str], dict[str, str]]:
    """`grade_id` → text in the notebook's order, and the versions of its problems."""
    if path is None or not path.is_file():
        return {}, {}
    try:
        notebook = json.loads(path.read_bytes())
        texts = {
            cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
            for cell in notebook["cells"]
            if "grade_id" in cell["metadata"].get("nbgrader", {})
        }
        return texts, claimed_versions(notebook)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise GraderError(
            f"{path} is no notebook any more; make it again with nbgrader generate_assignment"
        ) from None


@dataclass(frozen=True, slots=True)
class Decision:
    """What people decided about a student's notebook, and what counts in the end.

    Args:
        marks: cell → the mark that a person gave. comments: cell → a person's comment.
    """

    score: float
    penalty: float
    marks: Mapping[str, float]
    comments: Mapping[str, str]


def read_decisions(gradebook: Connection, master: ReleasedNotebook) -> dict[str, Decision]:
    """Student → what the gradebook says besides what the grader found."""
    notebook = _find_notebook(gradebook, master.assignment, master.notebook)[0]
    mine, submitted = t.submitted_notebook.c, t.submitted_assignment.c
    rows = gradebook.execute(
        select(submitted.student_id, mine.id, t.notebook_score, mine.late_submission_penalty).where(
            mine.assignment_id == submitted.id, mine.notebook_id == notebook
        )
    ).all()
    marks: dict[str, dict[str, float]] = {}
    grades = select(t.grade.c.notebook_id, t.base_cell.c.name, t.score).where(
        t.grade.c.cell_id == t.base_cell.c.id,
        t.grade.c.manual_score.is_not(None) | t.grade.c.extra_credit.is_not(None),
    )
    for place, name, score in gradebook.execute(grades):
        marks.setdefault(place, {})[name] = score
    texts: dict[str, dict[str, str]] = {}
    comments = select(t.comment.c.notebook_id, t.base_cell.c.name, t.comment.c.manual_comment).where(
        t.comment.c.cell_id == t.base_cell.c.id, t.comment.c.manual_comment.is_not(None)
    )
    for place, name, text in gradebook.execute(comments):
        texts.setdefault(place, {})[name] = text
    return {
        student: Decision(score, penalty or 0.0, marks.get(id, {}), texts.get(id, {}))
        for student, id, score, penalty in rows
    }


def write_records(
    gradebook: Connection,
    master: ReleasedNotebook,
    records: Sequence[GradebookEntry],
    penalty: Penalty | None,
) -> None:
    """Write what was found about some students, all of it or nothing.

    Scores and comments that people gave stay, and are what counts; a score that a person gave is marked to be looked
    at again, as nbgrader does.

    Args:
        penalty: the course's rule for late submissions; None to leave penalties alone.
    """
    gradebook.rollback()  # reading has begun a transaction already
    with gradebook.begin():
        notebook = _find_notebook(gradebook, master.assignment, master.notebook)[0]
        for start in range(0, len(records), _MANY):
            some = records[start : start + _MANY]
            places = _make_room(gradebook, notebook, some)
            _write_scores(gradebook, notebook, places, some)
            _write_comments(gradebook, notebook, places, some)
            if penalty is not None:
                _write_penalties(gradebook, places, some, penalty)


def _make_room(gradebook: Connection, notebook: str, records: Sequence[GradebookEntry]) -> dict[str, str]:
    """See to it that every student and submission is there, with all of its rows; student → submitted notebook."""
    names = [record.student for record in records]
    known = set(gradebook.scalars(select(t.student.c.id).where(t.student.c.id.in_(names))))
    _write(gradebook, insert(t.student), [{"id": name} for name in names if name not in known])
    assignment = gradebook.scalar(select(t.notebook.c.assignment_id).where(t.notebook.c.id == notebook))
    submitted = t.submitted_assignment.c
    query = select(submitted.student_id, submitted.id).where(
        submitted.assignment_id == assignment, submitted.student_id.in_(names)
    )
    old = dict(gradebook.execute(query).all())
    new = {name: _new_id() for name in names if name not in old}
    rows = [{"id": id, "assignment_id": assignment, "student_id": name} for name, id in new.items()]
    _write(gradebook, insert(t.submitted_assignment), rows)
    for other in gradebook.scalars(
        select(t.notebook.c.id).where(t.notebook.c.assignment_id == assignment)
    ).all():
        _add_notebook(gradebook, other, list(new.values()))
    stamp = (
        update(t.submitted_assignment).where(submitted.id == bindparam("s")).values(timestamp=bindparam("at"))
    )
    _write(
        gradebook, stamp, [{"s": (old | new)[r.student], "at": r.timestamp} for r in records if r.timestamp]
    )
    mine = select(submitted.student_id, t.submitted_notebook.c.id).where(
        t.submitted_notebook.c.assignment_id == submitted.id,
        t.submitted_notebook.c.notebook_id == notebook,
        submitted.student_id.in_(names),
    )
    return dict(gradebook.execute(mine).all())


def _add_notebook(gradebook: Connection, notebook: str, submissions: Sequence[str]) -> None:
    """The rows of a notebook in new submissions, without grades yet; a task has both a grade and a comment."""
    made = [_new_id() for _ in submissions]
    rows = [
        {"id": id, "notebook_id": notebook, "assignment_id": submission, "flagged": False}
        for id, submission in zip(made, submissions, strict=True)
    ]
    _write(gradebook, insert(t.submitted_notebook), rows)
    for table, cells, values in (
        (t.grade, _graded(gradebook, notebook), {"needs_manual_grade": True}),
        (t.comment, _commented(gradebook, notebook), {}),
    ):
        empty = [
            {"id": _new_id(), "cell_id": cell, "notebook_id": id, **values}
            for id in made
            for cell in cells.values()
        ]
        _write(gradebook, insert(table), empty)


def _graded(gradebook: Connection, notebook: str) -> dict[str, str]:
    """The cells that have grades: name → id."""
    return {
        name: id
        for kind in (t.grade_cells, t.task_cells)
        for name, id in _cells(gradebook, notebook, kind, t.base_cell.c.id)
    }


def _commented(gradebook: Connection, notebook: str) -> dict[str, str]:
    """The cells that have comments: name → id."""
    return {
        name: id
        for kind in (t.solution_cells, t.task_cells)
        for name, id in _cells(gradebook, notebook, kind, t.base_cell.c.id)
    }


def _write_scores(
    gradebook: Connection, notebook: str, places: Mapping[str, str], records: Sequence[GradebookEntry]
) -> None:
    cells = _graded(gradebook, notebook)
    statement = (
        update(t.grade)
        .where(t.grade.c.cell_id == bindparam("c"), t.grade.c.notebook_id == bindparam("n"))
        .values(
            auto_score=bindparam("score"),
            needs_manual_grade=case((t.grade.c.manual_score.is_not(None), True), else_=bindparam("open")),
        )
    )
    rows = [
        {"c": cells[name], "n": places[record.student], "score": score, "open": score is None}
        for record in records
        for name, score in record.scores.items()
    ]
    _write(gradebook, statement, rows)


def _write_comments(
    gradebook: Connection, notebook: str, places: Mapping[str, str], records: Sequence[GradebookEntry]
) -> None:
    cells = _commented(gradebook, notebook)
    statement = (
        update(t.comment)
        .where(t.comment.c.cell_id == bindparam("c"), t.comment.c.notebook_id == bindparam("n"))
        .values(auto_comment=bindparam("text"))
    )
    rows = [
        {"c": cells[name], "n": places[record.student], "text": text}
        for record in records
        for name, text in record.comments.items()
    ]
    _write(gradebook, statement, rows)


def _write_penalties(
    gradebook: Connection, places: Mapping[str, str], records: Sequence[GradebookEntry], penalty: Penalty
) -> None:
    """Take off what the rule says, never more than there is."""
    late = find_lateness(gradebook, list(places.values()))
    rows = []
    for record in records:
        id, off = places[record.student], None
        if late.get(id, 0) > 0:
            score: float = (
                gradebook.scalar(select(t.notebook_score).where(t.submitted_notebook.c.id == id)) or 0.0
            )
            taken = penalty(record.student, score, late[id])
            off = None if taken is None else min(max(taken, 0), score)
        rows.append({"p": id, "off": off})
    statement = (
        update(t.submitted_notebook)
        .where(t.submitted_notebook.c.id == bindparam("p"))
        .values(late_submission_penalty=bindparam("off"))
    )
    _write(gradebook, statement, rows)


def find_lateness(gradebook: Connection, notebooks: Sequence[str]) -> dict[str, float]:
    """Submitted notebook → by how many seconds it came after the date it was due, with the student's extension."""
    submitted = t.submitted_assignment.c
    query = select(
        t.submitted_notebook.c.id, submitted.timestamp, submitted.extension, t.assignment.c.duedate
    ).where(
        t.submitted_notebook.c.assignment_id == submitted.id,
        submitted.assignment_id == t.assignment.c.id,
        t.submitted_notebook.c.id.in_(notebooks),
    )
    return {
        id: (submitted - due - (extension or datetime.timedelta())).total_seconds()
        for id, submitted, extension, due in gradebook.execute(query)
        if submitted is not None and due is not None
    }


def _write(gradebook: Connection, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        gradebook.execute(statement, rows)


def _new_id() -> str:
    return uuid.uuid4().hex
