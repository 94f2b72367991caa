"""What a student handed in, made ready to be graded; what must be known of it later is kept in the notebook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.answers.submission import SubmittedFile, read_handin
from grader.authoring.question_notebook import METADATA
from grader.grading.result_keys import result_key
from grader.platforms.nbgrader.context import GradingContext
from grader.platforms.nbgrader.course_directory import CourseFolder
from grader.platforms.nbgrader.released_versions import VersionMatch
from grader.platforms.nbgrader.restore_cells import (
    CellNotice,
    Notebook,
    ReleasedNotebook,
    empty_notebook,
    make_handin,
    read_json,
    restore,
)
from grader.reports.report import Failure

MOST_BYTES = 1 << 26
"""A longer file, outputs included, is not read."""
_FAULT, _NOTES = "fault", "notes"


@dataclass(frozen=True, slots=True, eq=False)
class SubmittedNotebook:
    """What a student handed in.

    Args:
        notebook: restored. handin: what of it is run. key: of its result.
    """

    student: str
    folder: Path
    timestamp: datetime | None
    notebook: Notebook
    notes: tuple[CellNotice, ...]
    choice: VersionMatch
    handin: SubmittedFile
    key: str


def read_given(
    place: CourseFolder, desk: GradingContext, student: str, folder: Path
) -> SubmittedNotebook | str:
    """A student's notebook; in words why there is none to grade."""
    master = desk.master
    if not _is_unicode(student):
        return f"{student} is no name in UTF-8, as gradebooks need; rename the folder"
    path = folder / f"{master.notebook}.ipynb"
    try:
        if not path.is_symlink() and not path.exists():
            others = ", ".join(sorted(other.name for other in folder.glob("*.ipynb"))[:3])
            return f"{student} has no {path.name}" + (
                f", but {others}; rename it and repeat" if others else ""
            )
        timestamp = place.timestamp(folder)
    except OSError as error:
        return f"{student}: {error.filename} cannot be read: {error.strerror}"
    except ValueError:
        return f"{student}: {folder / 'timestamp.txt'} holds no time"
    found = read_file(path)
    fault = found if isinstance(found, Failure) else None
    raw = empty_notebook(master) if isinstance(found, Failure) else found
    choice = desk.choose(raw)
    notebook, notes = restore(raw, master)
    mark(notebook, notes, fault)
    handin = hand_in(notebook, master, student)
    key = result_key(desk.key(choice), handin)
    return SubmittedNotebook(
        student, folder, timestamp, notebook, read_mark(notebook)[0], choice, handin, key
    )


def _is_unicode(name: str) -> bool:
    """Whether it is text; names of files may be any bytes."""
    return name == name.encode("utf-8", "replace").decode()


def read_file(path: Path) -> Notebook | Failure:
    """The notebook in a student's file, without following links."""
    handin = read_handin(path, "", MOST_BYTES)
    return handin.fault or read_json(handin.data, path.name)


def hand_in(notebook: Notebook, master: ReleasedNotebook, student: str) -> SubmittedFile:
    """What is run of a restored and marked notebook."""
    handin = make_handin(notebook, master, student)
    fault = read_mark(notebook)[1]
    return SubmittedFile(student, handin.name, fault=fault) if fault else handin


def mark(notebook: Notebook, notes: tuple[CellNotice, ...], fault: Failure | None) -> None:
    """Keep in a restored notebook what its next reader must know; whatever a student put there is overwritten."""
    found = notebook["metadata"].get(METADATA)
    ours: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
    # Of a file that cannot be read there is nothing to say but that.
    ours[_NOTES] = [[note.kind, note.grade_id] for note in notes if fault is None]
    ours[_FAULT] = _pack_fault(fault) if fault else None
    notebook["metadata"][METADATA] = ours


def read_mark(notebook: Notebook) -> tuple[tuple[CellNotice, ...], Failure | None]:
    """What `mark` kept."""
    ours = notebook["metadata"][METADATA]
    kept = ours[_FAULT]
    if isinstance(kept, list):  # as earlier versions kept it: kind and message
        kept = {"kind": kept[0], "what": kept[1]}
    fault = Failure(**kept) if kept else None
    return tuple(CellNotice(kind, id) for kind, id in ours[_NOTES]), fault


def _pack_fault(fault: Failure) -> dict[str, str]:
    return {"kind": fault.kind, "subject": fault.subject, "what": fault.what, "advice": fault.advice}
