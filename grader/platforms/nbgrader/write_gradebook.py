"""Write what was found about submissions into the gradebook, in few transactions."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, insert, select, update

from grader.platforms.nbgrader import gradebook_tables as t
from grader.platforms.nbgrader.read_gradebook import cell_values, find_notebook
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
    """Scores and comments for one student's notebook.

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
            batch = _Batch(gradebook, notebook.assignment_id, notebook.id, entries[start : start + _MANY])
            submissions = batch.add_submissions()
            batch.write_times(submissions)
            submitted = batch.find_submitted(submissions)
            batch.write_scores(submitted)
            batch.write_comments(submitted)
            if penalty is not None:
                batch.write_penalties(submitted, penalty)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Entries for a notebook, no more than fit into a statement."""

    gradebook: Connection
    assignment_id: str
    notebook_id: str
    entries: Sequence[GradebookEntry]

    def add_submissions(self) -> dict[str, str]:
        """Add the students and submissions that are missing, with all of their rows; student → submission."""
        names = [entry.student for entry in self.entries]
        students = set(self.gradebook.scalars(select(t.student.c.id).where(t.student.c.id.in_(names))))
        self._execute(insert(t.student), ({"id": name} for name in names if name not in students))

        submission = t.submitted_assignment.c
        query = select(submission.student_id, submission.id).where(
            submission.assignment_id == self.assignment_id, submission.student_id.in_(names)
        )
        old = dict(self.gradebook.execute(query).all())
        new = {name: _new_id() for name in names if name not in old}
        rows = ({"id": new[name], "assignment_id": self.assignment_id, "student_id": name} for name in new)
        self._execute(insert(t.submitted_assignment), rows)

        notebooks = select(t.notebook.c.id).where(t.notebook.c.assignment_id == self.assignment_id)
        for notebook_id in self.gradebook.scalars(notebooks).all():
            self._add_notebook(notebook_id, list(new.values()))
        return {**old, **new}

    def _add_notebook(self, notebook_id: str, submissions: Sequence[str]) -> None:
        """Add the rows of a notebook to new submissions, without grades yet."""
        new = [_new_id() for _ in submissions]
        rows = (
            {"id": key, "notebook_id": notebook_id, "assignment_id": submission, "flagged": False}
            for key, submission in zip(new, submissions, strict=True)
        )
        self._execute(insert(t.submitted_notebook), rows)

        for table, kinds, values in (
            (t.grade, _GRADED, {"needs_manual_grade": True}),
            (t.comment, _COMMENTED, {}),
        ):
            cells = self._cell_ids(notebook_id, kinds).values()
            pairs = ((key, cell) for key in new for cell in cells)
            empty = ({"id": _new_id(), "cell_id": cell, "notebook_id": key, **values} for key, cell in pairs)
            self._execute(insert(table), empty)

    def write_times(self, submissions: Mapping[str, str]) -> None:
        """Write when students submitted, as far as it is known."""
        timed = (entry for entry in self.entries if entry.timestamp)
        rows = ({"submission": submissions[entry.student], "time": entry.timestamp} for entry in timed)
        statement = update(t.submitted_assignment).where(
            t.submitted_assignment.c.id == bindparam("submission")
        )
        self._execute(statement.values(timestamp=bindparam("time")), rows)

    def find_submitted(self, submissions: Mapping[str, str]) -> dict[str, str]:
        """Student → submitted notebook."""
        submitted = t.submitted_notebook.c
        query = select(submitted.assignment_id, submitted.id).where(
            submitted.notebook_id == self.notebook_id,
            submitted.assignment_id.in_(list(submissions.values())),
        )
        ids = dict(self.gradebook.execute(query).all())
        return {student: ids[submission] for student, submission in submissions.items()}

    def write_scores(self, submitted: Mapping[str, str]) -> None:
        """Write scores; those that a person gave or has to give are marked to be looked at."""
        has_mark = t.grade.c.manual_score.is_not(None)
        statement = _update_cells(t.grade).values(
            auto_score=bindparam("score"),
            needs_manual_grade=case((has_mark, True), else_=bindparam("undecided")),
        )
        cells = self._cell_ids(self.notebook_id, _GRADED)

        rows = []
        for entry in self.entries:
            for name, score in entry.scores.items():
                row = {"cell": cells[name], "submitted": submitted[entry.student]}
                rows.append({**row, "score": score, "undecided": score is None})
        self._execute(statement, rows)

    def write_comments(self, submitted: Mapping[str, str]) -> None:
        """Write comments."""
        cells = self._cell_ids(self.notebook_id, _COMMENTED)
        rows = (
            {"cell": cells[name], "submitted": submitted[entry.student], "text": text}
            for entry in self.entries
            for name, text in entry.comments.items()
        )
        self._execute(_update_cells(t.comment).values(auto_comment=bindparam("text")), rows)

    def write_penalties(self, submitted: Mapping[str, str], penalty: Penalty) -> None:
        """Take off what the rule says, never more than there is."""
        lateness = find_lateness(self.gradebook, list(submitted.values()))
        rows = []
        for entry in self.entries:
            key, taken_off = submitted[entry.student], None
            if lateness.get(key, 0) > 0:
                query = select(t.notebook_score).where(t.submitted_notebook.c.id == key)
                score: float = self.gradebook.scalar(query) or 0.0
                asked = penalty(entry.student, score, lateness[key])
                taken_off = None if asked is None else min(max(asked, 0), score)
            rows.append({"submitted": key, "penalty": taken_off})

        statement = update(t.submitted_notebook).where(t.submitted_notebook.c.id == bindparam("submitted"))
        self._execute(statement.values(late_submission_penalty=bindparam("penalty")), rows)

    def _cell_ids(self, notebook_id: str, kinds: Iterable[Table]) -> dict[str, str]:
        """The cells of some kinds: name → id."""
        ids: dict[str, str] = {}
        for kind in kinds:
            ids |= cell_values(self.gradebook, notebook_id, kind, t.base_cell.c.id)
        return ids

    def _execute(self, statement: Any, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute a statement for all rows; without rows it would be executed once, with none of its values."""
        values = list(rows)
        if values:
            self.gradebook.execute(statement, values)


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


def _update_cells(table: Table) -> Any:
    """An update of one student's row for a cell."""
    return update(table).where(
        table.c.cell_id == bindparam("cell"), table.c.notebook_id == bindparam("submitted")
    )


def _new_id() -> str:
    return uuid.uuid4().hex
