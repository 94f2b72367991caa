"""Kill `grader grade` with −9 at random moments, resume it, and compare with a run that nobody disturbed.

A class is graded once undisturbed. Then it is graded again and killed again and again, each time a random while
after its start; when a run comes to its end before that, its results are compared, byte for byte apart from times,
and a new folder is begun. After every kill the store must be whole and hold no fewer results than before. Usage:

    python -m benchmarks.kills [--kills 50] [--students 200] [--jobs 2] [--seed 0]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.many import ROOT, SAMPLE, command, count_results

NAMES = [path.stem for path in sorted(SAMPLE.glob("*.py")) if path.stem != "infinite-loop"]
FORMATS = ["json", "html", "text", "csv", "class"]
SEED = ["--seed", "7"]


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


def contents(out: Path) -> dict[str, bytes]:
    """Every file of results, with its times taken out."""
    found = {}
    for path in sorted(out.rglob("*.*")):
        if path.suffix == ".json":
            report = json.loads(path.read_bytes())
            for problem in report["problems"]:
                del problem["seconds"]
            found[str(path.relative_to(out))] = json.dumps(report).encode()
        elif path.name == "class.html":
            text = re.sub(r'data-v="[^"]*">[^<]*<', "<", path.read_text(encoding="utf-8"))
            found[path.name] = text.encode()
        elif path.suffix in (".html", ".txt", ".csv"):
            found[str(path.relative_to(out))] = path.read_bytes()
    return found


def is_whole(out: Path) -> bool:
    """Whether SQLite finds nothing wrong with the store; True where there is none yet."""
    if not (out / "results.sqlite").exists():
        return True
    with closing(sqlite3.connect(out / "results.sqlite")) as store:
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
            if code or contents(out) != wanted:
                sys.exit(f"class {compared} after {kills} kills: exit code {code}, or the results differ")
            compared, kept = compared + 1, 0
            if kills >= given.kills:
                break
        print(f"{kills} kills, {compared} classes resumed to their ends: all results equal, apart from times")


if __name__ == "__main__":
    main()
