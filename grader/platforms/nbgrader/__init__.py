"""Work with nbgrader: source notebooks for it, and grading inside it. Needs the extra `nbgrader`; nothing else does."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from grader.core.errors import GraderError

if find_spec("nbgrader") is None:
    raise GraderError("nbgrader is not installed; it is an extra: pip install 'frechet-grader[nbgrader]'")

_STEPS = "grader.nbgrader.preprocessors"
_SANITIZE = (
    f"{_STEPS}.RestoreCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
)
_AUTOGRADE = (
    f"{_STEPS}.GradeAnswers",
    f"{_STEPS}.ExecuteOthers",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    f"{_STEPS}.SaveComments",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)


def configure(config: Any, problems: str | None = None) -> None:
    """What `nbgrader_config.py` calls: from then on nbgrader's own commands grade with this grader.

    Notebooks that are not ours are graded as ever.

    Args:
        config: what `get_config()` gave.
        problems: the folder with `config.yaml`, `exercises/` and `solutions/`, as seen from the nbgrader course's
            folder; if not given it is found upward from there, else it is the course that ships with the package.
    """
    config.Autograde.sanitize_preprocessors = list(_SANITIZE)
    config.Autograde.autograde_preprocessors = list(_AUTOGRADE)
    config.Autograde.exporter_class = f"{_STEPS}.AnyNotebook"
    if problems is not None:
        config.FrechetGrader.problems = problems
