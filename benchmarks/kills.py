"""Kill `grader grade` with −9 at random moments, resume it, and compare with a run that nobody disturbed.

A class is graded once undisturbed. Then it is graded again and killed again and again, each time a random while
after its start; when a run comes to its end before that, every file in its folder, in every format, and every report in
its store are compared, byte for byte apart from times, and a new folder is begun. After every kill the store must be
whole and hold no fewer results than before. Usage:

    python -m benchmarks.kills [--kills 50] [--students 200] [--jobs 2] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.many import ROOT, SAMPLE, command, count_results
from grader.core.files import RESULTS_FILE
from grader.formats import CLASS_FORMATS, STUDENT_FORMATS
from grader.grading.result_store import LOCK

NAMES = [path.stem for path in sorted(SAMPLE.glob("*.py")) if path.stem != "infinite-loop"]
FORMATS = [*STUDENT_FORMATS, *CLASS_FORMATS]
SEED = ["--seed", "7"]
TIMES = {
    ".json": (r'"(seconds|execution_time)": ?[\d.e-]+',),
    ".html": (r'data-v="[^"]*">[^<]*<',),
    ".xml": (r' time="[\d.]+"',),
}
"""Suffix of a file → what in it is a time."""
UNCOMPARED = {RESULTS_FILE, LOCK}
"""The store is compared by what it holds; the lock names a process."""


def fill(folder: Path, students: int) -> None:
    """Write `<number>-<name>.py`, all of them different."""
    folder.mkdir()
    for number in range(students):
        name = NAMES[number % len(NAMES)]
        text = (SAMPLE / f"{name}.py").read_text(encoding="utf-8")
        (folder / f"{number:03}-{name}.py").write_text(f"{text}\n# {number}\n", encoding="utf-8")


def start(words: list[str]) -> subprocess.Popen[bytes]:
    """A run in the background."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)


def contents(out: Path) -> dict[str, str]:
    """Every file of a results folder and every report in its store, with the times taken out."""
    found = {f"store/{student}": report for student, report in stored_reports(out)}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name not in UNCOMPARED:
            name = str(path.relative_to(out))
            found[name] = without_times(path.suffix, path.read_text(encoding="utf-8"))
    return found


def stored_reports(out: Path) -> Iterator[tuple[str, str]]:
    """Each student's report in the store."""
    query = "SELECT student, report FROM roster JOIN results USING (key) ORDER BY student"
    with closing(sqlite3.connect(out / RESULTS_FILE)) as store:
        for student, packed in store.execute(query):
            yield student, without_times(".json", zlib.decompress(packed).decode())


def without_times(suffix: str, text: str) -> str:
    """A file's text without what differs between any two runs."""
    for pattern in TIMES.get(suffix, ()):
        text = re.sub(pattern, "", text)
    return text


def is_whole(out: Path) -> bool:
    """Whether SQLite finds nothing wrong with the store; True where there is none yet."""
    if not (out / RESULTS_FILE).exists():
        return True
    with closing(sqlite3.connect(out / RESULTS_FILE)) as store:
        return bool(store.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def main() -> None:
    """Kill, resume, compare, print; exit code 1 if anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50, help="how many (default: 50)")
    parser.add_argument("--students", type=int, default=200, help="of the class (default: 200)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: 0)")
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "submitted", given.students)

        def words(out: Path) -> list[str]:
            return [*command(folder / "submitted", out, given.jobs, FORMATS), *SEED]

        began = time.perf_counter()
        if start(words(folder / "undisturbed")).wait():
            sys.exit("the undisturbed run failed")
        longest = time.perf_counter() - began
        wanted = contents(folder / "undisturbed")
        print(f"{given.students} submissions undisturbed: {longest:.1f} s, {len(wanted)} files", flush=True)
        kills, compared, kept = 0, 0, 0
        while True:
            out = folder / f"out{compared}"
            process = start(words(out))
            try:
                # Once there have been enough kills, the last class may come to its end.
                moment = draw.uniform(0, longest / 2) if kills < given.kills else None
                code = process.wait(moment)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                if not is_whole(out) or (now := count_results(out)) < kept:
                    sys.exit(f"kill {kills}: the store is damaged or has lost results")
                print(f"kill {kills:>2} after {moment:5.2f} s: {kept:>4} → {now:>4} results", flush=True)
                kept = now
                continue
            if code:
                sys.exit(f"class {compared} after {kills} kills: exit code {code}")
            found = contents(out)
            differing = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
            if differing:
                sys.exit(f"class {compared} after {kills} kills differs: {', '.join(differing[:5])}")
            shutil.rmtree(out)
            compared, kept = compared + 1, 0
            if kills >= given.kills:
                break
        print(
            f"{kills} kills, {compared} classes resumed to their ends: all files and reports equal, apart from times"
        )


if __name__ == "__main__":
    main()
