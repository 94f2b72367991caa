"""Imports for a course's `nbgrader_config.py`, for assignments that are not ours."""

from grader.platforms.nbgrader.configure import configure_execute
from grader.platforms.nbgrader.execute import Execute

__all__ = ["Execute", "configure_execute"]
