"""A notebook as it was released: its cells in nbgrader's terms, and which of them are problems of ours.

nbgrader is not needed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.authoring.question_notebook import CHECK, METADATA
from grader.platforms.nbgrader.notebook_json import Notebook

_SCHEMA = 3


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """A cell as the gradebook knows it.

    Args:
        source: its text in the gradebook.
        public_source: its text in the released notebook, without hidden tests.
        locked: it is the instructor's, whatever a student makes of it.
        points: None unless it is graded.
    """

    grade_id: str
    cell_type: str
    source: str
    public_source: str
    checksum: str | None
    solution: bool
    locked: bool
    task: bool
    points: float | None

    @property
    def metadata(self) -> dict[str, Any]:
        """The cell's metadata for nbgrader, schema version 3."""
        metadata: dict[str, Any] = {
            "schema_version": _SCHEMA,
            "grade_id": self.grade_id,
            "grade": self.points is not None and not self.task,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
        }

        if self.points is not None:
            metadata["points"] = self.points
        if self.checksum is not None:
            metadata["checksum"] = self.checksum
        return metadata


@dataclass(frozen=True, slots=True)
class ReleasedNotebook:
    """A notebook of an assignment as it was given to students.

    Args:
        cells: those with a `grade_id`, in order.
        problem_versions: problem id → version; empty if not known.
    """

    assignment: str
    notebook: str
    cells: tuple[ReleasedCell, ...]
    kernelspec: Mapping[str, Any]
    problem_versions: Mapping[str, str]

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.notebook}.ipynb"

    @property
    def points(self) -> dict[str, float]:
        """Our problems in it → what each is worth; empty if the notebook is not ours."""
        answers = {cell.grade_id for cell in self.cells if cell.solution}
        points = {}
        for cell in self.cells:
            problem = problem_of(cell.grade_id)
            if cell.locked and cell.points is not None and problem in answers:
                points[problem] = cell.points
        return points

    @property
    def foreign_tests(self) -> tuple[str, ...]:
        """Test cells of another kind than ours: nothing runs them, so a person has to give their marks."""
        ours = self.points
        code = (cell for cell in self.cells if cell.cell_type == "code" and not cell.solution)
        tests = (cell for cell in code if cell.points is not None)
        return tuple(cell.grade_id for cell in tests if problem_of(cell.grade_id) not in ours)


def problem_of(grade_id: str) -> str:
    """The problem that a test cell checks; empty for other cells."""
    return grade_id.removesuffix(CHECK) if grade_id.endswith(CHECK) else ""


def grade_id_of(cell: Mapping[str, Any]) -> str:
    """The `grade_id` of a cell of a notebook; empty if it has none."""
    grade_id = _mapping(_mapping(cell.get("metadata")).get("nbgrader")).get("grade_id")
    return grade_id if isinstance(grade_id, str) else ""


def claimed_versions(notebook: Notebook) -> dict[str, str]:
    """Problem id → version, as the notebook itself says; empty if its metadata was cleared."""
    ours = _mapping(_mapping(notebook.get("metadata")).get(METADATA))
    versions = _mapping(ours.get("problems"))
    return {problem: version for problem, version in versions.items() if isinstance(version, str)}


def empty_notebook(released: ReleasedNotebook) -> Notebook:
    """The notebook that stands in for a file that cannot be read."""
    return {
        "cells": [],
        "metadata": {METADATA: {"problems": dict(released.problem_versions)}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
