"""Work with nbgrader: source notebooks for it, and grading inside it. Needs the extra `nbgrader`; nothing else does."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from grader.errors import GraderError

if find_spec("nbgrader") is None:
    raise GraderError("nbgrader is not installed; it is an extra: pip install 'frechet-grader[nbgrader]'")


def configure(config: Any, problems: str | None = None) -> None:
    """What `nbgrader_config.py` calls: from then on nbgrader's own commands grade with this grader.

    Args:
        config: what `get_config()` gave.
        problems: the folder with `config.yaml`, `exercises/` and `solutions/`, as seen from the nbgrader course's
            folder; if not given it is found upward from there, else it is the course that ships with the package.
    """
    if problems is not None:
        config.FrechetGrader.problems = problems
