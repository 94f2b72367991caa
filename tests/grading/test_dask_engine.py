"""A class on a real Dask cluster of two worker processes comes out as on this machine, also when one is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from grader.core.errors import GraderError
from grader.core.worker_pool import Crash
from grader.grading.dask_engine import Cluster
from tests.conftest import ROOT
from tests.running import PATIENCE

# Warnings of a cluster that starts or stops on a busy machine are its own affair.
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.slow]

RIGHT = "import numpy as np\ndef inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return {sign}X @ dA @ X\n"


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as found:
        yield found


class Square:
    """Work that pickles: squares numbers, after a while."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> Square:
        return self

    def __enter__(self) -> Any:
        return self.square

    def __exit__(self, *error: object) -> None:
        return None

    def square(self, number: int) -> int:
        time.sleep(self.seconds)
        if number == 13:
            raise ValueError("unlucky")
        return number * number


def nothing() -> None:
    """A worker that proves nothing."""


def refuse() -> None:
    raise GraderError("it can open a socket")


def grade(folder: Path, out: str, *options: str) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "grader",
        "grade",
        "submitted",
        "-o",
        out,
        "--seed",
        "3",
        "--course",
        str(ROOT),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    reports = {}
    for path in sorted((folder / out / "results").glob("*.json")):
        reports[path.stem] = without_seconds(json.loads(path.read_text()))
    return reports


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


def test_a_class_comes_out_as_on_this_machine(cluster: LocalCluster, tmp_path: Path) -> None:
    (tmp_path / "submitted").mkdir()
    for k in range(20):
        text = RIGHT.format(sign="-" if k % 3 else "") if k else "def ("
        (tmp_path / "submitted" / f"student{k}.py").write_text(text)
    there = grade(tmp_path, "there", "--engine", "dask", "--scheduler", cluster.scheduler_address)
    here = grade(tmp_path, "here")
    assert len(there) == 20 and there == here


def test_a_worker_that_is_killed_costs_nothing_but_time(cluster: LocalCluster) -> None:
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
    numbers = range(100, 180)
    running = iter(Cluster(cluster.scheduler_address, nothing)(Square(0.03), numbers, 1))
    found = dict([next(running)])
    os.kill(victim, signal.SIGKILL)
    found |= dict(running)
    assert found == {number: number * number for number in numbers}


def test_a_task_that_fails_costs_only_itself(cluster: LocalCluster) -> None:
    found = dict(Cluster(cluster.scheduler_address, nothing)(Square(), range(10, 20), 1))
    assert isinstance(crash := found.pop(13), Crash) and "unlucky" in crash.message
    assert found == {number: number * number for number in range(10, 20) if number != 13}


def test_a_worker_that_does_not_confine_submissions_refuses(cluster: LocalCluster) -> None:
    with pytest.raises(GraderError, match=r"The worker tcp://.* cannot grade: it can open a socket"):
        list(Cluster(cluster.scheduler_address, refuse)(Square(), range(4), 1))


def test_tasks_are_taken_as_they_are_needed(cluster: LocalCluster) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(100, 400):
            taken.append(number)
            yield number

    running = Cluster(cluster.scheduler_address, nothing)(Square(), tasks(), 1)
    next(running)
    assert len(taken) < 100
    assert len(list(running)) == 299


def test_no_scheduler_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.grading.dask_engine._CONNECT_SECONDS", 1.0)
    with pytest.raises(GraderError, match=r"There is no Dask scheduler at tcp://127\.0\.0\.1:9"):
        list(Cluster("tcp://127.0.0.1:9", nothing)(Square(), range(4), 1))


def test_engine_and_scheduler_go_together(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", ".", "-o", "out", "--engine", "dask"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
    )
    assert done.returncode == 2 and "--scheduler ADDRESS" in done.stderr
