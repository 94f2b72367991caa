"""A class on nbgrader whose assignment is not ours: its kernels against our sandbox, and the same marks from both.

    python -m benchmarks.nbgrader_foreign [--students 100] [--kernels 100]

Both are the command `nbgrader autograde`, started as a process of its own, over the same released notebook and the same
answers; one course has our line in its `nbgrader_config.py`. With fewer kernels than students, nbgrader's time is that
of so many students, and the ratio is one of times per student.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

_OURS = "from grader.nbgrader.execute import configure_execute\nconfigure_execute(c)\n"
_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.NbGrader.logfile = ''\n"
ANSWERS = (
    "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]",
    "def squares(n):\n    return [i * i for i in range(n)]",
    "import numpy as np\ndef squares(n):\n    return (np.arange(1, n + 1) ** 2).tolist()",
    "def squares(n):\n    raise NotImplementedError()",
    "def squares(n):\n    print('computing')\n    return [i * i for i in range(1, n + 1)]",
)


def _cell(source: str, grade_id: str, points: float | None = None) -> Any:
    tests = points is not None
    about = {
        "schema_version": 3, "grade_id": grade_id, "cell_type": "code", "task": False, "grade": tests, "locked": tests,
        "solution": not tests,
    }  # fmt: skip
    return new_code_cell(source, metadata={"nbgrader": {**about, **({"points": points} if tests else {})}})


def make_source() -> Any:
    """Two answers, four cells of tests: public, hidden, and two for parts of the points."""
    cells = [
        new_markdown_cell("# Squares\n\nReturn the squares of the first $n$ numbers, and their sum."),
        new_code_cell("import math"),
        _cell(
            "### BEGIN SOLUTION\ndef squares(n):\n    return [i * i for i in range(1, n + 1)]\n### END SOLUTION",
            "squares",
        ),
        _cell("assert squares(1) == [1]\nassert squares(2) == [1, 4]", "public", 1.0),
        _cell("### BEGIN HIDDEN TESTS\nassert squares(11)[-1] == 121\n### END HIDDEN TESTS", "hidden", 2.0),
        _cell("### BEGIN SOLUTION\ndef total(n):\n    return sum(squares(n))\n### END SOLUTION", "total"),
        _cell("assert total(10) == 385", "sum", 1.0),
        _cell("sum(total(n) == n * (n + 1) * (2 * n + 1) // 6 for n in range(4)) / 4 * 2", "parts", 2.0),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make_course(folder: Path, students: int, config: str) -> None:
    """A course with a released assignment and what students have handed in."""
    (folder / "source" / "ps1").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(_CONFIG + config, encoding="utf-8")
    nbformat.write(make_source(), folder / "source" / "ps1" / "ps1.ipynb")
    nbgrader(folder, "generate_assignment", "ps1")
    for number in range(students):
        nb = nbformat.read(folder / "release" / "ps1" / "ps1.ipynb", 4)
        nb.cells[2].source = ANSWERS[number % len(ANSWERS)]
        nb.cells[5].source = "def total(n):\n    return sum(squares(n))"
        place = folder / "submitted" / f"student{number:03}" / "ps1"
        place.mkdir(parents=True)
        nbformat.write(nb, place / "ps1.ipynb")


def nbgrader(folder: Path, *arguments: str) -> float:
    """Run a command of nbgrader's; how long it took."""
    tools = Path(sys.executable).parent
    environment = {
        **os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]), "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    began = time.perf_counter()
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"nbgrader {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return time.perf_counter() - began


def read_marks(folder: Path, students: int) -> Mapping[str, Mapping[str, float | None]]:
    """Student → test cell → points."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "course") as gradebook:
        return {
            name: {
                grade.name: grade.auto_score
                for grade in gradebook.find_submission_notebook("ps1", "ps1", name).grades
            }
            for name in (f"student{number:03}" for number in range(students))
        }


def main() -> None:
    """Measure, compare the marks, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument(
        "--kernels", type=int, default=100, help="how many of them nbgrader grades with kernels"
    )
    options = parser.parse_args()
    kernels = min(options.kernels, options.students)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    try:
        make_course(folder / "ours", options.students, _OURS)
        make_course(folder / "theirs", kernels, "")
        ours = nbgrader(folder / "ours", "autograde", "ps1")
        theirs = nbgrader(folder / "theirs", "autograde", "ps1")
        same = read_marks(folder / "ours", kernels) == read_marks(folder / "theirs", kernels)
    finally:
        shutil.rmtree(folder)
    print(f"nbgrader with kernels   {kernels:4} notebooks {theirs:8.1f} s  {theirs / kernels:7.3f} s each")
    print(
        f"nbgrader with sandbox   {options.students:4} notebooks {ours:8.1f} s  {ours / options.students:7.3f} s each"
    )
    ratio = theirs / kernels / (ours / options.students)
    print(f"the same marks: {'yes' if same else 'NO'}; {ratio:.1f} times as fast")
    raise SystemExit(0 if same else 1)


if __name__ == "__main__":
    main()
