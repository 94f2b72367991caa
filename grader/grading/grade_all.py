"""Grade every submission of a class in some worker."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from grader.answers.sandbox import Isolation, Sandbox, SandboxError, TakesLong
from grader.answers.submission import Submission, parse_submission
from grader.core.worker_pool import Crash
from grader.grading.engines import Task, Workers
from grader.grading.grade import Grader, ungraded
from grader.grading.prepare import PreparedAssignment
from grader.grading.time_limit import patience_for
from grader.reports.report import Failure, Report

T = TypeVar("T")


class Postponed:
    """The result of a submission that is slow: it is run anew, with all its time, when the others are graded."""


def grade_all(
    workers: Workers,
    tasks: Iterable[Task],
    finish: Callable[[str, Report], T],
    postpone: Callable[[str], object] | None = None,
) -> Iterator[T]:
    """Grade submissions, and yield the results as they become ready: those of slow ones last.

    Whatever happens to one submission, the others are graded: a crash of the grader becomes a report with
    the status `grader_error`.

    Args:
        finish: called in the worker with the key and the report of each submission; its value is yielded.
        postpone: called with each student whose submission is slow.
    """
    slow: list[Task] = []
    for task, result in _grade(workers, tasks, finish, patience_for(workers.assignment.limits)):
        if isinstance(result, Postponed):
            slow.append(task)
            if postpone is not None:
                postpone(task[1].student)
        else:
            yield result

    if slow:
        again = replace(workers, jobs=min(workers.jobs, len(slow)))
        for _, result in _grade(again, slow, finish, math.inf):
            yield result


def _grade(
    workers: Workers, tasks: Iterable[Task], finish: Callable[[str, Report], Any], patience: float
) -> Iterator[tuple[Task, Any]]:
    """Yield each task with what `finish` makes of it, or as postponed."""
    assignment, isolation = workers.assignment, workers.isolation
    open_work = partial(_open_worker, assignment, finish, isolation, patience)
    for task, result in workers.engine(open_work, tasks, workers.jobs):
        if isinstance(result, Crash):
            key, submitted = task
            failure = Failure("grader_error", f"The grader failed, not the submission: {result.message}.")
            submission = Submission(submitted.student, submitted.name, (), None)
            report = ungraded(assignment, submission, "grader_error", failure, isolation.level)
            yield task, finish(key, report)
        else:
            yield task, result


@contextmanager
def _open_worker(
    assignment: PreparedAssignment,
    finish: Callable[[str, Report], Any],
    proven: Isolation,
    patience: float,
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
            try:
                report = grader.grade(parse_submission(submitted), patience=patience)
            except TakesLong:
                return Postponed()
            return finish(key, report)

        yield work
