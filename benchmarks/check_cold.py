"""How long a student waits: `grader check` of a whole assignment, each time in a fresh process.

First is the wall clock of `python -m grader check FILE`, from start to exit, with an empty store of truths; again is
that of the same command once more, which finds them there. The parts are those of the first, and come from other
fresh processes that take the same steps with a clock running:

    interpreter   from the start of the process to its first line
    imports       the modules that the command needs
    course        config.yaml and every problem.yaml
    truths        cases, exact derivatives and tolerances of all problems, on all cores
    submission    reading the file and running all calls in the sandbox
    judgement     checks, diagnosis and the report
    printing      the report as text, thrown away
    closing       the end of the sandbox's processes
    exit          the end of Python

The sandbox's own interpreter starts while the truths are found, as it does in the command. The command reads
its command line besides. Usage:

    python benchmarks/check_cold.py [FILE] [--runs 5] [--course FOLDER]
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "grader" / "sample_class" / "by-formula.py"
PARTS = (
    "interpreter",
    "imports",
    "course",
    "truths",
    "submission",
    "judgement",
    "printing",
    "closing",
    "exit",
)


def time_command(file: Path, course: Path, cache: str) -> float:
    """Wall clock of one `grader check`, in seconds."""
    command = [sys.executable, "-m", "grader", "check", str(file), "--course", str(course)]
    start = time.perf_counter()
    done = subprocess.run(command, env=environment(cache), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1):  # 1: some answer is wrong, which is a check like any other
        sys.exit(done.stderr or done.stdout)
    return seconds


def time_parts(file: Path, course: Path) -> dict[str, float]:
    """Seconds of each part, measured in a fresh process by `run_parts`."""
    # The monotonic clock is the same in all processes of a machine.
    started = time.monotonic()
    command = [sys.executable, __file__, str(file), "--course", str(course), "--started", str(started)]
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(command, env=environment(cache), capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started
    if done.returncode:
        sys.exit(done.stderr)
    parts: dict[str, float] = json.loads(done.stdout)
    return {**parts, "exit": seconds - sum(parts.values())}


def run_parts(file: Path, folder: Path, started: float) -> dict[str, float]:
    """The steps of `grader check`, one by one."""
    marks = [started, time.monotonic()]
    from rich.console import Console

    import grader.cli.app
    import grader.cli.student  # noqa: F401 - the command imports it too
    from grader.answers.sandbox import Run, Sandbox
    from grader.answers.submission import read_submission
    from grader.formats.terminal.student import print_report
    from grader.grading.course_limits import limits_of
    from grader.grading.grade import Grader
    from grader.grading.prepare import prepare
    from grader.problems.course import load_course
    from grader.truths.cache import user_cache

    marks.append(time.monotonic())
    course = load_course(folder)
    marks.append(time.monotonic())
    running = 0.0

    class TimedSandbox(Sandbox):
        """A sandbox that says how long it ran."""

        def run(self, *arguments: Any, **options: Any) -> Run:
            nonlocal running
            start = time.monotonic()
            result = super().run(*arguments, **options)
            running += time.monotonic() - start
            return result

    with TimedSandbox(limits_of(course), course.libraries) as sandbox:
        cores = len(os.sched_getaffinity(0))
        exam = prepare(course, course.assignment(None), course.seed, jobs=cores, store=user_cache())
        marks.append(time.monotonic())
        submission = read_submission(file)
        running += time.monotonic() - marks[-1]
        report = Grader(exam, sandbox).grade(submission)
        marks.append(time.monotonic())
        print_report(Console(file=io.StringIO()), report)
        marks.append(time.monotonic())
    marks.append(time.monotonic())
    seconds = [after - before for before, after in itertools.pairwise(marks)]
    return dict(zip(PARTS[:-1], [*seconds[:4], running, seconds[4] - running, *seconds[5:]], strict=True))


def environment(cache: str) -> dict[str, str]:
    """Finds this checkout first, whatever is installed, and keeps truths in a folder of its own."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": cache}


def show(name: str, seconds: Sequence[float]) -> None:
    """One line of the table."""
    print(f"{name:<13} {min(seconds):7.3f} s {statistics.median(seconds):7.3f} s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=SAMPLE, help="a submission")
    parser.add_argument("--runs", type=int, default=5, help="fresh processes for each figure (default: 5)")
    parser.add_argument("--course", type=Path, default=ROOT, help="the course's folder (default: this one)")
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.started is not None:
        print(json.dumps(run_parts(given.file, given.course, given.started)))
        return
    first, again = [], []
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as cache:
            first.append(time_command(given.file, given.course, cache))
            again.append(time_command(given.file, given.course, cache))
    parts = [time_parts(given.file, given.course) for _ in range(given.runs)]
    print(f"grader check {given.file.name}, {given.runs} runs, {len(os.sched_getaffinity(0))} cores")
    print(f"{'':<13} {'min':>9} {'median':>9}")
    show("again", again)
    show("first", first)
    for name in PARTS:
        show(f"  {name}", [run[name] for run in parts])


if __name__ == "__main__":
    main()
