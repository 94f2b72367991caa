"""Read a hundred thousand damaged and forged files: each is read, or refused in a sentence.

Notebooks, YAML files, archives and folders, what a submission's process sends, and stores of results are made as they
should be, mutated, and read by what reads them in a run. An exception that is no `GraderError` (of a message: no
`WireError`) is a finding, and so is what takes long. Nothing of a mutated file is run. Usage:

    python -m benchmarks.fuzz [--count 100000] [--seed 0] [--only KIND …] [--first 0]

A finding is named by its kind and number, so that `--only KIND --first NUMBER --count 1` repeats it alone.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.archives import read_archives
from benchmarks.fuzzing.frames import read_frames
from benchmarks.fuzzing.kind import Allowed, Kind
from benchmarks.fuzzing.notebooks import read_notebooks
from benchmarks.fuzzing.stores import read_stores
from benchmarks.fuzzing.yaml_files import read_yaml_files

_MEMORY = Path("/dev/shm")
"""A folder in memory, where there is one: on a disk, most of the time goes into making and removing files."""

KINDS: dict[str, Kind] = {
    "notebooks": read_notebooks,
    "yaml": read_yaml_files,
    "archives": read_archives,
    "frames": read_frames,
    "stores": read_stores,
}
MOST_MEMORY = 600
"""MB of the whole process."""
_MOST_SECONDS = 20
_SHOWN = 20


@dataclass(slots=True)
class Tally:
    """What became of the files of a kind: read, refused, and what neither is, as number → traceback."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: dict[int, str] = field(default_factory=dict)


def fuzz(kind: str, seed: int, numbers: Sequence[int], folder: Path) -> Tally:
    """Read the mutated files of these numbers; the same numbers give the same files.

    Args:
        folder: an empty one, to write them to.
    """
    tally = Tally()
    read = KINDS[kind](folder)
    for number in numbers:
        draw = random.Random(f"{seed}/{kind}/{number}")
        try:
            with _in_time():
                is_read = read(draw)
        except Allowed as refusal:
            tally.counts["refused"] += 1
            if not str(refusal).strip():
                tally.findings[number] = f"{type(refusal).__name__} without a word"
        except Exception:
            tally.findings[number] = traceback.format_exc()
        else:
            tally.counts["read" if is_read else "refused"] += 1
    return tally


def memory() -> int:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"longer than {_MOST_SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(_MOST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    """Read, count and print; exit code 1 if there are findings, or too much memory was used."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000, help="files, of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first file of each kind")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), help="kinds")
    given = parser.parse_args()

    numbers = range(given.first, given.first + max(1, given.count // len(given.only)))
    found = 0
    for kind in given.only:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
            tally = fuzz(kind, given.seed, numbers, Path(folder))
        found += len(tally.findings)
        counts = ", ".join(f"{number} {what}" for what, number in sorted(tally.counts.items()))
        passed = time.perf_counter() - began
        print(
            f"{kind:10} {counts}; {len(tally.findings)} findings, {passed:.0f} s, {memory()} MB", flush=True
        )
        for number, text in list(tally.findings.items())[:_SHOWN]:
            print(f"--- {kind} {number}\n{text}", flush=True)
    if found or memory() > MOST_MEMORY:
        sys.exit(1)


if __name__ == "__main__":
    main()
