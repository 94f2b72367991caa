"""A small course on nbgrader, and a class that hands in everything a class can hand in."""

from __future__ import annotations

import copy
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from tests.running import run_module

ROOT = Path(__file__).parents[3]
ASSIGNMENT = "ps1"
PROBLEMS = ("inv-differential", "det-gradient")
DUE = "2026-03-01 12:00:00"
EARLY, LATE = "2026-02-28 10:00:00 UTC", "2026-03-02 10:00:00 UTC"
SETTINGS = """
c.CourseDirectory.course_id = "calculus"
c.LateSubmissionPlugin.penalty_method = "zero"
"""
_NUMPY = "import numpy as np\nfrom numpy.linalg import det, inv, solve\n\n\n"

Notebook = dict[str, Any]


def run(folder: Path, *command: str, ok: bool = True) -> str:
    """Run one of nbgrader's commands, or ours, in the course's folder; what it printed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(folder / ".jupyter")}
    done = run_module(*command, cwd=folder, environment=environment)
    assert not ok or done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def make_course(folder: Path, problems: tuple[str, ...] = PROBLEMS) -> Path:
    """A course of nbgrader's with a released assignment, beside the course with its problems."""
    ours = folder / "problems"
    for id in problems:
        for kind in ("exercises", "solutions"):
            shutil.copytree(ROOT / kind / id, ours / kind / id)
    limits = {"seconds": 30, "cpu_seconds": 0.5, "memory_mb": 256}
    config = {
        "course": "Calculus",
        "seed": 5,
        "limits": limits,
        "assignments": {ASSIGNMENT: {"problems": [*problems]}},
    }
    (ours / "config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    course = folder / "course"
    run(folder, "grader", "nbgrader", "source", ASSIGNMENT, "--course", "course", "--problems", "problems")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    run(course, "nbgrader", "generate_assignment", ASSIGNMENT)
    with closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        database.execute("UPDATE assignment SET duedate = ?", (f"{DUE}.000000",))
    return course


def read_released(course: Path) -> Notebook:
    """The notebook that students get."""
    found: Notebook = json.loads((course / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text("utf-8"))
    return found


def cell(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    """The cell of that id."""
    found: dict[str, Any] = next(c for c in notebook["cells"] if grade_id_of(c) == grade_id)
    return found


def grade_id_of(cell: Mapping[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def formula(id: str, text: str) -> str:
    """An answer that computes a formula in numpy."""
    signature = {"inv-differential": "inv_differential(A, dA)", "det-gradient": "det_gradient(A)"}[id]
    return f"{_NUMPY}def {signature}:\n    return {text}\n"


def reference(id: str) -> str:
    return (ROOT / "solutions" / id / "reference.py").read_text("utf-8")


def solved(released: Notebook, **answers: str) -> Notebook:
    """The notebook with right answers, but for those given (`inv_differential=…`)."""
    notebook = copy.deepcopy(released)
    for id in PROBLEMS:
        cell(notebook, id)["source"] = answers.get(id.replace("-", "_"), reference(id))
    return notebook


def make_class(released: Notebook) -> dict[str, Notebook | bytes]:
    """Student → what they hand in."""
    found: dict[str, Notebook | bytes] = {"right": solved(released), "empty": copy.deepcopy(released)}
    found["another-way"] = solved(released, inv_differential=formula(PROBLEMS[0], "-solve(A, dA @ inv(A))"))
    for id in PROBLEMS:
        variants = yaml.safe_load((ROOT / "solutions" / id / "variants.yaml").read_text("utf-8"))
        for mistake in variants["mistakes"]:
            if "formula" in mistake:
                answer = formula(id, mistake["formula"])
                found[f"{id}-{mistake['id']}"] = solved(released, **{id.replace("-", "_"): answer})
    for name, answer in _BROKEN.items():
        found[name] = solved(released, inv_differential=answer)
    for name, change in _CHANGED.items():
        found[name] = solved(released, inv_differential=formula(PROBLEMS[0], "inv(A) @ dA @ inv(A)"))
        change(found[name])
    for name, change in _ODD.items():
        found[name] = solved(released)
        change(found[name])
    found["byte-order-mark"] = b"\xef\xbb\xbf" + json.dumps(solved(released)).encode()
    return found | {"late": solved(released), "not-json": b'{"cells": [', "too-deep": b"[" * 100_000}


_HEAD = "def inv_differential(A, dA):\n"
_BROKEN = {
    "syntax-error": "def inv_differential(A, dA:\n    return\n",
    "raises": f'{_HEAD}    raise ValueError("<b>*no*</b> $x$ | `y`")\n',
    "renamed": "def inverse_differential(A, dA):\n    return dA\n",
    "prints-half": f"{_HEAD}    print(0.5)\n\n\nprint(0.5)\n0.5\n",
    "warns": f"import sys, warnings\n{reference(PROBLEMS[0])}\nwarnings.warn('careful')\nprint('!', file=sys.stderr)\n",
    "endless": f"{_HEAD}    while True:\n        pass\n",
    "hog": f"{_HEAD}    return bytearray(1 << 31)\n",
    "imports-check": f"from grader import check\n{reference(PROBLEMS[0])}\ncheck('inv-differential', inv_differential)",
    "shuts-down": f"import os\n\n{_HEAD}    os._exit(0)\n",
}


WRONG = formula("inv-differential", "inv(A) @ dA @ inv(A)")
OURS = ("grader", "nbgrader", "autograde", ASSIGNMENT)


def _edit(notebook: Notebook) -> None:
    cell(notebook, "inv-differential-check")["source"] = "10.0"
    cell(notebook, "inv-differential-check")["metadata"]["nbgrader"]["points"] = 1000


def _delete(notebook: Notebook) -> None:
    notebook["cells"].remove(cell(notebook, "inv-differential-check"))


def _double_test(notebook: Notebook) -> None:
    copied = copy.deepcopy(cell(notebook, "inv-differential-check"))
    copied["source"] = "10.0"
    notebook["cells"].append(copied)


def _double_answer(notebook: Notebook) -> None:
    """The last copy counts, as in nbgrader; here it is right."""
    copied = copy.deepcopy(cell(notebook, "inv-differential"))
    copied["source"] = reference("inv-differential")
    notebook["cells"].append(copied)


def _unlock(notebook: Notebook) -> None:
    cell(notebook, "inv-differential-check")["metadata"]["nbgrader"] = {"grade": True, "schema_version": 1}


def _clear(notebook: Notebook) -> None:
    notebook["metadata"] = {}
    for item in notebook["cells"]:
        item["metadata"] = {}


def _invent(notebook: Notebook) -> None:
    invented = copy.deepcopy(cell(notebook, "inv-differential-check"))
    invented["metadata"]["nbgrader"] |= {"grade_id": "bonus", "points": 100}
    invented["source"] = "100.0"
    notebook["cells"].append(invented)


def _forge(notebook: Notebook) -> None:
    """Outputs, and notes of ours, that the student wrote."""
    output = {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/plain": "10.0"},
    }
    cell(notebook, "inv-differential-check")["outputs"] = [output]
    notebook["metadata"]["frechet_grader"] |= {"notes": [["forged", "x"]], "fault": None}


_CHANGED: dict[str, Callable[[Any], None]] = {
    "edited-test": _edit,
    "deleted-test": _delete,
    "doubled-test": _double_test,
    "doubled-answer": _double_answer,
    "unlocked-test": _unlock,
    "cleared": _clear,
    "invented-cell": _invent,
    "forged-outputs": _forge,
}


def _nest(depth: int) -> Any:
    return [_nest(depth - 1)] if depth else []


def _mistype(notebook: Notebook) -> None:
    """Nothing has the type that the format asks for."""
    notebook["metadata"] |= {"kernelspec": 3, "language_info": {"name": None}, "widgets": 1, "title": []}
    for item in notebook["cells"]:
        item["metadata"] |= {"tags": 5, "collapsed": "x", "jupyter": 3, "name": 5, "execution": 4}
    cell(notebook, "det-gradient")["attachments"] = {"x": 3}
    cell(notebook, "det-gradient")["outputs"] = [1, {"output_type": 5}, None]
    notebook["cells"] += [1, None, {"cell_type": "code"}, {"cell_type": "code", "source": 5, "metadata": 7}]
    notebook |= {"nbformat": 4.0, "nbformat_minor": "x"}


def _break_characters(notebook: Notebook) -> None:
    cell(notebook, "inv-differential")["source"] += "\n# \ud800\n"
    notebook["metadata"]["\ud800"] = ["\udfff", float("nan")]


_ODD: dict[str, Callable[[Any], None]] = {
    "mistyped": _mistype,
    "deep-metadata": lambda notebook: notebook["metadata"].update(x=_nest(900)),
    "half-characters": _break_characters,
}


def submit(course: Path, student: str, notebook: Notebook | bytes, stamp: str = EARLY) -> None:
    """Put it where `nbgrader collect` would."""
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    (folder / f"{ASSIGNMENT}.ipynb").write_bytes(data)
    (folder / "timestamp.txt").write_text(stamp, "utf-8")


def scores(course: Path) -> dict[str, dict[str, float | None]]:
    """Student → test cell → automatic score."""
    return {
        student: {name: auto for name, auto, *_ in rows}
        for student, rows in _by_student(course, "grade", "x.auto_score, x.needs_manual_grade").items()
    }


def to_review(course: Path) -> dict[str, set[str]]:
    """Student → test cells that a person has to look at."""
    rows = _by_student(course, "grade", "x.needs_manual_grade")
    return {student: {name for name, needed in found if needed} for student, found in rows.items()}


def comments(course: Path) -> dict[str, dict[str, str]]:
    """Student → answer cell → automatic comment."""
    return {
        student: {name: text or "" for name, text in rows}
        for student, rows in _by_student(course, "comment", "x.auto_comment").items()
    }


def penalties(course: Path) -> dict[str, float]:
    query = (
        "SELECT s.student_id, n.late_submission_penalty FROM submitted_notebook n "
        "JOIN submitted_assignment s ON s.id = n.assignment_id"
    )
    with closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        return {student: penalty or 0.0 for student, penalty in database.execute(query)}


def _by_student(course: Path, table: str, columns: str) -> dict[str, list[Any]]:
    query = (
        f"SELECT s.student_id, c.name, {columns} FROM {table} x JOIN base_cell c ON c.id = x.cell_id "
        "JOIN submitted_notebook n ON n.id = x.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id"
    )
    found: dict[str, list[Any]] = {}
    with closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        for student, *rest in database.execute(query):
            found.setdefault(student, []).append(rest)
    return found


def autograded(course: Path, student: str) -> Notebook:
    """The notebook that grading left."""
    path = course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    found: Notebook = json.loads(path.read_text("utf-8"))
    return found


def snapshot(course: Path) -> dict[str, tuple[int, int]]:
    """Every file below `autograded/` and the gradebook: when it was written, and its size."""
    files = [course / "gradebook.db", *sorted((course / "autograded").rglob("*"))]
    return {str(path.relative_to(course)): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}
