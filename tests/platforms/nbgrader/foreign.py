"""Courses that are not ours, for the real nbgrader, in a temporary folder."""

from __future__ import annotations

import contextlib
import io
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def answer(grade_id: str, source: str) -> Any:
    """A cell for a student's answer."""
    return _cell(source, grade_id, solution=True, locked=False, grade=False)


def graded(grade_id: str, source: str, points: float = 1) -> Any:
    """A cell with tests."""
    return _cell(source, grade_id, solution=False, locked=True, grade=True, points=points)


def manual(grade_id: str, source: str, points: float = 1) -> Any:
    """A cell that a person grades."""
    return _cell(source, grade_id, solution=True, locked=False, grade=True, points=points)


def plain(source: str, *tags: str) -> Any:
    """A cell that nbgrader knows nothing of."""
    return new_code_cell(source, metadata={"tags": list(tags)} if tags else {})


def text(source: str) -> Any:
    """A text."""
    return new_markdown_cell(source)


def _cell(source: str, grade_id: str, **fields: Any) -> Any:
    metadata = {"schema_version": 3, "grade_id": grade_id, "cell_type": "code", "task": False, **fields}
    return new_code_cell(source, metadata={"nbgrader": metadata})


def notebook(*cells: Any) -> Any:
    """A notebook of these cells."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=list(cells), metadata={"kernelspec": dict(KERNEL)})


def answered(source: Any, answers: Mapping[str, str]) -> Any:
    """A released notebook with a student's answers in it."""
    copy = nbformat.from_dict(source)
    for cell in copy.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell.source = answers[grade_id]
    return copy


class Course:
    """A course of one assignment, `ps1`, in a folder.

    Args:
        configure: changes nbgrader's configuration, as `nbgrader_config.py` does.
    """

    def __init__(self, folder: Path, configure: Callable[[Config], None] = lambda config: None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.config = Config()
        self.config.CourseDirectory.root = str(folder)
        self.config.CourseDirectory.course_id = "course"
        configure(self.config)
        self.log = io.StringIO()

    def release(self, files: Mapping[str, Any]) -> None:
        """Write the sources of an assignment, by name, and generate it."""
        self._write(self.folder / "source" / "ps1", files)
        assert self._run("generate_assignment", "ps1")["success"], self.log.getvalue()

    def released(self, name: str = "p1.ipynb") -> Any:
        """A notebook as students get it."""
        return nbformat.read(self.folder / "release" / "ps1" / name, 4)

    def submit(self, student: str, files: Mapping[str, Any]) -> None:
        """Hand files in."""
        self._write(self.folder / "submitted" / student / "ps1", files)

    def autograde(self, student: str = "*") -> bool:
        """Whether nbgrader graded everybody."""
        return bool(self._run("autograde", "ps1", student)["success"])

    def autograded(self, student: str, name: str = "p1.ipynb") -> Any:
        """A notebook with its outputs."""
        return nbformat.read(self.folder / "autograded" / student / "ps1" / name, 4)

    def scores(self, student: str, name: str = "p1") -> dict[str, tuple[float | None, bool]]:
        """Grade id → automatic score, and whether a person has to look at it."""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db", "course") as gradebook:
            found = gradebook.find_submission_notebook(name, "ps1", student)
            return {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in found.grades}

    def _write(self, folder: Path, files: Mapping[str, Any]) -> None:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes | str):
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            else:
                nbformat.write(content, path)

    def _run(self, command: str, *arguments: str) -> dict[str, Any]:
        with _here(self.folder):
            api = NbGraderAPI(config=self.config)
            result: dict[str, Any] = getattr(api, command)(*arguments)
        self.log.write(str(result.get("log")) + str(result.get("error")))
        return result


@contextlib.contextmanager
def _here(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        logging.getLogger("traitlets").handlers.clear()


def outputs(nb: Any) -> list[list[dict[str, Any]]]:
    """Of each code cell its outputs, streams of one name joined where they follow each other."""
    return [_joined(cell.outputs) for cell in nb.cells if cell.cell_type == "code"]


def _joined(found: Sequence[Any]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for output in found:
        if (
            output.output_type == "stream"
            and kept
            and kept[-1].get("name") == output.name
            and kept[-1]["output_type"] == "stream"
        ):
            kept[-1] = {**kept[-1], "text": kept[-1]["text"] + output.text}
        else:
            kept.append(dict(output))
    return kept
