"""The cells that an assignment was released with, put back into what a student handed in.

Plain values in and out: a notebook is the dictionary that its JSON holds. nbgrader is not needed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grader.answers.submission import MAX_BYTES, SubmittedFile, too_large
from grader.authoring.question_notebook import CHECK, METADATA
from grader.platforms.nbgrader.sanitize import sanitize
from grader.reports.report import Failure

Notebook = dict[str, Any]
NoteKind = Literal["edited", "deleted", "duplicated", "cleared", "gone"]

_SCHEMA = 3
_DEEPEST_READ = 920
"""Lists and objects inside each other. Python's own limit depends on who reads, and a worker reads what was planned."""
_DEFINITION = re.compile(r"^def +(\w+) *\(", re.MULTILINE)
_INSTEAD = "from grader import check"  # which does nothing in the sandbox
_GONE = "# There was no cell for this answer in the submitted notebook."


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """A cell as the gradebook knows it.

    Args:
        source: its text there; released: its text in the released notebook, without hidden tests.
        locked: it is the instructor's, whatever a student makes of it. points: None unless it is graded.
    """

    grade_id: str
    cell_type: str
    source: str
    released: str
    checksum: str | None
    solution: bool
    locked: bool
    task: bool
    points: float | None

    @property
    def metadata(self) -> dict[str, Any]:
        """The cell's metadata for nbgrader, schema version 3."""
        found: dict[str, Any] = {
            "schema_version": _SCHEMA,
            "grade_id": self.grade_id,
            "grade": self.points is not None and not self.task,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
        }
        if self.points is not None:
            found["points"] = self.points
        if self.checksum is not None:
            found["checksum"] = self.checksum
        return found


@dataclass(frozen=True, slots=True)
class ReleasedNotebook:
    """A notebook of an assignment as it was given to students.

    Args:
        cells: those with a `grade_id`, in order. versions: problem id → version, empty if not known.
    """

    assignment: str
    notebook: str
    cells: tuple[ReleasedCell, ...]
    kernelspec: Mapping[str, Any]
    versions: Mapping[str, str]

    @property
    def points(self) -> dict[str, float]:
        """Our problems in it → what each is worth; empty if the notebook is not ours."""
        answers = {cell.grade_id for cell in self.cells if cell.solution}
        return {
            id: cell.points
            for cell in self.cells
            if cell.points is not None and cell.locked and (id := _problem_of(cell.grade_id)) in answers
        }

    @property
    def others(self) -> tuple[str, ...]:
        """Graded cells that are not ours: those that a person grades, and tests of another kind."""
        ours = self.points
        return tuple(
            cell.grade_id
            for cell in self.cells
            if cell.points is not None and _problem_of(cell.grade_id) not in ours
        )


@dataclass(frozen=True, slots=True)
class CellNotice:
    """What had happened to a cell of ours; `cleared` is about the notebook."""

    kind: NoteKind
    grade_id: str = ""


def _problem_of(grade_id: str) -> str:
    return grade_id.removesuffix(CHECK) if grade_id.endswith(CHECK) else ""


def claimed_versions(notebook: Notebook) -> dict[str, str]:
    """Problem id → version, as the notebook itself says; empty if its metadata was cleared."""
    ours = _mapping(_mapping(notebook.get("metadata")).get(METADATA))
    return {id: v for id, v in _mapping(ours.get("problems")).items() if isinstance(v, str)}


def restore(notebook: Notebook, master: ReleasedNotebook) -> tuple[Notebook, tuple[CellNotice, ...]]:
    """A student's tidied notebook with the instructor's cells as they were released, and what had become of them.

    Outputs are cleared. Where a cell was copied, the last copy is the cell, as in nbgrader; copies of test cells
    are kept as text that does not run. Test cells that are missing are put back behind their answers.
    """
    cells = [_clear(cell) for cell in notebook["cells"]]
    owned, notes = _claim(cells, [_grade_id(cell) for cell in notebook["cells"]], master)
    if master.points and not owned:
        notes.append(CellNotice("cleared"))
    _recognise(cells, owned, master)
    for cell in master.cells:
        if cell.grade_id in owned:
            notes += _reset(owned[cell.grade_id], cell)
    notes += _put_back(cells, owned, master)
    minor = notebook["nbformat_minor"]
    _name(cells, minor)
    metadata = dict(notebook["metadata"])
    if master.kernelspec:
        metadata["kernelspec"] = dict(master.kernelspec)
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}, tuple(notes)


def make_handin(notebook: Notebook, master: ReleasedNotebook, student: str) -> SubmittedFile:
    """What is run of a restored notebook: everything but the test cells."""
    tests = {cell.grade_id for cell in master.cells if cell.locked and cell.points is not None}
    cells = [
        {"cell_type": cell["cell_type"], "source": cell["source"]}
        if _grade_id(cell) not in tests
        else {"cell_type": "code", "source": _INSTEAD}  # keeps its place, since cells are told by number
        for cell in notebook["cells"]
    ]
    name = f"{master.notebook}.ipynb"
    data = json.dumps({"cells": cells}).encode()
    return (
        SubmittedFile(student, name, data)
        if len(data) <= MAX_BYTES
        else SubmittedFile(student, name, fault=too_large(name))
    )


def empty_notebook(master: ReleasedNotebook) -> Notebook:
    """What stands in for a file that cannot be read."""
    return {
        "cells": [],
        "metadata": {METADATA: {"problems": dict(master.versions)}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_cells(notebook: Notebook, master: ReleasedNotebook) -> Iterator[tuple[str, dict[str, Any]]]:
    """Our problems in a restored notebook with their test cells."""
    ours = master.points
    for cell in notebook["cells"]:
        if (problem := _problem_of(_grade_id(cell))) in ours:
            yield problem, cell


def read_json(data: bytes, name: str) -> Notebook | Failure:
    """The notebook in a file, tidied; one of an older format is converted."""
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text)
        if _is_deeper(found, _DEEPEST_READ):
            raise RecursionError
        if not (
            isinstance(found, dict) and found.get("nbformat") == 4 and isinstance(found.get("cells"), list)
        ):
            import nbformat  # takes a second, and is hardly ever needed

            found = nbformat.reads(text, as_version=4)
    except Exception as error:  # whatever a converter of formats makes of a stranger's file
        place = f" (line {error.lineno} is not JSON)" if isinstance(error, json.JSONDecodeError) else ""
        what = f"is not a Jupyter notebook{place}"
        return Failure("not_a_notebook", what, "save it again in Jupyter", subject=name)
    return sanitize(found)


def _is_deeper(value: Any, most: int) -> bool:
    """Whether lists and objects are nested deeper than that."""
    level: list[Any] = [[value]]
    for _ in range(most + 1):
        inner = (node.values() if isinstance(node, dict) else node for node in level)
        level = [item for items in inner for item in items if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def write_json(notebook: Notebook) -> bytes:
    """The notebook as Jupyter writes it: texts as lists of lines, sorted keys, an indent of one space."""
    split = notebook | {"cells": [_split(cell) for cell in notebook["cells"]]}
    text = json.dumps(split, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    return text.encode("utf-8", "replace") + b"\n"


def _split(cell: dict[str, Any]) -> dict[str, Any]:
    found = cell | {"source": cell["source"].splitlines(keepends=True)}
    if cell.get("outputs"):
        found["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return found


def _split_output(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data", {})
    lines = {kind: text.splitlines(keepends=True) for kind, text in data.items()}
    return output | {"data": lines} if data else output


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _grade_id(cell: Mapping[str, Any]) -> str:
    found = _mapping(_mapping(cell.get("metadata")).get("nbgrader")).get("grade_id")
    return found if isinstance(found, str) else ""


def _clear(cell: Mapping[str, Any]) -> dict[str, Any]:
    """A cell as its text alone: without outputs, and without metadata that nbgrader would stumble over."""
    metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
    cleared = {**cell, "metadata": metadata}
    if cell["cell_type"] == "code":
        _make_code(cleared)
    return cleared


def _make_code(cell: dict[str, Any]) -> None:
    cell.pop("attachments", None)
    cell.update(cell_type="code", outputs=[], execution_count=None)


def _make_text(cell: dict[str, Any], kind: str) -> None:
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)
    cell["cell_type"] = kind


def _claim(
    cells: list[dict[str, Any]], ids: list[str], master: ReleasedNotebook
) -> tuple[dict[str, dict[str, Any]], list[CellNotice]]:
    """`grade_id` → the cell that has it; copies of instructor's cells become text."""
    known = {cell.grade_id: cell for cell in master.cells}
    owned: dict[str, dict[str, Any]] = {}
    notes: list[CellNotice] = []
    for cell, id in reversed(list(zip(cells, ids, strict=True))):
        if id not in known:
            continue
        if id not in owned:
            owned[id] = cell
        elif known[id].locked:
            _make_text(cell, "raw")
            if (note := CellNotice("duplicated", id)) not in notes:
                notes.append(note)
    return owned, notes


def _recognise(
    cells: list[dict[str, Any]], owned: dict[str, dict[str, Any]], master: ReleasedNotebook
) -> None:
    """Find cells that lost their metadata: test cells by their text, answers by the function they define."""
    for wanted in master.cells:
        if wanted.grade_id in owned:
            continue
        taken = [id(cell) for cell in owned.values()]
        free = [cell for cell in cells if id(cell) not in taken and cell["cell_type"] == wanted.cell_type]
        if wanted.locked:
            texts = (wanted.source.strip(), wanted.released.strip())
            found = [cell for cell in free if cell["source"].strip() in texts]
        else:
            names = set(_DEFINITION.findall(wanted.released))
            found = [cell for cell in free if names & set(_DEFINITION.findall(cell["source"]))]
        if found:
            owned[wanted.grade_id] = found[-1]
        if wanted.locked:
            for copy in found[:-1]:
                _make_text(copy, "raw")


def _reset(cell: dict[str, Any], master: ReleasedCell) -> list[CellNotice]:
    """Make the cell what it was; whether that changed anything."""
    if cell["cell_type"] != master.cell_type:
        _make_code(cell) if master.cell_type == "code" else _make_text(cell, master.cell_type)
    cell["metadata"]["nbgrader"] = master.metadata
    if not master.locked:
        return []
    edited = cell["source"] not in (master.source, master.released)
    cell["source"] = master.source
    return [CellNotice("edited", master.grade_id)] if edited else []


def _put_back(
    cells: list[dict[str, Any]], owned: dict[str, dict[str, Any]], master: ReleasedNotebook
) -> Iterator[CellNotice]:
    """Add the answer and test cells of ours that are missing; a test cell stands behind its answer."""
    at = {cell.grade_id: cell for cell in master.cells}
    for problem in master.points:
        answer, check = problem, problem + CHECK
        if answer not in owned:
            owned[answer] = _fresh(at[answer], _GONE)
            _insert(cells, owned[answer], before=owned.get(check))
            yield CellNotice("gone", answer)
        if check not in owned:
            owned[check] = _fresh(at[check], at[check].source)
            _insert(cells, owned[check], after=owned[answer])
            yield CellNotice("deleted", check)


def _fresh(master: ReleasedCell, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"metadata": {"nbgrader": master.metadata}, "source": source}
    _make_code(cell) if master.cell_type == "code" else _make_text(cell, master.cell_type)
    return cell


def _insert(cells: list[dict[str, Any]], cell: dict[str, Any], before: Any = None, after: Any = None) -> None:
    places = (i + (after is not None) for i, other in enumerate(cells) if other is before or other is after)
    cells.insert(next(places, len(cells)), cell)


def _name(cells: list[dict[str, Any]], minor: int) -> None:
    """Give each cell an id of its own where the format has ids, and none where it has not."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        id = cell.pop("id", "")
        if minor < 5:
            continue
        if id in seen or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id):
            id = f"cell-{number}"
            while id in seen:
                id += "-"
        seen.add(id)
        cell["id"] = id
