"""Write what was found about submissions into the gradebook, in few transactions."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, insert, select, update

from grader.platforms.nbgrader import gradebook_tables as t
from grader.platforms.nbgrader.gradebook import cell_values, find_notebook
from grader.platforms.nbgrader.released_notebook import ReleasedNotebook

Penalty = Callable[[str, float, float], float | None]
"""Student, score and seconds late → how much to take off."""

_GRADED = (t.grade_cells, t.task_cells)
_COMMENTED = (t.solution_cells, t.task_cells)
"""The kinds of cells that have grades, and those that have comments; a task has both."""
_MANY = 500
"""So many names at most in one question: databases have limits."""


@dataclass(frozen=True, slots=True)
class GradebookEntry:
    """What is written of one student's notebook.

    Args:
        timestamp: when it was submitted, in UTC.
        scores: test cell → points, None where a person has to decide.
        comments: answer cell → comment, None for none.
    """

    student: str
    timestamp: datetime.datetime | None
    scores: Mapping[str, float | None]
    comments: Mapping[str, str | None] = field(default_factory=dict)


def write_entries(
    gradebook: Connection,
    released: ReleasedNotebook,
    entries: Sequence[GradebookEntry],
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
        notebook = find_notebook(gradebook, released.assignment, released.notebook)
        for start in range(0, len(entries), _MANY):
            batch = entries[start : start + _MANY]
            submissions = _add_submissions(gradebook, notebook.assignment_id, batch)
            _write_times(gradebook, submissions, batch)
            submitted = _find_submitted(gradebook, notebook.id, submissions)
            _write_scores(gradebook, notebook.id, submitted, batch)
            _write_comments(gradebook, notebook.id, submitted, batch)
            if penalty is not None:
                _write_penalties(gradebook, submitted, batch, penalty)


def _add_submissions(
    gradebook: Connection, assignment_id: str, entries: Sequence[GradebookEntry]
) -> dict[str, str]:
    """Add the students and submissions that are missing, with all of their rows; student → submission."""
    names = [entry.student for entry in entries]
    students = set(gradebook.scalars(select(t.student.c.id).where(t.student.c.id.in_(names))))
    _execute(gradebook, insert(t.student), ({"id": name} for name in names if name not in students))

    submission = t.submitted_assignment.c
    query = select(submission.student_id, submission.id).where(
        submission.assignment_id == assignment_id, submission.student_id.in_(names)
    )
    old = dict(gradebook.execute(query).all())
    new = {name: _new_id() for name in names if name not in old}
    rows = ({"id": new[name], "assignment_id": assignment_id, "student_id": name} for name in new)
    _execute(gradebook, insert(t.submitted_assignment), rows)

    notebooks = select(t.notebook.c.id).where(t.notebook.c.assignment_id == assignment_id)
    for notebook_id in gradebook.scalars(notebooks).all():
        _add_notebook(gradebook, notebook_id, list(new.values()))
    return {**old, **new}


def _write_times(
    gradebook: Connection, submissions: Mapping[str, str], entries: Iterable[GradebookEntry]
) -> None:
    statement = (
        update(t.submitted_assignment)
        .where(t.submitted_assignment.c.id == bindparam("submission"))
        .values(timestamp=bindparam("time"))
    )
    rows = (
        {"submission": submissions[entry.student], "time": entry.timestamp}
        for entry in entries
        if entry.timestamp
    )
    _execute(gradebook, statement, rows)


def _find_submitted(
    gradebook: Connection, notebook_id: str, submissions: Mapping[str, str]
) -> dict[str, str]:
    """Student → submitted notebook."""
    submitted = t.submitted_notebook.c
    query = select(submitted.assignment_id, submitted.id).where(
        submitted.notebook_id == notebook_id, submitted.assignment_id.in_(list(submissions.values()))
    )
    ids = dict(gradebook.execute(query).all())
    return {student: ids[submission] for student, submission in submissions.items()}


def _add_notebook(gradebook: Connection, notebook_id: str, submissions: Sequence[str]) -> None:
    """Add the rows of a notebook to new submissions, without grades yet."""
    new = [_new_id() for _ in submissions]
    rows = (
        {"id": key, "notebook_id": notebook_id, "assignment_id": submission, "flagged": False}
        for key, submission in zip(new, submissions, strict=True)
    )
    _execute(gradebook, insert(t.submitted_notebook), rows)

    for table, kinds, values in (
        (t.grade, _GRADED, {"needs_manual_grade": True}),
        (t.comment, _COMMENTED, {}),
    ):
        cells = _cell_ids(gradebook, notebook_id, kinds).values()
        empty = (
            {"id": _new_id(), "cell_id": cell, "notebook_id": key, **values} for key in new for cell in cells
        )
        _execute(gradebook, insert(table), empty)


def _cell_ids(gradebook: Connection, notebook_id: str, kinds: Iterable[Table]) -> dict[str, str]:
    """The cells of some kinds: name → id."""
    ids: dict[str, str] = {}
    for kind in kinds:
        ids |= cell_values(gradebook, notebook_id, kind, t.base_cell.c.id)
    return ids


def _write_scores(
    gradebook: Connection,
    notebook_id: str,
    submitted: Mapping[str, str],
    entries: Sequence[GradebookEntry],
) -> None:
    has_mark = t.grade.c.manual_score.is_not(None)
    statement = _update_cells(t.grade).values(
        auto_score=bindparam("score"),
        needs_manual_grade=case((has_mark, True), else_=bindparam("undecided")),
    )
    cells = _cell_ids(gradebook, notebook_id, _GRADED)
    rows = (
        {
            "cell": cells[name],
            "submitted": submitted[entry.student],
            "score": score,
            "undecided": score is None,
        }
        for entry in entries
        for name, score in entry.scores.items()
    )
    _execute(gradebook, statement, rows)


def _write_comments(
    gradebook: Connection,
    notebook_id: str,
    submitted: Mapping[str, str],
    entries: Sequence[GradebookEntry],
) -> None:
    statement = _update_cells(t.comment).values(auto_comment=bindparam("text"))
    cells = _cell_ids(gradebook, notebook_id, _COMMENTED)
    rows = (
        {"cell": cells[name], "submitted": submitted[entry.student], "text": text}
        for entry in entries
        for name, text in entry.comments.items()
    )
    _execute(gradebook, statement, rows)


def _update_cells(table: Table) -> Any:
    """An update of one student's row for a cell."""
    return update(table).where(
        table.c.cell_id == bindparam("cell"), table.c.notebook_id == bindparam("submitted")
    )


def _write_penalties(
    gradebook: Connection,
    submitted: Mapping[str, str],
    entries: Sequence[GradebookEntry],
    penalty: Penalty,
) -> None:
    """Take off what the rule says, never more than there is."""
    lateness = find_lateness(gradebook, list(submitted.values()))
    rows = []
    for entry in entries:
        key, taken_off = submitted[entry.student], None
        if lateness.get(key, 0) > 0:
            query = select(t.notebook_score).where(t.submitted_notebook.c.id == key)
            score: float = gradebook.scalar(query) or 0.0
            asked = penalty(entry.student, score, lateness[key])
            taken_off = None if asked is None else min(max(asked, 0), score)
        rows.append({"submitted": key, "penalty": taken_off})

    statement = (
        update(t.submitted_notebook)
        .where(t.submitted_notebook.c.id == bindparam("submitted"))
        .values(late_submission_penalty=bindparam("penalty"))
    )
    _execute(gradebook, statement, rows)


def find_lateness(gradebook: Connection, notebooks: Sequence[str]) -> dict[str, float]:
    """Submitted notebook → seconds after the date it was due, with the student's extension."""
    submission = t.submitted_assignment.c
    query = select(
        t.submitted_notebook.c.id, submission.timestamp, submission.extension, t.assignment.c.duedate
    ).where(
        t.submitted_notebook.c.assignment_id == submission.id,
        submission.assignment_id == t.assignment.c.id,
        t.submitted_notebook.c.id.in_(notebooks),
    )

    lateness = {}
    for key, time, extension, due in gradebook.execute(query):
        if time is not None and due is not None:
            late = time - due - (extension or datetime.timedelta())
            lateness[key] = late.total_seconds()
    return lateness


def _execute(gradebook: Connection, statement: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Execute a statement for all rows; without rows it would be executed once, with none of its values."""
    values = list(rows)
    if values:
        gradebook.execute(statement, values)


def _new_id() -> str:
    return uuid.uuid4().hex
