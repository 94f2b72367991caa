"""Steps that a course's `nbgrader_config.py` may name; see `grader.platforms.nbgrader.faster_steps`."""

from grader.platforms.nbgrader.faster_steps import (
    AssignLatePenalties,
    CheckCellMetadata,
    ExecuteOthers,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

__all__ = [
    "AssignLatePenalties",
    "CheckCellMetadata",
    "ExecuteOthers",
    "OverwriteCells",
    "OverwriteKernelspec",
    "SaveAutoGrades",
]
