"""How many notebooks a second `grader grade`, `nbgrader autograde` and `otter run` grade, in one run.

A class of notebooks of `lecture05`, all eight problems, made from the right members of the sample class, each distinct.
`grader grade` grades all of them, isolated as ever, with its usual output; the others grade as many of the same
notebooks as are asked for, with the tests of `benchmarks/others/tests.py`, unconfined. Each has its own tests where it
wants them: nbgrader in test cells of the notebook, otter in files, ours in the course, with cells that check at the
student's and do nothing when graded. Wall clock of whole commands, from start to exit. Usage:

    pip install -r benchmarks/others/requirements.txt
    python -m benchmarks.others [--copies 200] [--nbgrader 20] [--otter 8]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.others.tests import PRELUDE, TESTS

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "grader" / "sample_class"
RIGHT = ("by-formula", "by-cofactors", "by-solving", "by-svd")
ASSIGNMENT = "lecture05"
POINTS = 10


def cell(kind: str, source: str, id: str, nbgrader: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A cell of nbformat 4.5."""
    metadata = {"nbgrader": {"schema_version": 3, "task": False, **nbgrader}} if nbgrader else {}
    made: dict[str, Any] = {"cell_type": kind, "id": id, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(answers: str) -> dict[str, Any]:
    """The assignment as a notebook: one cell for all answers, a test cell for each problem."""
    solution = {"grade": False, "locked": False, "solution": True, "grade_id": "answers"}
    cells = [cell("code", answers, "answers", solution)]
    for number, (id, code) in enumerate(TESTS.items()):
        flags = {
            "grade": True,
            "locked": True,
            "solution": False,
            "grade_id": f"{id}-check",
            "points": POINTS,
        }
        cells.append(cell("code", code if number else PRELUDE + code, f"{id}-check", flags))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def make_course(folder: Path, copies: int) -> None:
    """An nbgrader course with its source and everybody's notebooks."""
    source = folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(notebook("### BEGIN SOLUTION\npass\n### END SOLUTION")), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'course'\n")
    run(["nbgrader", "generate_assignment", ASSIGNMENT, "--force"], folder)
    released = json.loads((folder / "release" / ASSIGNMENT / source.name).read_text(encoding="utf-8"))
    for number in range(copies):
        text = (SAMPLE / f"{RIGHT[number % len(RIGHT)]}.py").read_text(encoding="utf-8")
        place = folder / "submitted" / f"student-{number:03}" / ASSIGNMENT / source.name
        place.parent.mkdir(parents=True)
        # The metadata as released, so that nbgrader's checksums hold.
        first, *rest = released["cells"]
        cells = [first | {"source": f"{text}\n# {number}\n"}, *rest]
        place.write_text(json.dumps(released | {"cells": cells}), encoding="utf-8")


def run(words: Sequence[str], folder: Path) -> float:
    """Run one of the commands that stand beside this Python; seconds of wall clock."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    start = time.perf_counter()
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return seconds


def ours(course: Path) -> float:
    """All of them, with full marks for everybody."""
    submitted, out = course.parent / "submitted", course.parent / "out"
    for place in sorted((course / "submitted").rglob("*.ipynb")):
        given = json.loads(place.read_text(encoding="utf-8"))
        answers, *tests = given["cells"]
        checks = [
            test
            | {"source": f"from grader import check\ncheck('{id}', {id.replace('-', '_')}).show().points"}
            for id, test in zip(TESTS, tests, strict=True)
        ]
        copy = submitted / place.relative_to(course / "submitted")
        copy.parent.mkdir(parents=True)
        copy.write_text(json.dumps(given | {"cells": [answers, *checks]}), encoding="utf-8")
    words = [sys.executable, "-m", "grader", "grade", str(submitted), "-o", str(out)]
    seconds = run([*words, "--assignment", ASSIGNMENT, "--course", str(ROOT)], course.parent)
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        assert all(row["score"] == row["max_score"] for row in csv.DictReader(file))
    return seconds


def nbgrader(course: Path, count: int) -> float:
    """The first few, with full marks for everybody."""
    for place in sorted((course / "submitted").iterdir())[count:]:
        shutil.rmtree(place)
    seconds = run(["nbgrader", "autograde", ASSIGNMENT], course)
    run(["nbgrader", "export", "--to", "grades.csv"], course)
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        scores = [float(row["score"]) for row in csv.DictReader(file)]
    assert scores == [POINTS * len(TESTS)] * count, scores
    return seconds


def otter(course: Path, count: int) -> float:
    """The first few, one command each, with full marks for everybody."""
    folder = course.parent / "otter"
    (folder / "tests").mkdir(parents=True)
    for id, code in TESTS.items():
        name = id.replace("-", "_")
        body = "".join(f"    {line}\n" for line in (PRELUDE + code).splitlines())
        call = f"def test_{name}({name}):\n{body}"
        head = f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {name!r}\npoints = {POINTS}\n\n"
        (folder / "tests" / f"{name}.py").write_text(f"{head}\n@test_case()\n{call}", encoding="utf-8")
    run(["otter", "generate", "-t", "tests", "-o", "autograder.zip"], folder)
    seconds = 0.0
    for place in sorted((course / "submitted").iterdir())[:count]:
        (folder / place.name).mkdir()
        copy = folder / f"{place.name}.ipynb"
        given = json.loads((place / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
        # Its tests are not in the notebook.
        copy.write_text(json.dumps(given | {"cells": given["cells"][:1]}), encoding="utf-8")
        seconds += run(["otter", "run", "-a", "autograder.zip", "-o", place.name, copy.name], folder)
        results = json.loads((folder / place.name / "results.json").read_text(encoding="utf-8"))
        scores = [test.get("score", 0) for test in results["tests"] if test.get("max_score")]
        assert sum(scores) == POINTS * len(TESTS), results
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--copies", type=int, default=200, help="notebooks for ours (default: 200)")
    parser.add_argument("--nbgrader", type=int, default=20, help="of them for nbgrader (default: 20)")
    parser.add_argument("--otter", type=int, default=8, help="of them for otter (default: 8)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        course = Path(name) / "course"
        make_course(course, given.copies)
        print(f"{'':18} {'notebooks':>9} {'wall':>9} {'a second':>9} {'ours is':>9}", flush=True)
        fastest = 0.0
        rows: list[tuple[str, int, Callable[[], float]]] = [
            ("grader grade", given.copies, lambda: ours(course)),
            ("otter run", given.otter, lambda: otter(course, given.otter)),
            ("nbgrader autograde", given.nbgrader, lambda: nbgrader(course, given.nbgrader)),
        ]
        for title, count, grade in rows:
            rate = count / (seconds := grade())
            fastest = fastest or rate
            print(
                f"{title:18} {count:>9} {seconds:>7.1f} s {rate:>9.2f} {fastest / rate:>7.0f} x", flush=True
            )


if __name__ == "__main__":
    main()
