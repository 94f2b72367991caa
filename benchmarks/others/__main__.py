"""How many notebooks a second `grader grade`, `nbgrader autograde` and `otter run` grade, in one run.

A class of notebooks of `lecture05`, all eight problems, made from members of the sample class, each distinct: right
ones only, and right and wrong ones in equal parts.
`grader grade` grades all of them, isolated as ever, with its usual output; the others grade as many of the same
notebooks as are asked for, with the tests of `benchmarks/others/tests.py`, unconfined. Each has its own tests where it
wants them: nbgrader in test cells of the notebook, otter in files, ours in the course, with cells that check at the
student's and do nothing when graded. Whole commands, from start to exit: by the clock, and the processor time of each
notebook. Usage:

    pip install -r benchmarks/others/requirements.txt
    python -m benchmarks.others [--copies 200] [--nbgrader 20] [--otter 8] [--only right]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.others.tests import PRELUDE, TESTS

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "grader" / "sample_class"
RIGHT = ("by-formula", "by-cofactors", "by-solving", "by-svd")
WRONG = ("transposes", "lost-signs", "wrong-order", "nonsingular-only")
CLASSES = {
    "right": RIGHT,
    "right and wrong": tuple(name for pair in zip(RIGHT, WRONG, strict=True) for name in pair),
}
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


def make_course(folder: Path, members: Sequence[str], copies: int) -> None:
    """An nbgrader course with its source and everybody's notebooks."""
    source = folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(notebook("### BEGIN SOLUTION\npass\n### END SOLUTION")), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'course'\n")
    run(["nbgrader", "generate_assignment", ASSIGNMENT, "--force"], folder)
    released = json.loads((folder / "release" / ASSIGNMENT / source.name).read_text(encoding="utf-8"))
    for number in range(copies):
        member = members[number % len(members)]
        text = (SAMPLE / f"{member}.py").read_text(encoding="utf-8")
        place = folder / "submitted" / f"student-{number:03}-{member}" / ASSIGNMENT / source.name
        place.parent.mkdir(parents=True)
        # The metadata as released, so that nbgrader's checksums hold.
        first, *rest = released["cells"]
        cells = [first | {"source": f"{text}\n# {number}\n"}, *rest]
        place.write_text(json.dumps(released | {"cells": cells}), encoding="utf-8")


class Seconds(NamedTuple):
    """How long commands took: by the clock, and on all processors together."""

    wall: float = 0.0
    processor: float = 0.0

    def plus(self, other: Seconds) -> Seconds:
        """One after the other."""
        return Seconds(self.wall + other.wall, self.processor + other.processor)


def processor_time() -> float:
    """Seconds of all commands so far, with what they started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(words: Sequence[str], folder: Path) -> Seconds:
    """Run one of the commands that stand beside this Python."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    start, before = time.perf_counter(), processor_time()
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = Seconds(time.perf_counter() - start, processor_time() - before)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return seconds


def ours(course: Path) -> Seconds:
    """All of them, with full marks for everybody who is right."""
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
        rows = list(csv.DictReader(file))
    assert all((row["score"] == row["max_score"]) == is_right(row["student"]) for row in rows)
    return seconds


def is_right(student: str) -> bool:
    """Whether a student's name says that the answers are right."""
    return student.endswith(RIGHT)


def nbgrader(course: Path, count: int) -> Seconds:
    """The first few, with full marks for everybody who is right."""
    for place in sorted((course / "submitted").iterdir())[count:]:
        shutil.rmtree(place)
    seconds = run(["nbgrader", "autograde", ASSIGNMENT], course)
    run(["nbgrader", "export", "--to", "grades.csv"], course)
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    assert all((float(row["score"]) == POINTS * len(TESTS)) == is_right(row["student_id"]) for row in rows)
    return seconds


def otter(course: Path, count: int) -> Seconds:
    """The first few, one command each, with full marks for everybody who is right."""
    folder = course.parent / "otter"
    (folder / "tests").mkdir(parents=True)
    for id, code in TESTS.items():
        name = id.replace("-", "_")
        body = "".join(f"    {line}\n" for line in (PRELUDE + code).splitlines())
        call = f"def test_{name}({name}):\n{body}"
        head = f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {name!r}\npoints = {POINTS}\n\n"
        (folder / "tests" / f"{name}.py").write_text(f"{head}\n@test_case()\n{call}", encoding="utf-8")
    run(["otter", "generate", "-t", "tests", "-o", "autograder.zip"], folder)
    seconds = Seconds()
    for place in sorted((course / "submitted").iterdir())[:count]:
        (folder / place.name).mkdir()
        copy = folder / f"{place.name}.ipynb"
        given = json.loads((place / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
        # Its tests are not in the notebook.
        copy.write_text(json.dumps(given | {"cells": given["cells"][:1]}), encoding="utf-8")
        command = ["otter", "run", "-a", "autograder.zip", "-o", place.name, copy.name]
        seconds = seconds.plus(run(command, folder))
        results = json.loads((folder / place.name / "results.json").read_text(encoding="utf-8"))
        scores = [test.get("score", 0) for test in results["tests"] if test.get("max_score")]
        assert (sum(scores) == POINTS * len(TESTS)) == is_right(place.name), results
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--copies", type=int, default=200, help="notebooks for ours (default: 200)")
    parser.add_argument("--nbgrader", type=int, default=20, help="of them for nbgrader (default: 20)")
    parser.add_argument("--otter", type=int, default=8, help="of them for otter (default: 8)")
    parser.add_argument("--only", choices=CLASSES, help="one of the classes (default: each)")
    given = parser.parse_args()
    for name, members in CLASSES.items():
        if given.only in (None, name):
            measure(name, members, given.copies, given.nbgrader, given.otter)


def measure(title: str, members: Sequence[str], copies: int, by_nbgrader: int, by_otter: int) -> None:
    """Grade one class with each of them, and print their rates."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        make_course(course, members, copies)
        head = f"{'notebooks':>9} {'wall':>9} {'a second':>9} {'ours is':>9} {'processor':>12} {'ours is':>9}"
        print(f"{title:18} {head}", flush=True)
        rows: list[tuple[str, int, Callable[[], Seconds]]] = [
            ("grader grade", copies, lambda: ours(course)),
            ("otter run", by_otter, lambda: otter(course, by_otter)),
            ("nbgrader autograde", by_nbgrader, lambda: nbgrader(course, by_nbgrader)),
        ]
        best = None
        for name, count, grade in filter(itemgetter(1), rows):
            seconds = grade()
            each = Seconds(seconds.wall / count, seconds.processor / count)
            best = best or each
            wall = f"{seconds.wall:>7.1f} s {1 / each.wall:>9.2f} {each.wall / best.wall:>7.0f} x"
            processor = f"{1000 * each.processor:>9.1f} ms {each.processor / best.processor:>7.0f} x"
            print(f"{name:18} {count:>9} {wall} {processor}", flush=True)


if __name__ == "__main__":
    main()
