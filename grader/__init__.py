"""Autograded exercises in matrix calculus: exact derivatives, derived tolerances, feedback that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.core.version import __version__

if TYPE_CHECKING:
    from grader.platforms.jupyter import check

__all__ = ["__version__", "check"]


def __getattr__(name: str) -> Any:
    """`from grader import check` loads what it needs then, so that commands need not."""
    if name == "check":
        from grader.platforms.jupyter import check

        return check
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
