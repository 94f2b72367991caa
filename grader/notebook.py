"""Where earlier notebooks import `check` from; see `grader.platforms.jupyter`."""

from grader.platforms.jupyter import check

__all__ = ["check"]
