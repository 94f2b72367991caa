"""Grade every submission of a class in some worker: processes of this machine, or a cluster's."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from grader.answers.sandbox import Isolation, Sandbox, SandboxError
from grader.answers.submission import Submission, SubmittedFile, parse_submission
from grader.core.worker_pool import Crash, Opener, run_parallel
from grader.grading.grade import Grader, ungraded
from grader.grading.prepare import PreparedAssignment
from grader.reports.report import Failure, Report

T = TypeVar("T")

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


def grade_all(
    assignment: PreparedAssignment,
    tasks: Iterable[Task],
    finish: Callable[[str, Report], T],
    jobs: int,
    isolation: Isolation,
    engine: Engine = run_parallel,
) -> Iterator[T]:
    """Grade submissions, and yield the results as they become ready.

    Whatever happens to one submission, the others are graded: a crash of the grader becomes a report with
    the status `grader_error`.

    Args:
        finish: called in the worker with the key and the report of each submission; its value is yielded.
        jobs: number of workers.
        isolation: proven before; a worker that confines less grades nothing.
    """
    open_work = partial(_open_worker, assignment, finish, isolation)
    for (key, submitted), result in engine(open_work, tasks, jobs):
        if isinstance(result, Crash):
            failure = Failure("grader_error", f"The grader failed, not the submission: {result.message}.")
            submission = Submission(submitted.student, submitted.name, (), None)
            report = ungraded(assignment, submission, "grader_error", failure, isolation.level)
            yield finish(key, report)
        else:
            yield result


@contextmanager
def _open_worker(
    assignment: PreparedAssignment, finish: Callable[[str, Report], Any], proven: Isolation
) -> Iterator[Callable[[Task], Any]]:
    with Sandbox(assignment.limits, assignment.libraries) as sandbox:
        grader = Grader(assignment, sandbox)
        # What is here stays: looking through it for garbage again and again would be a tenth of the work.
        gc.collect()
        gc.freeze()

        def work(task: Task) -> Any:
            # Anew each time: a zygote that was lost may have been replaced by one that can do less.
            here = sandbox.isolation
            if here.is_weaker_than(proven):
                raise SandboxError(f"isolation fell from {proven.level} to {here.level}; nothing is run then")

            key, submitted = task
            return finish(key, grader.grade(parse_submission(submitted)))

        yield work
