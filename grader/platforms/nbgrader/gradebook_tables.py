"""The tables of nbgrader's gradebook, as far as they are used here; `nbgrader.api` has all of them.

Said again because importing nbgrader takes longer than grading a class. A test holds the two against each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    Interval,
    MetaData,
    String,
    Table,
    Text,
    case,
    func,
    select,
)

METADATA = MetaData()


def _table(name: str, texts: str, **columns: Any) -> Table:
    """A table with short texts, of which `id` is the primary key, and columns of other types."""
    short = [Column(column, String(128), primary_key=column == "id") for column in texts.split()]
    return Table(name, METADATA, *short, *(Column(column, kind) for column, kind in columns.items()))


assignment = _table("assignment", "id name", duedate=DateTime)
notebook = _table("notebook", "id name assignment_id", kernelspec=String(1024))

base_cell = _table("base_cell", "id name notebook_id")
grade_cells = _table("grade_cells", "id", max_score=Float)
solution_cells = _table("solution_cells", "id")
task_cells = _table("task_cells", "id", max_score=Float)
source_cell = _table("source_cell", "id name notebook_id cell_type checksum", locked=Boolean, source=Text)

student = _table("student", "id")
submitted_assignment = _table(
    "submitted_assignment", "id assignment_id student_id", timestamp=DateTime, extension=Interval
)
submitted_notebook = _table(
    "submitted_notebook", "id notebook_id assignment_id", flagged=Boolean, late_submission_penalty=Float
)

grade = _table(
    "grade",
    "id cell_id notebook_id",
    auto_score=Float,
    manual_score=Float,
    extra_credit=Float,
    needs_manual_grade=Boolean,
)
comment = _table("comment", "id cell_id notebook_id", auto_comment=Text, manual_comment=Text)

given = func.coalesce(grade.c.manual_score, grade.c.auto_score)
"""A person's mark wins; extra credit counts once there is a mark."""
score = case((given.is_(None), 0.0), else_=given + func.coalesce(grade.c.extra_credit, 0.0))
notebook_score = (
    select(func.coalesce(func.sum(score), 0.0))
    .where(grade.c.notebook_id == submitted_notebook.c.id)
    .correlate(submitted_notebook)
    .scalar_subquery()
)
