"""Graded cells in a notebook of ours that are not ours: what nbgrader's own steps would say of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.platforms.nbgrader.gradebook import GradebookEntry
from grader.platforms.nbgrader.restore_cells import Notebook, ReleasedNotebook


def score_others(record: GradebookEntry, notebook: Notebook, master: ReleasedNotebook) -> GradebookEntry:
    """The record with cells for people to grade: nothing for no answer, else to be looked at."""
    ours = master.points
    known = {cell.grade_id: cell for cell in master.cells if cell.grade_id not in ours and not _is_test(cell)}
    scores, comments = dict(record.scores), dict(record.comments)
    for cell in notebook["cells"] if known else ():
        found = known.get(cell["metadata"].get("nbgrader", {}).get("grade_id"))
        if found is None or not (found.solution or found.task):
            continue
        unchanged = found.solution and not found.task and _checksum(cell) == found.checksum
        comments[found.grade_id] = "No response." if unchanged else None
        if found.points is not None:
            scores[found.grade_id] = 0.0 if unchanged else None
    return replace(record, scores=scores, comments=comments)


def _is_test(cell: Any) -> bool:
    return cell.points is not None and not cell.solution and not cell.task


def _checksum(cell: dict[str, Any]) -> str:
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    found: str = compute_checksum(from_dict(cell))
    return found
