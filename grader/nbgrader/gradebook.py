"""nbgrader's gradebook: what an assignment consists of is read there, results are written in few transactions."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader import api
from sqlalchemy import bindparam, case, insert, select, update

from grader.errors import GraderError
from grader.nbgrader.cells import Master, MasterCell, claimed_versions

Penalty = Callable[[str, float, float], float | None]
"""Student, score and seconds late → how much to take off."""


@dataclass(frozen=True, slots=True)
class Record:
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
def open_gradebook(url: str, course_id: str = "") -> Iterator[Any]:
    """The gradebook, closed afterwards."""
    gradebook = api.Gradebook(url, course_id)
    try:
        yield gradebook
    finally:
        gradebook.close()


def read_master(gradebook: Any, assignment: str, notebook: str, released: Path | None = None) -> Master:
    """A notebook as `nbgrader generate_assignment` left it in the gradebook.

    Args:
        released: the notebook that students got, for the order and the versions of its cells.

    Raises:
        GraderError: the gradebook has no such notebook.
    """
    try:
        found = gradebook.find_notebook(notebook, assignment)
    except api.MissingEntry:
        raise GraderError(
            f"The gradebook has no notebook {notebook!r} of the assignment {assignment!r}; "
            f"run nbgrader generate_assignment {assignment} first"
        ) from None
    texts, versions = _read_released(released)
    graded = {cell.name: cell.max_score for cell in (*found.grade_cells, *found.task_cells)}
    solutions = {cell.name for cell in found.solution_cells}
    tasks = {cell.name for cell in found.task_cells}
    cells = [
        MasterCell(
            grade_id=cell.name, cell_type=cell.cell_type, source=cell.source or "",
            released=texts.get(cell.name, cell.source or ""), checksum=cell.checksum,
            solution=cell.name in solutions, locked=cell.locked, task=cell.name in tasks,
            points=graded.get(cell.name),
        )
        for cell in found.source_cells
    ]  # fmt: skip
    order = {name: i for i, name in enumerate(texts)}
    cells.sort(key=lambda cell: (order.get(cell.grade_id, len(order)), cell.grade_id))
    kernelspec = json.loads(found.kernelspec) if found.kernelspec else {}
    return Master(assignment, notebook, tuple(cells), kernelspec or {}, versions)


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


def write_records(gradebook: Any, master: Master, records: Sequence[Record], penalty: Penalty | None) -> None:
    """Write what was found about some students, all of it or nothing.

    Scores and comments that people gave stay, and are what counts; a score that a person gave is marked to be looked
    at again, as nbgrader does.
    """
    db = gradebook.db
    try:
        notebook = gradebook.find_notebook(master.notebook, master.assignment)
        places = _make_room(db, notebook, records)
        cells = {(kind, cell.name): cell.id for kind, cell in _base_cells(notebook)}
        _update_scores(db, cells, places, records)
        _update_comments(db, cells, places, records)
        _update_penalties(db, notebook, places, records, penalty)
        db.commit()
    except BaseException:
        db.rollback()
        raise


def _base_cells(notebook: Any) -> Iterator[tuple[str, Any]]:
    """The cells that have grades and those that have comments; a task has both."""
    for cell in (*notebook.grade_cells, *notebook.task_cells):
        yield "grade", cell
    for cell in (*notebook.solution_cells, *notebook.task_cells):
        yield "comment", cell


def _make_room(db: Any, notebook: Any, records: Sequence[Record]) -> dict[str, str]:
    """See to it that every student and submission is there, with all of its rows; student → submitted notebook."""
    assignment = notebook.assignment
    names = [record.student for record in records]
    known = set(db.scalars(select(api.Student.id).where(api.Student.id.in_(names))))
    _insert(db, api.Student, [{"id": name} for name in names if name not in known])
    query = select(api.SubmittedAssignment.student_id, api.SubmittedAssignment.id).where(
        api.SubmittedAssignment.assignment_id == assignment.id, api.SubmittedAssignment.student_id.in_(names)
    )
    submissions = dict(db.execute(query).tuples().all())
    missing = {name: api.new_uuid() for name in names if name not in submissions}
    _insert(
        db,
        api.SubmittedAssignment,
        [{"id": id, "assignment_id": assignment.id, "student_id": name} for name, id in missing.items()],
    )
    for other in assignment.notebooks:
        _add_notebooks(db, other, list(missing.values()))
    stamped = [{"s": (submissions | missing)[r.student], "t": r.timestamp} for r in records if r.timestamp]
    _execute(db, _set(api.SubmittedAssignment, "s", timestamp=bindparam("t")), stamped)
    rows = select(api.SubmittedAssignment.student_id, api.SubmittedNotebook.id).join(
        api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id
    )
    mine = rows.where(
        api.SubmittedNotebook.notebook_id == notebook.id, api.SubmittedAssignment.student_id.in_(names)
    )
    return dict(db.execute(mine).tuples().all())


def _add_notebooks(db: Any, notebook: Any, submissions: Sequence[str]) -> None:
    """The rows of a notebook that was just submitted, without grades yet."""
    made = [
        {"id": api.new_uuid(), "notebook_id": notebook.id, "assignment_id": submission, "flagged": False}
        for submission in submissions
    ]
    _insert(db, api.SubmittedNotebook, made)
    cells = list(_base_cells(notebook))
    pairs = [(kind, cell.id, row["id"]) for row in made for kind, cell in cells]
    _insert(
        db,
        api.Grade,
        [
            {"id": api.new_uuid(), "cell_id": cell, "notebook_id": place, "needs_manual_grade": True}
            for kind, cell, place in pairs
            if kind == "grade"
        ],
    )
    _insert(
        db,
        api.Comment,
        [
            {"id": api.new_uuid(), "cell_id": cell, "notebook_id": place}
            for kind, cell, place in pairs
            if kind == "comment"
        ],
    )


def _update_scores(
    db: Any, cells: Mapping[tuple[str, str], str], places: Mapping[str, str], records: Sequence[Record]
) -> None:
    table = api.Grade.__table__
    statement = (
        update(table)
        .where(table.c.cell_id == bindparam("c"), table.c.notebook_id == bindparam("n"))
        .values(
            auto_score=bindparam("score"),
            needs_manual_grade=case((table.c.manual_score.is_not(None), True), else_=bindparam("open")),
        )
    )
    rows = [
        {"c": cells["grade", name], "n": places[record.student], "score": score, "open": score is None}
        for record in records
        for name, score in record.scores.items()
    ]
    _execute(db, statement, rows)


def _update_comments(
    db: Any, cells: Mapping[tuple[str, str], str], places: Mapping[str, str], records: Sequence[Record]
) -> None:
    table = api.Comment.__table__
    statement = (
        update(table)
        .where(table.c.cell_id == bindparam("c"), table.c.notebook_id == bindparam("n"))
        .values(auto_comment=bindparam("text"))
    )
    rows = [
        {"c": cells["comment", name], "n": places[record.student], "text": text}
        for record in records
        for name, text in record.comments.items()
    ]
    _execute(db, statement, rows)


def _update_penalties(
    db: Any, notebook: Any, places: Mapping[str, str], records: Sequence[Record], penalty: Penalty | None
) -> None:
    """Take off what the course's rule says for late submissions, never more than there is."""
    if penalty is None:
        return
    submission, mine = api.SubmittedAssignment, api.SubmittedNotebook
    ids = [places[record.student] for record in records]
    late: dict[str, float] = {}
    if (due := notebook.assignment.duedate) is not None:
        query = (
            select(mine.id, submission.timestamp, submission.extension)
            .join(submission)
            .where(mine.id.in_(ids))
        )
        for id, submitted, extension in db.execute(query):
            if submitted is not None:
                late[id] = (submitted - due - (extension or datetime.timedelta())).total_seconds()
    off: dict[str, float | None] = dict.fromkeys(ids)
    for record in records:
        id = places[record.student]
        if late.get(id, 0) > 0:
            score = db.scalar(select(mine.score).where(mine.id == id))
            taken = penalty(record.student, score, late[id])
            off[id] = None if taken is None else min(max(taken, 0), score)
    rows = [{"p": id, "off": taken} for id, taken in off.items()]
    _execute(db, _set(mine, "p", late_submission_penalty=bindparam("off")), rows)


def _set(kind: Any, key: str, **values: Any) -> Any:
    table = kind.__table__
    return update(table).where(table.c.id == bindparam(key)).values(**values)


def _insert(db: Any, kind: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        db.execute(insert(kind.__table__), rows)


def _execute(db: Any, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        db.connection().execute(statement, rows)
