"""The tables of nbgrader's gradebook, as far as they are used here; `nbgrader.api` has all of them.

Said again because importing nbgrader takes longer than grading a class. A test holds the two against each other.
"""

from __future__ import annotations

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


def _key(name: str = "id") -> Column[str]:
    return Column(name, String(128), primary_key=name == "id")


assignment = Table("assignment", METADATA, _key(), _key("name"), Column("duedate", DateTime))
notebook = Table(
    "notebook", METADATA, _key(), _key("name"), _key("assignment_id"), Column("kernelspec", String(1024))
)
base_cell = Table("base_cell", METADATA, _key(), _key("name"), _key("notebook_id"))
grade_cells = Table("grade_cells", METADATA, _key(), Column("max_score", Float))
solution_cells = Table("solution_cells", METADATA, _key())
task_cells = Table("task_cells", METADATA, _key(), Column("max_score", Float))
source_cell = Table(
    "source_cell", METADATA, _key(), _key("name"), _key("notebook_id"), _key("cell_type"),
    Column("locked", Boolean), Column("source", Text), Column("checksum", String(128)),
)  # fmt: skip
student = Table("student", METADATA, _key())
submitted_assignment = Table(
    "submitted_assignment", METADATA, _key(), _key("assignment_id"), _key("student_id"),
    Column("timestamp", DateTime), Column("extension", Interval),
)  # fmt: skip
submitted_notebook = Table(
    "submitted_notebook", METADATA, _key(), _key("notebook_id"), _key("assignment_id"), Column("flagged", Boolean),
    Column("late_submission_penalty", Float),
)  # fmt: skip
grade = Table(
    "grade", METADATA, _key(), _key("cell_id"), _key("notebook_id"), Column("auto_score", Float),
    Column("manual_score", Float), Column("extra_credit", Float), Column("needs_manual_grade", Boolean),
)  # fmt: skip
comment = Table(
    "comment", METADATA, _key(), _key("cell_id"), _key("notebook_id"), Column("auto_comment", Text),
    Column("manual_comment", Text),
)  # fmt: skip

given = func.coalesce(grade.c.manual_score, grade.c.auto_score)
"""A person's mark wins; extra credit counts once there is a mark."""
score = case((given.is_(None), 0.0), else_=given + func.coalesce(grade.c.extra_credit, 0.0))
notebook_score = (
    select(func.coalesce(func.sum(score), 0.0))
    .where(grade.c.notebook_id == submitted_notebook.c.id)
    .correlate(submitted_notebook)
    .scalar_subquery()
)
