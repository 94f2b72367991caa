"""Hand submissions to the workers of a Dask cluster: the other engine beside processes on this machine.

What all tasks share (truths, limits, known mistakes) goes to each worker once. Every worker proves for itself that
it confines students' code, and refuses if not. A task whose worker is lost is given to another.

Needs the extra `dask`. Source: the documentation of dask.distributed, "Worker plugins" and "Resilience".
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

import distributed

from grader.core.errors import GraderError
from grader.core.worker_pool import Crash, Opener

T = TypeVar("T")
R = TypeVar("R")

BATCH = 8
"""Submissions in one task: enough that talking costs little, few enough that little is lost with a worker."""
_CONNECT_SECONDS = 30.0


class Refusal(GraderError):
    """A worker does not confine students' code as it should."""


class _OpenedWork(distributed.WorkerPlugin, Generic[T, R]):
    """The work that a worker has opened, and keeps from task to task: once for each task that it does at a time."""

    def __init__(self, open_work: Opener[T, R], prove: Callable[[], object]) -> None:
        self._open_work = open_work
        self._prove = prove

    def setup(self, worker: Any) -> None:
        """Called by the worker when it has received this."""
        self._opened = ExitStack()
        self._idle: list[Callable[[T], R]] = []
        self._lock = threading.Lock()
        self._is_proven = False

    def teardown(self, worker: Any) -> None:
        """Called by the worker when it ends, or when the class is graded."""
        self._opened.close()

    def grade(self, batch: list[T]) -> list[R | Crash]:
        """Grade some tasks; one that raises costs the others nothing."""
        work = self._take()
        results = [_attempt(work, task) for task in batch]
        with self._lock:
            self._idle.append(work)
        return results

    def _take(self) -> Callable[[T], R]:
        with self._lock:
            if not self._is_proven:
                self._prove()
                self._is_proven = True
            return self._idle.pop() if self._idle else self._opened.enter_context(self._open_work())


def _attempt(work: Callable[[T], R], task: T) -> R | Crash:
    try:
        return work(task)
    except Exception as error:
        return Crash(f"{type(error).__name__}: {error}")


def _grade_batch(name: str, batch: list[Any]) -> list[Any]:
    """Run on a worker, with the plugin of that name."""
    worker = distributed.get_worker()
    try:
        opened: Any = worker.plugins[name]
        results: list[Any] = opened.grade(batch)
    except GraderError as error:
        raise Refusal(f"The worker {worker.address} cannot grade: {error}") from None
    return results


@dataclass(frozen=True, slots=True)
class Cluster:
    """An engine, see `grader.grading.engines.Engine`: the cluster behind a scheduler's address.

    Args:
        prove: called on every worker; raises a GraderError on a machine that does not confine students' code.
    """

    scheduler: str
    prove: Callable[[], object]

    def __call__(
        self, open_work: Opener[T, R], tasks: Iterable[T], jobs: int
    ) -> Iterator[tuple[T, R | Crash]]:
        """Yield every task with its result, as it becomes ready; `jobs` is left to the cluster.

        Raises:
            GraderError: there is no such cluster, it has no workers, or a worker refuses.
        """
        name = f"frechet-grader-{uuid.uuid4()}"
        with _connect(self.scheduler) as client:
            try:
                client.register_plugin(_OpenedWork(open_work, self.prove), name=name)
            except Exception as error:
                raise GraderError(
                    f"The workers of {self.scheduler} cannot grade: {type(error).__name__}: {error}; "
                    "they need the same versions of Python and of this package"
                ) from None

            try:
                yield from _hand_out(client, name, iter(tasks))
            finally:
                with contextlib.suppress(Exception):
                    client.unregister_worker_plugin(name)


def _connect(scheduler: str) -> Any:
    try:
        client = distributed.Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise GraderError(f"There is no Dask scheduler at {scheduler}: {error or 'no answer'}") from None

    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TimeoutError:
        client.close()
        raise GraderError(f"The Dask cluster at {scheduler} has no workers; start some first") from None
    return client


def _hand_out(client: Any, name: str, tasks: Iterator[T]) -> Iterator[tuple[T, Any]]:
    """Keep twice as many batches under way as the cluster has threads, so a class is never in memory as a whole."""
    batches: dict[str, list[T]] = {}
    under_way = distributed.as_completed(loop=client.loop)

    def submit() -> None:
        if batch := list(islice(tasks, BATCH)):
            future = client.submit(_grade_batch, name, batch, pure=False)
            batches[future.key] = batch
            under_way.add(future)

    for _ in range(2 * max(1, sum(client.nthreads().values()))):
        submit()

    for future in under_way:
        batch = batches.pop(future.key)
        try:
            results = future.result()
        except Refusal:
            raise
        except Exception as error:
            results = [Crash(f"{type(error).__name__}: {error}")] * len(batch)
        submit()
        yield from zip(batch, results, strict=True)
