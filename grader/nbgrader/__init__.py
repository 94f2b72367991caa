"""Imports for a course's `nbgrader_config.py`; see `grader.platforms.nbgrader`."""

from grader.platforms.nbgrader.configure import configure

__all__ = ["configure"]
