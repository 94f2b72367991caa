"""The engines that grade a class: processes of this machine or a cluster's, ready for the first submission."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from grader.answers.sandbox import Isolation, Sandbox
from grader.answers.submission import SubmittedFile
from grader.core.errors import GraderError
from grader.core.worker_pool import Crash, Opener, run_parallel
from grader.grading.course_limits import limits_of
from grader.grading.isolation_proof import prove, prove_isolation
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Assignment, Course
from grader.truths.cache import user_cache

Task = tuple[str, SubmittedFile]
"""A submission under the key of its result."""


class Engine(Protocol):
    """Hands tasks to workers, here or elsewhere; each worker opens `work` once.

    A task that fails, or whose worker is lost, comes back as a `Crash`. Tasks are taken one by one as workers
    become free, and results may come in any order.
    """

    def __call__(
        self, open_work: Opener[Task, Any], tasks: Iterable[Task], jobs: int
    ) -> Iterator[tuple[Task, Any | Crash]]:
        """Yield every task with its result."""
        ...


@dataclass(frozen=True, slots=True)
class Workers:
    """The workers of a class, and what each of them is given.

    Args:
        assignment: sent to each of them.
        isolation: proven before; a worker that confines less grades nothing.
        jobs: how many there are; a cluster has its own number.
    """

    assignment: PreparedAssignment
    isolation: Isolation
    jobs: int
    engine: Engine = run_parallel


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How many workers there are, where, and what they must prove.

    Args:
        jobs: number of processes; they also share the work of finding truths.
        trusted: see `prove_isolation`.
        scheduler: address of a Dask scheduler, whose workers grade; None for processes of this machine.
        private: files and folders that no submission may read, besides the solutions.
    """

    jobs: int
    trusted: bool = False
    scheduler: str | None = None
    private: tuple[str, ...] = ()


def open_workers(course: Course, assignment: Assignment, seed: int, options: WorkerOptions) -> Workers:
    """Prepare an assignment, and prove that submissions are confined where they will run.

    Raises:
        AuthorError: a solution has faults.
        SandboxError: students' code cannot be run, or not confined.
        GraderError: what a cluster needs is not installed.
    """
    jobs, trusted = options.jobs, options.trusted
    if options.scheduler is None:
        # Opened first: the sandbox starts while cases are drawn.
        with Sandbox(limits_of(course), course.libraries) as sandbox:
            prepared = prepare(course, assignment, seed, jobs=jobs, store=user_cache())
            guarded = replace(prepared, private=(*prepared.private, *options.private))
            return Workers(guarded, prove(sandbox, guarded, trusted), jobs)

    prepared = prepare(course, assignment, seed, jobs=jobs, store=user_cache())
    engine = _find_cluster(options.scheduler, partial(prove_isolation, prepared, trusted))
    # At least; each worker proves its own.
    return Workers(prepared, Isolation("none" if trusted else prepared.isolation), jobs, engine)


def _find_cluster(scheduler: str, prove: Callable[[], object]) -> Engine:
    try:
        from grader.grading.dask_engine import Cluster
    except ImportError as error:
        if error.name not in ("distributed", "dask"):
            raise
        raise GraderError("A Dask cluster needs the extra: pip install 'frechet-grader[dask]'") from None
    return Cluster(scheduler, prove)
