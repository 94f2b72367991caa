"""Many tasks on several processes: each is handed to the next free worker, and a worker that dies costs one task.

No library does all of it: loky gives up every task when one worker dies; pebble, which does not, forks while threads of
its own run, takes tasks in without bound, and never closes what a worker has opened.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Literal, TypeVar

_PARENT_CHECK_SECONDS = 2.0
_EXIT_SECONDS = 5.0
_STOP_SECONDS = 2.0

T = TypeVar("T")
R = TypeVar("R")

Method = Literal["spawn", "fork"]

Opener = Callable[[], AbstractContextManager[Callable[[T], R]]]
"""Makes, in the worker, what does the work; where workers are spawned it is sent there, so it must pickle."""


@dataclass(frozen=True, slots=True)
class Crash:
    """The result of a task that raised, or whose worker died."""

    message: str


class _Stop:
    """The last thing that a worker is sent."""


@dataclass(slots=True, eq=False)
class _Worker(Generic[T]):
    process: Any  # the contexts' process classes share no public base
    pipe: Connection
    task: T | None = None


def count_cores() -> int:
    """Count the processes that can work at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_parallel(
    open_work: Opener[T, R], tasks: Iterable[T], jobs: int, method: Method | None = None
) -> Iterator[tuple[T, R | Crash]]:
    """Do tasks on several processes, and yield each with its result as it becomes ready.

    Tasks are taken from the iterable only when a worker is free. When the caller stops iterating, or is
    interrupted, the workers end.

    Args:
        open_work: opened once in each worker, and closed when it ends.
        jobs: number of workers.
        method: `fork` starts in no time, with all that is loaded here, but only where there are no threads; `spawn`
            works everywhere. If None the first that can be used, for each worker as it starts.
    """
    waiting = iter(tasks)
    workers: list[_Worker[T]] = []
    try:
        for _ in range(jobs):
            worker = _start(open_work, method, workers)
            workers.append(worker)
            if not _assign(worker, waiting):
                _stop(workers.pop())
                break

        while workers:
            ready = wait([worker.pipe for worker in workers])
            for worker in [worker for worker in workers if worker.pipe in ready]:
                task, result = _collect(worker)
                workers.remove(worker)

                if isinstance(result, Crash) and not worker.process.is_alive():
                    worker = _start(open_work, method, workers)
                workers.append(worker)
                if not _assign(worker, waiting):
                    _stop(workers.pop())
                yield task, result
    finally:
        for worker in workers:
            _stop(worker)


def map_parallel(function: Callable[[T], R], tasks: Iterable[T], jobs: int) -> Iterator[tuple[T, R]]:
    """Call a function with every task, on several processes where they can be forked, and else here.

    What fails on another process is called again here, so that its error is seen.
    """
    if jobs <= 1 or _choose_method() == "spawn":
        for task in tasks:
            yield task, function(task)
        return

    for task, result in run_parallel(lambda: nullcontext(function), tasks, jobs, "fork"):
        yield task, function(task) if isinstance(result, Crash) else result


def _choose_method() -> Method:
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if can_fork else "spawn"


def _start(open_work: Opener[T, R], method: Method | None, others: Sequence[_Worker[T]] = ()) -> _Worker[T]:
    method = method or _choose_method()
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe()
    inherited, copies = None, []
    if method == "fork":
        inherited, copies = open_work, [ours, *(other.pipe for other in others)]
    process: Any = context.Process(  # type: ignore[attr-defined]
        target=_serve, args=(theirs, inherited, os.getpid(), copies), daemon=True
    )

    with warnings.catch_warnings():
        # Forking is warned of because of the idle threads of numpy's linear algebra, which survive it.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    theirs.close()

    # Sent only now: `spawn` writes arguments to a pipe whose other end it holds, and would wait for a dead child.
    if inherited is None:
        with contextlib.suppress(OSError):
            ours.send(open_work)
    return _Worker(process, ours)


def _assign(worker: _Worker[T], waiting: Iterator[T]) -> bool:
    """Send the worker the next task; return False if there is none."""
    for task in waiting:
        worker.task = task
        with contextlib.suppress(OSError):  # if it has died, that is seen when the result is collected
            worker.pipe.send(task)
        return True
    return False


def _collect(worker: _Worker[T]) -> tuple[T, R | Crash]:
    assert worker.task is not None
    try:
        return worker.task, worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(timeout=_EXIT_SECONDS)
        return worker.task, Crash(f"a worker process ended with code {worker.process.exitcode}")


def _stop(worker: _Worker[T]) -> None:
    # A message, since closing the pipe may go unnoticed: a forked sibling may hold a copy of it.
    with contextlib.suppress(OSError):
        worker.pipe.send(_Stop())
    worker.pipe.close()

    worker.process.join(timeout=_STOP_SECONDS)
    if worker.process.is_alive():
        worker.process.terminate()
        worker.process.join()


def _serve(
    pipe: Connection, inherited: Opener[Any, Any] | None, parent: int, copies: Sequence[Connection] = ()
) -> None:
    """Run in the worker: do one task after the other until told to stop, or the parent is gone.

    Args:
        parent: its process id as the parent knows it: asked for here, it might be that of whoever adopts orphans.
        copies: of the parent's ends of pipes, which forking makes. While somebody has one open, who sends a long result
            waits for a parent that was killed.
    """
    for copy in copies:
        copy.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to handle
    try:
        open_work: Opener[Any, Any] = inherited or _receive(pipe, parent)
    except (EOFError, OSError):
        return

    with open_work() as work, contextlib.suppress(EOFError, OSError):
        while not isinstance(task := _receive(pipe, parent), _Stop):
            try:
                result: Any = work(task)
            except Exception as error:
                result = Crash(f"{type(error).__name__}: {error}")
            pipe.send(result)


def _receive(pipe: Connection, parent: int) -> Any:
    # A sibling that is about to start holds a copy of the pipe, so that a killed parent need not close it.
    while not pipe.poll(_PARENT_CHECK_SECONDS):
        if os.getppid() != parent:
            raise EOFError
    return pipe.recv()
