"""A class of 100 notebooks of lecture05: `grader nbgrader autograde` beside `nbgrader autograde` with its own Execute.

    python -m benchmarks.nbgrader_class

Both write the gradebook and `autograded/`. What nbgrader runs is cheaper than what we check: its test cells hold two
numpy asserts on one small matrix. It is timed on a few of the notebooks, a run with fewer subtracted, so that starting
it counts for nothing; ours is timed as a whole, from the command line to its end, on the full class. On a machine
that is busy with other things, the ratio of processor time is the one to look at.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "lecture05"
_PRELUDE = "import numpy as np\nfrom numpy.linalg import det, inv, solve\n\n\n"
_ASSERTS = """\
import numpy as np
rng = np.random.default_rng(0)
A, dA, G, g = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 0.5
value = {call}
assert np.all(np.isfinite(value))
assert np.shape(value) == {shape}
10.0
"""
_TESTS = {
    "det-gradient": ("det_gradient(A)", "(3, 3)"),
    "adjugate": ("adjugate(A)", "(3, 3)"),
    "det-differential": ("det_differential(A, dA)", "()"),
    "logdet-gradient": ("logdet_gradient(A)", "(3, 3)"),
    "inv-differential": ("inv_differential(A, dA)", "(3, 3)"),
    "inv-jacobian": ("inv_jacobian(A)", "(9, 9)"),
    "det-pullback": ("det_pullback(A, g)", "(3, 3)"),
    "inv-pullback": ("inv_pullback(A, G)", "(3, 3)"),
}

Notebook = dict[str, Any]


def main() -> None:
    """Make the class, grade it both ways, print the ratio of rates."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--baseline", type=int, default=6, help="so many of them by nbgrader's own autograde")
    parser.add_argument(
        "--tests", choices=("asserts", "check"), default="asserts",
        help="what nbgrader's test cells hold: numpy asserts, or the same questions that the grader asks",
    )  # fmt: skip
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours"), Path(folder, "theirs")
        _make_course(ours)
        _make_course(theirs, chosen.tests)
        for number in range(chosen.students):
            _submit(ours, f"student-{number:03}", _answer(_released(ours), number))
        first = _time(ours, "grader", "nbgrader", "autograde", ASSIGNMENT)
        again = _time(ours, "grader", "nbgrader", "autograde", ASSIGNMENT, "--force")
        nothing = _time(ours, "grader", "nbgrader", "autograde", ASSIGNMENT)
        one = _baseline(theirs, 1)
        few = _baseline(theirs, 1 + chosen.baseline)
    print(
        f"{chosen.students} notebooks of {ASSIGNMENT}, 8 answers and 8 test cells each, {os.cpu_count()} cores"
    )
    print(f"what nbgrader's test cells hold: {chosen.tests}")
    print(f"{'':36}{'seconds':>9}{'ratio':>7}{'processor':>12}{'ratio':>7}")
    each = Spent((few.wall - one.wall) / chosen.baseline, (few.cpu - one.cpu) / chosen.baseline)
    print(f"{'nbgrader autograde, each notebook':36}{each.wall:9.2f}{'':7}{each.cpu:12.2f}")
    for name, spent in (("first run", first), ("again, truths known", again), ("nothing to do", nothing)):
        ratios = [chosen.students * a / b for a, b in ((each.wall, spent.wall), (each.cpu, spent.cpu))]
        shown = [f"{ratio:6.0f}x" if spent is not nothing else f"{'':7}" for ratio in ratios]
        print(f"{'grader, ' + name:36}{spent.wall:9.2f}{shown[0]}{spent.cpu:12.2f}{shown[1]}")


@dataclass(frozen=True)
class Spent:
    """Seconds of a command: by the clock, and of processors, those of all its processes together."""

    wall: float
    cpu: float


def _make_course(folder: Path, tests: str | None = None) -> None:
    """A released course; graded by nbgrader alone if it is told which tests to run."""
    folder.mkdir()
    _time(folder, "grader", "nbgrader", "source", ASSIGNMENT, "--problems", str(ROOT))
    if tests is not None:
        (folder / "nbgrader_config.py").write_text("c = get_config()\n", "utf-8")
    if tests == "asserts":
        path = folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        notebook = json.loads(path.read_bytes())
        for id, (call, shape) in _TESTS.items():
            _cell(notebook, f"{id}-check")["source"] = _ASSERTS.format(call=call, shape=shape)
        path.write_text(json.dumps(notebook), "utf-8")
    _time(folder, "nbgrader", "generate_assignment", ASSIGNMENT)


def _answer(released: Notebook, number: int) -> Notebook:
    """A notebook with right answers but for one listed mistake, another one for each student."""
    notebook = copy.deepcopy(released)
    for id in _TESTS:
        _cell(notebook, id)["source"] = (ROOT / "solutions" / id / "reference.py").read_text("utf-8")
    id = list(_TESTS)[number % len(_TESTS)]
    variants = yaml.safe_load((ROOT / "solutions" / id / "variants.yaml").read_text("utf-8"))
    formulas = [mistake["formula"] for mistake in variants["mistakes"] if "formula" in mistake]
    head = _TESTS[id][0]
    body = formulas[number // len(_TESTS) % len(formulas)]
    _cell(notebook, id)["source"] = f"{_PRELUDE}def {head}:\n    return {body}  # {number}\n"
    return notebook


def _baseline(folder: Path, count: int) -> Spent:
    shutil.rmtree(folder / "submitted", ignore_errors=True)
    for number in range(count):
        _submit(folder, f"student-{count}-{number}", _answer(_released(folder), number))
    return _time(folder, "nbgrader", "autograde", ASSIGNMENT)


def _released(folder: Path) -> Notebook:
    found: Notebook = json.loads((folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    return found


def _cell(notebook: Notebook, id: str) -> dict[str, Any]:
    cells = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == id)
    found: dict[str, Any] = next(cells)
    return found


def _submit(folder: Path, student: str, notebook: Notebook) -> None:
    place = folder / "submitted" / student / ASSIGNMENT
    place.mkdir(parents=True)
    (place / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(notebook), "utf-8")
    (place / "timestamp.txt").write_text("2026-01-01 10:00:00 UTC", "utf-8")


def _time(folder: Path, name: str, *arguments: str) -> Spent:
    starts = {
        "nbgrader": [sys.executable, "-c", "from nbgrader.apps.nbgraderapp import main; main()"],
        "grader": [sys.executable, "-m", "grader"],
    }
    hidden = {"XDG_CACHE_HOME": str(folder / ".cache"), "JUPYTER_CONFIG_DIR": str(folder / ".jupyter")}
    # nbgrader calls alembic, which stands beside this Python.
    tools = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment = os.environ | hidden | tools | {"PYTHONPATH": str(ROOT)}
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(
        [*starts[name], *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    after, wall = os.times(), time.perf_counter() - began
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Spent(wall, cpu)


if __name__ == "__main__":
    main()
