"""What a course's `nbgrader_config.py` imports for assignments that are not ours."""

from grader.platforms.nbgrader.execute import configure_execute

__all__ = ["configure_execute"]
