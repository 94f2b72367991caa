"""Workers that die, in every way and moment, cost one task each and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.core.errors import AuthorError, Fault
from grader.core.worker_pool import Crash, Method, map_parallel, run_parallel
from tests.conftest import ROOT
from tests.running import PATIENCE

pytestmark = pytest.mark.slow


@contextmanager
def squares() -> Iterator[Callable[[int], int]]:
    def work(task: int) -> int:
        if task == 3:
            raise ValueError("three")
        if task == 5:
            os._exit(7)
        if task == 8:
            os.kill(os.getpid(), signal.SIGKILL)
        return task * task

    yield work


@contextmanager
def never_opens() -> Iterator[Callable[[int], int]]:
    raise RuntimeError("no")
    yield


@contextmanager
def dies_between_tasks() -> Iterator[Callable[[int], int]]:
    def work(task: int) -> int:
        signal.setitimer(signal.ITIMER_REAL, 0.02)  # SIGALRM ends the process a little later
        return task

    yield work


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_task_that_kills_its_worker_costs_only_itself(method: Method, jobs: int) -> None:
    results = dict(run_parallel(squares, range(12), jobs, method))
    crashed = {task for task, result in results.items() if isinstance(result, Crash)}
    assert crashed == {3, 5, 8}
    assert all(results[task] == task * task for task in range(12) if task not in crashed)


def test_what_happened_is_said() -> None:
    results = dict(run_parallel(squares, [3, 5], 1, "fork"))
    assert results[3] == Crash("ValueError: three")
    assert isinstance(results[5], Crash) and "code 7" in results[5].message


@pytest.mark.filterwarnings("ignore")
def test_workers_that_cannot_start_are_crashes_not_a_hang() -> None:
    results = dict(run_parallel(never_opens, range(3), 2, "fork"))
    assert len(results) == 3 and all(isinstance(result, Crash) for result in results.values())


def test_a_worker_that_dies_between_tasks_does_not_end_the_run() -> None:
    seen = []
    for task, _ in run_parallel(dies_between_tasks, range(8), 2, "fork"):
        time.sleep(0.05)  # meanwhile the worker dies
        seen.append(task)
    assert sorted(seen) == list(range(8))


def test_leaving_early_ends_the_workers() -> None:
    before = _children()
    for _ in run_parallel(squares, iter(range(10**9)), 2, "fork"):
        break
    assert _children() == before


def fragile(task: int) -> int:
    if multiprocessing.parent_process() is not None and task == 5:
        os._exit(7)
    if task == 3:
        raise AuthorError("problem.yaml", [Fault("three")])
    return task * task


@pytest.mark.parametrize("jobs", [0, 1, 3])
def test_a_function_is_called_with_every_task_and_again_here_where_its_worker_died(jobs: int) -> None:
    assert dict(map_parallel(fragile, [1, 4, 5], jobs)) == {1: 1, 4: 16, 5: 25}
    with pytest.raises(AuthorError, match="three"):
        list(map_parallel(fragile, [3], jobs))


def test_an_authors_fault_comes_back_whole_from_a_worker() -> None:
    def returns(task: int) -> AuthorError:
        return AuthorError("problem.yaml", [Fault("three", "f", task)])

    ((_, error),) = map_parallel(returns, [3], 2)
    assert str(error) == str(returns(3)) and error.faults == returns(3).faults


ORPHANS = """
import multiprocessing, time
from tests.core.test_worker_pool import squares
from grader.core.errors import AuthorError, Fault
from grader.core.worker_pool import run_parallel

for task, _ in run_parallel(squares, iter(range(10, 10**9)), 3, "fork"):
    if task > 20:
        print(*[child.pid for child in multiprocessing.active_children()], flush=True)
        time.sleep(1000)
"""


SENDING_ORPHANS = """
import contextlib, multiprocessing, time
from grader.core.worker_pool import run_parallel

@contextlib.contextmanager
def long_results():
    yield lambda task: bytes(task and 1 << 24)

for task, _ in run_parallel(long_results, iter([0, 1, 1, 1, 1, 1, 1]), 3, "fork"):
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    time.sleep(1000)
"""


EARLY_ORPHANS = """
import os, signal, time
from tests.core.test_worker_pool import squares
from grader.core import worker_pool as parallel

serve = parallel._serve
parallel._serve = lambda *arguments: (time.sleep(0.5), serve(*arguments))
workers = [parallel._start(squares, "fork") for _ in range(3)]
print(*[worker.process.pid for worker in workers], flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize(
    "program", [ORPHANS, SENDING_ORPHANS, EARLY_ORPHANS], ids=["at work", "sending", "about to start"]
)
def test_forked_workers_do_not_outlive_a_killed_parent(program: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(workers) == 3
    deadline = time.monotonic() + PATIENCE
    while any(map(_is_alive, workers)):
        assert time.monotonic() < deadline, "some are still there"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _children() -> int:
    return len(multiprocessing.active_children())
