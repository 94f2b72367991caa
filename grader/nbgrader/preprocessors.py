"""Steps that a course's `nbgrader_config.py` may name; see `grader.platforms.nbgrader.preprocessors`."""

from grader.platforms.nbgrader.preprocessors import (
    AnyNotebook,
    ExecuteOthers,
    GradeAnswers,
    RestoreCells,
    SaveComments,
)

__all__ = ["AnyNotebook", "ExecuteOthers", "GradeAnswers", "RestoreCells", "SaveComments"]
