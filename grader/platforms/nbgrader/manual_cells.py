"""Cells in a notebook of ours that are not ours and that people grade: what nbgrader's own steps would say of them."""

from __future__ import annotations

from dataclasses import replace

from grader.platforms.nbgrader.notebook_json import Cell, Notebook
from grader.platforms.nbgrader.released_notebook import ReleasedCell, ReleasedNotebook, grade_id_of
from grader.platforms.nbgrader.write_gradebook import GradebookEntry


def score_manual_cells(
    entry: GradebookEntry, notebook: Notebook, released: ReleasedNotebook
) -> GradebookEntry:
    """Add the cells for people to grade to an entry: no points for no answer, else to be looked at."""
    by_hand = [cell for cell in released.cells if cell.solution or cell.task]
    manual = {cell.grade_id: cell for cell in by_hand if cell.grade_id not in released.points}

    scores, comments = dict(entry.scores), dict(entry.comments)
    for cell in notebook["cells"]:
        known = manual.get(grade_id_of(cell))
        if known is None:
            continue

        is_unanswered = _is_unanswered(cell, known)
        comments[known.grade_id] = "No response." if is_unanswered else None
        if known.points is not None:
            scores[known.grade_id] = 0.0 if is_unanswered else None

    return replace(entry, scores=scores, comments=comments)


def _is_unanswered(cell: Cell, released: ReleasedCell) -> bool:
    if released.task or not released.solution:
        return False

    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    return bool(compute_checksum(from_dict(cell)) == released.checksum)
