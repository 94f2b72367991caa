"""Cells in a notebook of ours that are not ours and that people grade: what nbgrader's own steps would say of them."""

from __future__ import annotations

from dataclasses import replace

from grader.platforms.nbgrader.notebook_json import Cell, Notebook
from grader.platforms.nbgrader.released_notebook import ReleasedCell, ReleasedNotebook, grade_id_of
from grader.platforms.nbgrader.write_gradebook import GradebookEntry

_NO_ANSWER = (0.0, "No response.")
_TO_BE_READ = (None, None)
"""Score and comment."""


def score_manual_cells(
    entry: GradebookEntry, notebook: Notebook, released: ReleasedNotebook
) -> GradebookEntry:
    """Add the cells for people to grade to an entry: no points for no answer, else to be looked at."""
    manual = _manual_cells(released)
    scores, comments = dict(entry.scores), dict(entry.comments)
    for cell in notebook["cells"]:
        known = manual.get(grade_id_of(cell))
        if known is None:
            continue

        score, comment = _NO_ANSWER if _is_unanswered(cell, known) else _TO_BE_READ
        comments[known.grade_id] = comment
        if known.points is not None:
            scores[known.grade_id] = score

    return replace(entry, scores=scores, comments=comments)


def _manual_cells(released: ReleasedNotebook) -> dict[str, ReleasedCell]:
    """The cells for answers and tasks that are no problems of ours, by `grade_id`."""
    ours = released.points
    others = [cell for cell in released.cells if cell.grade_id not in ours]
    return {cell.grade_id: cell for cell in others if cell.solution or cell.task}


def _is_unanswered(cell: Cell, released: ReleasedCell) -> bool:
    """Is an answer as it was released? Of a task a person decides that."""
    if released.task or not released.solution:
        return False

    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    return bool(compute_checksum(from_dict(cell)) == released.checksum)
