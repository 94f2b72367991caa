"""What isolation and grading cost: the processor time of a graded submission against that of the bare calls.

The floor is a warm forked interpreter that makes the same calls, checks nothing and writes nothing: a process with
numpy loaded and the calls' arguments in memory forks a child, which compiles and runs the student's source, makes
the calls, throws the answers away and exits. The other side is all that `grader grade` does with a submission once it
is under way: the file is read, its code runs in the sandbox, the answers are judged, JSON and HTML are written.

All take turns in one run, a block of submissions each, so that what else the machine does falls on all of them.
Counted is the processor time of the process and all its descendants, the dead ones too. Usage:

    python benchmarks/floor.py [--submissions 200] [--blocks 5] [--levels strong standard none]
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "grader" / "sample_class"
RIGHT = ("by-formula.py", "by-cofactors.py", "by-solving.py", "by-svd.py")
_TICK = 1 / os.sysconf("SC_CLK_TCK")


def serve() -> None:
    """The floor's own process: for each line it is sent, fork that many children, one after another."""
    sources, calls = pickle.load(sys.stdin.buffer)
    for line in sys.stdin.buffer:
        for number in range(int(line)):
            pid = os.fork()
            if pid == 0:
                make_calls(sources[number % len(sources)], calls)
                os._exit(0)
            os.waitpid(pid, 0)
        print(flush=True)


def make_calls(source: str, calls: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
    """Run a student's source and call its functions."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "answers.py", "exec"), namespace)
    for name, arguments in calls:
        namespace[name](*arguments)


def cpu_seconds(process: int) -> float:
    """Processor time of a process and all its descendants, also of those that ended."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            used[int(entry.name)] = sum(map(int, fields[11:15])) * _TICK
    total, family = 0.0, {process}
    while family:
        total += sum(used[member] for member in family)
        family = {pid for pid, parent in parents.items() if parent in family}
    return total


def open_floor(stack: ExitStack, calls: Sequence[Any]) -> tuple[int, Callable[[int], object]]:
    """The process of the floor, and what runs so many submissions there."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-B", __file__, "--serve"]
    process = stack.enter_context(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    )
    assert process.stdin is not None and process.stdout is not None
    stdin: IO[bytes] = process.stdin
    stdout: IO[bytes] = process.stdout
    stack.callback(stdin.close)
    plain = [(call.function, call.arguments) for call in calls]
    pickle.dump(([(SAMPLE / name).read_text() for name in RIGHT], plain), stdin)

    def run(count: int) -> object:
        stdin.write(b"%d\n" % count)
        stdin.flush()
        return stdout.readline()

    return process.pid, run


def open_grader(stack: ExitStack, exam: Any, level: Any, folder: Path) -> tuple[int, Callable[[int], object]]:
    """The process that this is, and what grades so many submissions at a level."""
    from grader.answers.sandbox import Sandbox
    from grader.answers.submission import read_submission
    from grader.core.memo import Memo
    from grader.grading.grade import Grader
    from grader.grading.packed_result import pack_result
    from grader.grading.result_files import make_result_files, render_student
    from grader.grading.result_store import open_results

    sandbox = stack.enter_context(Sandbox(exam.limits, exam.libraries, strongest=level))
    if sandbox.isolation.level != level:
        sys.exit(f"this machine has no {level} isolation: {'; '.join(sandbox.isolation.reasons)}")
    results = stack.enter_context(open_results(folder / level))
    output = make_result_files(results, ("json", "html"))
    grader, memo = Grader(exam, sandbox), Memo()

    def run(count: int) -> object:
        for number in range(count):
            submission = read_submission(SAMPLE / RIGHT[number % len(RIGHT)], f"student-{number}")
            report = grader.grade(submission)
            assert report.score == report.max_score
            results.add(pack_result(str(number), report, memo))
            output.write(render_student(report, output.formats, memo=memo), str(number))
        return None

    return os.getpid(), run


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=200, help="in a block (default: 200)")
    parser.add_argument("--blocks", type=int, default=5, help="of each kind, in turns (default: 5)")
    parser.add_argument("--levels", nargs="+", default=["strong", "standard", "none"], help="of isolation")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    sys.path.insert(0, str(ROOT))
    from grader.grading.prepare import prepare
    from grader.problems.course import load_course

    course = load_course(ROOT)
    exam = prepare(course, course.assignment("lecture05"), course.seed)
    # All of them are right, so none is asked the second round.
    calls = [call for question in exam.problems for call in question.calls]
    gc.freeze()  # as the workers of `grader grade` do
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sides = {"floor": open_floor(stack, calls)}
        sides |= {level: open_grader(stack, exam, level, folder) for level in given.levels}
        cpu: dict[str, list[float]] = {name: [] for name in sides}
        wall: dict[str, list[float]] = {name: [] for name in sides}
        for block in range(given.blocks + 1):
            for name, (process, run) in sides.items():
                before, began = cpu_seconds(process), time.perf_counter()
                run(given.submissions if block else len(RIGHT))
                if block:  # the first is to warm up
                    wall[name].append((time.perf_counter() - began) / given.submissions)
                    cpu[name].append((cpu_seconds(process) - before) / given.submissions)
    print(f"lecture05, {len(calls)} calls; {given.blocks} blocks of {given.submissions} submissions, medians")
    print(f"{'':<10} {'processor':>11} {'wall':>11} {'processor/floor':>17}")
    for name in sides:
        ratio = statistics.median(own / base for own, base in zip(cpu[name], cpu["floor"], strict=True))
        shown = (statistics.median(cpu[name]) * 1e3, statistics.median(wall[name]) * 1e3, ratio)
        print(f"{name:<10} {shown[0]:>8.2f} ms {shown[1]:>8.2f} ms {shown[2]:>17.2f}")


if __name__ == "__main__":
    main()
