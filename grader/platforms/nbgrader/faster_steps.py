"""nbgrader's own steps, doing the same with less: one connection for all notebooks, metadata checked once.

nbgrader opens its gradebook anew in every step, and with it forgets every SQL statement that it has compiled; and it
checks its own schema before each cell that it checks with it. Both together take longer than running a notebook.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
from collections.abc import Iterator
from typing import Any

from nbgrader import preprocessors as theirs
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.platforms.nbgrader import preprocessors
from grader.platforms.nbgrader.execute import Execute

_MOST_KEPT = 10_000


class ExecuteOthers(preprocessors.ExecuteOthers, Execute):
    """Run notebooks that are not ours in the sandbox, and leave those that are."""


class OverwriteKernelspec(theirs.OverwriteKernelspec):  # type: ignore[misc]
    """Have a notebook run by the kernel that the instructor chose."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook with that kernel."""
        names = resources["nbgrader"]
        with open_gradebook(names["db_url"]) as gradebook:
            kernelspec = gradebook.find_notebook(names["notebook"], names["assignment"]).kernelspec

        if kernelspec is not None and (kernel := json.loads(kernelspec)):
            nb.metadata["kernelspec"] = kernel
        return nb, resources


class OverwriteCells(theirs.OverwriteCells):  # type: ignore[misc]
    """Put cells back that a student must not change."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook with them."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        self.db_url = names["db_url"]
        with open_gradebook(self.db_url) as self.gradebook:
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            if self.add_missing_cells:
                nb, resources = self.add_missing_grade_cells(nb, resources)
                nb, resources = self.add_missing_task_cells(nb, resources)
        return nb, resources


class SaveAutoGrades(theirs.SaveAutoGrades):  # type: ignore[misc]
    """Write scores and comments to the gradebook."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook as it is."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        self.student_id, self.db_url = names["student"], names["db_url"]
        with open_gradebook(self.db_url) as self.gradebook:
            return NbGraderPreprocessor.preprocess(self, nb, resources)


class AssignLatePenalties(theirs.AssignLatePenalties):  # type: ignore[misc]
    """Take off points for late submissions, as the plugin says."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook as it is."""
        names = resources["nbgrader"]
        assignment, student = names["assignment"], names["student"]
        self.init_plugin()
        with open_gradebook(names["db_url"]) as gradebook:
            submission = gradebook.find_submission(assignment, student)
            notebook = gradebook.find_submission_notebook(names["notebook"], assignment, student)
            late, penalty = submission.total_seconds_late, None
            if late > 0:
                self.log.warning("%s is %s seconds late", submission, late)
                penalty = self.plugin_inst.late_submission_penalty(student, notebook.score, late)
                self.log.warning("Late submission penalty: %s", penalty)
            if penalty is not None:
                penalty = self._check_late_penalty(notebook, penalty)
            notebook.late_submission_penalty = penalty
            gradebook.db.commit()
        return nb, resources


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


@functools.lru_cache(maxsize=1)
def _gradebook(url: str) -> Gradebook:
    gradebook = Gradebook(url)
    atexit.register(gradebook.close)
    return gradebook


@contextlib.contextmanager
def open_gradebook(url: str) -> Iterator[Gradebook]:
    """Open nbgrader's gradebook, with a session of its own on a connection that stays."""
    gradebook = _gradebook(url)
    try:
        yield gradebook
    finally:
        gradebook.db.remove()
