"""Read submissions: bytes in, cells out; nothing here compiles or runs a student's code."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.reports.code import FORMULAS, CodeCell, find_place
from grader.reports.report import Excerpt, Failure

SUFFIXES = (".py", ".ipynb")
FORMULA_FILE = "answers.txt"
"""What a file of formulas is called where others lie beside it."""
_FORMULA = re.compile(r"^\s*[^\W\d]\w*\s*(?:\([^()\n]*\))?\s*:?=(?!=)", re.M)
_PROGRAM = re.compile(r"^(?:def \w+\(|import \w|from \w+ import )", re.M)
MAX_CELLS = 1000
MAX_BYTES = 1_000_000
"""Of code; a notebook may have larger outputs."""
MAX_NOTEBOOK_BYTES = 25_000_000
AROUND = 3
"""So many lines before and after the one where something went wrong are shown."""
_WIDEST = 160
_FLAG_NAMES = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY")
_OPEN_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in _FLAG_NAMES)
"""For reading, as far as this system knows the flags: without following links, waiting or taking over a terminal."""
_KINDS = {stat.S_IFLNK: "a link", stat.S_IFDIR: "a folder"}
_MOST_RUNS = 10**6
_AS_TEXT, _AS_UTF8 = "submit the code itself, as plain text", "save it again as UTF-8"
_FIRST_BYTES = (
    (b"PK\x03\x04", "is a Word document, another office document or a zip archive", _AS_TEXT),
    (b"%PDF", "is a PDF document", _AS_TEXT),
    (b"{\\rtf", "is a rich text document", _AS_TEXT),
    (b"\xd0\xcf\x11\xe0", "is an office document", _AS_TEXT),
    (b"\x1f\x8b", "is a compressed file", "unpack it, and submit what is in it"),
    (b"\x89PNG", "is a picture", _AS_TEXT),
    (b"\xff\xd8\xff", "is a picture", _AS_TEXT),
    (b"\xff\xfe", "is text in UTF-16, not in UTF-8", _AS_UTF8),
    (b"\xfe\xff", "is text in UTF-16, not in UTF-8", _AS_UTF8),
)
"""The first bytes of files that are not UTF-8 text: what they are, and what to do."""


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """The bytes of the file that a student submitted, or the fault for which there are none."""

    student: str
    name: str
    data: bytes = b""
    fault: Failure | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's file: its cells, or the fault for which it cannot be read."""

    student: str
    name: str
    cells: tuple[CodeCell, ...]
    fault: Failure | None

    @property
    def has_formulas(self) -> bool:
        """Is it a file of formulas, of which nothing is run?"""
        return self.name.lower().endswith(FORMULAS)


class _Unusable(Exception):
    """Carries the fault of a file to where the submission is made."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def max_bytes_of(name: str) -> int:
    """How long a file of that name may be: saved plots count for a notebook's bytes, and are not read."""
    return MAX_NOTEBOOK_BYTES if name.lower().endswith(".ipynb") else MAX_BYTES


def read_submission(path: Path, student: str | None = None, max_bytes: int | None = None) -> Submission:
    """Read a submission without following links or running anything.

    Args:
        path: a `.py` or `.ipynb` file.
        student: whose it is; the file's name without its suffix when None.
        max_bytes: a longer file is not read.
    """
    return parse_submission(read_submitted_file(path, path.stem if student is None else student, max_bytes))


def read_submitted_file(path: Path, student: str, max_bytes: int | None = None) -> SubmittedFile:
    """Read the bytes of a file, which is opened without following links and only if it is a regular one."""
    max_bytes = max_bytes_of(path.name) if max_bytes is None else max_bytes
    try:
        return SubmittedFile(student, path.name, _read_bytes(path, max_bytes))
    except _Unusable as unusable:
        return SubmittedFile(student, path.name, fault=unusable.failure)


def parse_submission(submitted: SubmittedFile) -> Submission:
    """Take a submitted file apart into its cells."""
    student, name, fault = submitted.student, submitted.name, submitted.fault
    if fault is not None:
        return Submission(student, name, (), fault)
    try:
        return Submission(student, name, _read_cells(name, submitted.data), None)
    except _Unusable as unusable:
        return Submission(student, name, (), unusable.failure)


def show_lines(failure: Failure, cells: tuple[CodeCell, ...]) -> Failure:
    """Add the lines around its place to a failure, if one of these cells has that place."""
    place = find_place(failure.place, cells)
    if place is None:
        return failure

    number, lines = place.first, cells[place.cell].lines
    first, last = max(number - AROUND, 1), min(number + AROUND, len(lines))
    while first < number and not lines[first - 1].strip():
        first += 1
    while last > number and not lines[last - 1].strip():
        last -= 1
    shown = tuple(map(_cut, lines[first - 1 : last]))
    return replace(failure, excerpt=Excerpt(first, number, shown))


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else line[:_WIDEST] + "…"


def too_large(name: str, max_bytes: int | None = None) -> Failure:
    """Make the fault of a file of more bytes than that."""
    max_bytes = max_bytes_of(name) if max_bytes is None else max_bytes
    advice = "clear its outputs" if name.lower().endswith(".ipynb") else "remove what is not code"
    what = f"is larger than {max_bytes:,} bytes"
    return Failure("too_large", what, f"{advice} and submit it again", subject=name)


def _read_cells(name: str, data: bytes) -> tuple[CodeCell, ...]:
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix not in (*SUFFIXES, FORMULAS):
        what = "is neither a .py nor an .ipynb file, nor formulas in a .txt file"
        raise _Unusable(Failure("unknown_type", what, "submit one of these", subject=path.name))

    _require_text(data, path.name)
    encoding = _declared_encoding(data) if suffix == ".py" else "utf-8-sig"
    text = _decode(data, path.name, encoding)
    if suffix == FORMULAS and text.strip():
        _require_formulas(text, path.name)

    if suffix == ".ipynb":
        cells = _notebook_cells(text, path.name)
    else:
        cells = (CodeCell(_label(path), _with_plain_lines(text)),)

    if not any(cell.source.strip() for cell in cells):
        kind = "formula" if suffix == FORMULAS else "code"
        what = f"there is no {kind} in {path.name}"
        raise _Unusable(Failure("empty", what, "was it saved before it was submitted?"))
    return cells


def _require_text(data: bytes, name: str) -> None:
    """Refuse a file whose first bytes say that it is something else."""
    for start, what, advice in _FIRST_BYTES:
        if data.startswith(start):
            raise _Unusable(Failure("not_utf8", what, advice, subject=name))


def _require_formulas(text: str, name: str) -> None:
    if _PROGRAM.search(text):
        what, advice = "is a Python program", "give it a name that ends in .py"
    elif not _FORMULA.search(text):
        what = "has no formula such as f(A) = inv(A)"
        advice = "write each answer as name(arguments) = formula, or submit a .py or an .ipynb file"
    else:
        return
    raise _Unusable(Failure("unknown_type", what, advice, subject=name))


def _declared_encoding(data: bytes) -> str:
    """The encoding that the first two lines of a script declare (PEP 263), else UTF-8."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:  # an unknown one, or bytes that are none
        return "utf-8-sig"


def _decode(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\N{BYTE ORDER MARK}")
    except LookupError:  # rot13 and the like are no encodings of text
        return _decode(data, name, "utf-8-sig")
    except UnicodeDecodeError as error:
        shown = "UTF-8" if encoding.startswith("utf-8") else encoding
        number = len(data[: error.start + 1].splitlines())
        line = data.splitlines()[number - 1].decode("latin-1").strip()
        what = f"has a character in line {number} that is not {shown} text"
        failure = Failure("not_utf8", what, _AS_UTF8, text=_cut(line), subject=name)
        raise _Unusable(failure) from None


def _label(path: Path) -> str:
    """The file's name with a lower-case suffix; by `.py` the guest tells a file from a notebook's cell."""
    suffix = FORMULAS if path.suffix.lower() == FORMULAS else ".py"
    return path.stem.encode("utf-8", "replace").decode() + suffix


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    # The file is looked at before it is opened, since opening some devices does something, and again after,
    # since only the opened file is certain to be the one that is read. A fifo can make neither of them wait.
    try:
        _require_regular(path, path.lstat().st_mode)
        descriptor = os.open(path, _OPEN_FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            _require_regular(path, os.fstat(descriptor).st_mode)
            data = file.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        failure = Failure("unreadable", f"cannot be read: {reason}", subject=path.name)
        raise _Unusable(failure) from None

    if len(data) > max_bytes:
        raise _Unusable(too_large(path.name, max_bytes))
    return data


def _require_regular(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    what = f"is {_KINDS.get(stat.S_IFMT(mode), 'a device or a pipe')}, not a file"
    raise _Unusable(Failure("not_regular", what, "submit the file itself", subject=path.name))


def _notebook_cells(text: str, name: str) -> tuple[CodeCell, ...]:
    listed = _listed_cells(_load_json(text, name))
    if listed is None:
        raise _not_a_notebook(name, "it has no list of cells")

    cells = []
    for position, cell in enumerate(listed, start=1):
        if not isinstance(cell, dict):
            raise _not_a_notebook(name, f"cell {position} is not an object")
        if cell.get("cell_type") != "code":
            continue
        source = _source(cell)
        if source is None:
            raise _not_a_notebook(name, f"cell {position} has no text")
        cells.append(CodeCell(f"cell {position}{_shown_number(cell)}", source))

    _require_little_code(cells, name)
    return tuple(cells)


def _not_a_notebook(name: str, why: str) -> _Unusable:
    what = f"is not a Jupyter notebook: {why}"
    return _Unusable(Failure("not_a_notebook", what, "save it again in Jupyter", subject=name))


def _load_json(text: str, name: str) -> Any:
    if not text.strip():
        return {"cells": []}

    try:
        return json.loads(text)
    except RecursionError:
        raise _not_a_notebook(name, "its JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise _not_a_notebook(name, f"it is not JSON at line {error.lineno}") from None
    except ValueError:  # a number of too many digits
        raise _not_a_notebook(name, "it is not JSON") from None


def _require_little_code(cells: Sequence[CodeCell], name: str) -> None:
    if sum(len(cell.source.encode()) for cell in cells) > MAX_BYTES:
        what = f"has more than {MAX_BYTES:,} bytes of code"
        raise _Unusable(Failure("too_large", what, "remove what is not code", subject=name))
    if len(cells) > MAX_CELLS:
        what, advice = f"has {len(cells)} code cells", f"at most {MAX_CELLS} are read"
        raise _Unusable(Failure("too_large", what, advice, subject=name))


def _listed_cells(notebook: Any) -> list[Any] | None:
    """List the cells of a notebook, nbformat 4 or 3 (where they lie in worksheets); None if it has no list."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(notebook.get("cells"), list):
        cells: list[Any] = notebook["cells"]
        return cells

    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return None
    cells = []
    for sheet in sheets:
        part = sheet.get("cells") if isinstance(sheet, dict) else None
        cells += part if isinstance(part, list) else ()
    return cells


def _shown_number(cell: dict[str, Any]) -> str:
    """The number that Jupyter shows beside a cell that was run."""
    number = cell.get("execution_count", cell.get("prompt_number"))
    if type(number) is not int or not 0 < number < _MOST_RUNS:
        return ""
    return f" (In [{number}])"


def _source(cell: dict[str, Any]) -> str | None:
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return _with_plain_lines(source) if isinstance(source, str) else None


def _with_plain_lines(text: str) -> str:
    """The text with one kind of line end and, as JSON can hold halves of characters, none of these."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
