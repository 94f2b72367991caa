"""A student's notebook, made ready to be graded; what must be known of it later is kept in the notebook."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.answers.submission import MAX_BYTES, SubmittedFile, too_large
from grader.authoring.question_notebook import METADATA
from grader.grading.result_keys import result_key
from grader.platforms.nbgrader.grading_context import GradingContext
from grader.platforms.nbgrader.notebook_json import Cell, Notebook, read_file
from grader.platforms.nbgrader.released_notebook import ReleasedNotebook, empty_notebook, grade_id_of
from grader.platforms.nbgrader.released_versions import VersionMatch
from grader.platforms.nbgrader.restore_cells import CellNotice, restore
from grader.platforms.nbgrader.timestamp import read_timestamp
from grader.reports.report import Failure

_FAULT, _NOTICES = "fault", "notes"
_INSTEAD_OF_TESTS = "from grader import check"  # which does nothing in the sandbox


@dataclass(frozen=True, slots=True, eq=False)
class SubmittedNotebook:
    """A student's notebook.

    Args:
        folder: where it was handed in.
        notebook: restored.
        match: the released version that it is graded against.
        code: the part of it that is run.
        key: of its result.
    """

    student: str
    folder: Path
    timestamp: datetime | None
    notebook: Notebook
    notices: tuple[CellNotice, ...]
    match: VersionMatch
    code: SubmittedFile
    key: str


def read_submitted(context: GradingContext, student: str, folder: Path) -> SubmittedNotebook | str:
    """Read what a student handed in; return a sentence instead if there is nothing to grade.

    Args:
        folder: the student's, below `submitted/`.
    """
    released = context.released
    if not _is_unicode(student):
        return f"{student} is not a name in UTF-8, as gradebooks need; rename the folder"

    linked = next((place for place in (folder.parent, folder) if place.is_symlink()), None)
    if linked is not None:
        return (
            f"{student}: {linked} is a link, perhaps to somebody else's work; put the files themselves there"
        )

    path = folder / released.file_name
    try:
        if not path.is_symlink() and not path.exists():
            return _say_missing(student, path)
        timestamp = read_timestamp(folder)
    except OSError as error:
        return f"{student}: {error.filename} cannot be read: {error.strerror}"
    except ValueError:
        return f"{student}: {folder / 'timestamp.txt'} contains no time"

    original = read_file(path)
    fault: Failure | None = None
    if isinstance(original, Failure):
        fault = original
        original = empty_notebook(released)

    match = context.match(original)
    notebook, notices = restore(original, released)
    store_notices(notebook, notices, fault)
    notices, _ = read_notices(notebook)

    code = code_to_run(notebook, released, student)
    key = result_key(context.key(match), code)
    return SubmittedNotebook(student, folder, timestamp, notebook, notices, match, code, key)


def _is_unicode(name: str) -> bool:
    """Is a name text? Names of files may be any bytes."""
    return name == name.encode("utf-8", "replace").decode()


def _say_missing(student: str, path: Path) -> str:
    others = sorted(other.name for other in path.parent.glob("*.ipynb"))
    hint = f", but {', '.join(others[:3])}; rename it and repeat" if others else ""
    return f"{student} has no {path.name}{hint}"


def store_notices(notebook: Notebook, notices: tuple[CellNotice, ...], fault: Failure | None) -> None:
    """Keep in a restored notebook what its next reader must know; whatever a student put there is overwritten."""
    before = notebook["metadata"].get(METADATA)
    ours: dict[str, Any] = dict(before) if isinstance(before, dict) else {}

    # Of a file that cannot be read there is nothing to say but that.
    ours[_NOTICES] = [[notice.kind, notice.grade_id] for notice in notices if fault is None]
    ours[_FAULT] = _pack_fault(fault) if fault else None
    notebook["metadata"][METADATA] = ours


def read_notices(notebook: Notebook) -> tuple[tuple[CellNotice, ...], Failure | None]:
    """Read what `store_notices` kept: notices, and why the file could not be read."""
    ours = notebook["metadata"][METADATA]
    kept = ours[_FAULT]
    if isinstance(kept, list):  # as earlier versions kept it: kind and message
        kept = {"kind": kept[0], "what": kept[1]}
    fault = Failure(**kept) if kept else None
    return tuple(CellNotice(kind, grade_id) for kind, grade_id in ours[_NOTICES]), fault


def _pack_fault(fault: Failure) -> dict[str, str]:
    return {"kind": fault.kind, "subject": fault.subject, "what": fault.what, "advice": fault.advice}


def code_to_run(notebook: Notebook, released: ReleasedNotebook, student: str) -> SubmittedFile:
    """The part of a restored notebook that is run: everything but the test cells."""
    name = released.file_name
    if fault := read_notices(notebook)[1]:
        return SubmittedFile(student, name, fault=fault)

    tests = {cell.grade_id for cell in released.cells if cell.locked and cell.points is not None}
    cells = [_code_of(cell, tests) for cell in notebook["cells"]]
    data = json.dumps({"cells": cells}).encode()
    if len(data) > MAX_BYTES:
        return SubmittedFile(student, name, fault=too_large(name))
    return SubmittedFile(student, name, data)


def _code_of(cell: Cell, tests: set[str]) -> Cell:
    # A test cell keeps its place, since cells are told by number.
    if grade_id_of(cell) in tests:
        return {"cell_type": "code", "source": _INSTEAD_OF_TESTS}
    return {"cell_type": cell["cell_type"], "source": cell["source"]}
