"""Write `files/` anew with an earlier version of the grader; see README.md.

    python tests/earlier/make_files.py CHECKOUT

CHECKOUT is a work tree of the earlier commit with its own environment in `.venv`, nbgrader included.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "files"
PROBLEMS = ("inv-differential", "det-gradient", "inv-pullback")
SEED = "7"
FORMATS = (
    "json",
    "html",
    "text",
    "markdown",
    "junit",
    "gradescope",
    "prairielearn",
    "csv",
    "class",
    "canvas",
)
CONFIG = f"""\
course: Matrix calculus
seed: {{env: GRADER_SEED, default: 5}}
cases: 12
limits: {{seconds: 20, cpu_seconds: 2, memory_mb: 512}}
assignments:
  ps1:
    title: Determinant and inverse
    problems: [{{id: inv-differential, points: 4}}, {", ".join(PROBLEMS[1:])}]
"""

HEAD = "import numpy as np\nfrom numpy.linalg import det, inv, solve\n"
RIGHT = {
    "inv_differential(A, dA)": "return -solve(A, dA @ inv(A))",
    "det_gradient(A)": (
        "U, s, Vt = np.linalg.svd(A)\n"
        "    p = [np.prod(np.delete(s, i)) for i in range(len(s))]\n"
        "    return det(U) * det(Vt) * (U * p) @ Vt"
    ),
    "inv_pullback(A, G)": "X = inv(A).conj().T\n    return -X @ G @ X",
}
LISTED = {
    "inv_differential(A, dA)": "return inv(A) @ dA @ inv(A)",
    "det_gradient(A)": "return det(A) * inv(A).T",
    "inv_pullback(A, G)": "return -inv(A).T @ G @ inv(A).T",
}
RELATED = {
    "inv_differential(A, dA)": "return -2 * inv(A) @ dA @ inv(A)",
    "det_gradient(A)": "return det(A)",
    "inv_pullback(A, G)": "return -np.round(inv(A).conj().T @ G @ inv(A).conj().T, 3)",
}
FAILING = {
    "inverse_differential(A, dA)": "return -inv(A) @ dA @ inv(A)",
    "det_gradient(A)": "return A @ undefined",
    "inv_pullback(A, G)": "return None",
}


def write_code(functions: Mapping[str, str]) -> str:
    """A submission with these functions: signature → body."""
    return HEAD + "".join(f"\n\ndef {head}:\n    {body}\n" for head, body in functions.items())


def write_notebook(functions: Mapping[str, str], imported: str) -> str:
    """A student's notebook, with a check after each answer."""
    cells = [("intro", f"{HEAD}{imported}\n")]
    for head, body in functions.items():
        name = head.partition("(")[0]
        cells.append((name, f"def {head}:\n    {body}"))
        cells.append((f"{name}-check", f'check("{name.replace("_", "-")}", {name})'))
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": name,
                "metadata": {},
                "outputs": [],
                "source": text,
            }
            for name, text in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1) + "\n"


SUBMISSIONS = {
    "ada.py": write_code(RIGHT),
    "ben.py": write_code(LISTED),
    "cem.py": write_code(RELATED),
    "dee.py": 'print("printed on the way")\n' + write_code(FAILING),
    "eva.py": "def inv_differential(A, dA:\n    return\n",
    "fay.ipynb": write_notebook(RIGHT, "from grader import check"),
    "gil.ipynb": write_notebook(LISTED, "from grader.notebook import check"),
}


class Earlier:
    """The commands of the earlier version, run in a folder of its own."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        self.bin = checkout / ".venv" / "bin"
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GRADER_")},
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(checkout),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
            "COLUMNS": "120",
            "NO_COLOR": "1",
        }

    def run(self, *command: str, cwd: Path | None = None, codes: tuple[int, ...] = (0,)) -> str:
        """Run `grader …` or `nbgrader …`; what it printed."""
        done = subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=cwd or self.folder,
            env=self.environment,
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode not in codes:
            sys.exit(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def make_course(checkout: Path, folder: Path) -> None:
    """A course with a few problems of the earlier version, and a class of submissions beside it."""
    for id in PROBLEMS:
        for room in ("exercises", "solutions"):
            shutil.copytree(checkout / room / id, folder / "course" / room / id)
    (folder / "course" / "config.yaml").write_text(CONFIG, "utf-8")

    (folder / "class").mkdir()
    for name, text in SUBMISSIONS.items():
        (folder / "class" / name).write_text(text, "utf-8")


def make_results(earlier: Earlier) -> None:
    """A results folder in all formats, made with `--solutions`."""
    formats = [word for name in FORMATS for word in ("-f", name)]
    options = ("--course", "course", "--seed", SEED, "--solutions", "-j", "1")
    earlier.run("grader", "grade", "class", "-o", "results", *options, *formats)

    with closing(sqlite3.connect(earlier.folder / "results" / "results.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")


def make_checks(earlier: Earlier) -> None:
    """What `grader check --json` printed about each submission."""
    folder = earlier.folder / "checks"
    folder.mkdir()
    for name in SUBMISSIONS:
        options = ("--course", "course", "--seed", SEED, "--json")
        text = earlier.run("grader", "check", f"class/{name}", *options, codes=(0, 1, 2))
        (folder / f"{Path(name).stem}.json").write_text(text, "utf-8")


def make_packed(earlier: Earlier) -> None:
    """A Gradescope autograder without the program in it, and a PrairieLearn question."""
    options = ("--course", "course", "--seed", SEED)
    earlier.run("grader", "gradescope", "build", "ps1", "-o", "autograder.zip", *options)
    with zipfile.ZipFile(earlier.folder / "autograder.zip") as archive:
        names = [name for name in archive.namelist() if not name.startswith("package/")]
        archive.extractall(earlier.folder / "gradescope", names)

    earlier.run("grader", "prairielearn", "build", "ps1", "-o", "prairielearn", *options)


def make_nbgrader(earlier: Earlier) -> None:
    """An nbgrader course, graded once; then a person has given Ben another mark, with a comment."""
    folder = earlier.folder / "nbgrader"
    places = ("--course", "nbgrader", "--problems", "course")
    earlier.run("grader", "nbgrader", "source", "ps1", *places)
    settings = '\nc.CourseDirectory.course_id = "calculus"\nc.FrechetGrader.problems = "../course"\n'
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(settings)
    earlier.run("nbgrader", "generate_assignment", "ps1", cwd=folder)

    released = json.loads((folder / "release" / "ps1" / "ps1.ipynb").read_text("utf-8"))
    for student, functions in {"ada": RIGHT, "ben": LISTED, "dee": FAILING}.items():
        _submit(folder, student, json.dumps(_answer(released, functions), indent=1))
    _submit(folder, "eva", '{"cells": [')
    earlier.run("grader", "nbgrader", "autograde", "ps1", "--seed", SEED, "-j", "1", cwd=folder)

    with closing(sqlite3.connect(folder / "gradebook.db")) as database, database:
        for table, cell, change in MANUAL:
            where = f"cell_id = (SELECT id FROM base_cell WHERE name = '{cell}') AND {_OF_BEN}"
            changed = database.execute(f"UPDATE {table} SET {change} WHERE {where}").rowcount
            assert changed == 1, (table, cell)
        database.commit()
        database.execute("VACUUM")


MANUAL = (
    ("grade", "inv-differential-check", "manual_score = 3, extra_credit = 1"),
    ("comment", "inv-differential", "manual_comment = 'Only the sign.'"),
)
"""What a person decided: table, cell, change."""
_OF_BEN = (
    "notebook_id = (SELECT n.id FROM submitted_notebook n JOIN submitted_assignment s ON s.id = n.assignment_id "
    "WHERE s.student_id = 'ben')"
)


def _answer(released: Mapping[str, Any], functions: Mapping[str, str]) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(json.dumps(released))
    answers = dict(zip(PROBLEMS, functions.items(), strict=True))
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell["source"] = write_code(dict([answers[grade_id]]))
    return notebook


def _submit(folder: Path, student: str, notebook: str) -> None:
    place = folder / "submitted" / student / "ps1"
    place.mkdir(parents=True)
    (place / "ps1.ipynb").write_text(notebook, "utf-8")
    (place / "timestamp.txt").write_text("2026-02-28 10:00:00 UTC", "utf-8")


def pack(folder: Path, out: Path) -> None:
    """Compress a folder into one file that depends on its content alone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz", preset=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                entry = archive.gettarinfo(path, path.relative_to(folder).as_posix())
                entry.mtime = 1_772_000_000
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                archive.addfile(entry, io.BytesIO(path.read_bytes()))
    out.write_bytes(buffer.getvalue())


def main(checkout: Path) -> None:
    """Make everything in a scratch folder and pack it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        earlier = Earlier(checkout, folder)

        make_course(checkout, folder)
        make_results(earlier)
        make_checks(earlier)
        make_packed(earlier)
        earlier.run("grader", "release", "ps1", "--course", "course", "-o", "released")
        make_nbgrader(earlier)

        shutil.rmtree(FILES, ignore_errors=True)
        FILES.mkdir()
        for name in (
            "course",
            "class",
            "results",
            "checks",
            "gradescope",
            "prairielearn",
            "released",
            "nbgrader",
        ):
            pack(folder / name, FILES / f"{name}.tar.xz")
        pack(folder / "cache" / "frechet-grader" / "truths", FILES / "truths.tar.xz")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
