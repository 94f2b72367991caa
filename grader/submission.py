"""Find and read submissions: text in, cells out; nothing here compiles or runs a student's code."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.names import refuse_name
from grader.report import Failure

SUFFIXES = (".py", ".ipynb")
MAX_CELLS = 1000
_IGNORED = ("__pycache__",)
_LAYOUTS = (
    "allowed: a folder of <student>.py or <student>.ipynb, a folder of <student>/<assignment>/<file>, "
    "or a single .py or .ipynb file"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a submission that is run as one: the whole of a `.py`, or one code cell.

    Args:
        label: the file's name (it ends in `.py`), or `cell 3`, counted from 1 among all cells of a notebook.
        source: as the student wrote it, magics included; line numbers are the student's.
    """

    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's file: its cells, or the fault for which it cannot be read."""

    student: str
    path: Path
    cells: tuple[Cell, ...]
    fault: Failure | None


class _Unusable(Exception):
    """Carries the fault of a file to where the submission is made."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message)


def read_submission(path: Path, student: str | None = None, max_bytes: int = 1_000_000) -> Submission:
    """Read a submission without following links or running anything.

    Args:
        path: a `.py` or `.ipynb` file.
        student: whose it is; the file's name without its suffix when None.
        max_bytes: a longer file is not read.
    """
    name = path.stem if student is None else student
    try:
        return Submission(name, path, _read_cells(path, max_bytes), None)
    except _Unusable as unusable:
        return Submission(name, path, (), unusable.failure)


@dataclass(frozen=True, slots=True)
class Found:
    """Students with their files, sorted; and, in words, what looked like submissions but cannot be graded."""

    submissions: tuple[tuple[str, Path], ...]
    left_out: tuple[str, ...]


def find_submissions(paths: Sequence[Path], assignment: str) -> Found:
    """Every student and their file for an assignment.

    A folder is given for a student with several files in it, or none: `read_submission` then says so. An odd
    name or a second file of the same student stops nobody else from being graded.

    Raises:
        GraderError: a path that does not exist, or nothing found.
    """
    found: dict[str, Path] = {}
    left_out: list[str] = []
    for path in paths:
        for student, file in _find(path, assignment):
            if reason := refuse_name(student):
                left_out.append(f"{str(file)!r} cannot be graded under that name: {reason}; rename it")
            elif student in found and found[student] != file:
                left_out.append(
                    f"{file}: {student} has {found[student].name} as well, which is graded; keep one"
                )
            else:
                found[student] = file
    left_out += [
        f"{folder}: there is no {assignment}/ in it" for folder in _folders_without(paths, assignment)
    ]
    if not found:
        where = ", ".join(str(path) for path in paths) or "an empty list of paths"
        reasons = "".join(f"\n  {reason}" for reason in left_out[:5])
        raise GraderError(f"no submission for assignment {assignment!r} in {where}; {_LAYOUTS}{reasons}")
    return Found(tuple(sorted(found.items())), tuple(left_out))


def _folders_without(paths: Sequence[Path], assignment: str) -> list[Path]:
    folders = [path for path in paths if path.is_dir() and not (path / assignment).is_dir()]
    inside = [entry for folder in folders for entry in _visible(folder) if entry.is_dir()]
    return [entry for entry in inside if not (entry / assignment).is_dir()]


def _find(path: Path, assignment: str) -> Iterator[tuple[str, Path]]:
    if not path.exists() and not path.is_symlink():
        raise GraderError(f"there is no file or folder {path}; {_LAYOUTS}")
    if not path.is_dir():
        yield path.stem, path
        return
    if (path / assignment).is_dir():  # one student's own folder
        yield path.resolve().name, _choose(path / assignment, assignment)
        return
    for entry in _visible(path):
        if entry.is_dir() and not entry.is_symlink():
            folder = entry / assignment
            if folder.is_dir() or folder.is_symlink():
                yield entry.name, _choose(folder, assignment)
        elif entry.suffix.lower() in SUFFIXES:
            yield entry.stem, entry


def _choose(folder: Path, assignment: str) -> Path:
    """The one file to grade in a student's folder, or the folder itself where there is no telling."""
    if folder.is_symlink():
        return folder
    files = _candidates(folder)
    named = [file for file in files if file.name == f"{assignment}.ipynb"]
    return named[0] if named else files[0] if len(files) == 1 else folder


def _candidates(folder: Path) -> list[Path]:
    return [file for file in _visible(folder) if file.suffix.lower() in SUFFIXES]


def _visible(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise GraderError(f"cannot list the folder {folder}: {error.strerror}") from None
    return [entry for entry in entries if not entry.name.startswith(".") and entry.name not in _IGNORED]


def _read_cells(path: Path, max_bytes: int) -> tuple[Cell, ...]:
    suffix = path.suffix.lower()
    data = _read_bytes(path, max_bytes)
    if suffix not in SUFFIXES:
        raise _Unusable(
            "unknown_type", f"{path.name} is neither a .py nor an .ipynb file; submit one of these"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unusable(
            "not_utf8", f"byte {error.start + 1} of {path.name} is not UTF-8 text; save it again as UTF-8"
        ) from None
    cells = _notebook_cells(text, path.name) if suffix == ".ipynb" else (Cell(_label(path), _lines(text)),)
    if not any(cell.source.strip() for cell in cells):
        raise _Unusable("empty", f"there is no code in {path.name}; was it saved before it was submitted?")
    return cells


def _label(path: Path) -> str:
    """The file's name with a lower-case `.py`, by which the worker tells a file from a notebook's cell."""
    return path.stem.encode("utf-8", "replace").decode() + ".py"


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    # The file is looked at before it is opened, since opening some devices does something, and again after,
    # since only the opened file is certain to be the one that is read. A fifo can make neither of them wait.
    flags = (
        os.O_RDONLY
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_CLOEXEC", 0)
    )
    flags |= getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    try:
        _require_regular(path, path.lstat().st_mode)
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            _require_regular(path, os.fstat(descriptor).st_mode)
            data = file.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _Unusable("unreadable", f"{path.name} cannot be read: {reason}") from None
    if len(data) > max_bytes:
        advice = "clear its outputs" if path.suffix.lower() == ".ipynb" else "remove what is not code"
        raise _Unusable(
            "too_large", f"{path.name} is larger than {max_bytes:,} bytes; {advice} and submit it again"
        )
    return data


def _require_regular(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        files = [file.name for file in _candidates(path)]
        if len(files) > 1:
            some = ", ".join(files[:5]) + (", …" if len(files) > 5 else "")
            raise _Unusable("ambiguous", f"there are several files to choose from ({some}); submit only one")
        if not files:
            raise _Unusable("empty", f"the folder {path.name} holds no .py or .ipynb file; submit one")
    what = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
    raise _Unusable("not_regular", f"{path.name} is {what}, not a file; submit the file itself")


def _notebook_cells(text: str, name: str) -> tuple[Cell, ...]:
    def refuse(why: str) -> _Unusable:
        return _Unusable(
            "not_a_notebook", f"{name} is not a Jupyter notebook: {why}; save it again in Jupyter"
        )

    try:
        notebook = json.loads(text) if text.strip() else {"cells": []}
    except RecursionError:
        raise refuse("its JSON is nested too deeply") from None
    except ValueError as error:  # besides bad JSON, numbers of too many digits
        place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise refuse(f"it is not JSON{place}") from None
    listed = _listed_cells(notebook)
    if listed is None:
        raise refuse("it has no list of cells")
    cells = []
    for position, cell in enumerate(listed, start=1):
        if not isinstance(cell, dict):
            raise refuse(f"cell {position} is not an object")
        if cell.get("cell_type") != "code":
            continue
        source = _source(cell)
        if source is None:
            raise refuse(f"cell {position} has no text")
        cells.append(Cell(f"cell {position}", source))
    if len(cells) > MAX_CELLS:
        raise _Unusable("too_large", f"{name} has {len(cells)} code cells; at most {MAX_CELLS} are read")
    return tuple(cells)


def _listed_cells(notebook: Any) -> list[Any] | None:
    """The cells of a notebook, nbformat 4 or 3 (where they lie in worksheets)."""
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return None
    per_sheet = [sheet.get("cells") if isinstance(sheet, dict) else None for sheet in sheets]
    return [cell for part in per_sheet if isinstance(part, list) for cell in part]


def _source(cell: dict[str, Any]) -> str | None:
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return _lines(source) if isinstance(source, str) else None


def _lines(text: str) -> str:
    """The text with one kind of line end and, as JSON can hold halves of characters, none of these."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
