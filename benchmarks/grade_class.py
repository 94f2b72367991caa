"""How many submissions `grader grade` grades in a second, with one process and with two, side by side.

The sample class is copied many times into a temporary folder, and the whole folder is graded with each number
of jobs in turn. The wall clock is that of the command, from start to exit: it includes finding the truths,
which is done once, and writing JSON and HTML. The sample class has programs that never end; each of them costs
the time limit. `--only right` leaves everything out but the submissions that earn all points. Usage:

    python benchmarks/grade_class.py [--copies 50] [--jobs 1 2] [--only all|right]
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "grader" / "sample_class"


def copy_class(folder: Path, copies: int, names: frozenset[str]) -> int:
    """Fill a folder with `<copy>-<name>`; the number of files."""
    folder.mkdir()
    files = [path for path in sorted(SAMPLE.iterdir()) if path.stem in names or not names]
    files = [path for path in files if path.suffix in (".py", ".ipynb")]
    for copy in range(copies):
        for path in files:
            shutil.copyfile(path, folder / f"{copy:03}-{path.name}")
    return copies * len(files)


def time_grading(folder: Path, out: Path, jobs: int) -> float:
    """Wall clock of one `grader grade`, in seconds."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "-o", str(out), "--jobs", str(jobs)]
    command += ["--course", str(ROOT)]
    start = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    return seconds


def find_right(folder: Path) -> frozenset[str]:
    """The members of the sample class that earn all points."""
    time_grading(SAMPLE, folder, 2)
    with (folder / "grades.csv").open(newline="", encoding="utf-8") as file:
        return frozenset(row["student"] for row in csv.DictReader(file) if row["score"] == row["max_score"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--copies", type=int, default=50, help="of the sample class (default: 50)")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], help="processes (default: 1 2)")
    parser.add_argument("--only", choices=("all", "right"), default="all", help="which submissions")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = find_right(folder / "first") if given.only == "right" else frozenset[str]()
        count = copy_class(folder / "submitted", given.copies, names)
        print(f"{count} submissions ({given.only}), {len(os.sched_getaffinity(0))} cores", flush=True)
        print(f"{'jobs':>4} {'wall':>9} {'submissions/s':>15} {'ratio':>7}", flush=True)
        first = 0.0
        for jobs in given.jobs:
            rate = count / (seconds := time_grading(folder / "submitted", folder / f"out{jobs}", jobs))
            first = first or rate
            print(f"{jobs:>4} {seconds:>7.1f} s {rate:>15.2f} {rate / first:>7.2f}", flush=True)


if __name__ == "__main__":
    main()
