"""nbgrader's own steps, doing the same with less: one connection for all notebooks, metadata checked once.

nbgrader opens its gradebook anew in every step, and with it forgets every SQL statement that it has compiled; and it
checks its own schema before each cell that it checks with it. Both together take longer than running a notebook.
"""

from __future__ import annotations

import atexit
import functools
import json
import sys
from typing import Any
from unittest.mock import patch

from nbgrader import preprocessors as theirs
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.platforms.nbgrader import preprocessors
from grader.platforms.nbgrader.execute import Execute

_MOST_KEPT = 10_000


class ExecuteOthers(preprocessors.ExecuteOthers, Execute):
    """Run notebooks that are not ours in the sandbox, and leave those that are."""


class _KeptGradebook(Gradebook):  # type: ignore[misc]
    """nbgrader's gradebook on a connection that stays: each step ends its session alone."""

    def __exit__(self, *error: object) -> None:
        self.db.remove()


@functools.lru_cache(maxsize=1)
def _open_gradebook(url: str) -> _KeptGradebook:
    gradebook = _KeptGradebook(url)
    atexit.register(gradebook.close)
    return gradebook


class _KeepsConnection:
    """Has a step of nbgrader's use the gradebook that is open already."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Do what nbgrader's step of this name does."""
        own = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("nbgrader."))
        with patch.object(sys.modules[own.__module__], "Gradebook", _open_gradebook):
            return super().preprocess(nb, resources)  # type: ignore[misc]


class OverwriteKernelspec(_KeepsConnection, theirs.OverwriteKernelspec):  # type: ignore[misc]
    """Have a notebook run by the kernel that the instructor chose."""


class OverwriteCells(_KeepsConnection, theirs.OverwriteCells):  # type: ignore[misc]
    """Put cells back that a student must not change."""


class SaveAutoGrades(_KeepsConnection, theirs.SaveAutoGrades):  # type: ignore[misc]
    """Write scores and comments to the gradebook."""


class AssignLatePenalties(_KeepsConnection, theirs.AssignLatePenalties):  # type: ignore[misc]
    """Take off points for late submissions, as the plugin says."""


class CheckCellMetadata(NbGraderPreprocessor):  # type: ignore[misc]
    """Refuse notebooks with metadata that nbgrader cannot use."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook as it is.

        Raises:
            ValidationError: as nbgrader's step of this name does.
        """
        try:
            _validator().validate_nb(nb)
        except ValidationError:
            return theirs.CheckCellMetadata(parent=self.parent).preprocess(nb, resources)  # says why
        return nb, resources


class _Validator(MetadataValidator):  # type: ignore[misc]
    """Validates one of the cells with the same metadata, as those of a class have."""

    def __init__(self) -> None:
        super().__init__()
        self._valid: set[tuple[str, str]] = set()

    def validate_cell(self, cell: Any) -> None:
        """Raises what nbgrader's validator does."""
        metadata = cell.metadata.get("nbgrader")
        key = (cell.cell_type, json.dumps(metadata, sort_keys=True))
        if key in self._valid:
            return

        super().validate_cell(cell)
        # nbgrader warns of every cell whose type has changed.
        if metadata is None or metadata.get("cell_type", cell.cell_type) != cell.cell_type:
            return
        if len(self._valid) < _MOST_KEPT:
            self._valid.add(key)


@functools.lru_cache(maxsize=1)
def _validator() -> _Validator:
    return _Validator()
