"""Put the cells with which an assignment was released back into a submitted notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grader.authoring.question_notebook import CHECK
from grader.platforms.nbgrader.notebook_json import Cell, Notebook
from grader.platforms.nbgrader.released_notebook import ReleasedCell, ReleasedNotebook, grade_id_of

NoticeKind = Literal["edited", "deleted", "duplicated", "cleared", "gone"]

_DEFINITION = re.compile(r"^def +(\w+) *\(", re.MULTILINE)
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_GONE = "# There was no cell for this answer in the submitted notebook."


@dataclass(frozen=True, slots=True)
class CellNotice:
    """Something that was wrong with one of our cells (`cleared`: with the whole notebook)."""

    kind: NoticeKind
    grade_id: str = ""


def restore(notebook: Notebook, released: ReleasedNotebook) -> tuple[Notebook, tuple[CellNotice, ...]]:
    """Put the released cells back into a student's notebook, and say what had happened to them.

    Outputs are cleared. Where a cell was copied, the last copy is the cell, as in nbgrader; copies of test cells
    become text that does not run. Missing test cells are put back below their answers.

    Args:
        notebook: sanitized.
    """
    cells = [_clear(cell) for cell in notebook["cells"]]
    grade_ids = [grade_id_of(cell) for cell in notebook["cells"]]

    owned, notices = _claim(cells, grade_ids, released)
    if released.points and not owned:
        notices.append(CellNotice("cleared"))

    _recognise(cells, owned, released)
    for cell in released.cells:
        if cell.grade_id in owned:
            notices += _reset(owned[cell.grade_id], cell)
    notices += _put_back(cells, owned, released)

    minor = notebook["nbformat_minor"]
    _set_ids(cells, minor)

    metadata = dict(notebook["metadata"])
    if released.kernelspec:
        metadata["kernelspec"] = dict(released.kernelspec)
    restored = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}
    return restored, tuple(notices)


def _clear(cell: Mapping[str, Any]) -> Cell:
    """Copy a cell without outputs, and without metadata that nbgrader would stumble over."""
    metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
    cleared = {**cell, "metadata": metadata}
    if cell["cell_type"] == "code":
        _convert(cleared, "code")
    return cleared


def _convert(cell: Cell, kind: str) -> None:
    """Make a cell one of that kind, with the fields that the kind has."""
    cell["cell_type"] = kind
    if kind == "code":
        cell.pop("attachments", None)
        cell.update(outputs=[], execution_count=None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _claim(
    cells: list[Cell], grade_ids: list[str], released: ReleasedNotebook
) -> tuple[dict[str, Cell], list[CellNotice]]:
    """Map each `grade_id` to the last cell that has it; other copies of locked cells become text."""
    known = {cell.grade_id: cell for cell in released.cells}
    owned: dict[str, Cell] = {}
    notices: list[CellNotice] = []

    for cell, grade_id in reversed(list(zip(cells, grade_ids, strict=True))):
        if grade_id not in known:
            continue
        if grade_id not in owned:
            owned[grade_id] = cell
        elif known[grade_id].locked:
            _convert(cell, "raw")
            notice = CellNotice("duplicated", grade_id)
            if notice not in notices:
                notices.append(notice)

    return owned, notices


def _recognise(cells: list[Cell], owned: dict[str, Cell], released: ReleasedNotebook) -> None:
    """Find cells that lost their metadata: test cells by their text, answers by the function they define."""
    for wanted in released.cells:
        if wanted.grade_id in owned:
            continue

        taken = {id(cell) for cell in owned.values()}
        candidates = [
            cell for cell in cells if id(cell) not in taken and cell["cell_type"] == wanted.cell_type
        ]
        matching = [cell for cell in candidates if _is_like(cell, wanted)]
        if matching:
            owned[wanted.grade_id] = matching[-1]

        if wanted.locked:
            for copy in matching[:-1]:
                _convert(copy, "raw")


def _is_like(cell: Cell, wanted: ReleasedCell) -> bool:
    if wanted.locked:
        return cell["source"].strip() in (wanted.source.strip(), wanted.public_source.strip())
    return not _functions(cell["source"]).isdisjoint(_functions(wanted.public_source))


def _functions(source: str) -> set[str]:
    return set(_DEFINITION.findall(source))


def _reset(cell: Cell, released: ReleasedCell) -> list[CellNotice]:
    """Make a cell what it was released as; say so if a student had edited it."""
    if cell["cell_type"] != released.cell_type:
        _convert(cell, released.cell_type)
    cell["metadata"]["nbgrader"] = released.metadata
    if not released.locked:
        return []

    is_edited = cell["source"] not in (released.source, released.public_source)
    cell["source"] = released.source
    return [CellNotice("edited", released.grade_id)] if is_edited else []


def _put_back(cells: list[Cell], owned: dict[str, Cell], released: ReleasedNotebook) -> Iterator[CellNotice]:
    """Add the answer and test cells of ours that are missing; a test cell stands below its answer."""
    known = {cell.grade_id: cell for cell in released.cells}
    for problem in released.points:
        answer, check = problem, problem + CHECK

        if answer not in owned:
            owned[answer] = _new_cell(known[answer], _GONE)
            cells.insert(_position(cells, owned.get(check)), owned[answer])
            yield CellNotice("gone", answer)

        if check not in owned:
            owned[check] = _new_cell(known[check], known[check].source)
            cells.insert(_position(cells, owned[answer]) + 1, owned[check])
            yield CellNotice("deleted", check)


def _new_cell(released: ReleasedCell, source: str) -> Cell:
    cell: Cell = {"metadata": {"nbgrader": released.metadata}, "source": source}
    _convert(cell, released.cell_type)
    return cell


def _position(cells: list[Cell], wanted: Cell | None) -> int:
    """The place of this very cell; the end if it is not there."""
    return next((place for place, cell in enumerate(cells) if cell is wanted), len(cells))


def _set_ids(cells: list[Cell], minor: int) -> None:
    """Give each cell an id of its own where the format has ids, and none where it has not."""
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        cell_id = cell.pop("id", "")
        if minor < 5:
            continue

        if cell_id in taken or not _CELL_ID.fullmatch(cell_id):
            cell_id = f"cell-{number}"
            while cell_id in taken:
                cell_id += "-"
        taken.add(cell_id)
        cell["id"] = cell_id
