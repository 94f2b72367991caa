"""Grade every submission of a class in some worker."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from grader.answers.sandbox import Isolation, Sandbox, SandboxError
from grader.answers.submission import Submission, parse_submission
from grader.core.worker_pool import Crash
from grader.grading.engines import Task, Workers
from grader.grading.grade import Grader, ungraded
from grader.grading.prepare import PreparedAssignment
from grader.reports.report import Failure, Report

T = TypeVar("T")


def grade_all(workers: Workers, tasks: Iterable[Task], finish: Callable[[str, Report], T]) -> Iterator[T]:
    """Grade submissions, and yield the results as they become ready.

    Whatever happens to one submission, the others are graded: a crash of the grader becomes a report with
    the status `grader_error`.

    Args:
        finish: called in the worker with the key and the report of each submission; its value is yielded.
    """
    assignment, isolation = workers.assignment, workers.isolation
    open_work = partial(_open_worker, assignment, finish, isolation)
    for (key, submitted), result in workers.engine(open_work, tasks, workers.jobs):
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
            if here.is_weaker_than(proven.level):
                raise SandboxError(f"isolation fell from {proven.level} to {here.level}; nothing is run then")

            key, submitted = task
            return finish(key, grader.grade(parse_submission(submitted)))

        yield work
