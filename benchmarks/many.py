"""A class of thousands: does the grader keep its pace and its size, and how soon is the second run over?

A right and a wrong submission of the sample class are copied in turn, each copy made distinct by a comment. The
whole is graded; while that runs, the number of results in the store is read every second, and the memory of the
grader's main process and of all its processes. Then the same command runs again, with nothing to do. Usage:

    python benchmarks/many.py [--copies 1000] [--jobs 2] [--only NAME …] [--format NAME …]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "grader" / "sample_class"
PAUSE = 1.0  # s


@dataclass(slots=True)
class Watch:
    """What is seen of a run from outside: seconds, processor time and results so far; memory in MB."""

    seen: list[tuple[float, float, int]] = field(default_factory=list)
    grader: float = 0.0
    everything: float = 0.0

    def pace(self, first: float, last: float) -> tuple[float, float]:
        """Results a second, and processor time for each in ms, between two shares of all results."""
        total = self.seen[-1][2]
        part = [item for item in self.seen if first * total <= item[2] <= last * total]
        seconds, busy, done = (end - start for start, end in zip(part[0], part[-1], strict=True))
        return done / seconds, 1e3 * busy / done


def fill(folder: Path, copies: int, names: list[str]) -> None:
    """Write `<number>.py`, all of them different."""
    folder.mkdir()
    texts = [(SAMPLE / f"{name}.py").read_text(encoding="utf-8") for name in names]
    for number in range(copies):
        text = f"{texts[number % len(texts)]}\n# {number}\n"
        (folder / f"student-{number:06}.py").write_text(text, encoding="utf-8")


def command(folder: Path, out: Path, jobs: int, formats: list[str]) -> list[str]:
    """The command line of a run."""
    chosen = [word for name in formats for word in ("--format", name)]
    words = ["grade", str(folder), "-o", str(out), "--jobs", str(jobs), "--course", str(ROOT), *chosen]
    return [sys.executable, "-m", "grader", *words]


def watch(words: list[str], out: Path) -> Watch:
    """Run a command to its end, looking at it every now and then."""
    seen = Watch()
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            pids = family(process.pid)
            seen.seen.append((time.perf_counter() - start, sum(map(busy, pids)), count_results(out)))
            seen.grader = max(seen.grader, peak(process.pid))
            seen.everything = max(seen.everything, sum(map(resident, pids)))
            time.sleep(PAUSE)
        assert process.stderr is not None
        if process.returncode:
            sys.exit(process.stderr.read())
    return seen


def count_results(out: Path) -> int:
    """How many results the store holds."""
    path = out / "results.sqlite"
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store,
    ):
        (number,) = store.execute("SELECT count(*) FROM results").fetchone()
        return int(number)
    return 0


def peak(pid: int) -> float:
    """The most memory that a process has had, in MB."""
    return _status(pid, "VmHWM:")


def resident(pid: int) -> float:
    """The memory that a process has now, in MB; what several share is counted for each."""
    return _status(pid, "VmRSS:")


def busy(pid: int) -> float:
    """The processor time that a process and those of its children that have ended have had, in seconds."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for known in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{known}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _status(pid: int, key: str) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(key):
                return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--copies", type=int, default=1000, help="submissions (default: 1000)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes")
    parser.add_argument("--only", nargs="+", default=["by-formula", "transposes"], help="of the sample class")
    parser.add_argument("--format", nargs="+", default=[], help="formats to write (default: the usual ones)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "submitted", Path(name) / "out"
        fill(folder, given.copies, given.only)
        words = command(folder, out, given.jobs, given.format)
        first = watch(words, out)
        seconds = first.seen[-1][0]
        (early, cheap), (late, dear) = first.pace(0.05, 0.25), first.pace(0.75, 0.95)
        print(f"{given.copies} submissions, {given.jobs} processes: {seconds:.1f} s")
        print(f"rate   {early:.1f}/s from 5 to 25 %, {late:.1f}/s from 75 to 95 %: {late / early - 1:+.1%}")
        print(f"cpu    {cheap:.1f} ms a submission, then {dear:.1f} ms: {dear / cheap - 1:+.1%}")
        print(
            f"memory {first.grader:.0f} MB at most in the grader, {first.everything:.0f} MB in all processes"
        )
        size = (out / "results.sqlite").stat().st_size
        print(f"store  {size / 1e6:.1f} MB, {size / given.copies / 1e3:.1f} kB a submission", flush=True)
        start = time.perf_counter()
        subprocess.run(
            words, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, check=True
        )
        print(f"again  {time.perf_counter() - start:.2f} s, with nothing to grade")


if __name__ == "__main__":
    main()
