"""Set nbgrader's configuration, so that its own commands grade with this grader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_NBGRADER = "nbgrader.preprocessors"
_OURS = "grader.nbgrader"
"""Names as a course's configuration may spell them, wherever the modules are."""

_SANITIZE = tuple(
    f"{_NBGRADER}.{step}"
    for step in (
        "ClearOutput",
        "DeduplicateIds",
        "OverwriteKernelspec",
        "OverwriteCells",
        "CheckCellMetadata",
    )
)
_AUTOGRADE = (
    f"{_NBGRADER}.Execute",
    f"{_NBGRADER}.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    f"{_NBGRADER}.LimitOutput",
    f"{_NBGRADER}.SaveAutoGrades",
    f"{_NBGRADER}.AssignLatePenalties",
    f"{_NBGRADER}.CheckCellMetadata",
)
"""nbgrader's own steps."""

_FASTER = (
    "OverwriteKernelspec",
    "OverwriteCells",
    "SaveAutoGrades",
    "AssignLatePenalties",
    "CheckCellMetadata",
)
_EXECUTE_OTHERS = f"{_OURS}.steps.ExecuteOthers"
_REPLACED = {
    f"{_NBGRADER}.Execute": f"{_OURS}.execute.Execute",
    f"{_OURS}.preprocessors.ExecuteOthers": _EXECUTE_OTHERS,
    "grader.platforms.nbgrader.preprocessors.ExecuteOthers": _EXECUTE_OTHERS,  # given as a class
    **{f"{_NBGRADER}.{step}": f"{_OURS}.steps.{step}" for step in _FASTER},
}


def configure(config: Any, problems: str | None = None) -> None:
    """Have nbgrader's own commands grade notebooks of ours with this grader; `nbgrader_config.py` calls this.

    Notebooks that are not ours are graded as ever.

    Args:
        config: the value of `get_config()`.
        problems: the folder with `config.yaml`, `exercises/` and `solutions/`, as seen from the nbgrader course's
            folder; if not given it is found upward from there, else it is the course that ships with the package.
    """
    ours = f"{_OURS}.preprocessors"
    sanitize, autograde = list(_SANITIZE), list(_AUTOGRADE)
    sanitize.insert(0, f"{ours}.RestoreCells")
    autograde[:1] = [f"{ours}.GradeAnswers", f"{ours}.ExecuteOthers"]
    saved = autograde.index(f"{_NBGRADER}.SaveAutoGrades")
    autograde.insert(saved + 1, f"{ours}.SaveComments")

    config.Autograde.sanitize_preprocessors = sanitize
    config.Autograde.autograde_preprocessors = autograde
    config.Autograde.exporter_class = f"{ours}.AnyNotebook"
    if problems is not None:
        config.FrechetGrader.problems = problems


def configure_execute(config: Any, libraries: Iterable[str] | None = None) -> None:
    """Have `nbgrader autograde` run notebooks in the sandbox; `nbgrader_config.py` calls this.

    Where `configure` is called too, as for courses with assignments of both kinds, it is called before.

    Args:
        config: the value of `get_config()`.
        libraries: modules that notebooks may import besides the standard library; NumPy alone if not given.
    """
    for name, usual in (("sanitize_preprocessors", _SANITIZE), ("autograde_preprocessors", _AUTOGRADE)):
        steps = [_full_name(step) for step in config.Autograde.get(name) or usual]
        config.Autograde[name] = [_REPLACED.get(step, step) for step in steps]

    if libraries is not None:
        # One name in brackets without a comma is text, and would be taken letter by letter.
        config.Execute.libraries = [libraries] if isinstance(libraries, str) else list(libraries)


def _full_name(step: Any) -> str:
    """The full name of a step; nbgrader's own without the module that its package takes them from."""
    name = step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"
    if "." not in name or name.startswith(f"{_NBGRADER}."):
        return f"{_NBGRADER}.{name.rpartition('.')[2]}"
    return name
