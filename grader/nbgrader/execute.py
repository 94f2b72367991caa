"""What a course's `nbgrader_config.py` imports for assignments that are not ours."""

from grader.platforms.nbgrader.execute import Execute, configure_execute

__all__ = ["Execute", "configure_execute"]
