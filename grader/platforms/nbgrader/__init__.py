"""Work with nbgrader: source notebooks for it, and grading inside it. Needs the extra `nbgrader`; nothing else does."""

from __future__ import annotations

from importlib.util import find_spec

from grader.core.errors import GraderError

if find_spec("nbgrader") is None:
    raise GraderError("nbgrader is not installed; it is an extra: pip install 'frechet-grader[nbgrader]'")
