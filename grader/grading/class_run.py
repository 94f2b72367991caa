"""Grade a class: every submission in some worker, which sends back what is to be kept and written."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from grader.answers.sandbox import Isolation, Sandbox, SandboxError
from grader.answers.sandbox.self_test import find_escapes
from grader.answers.submission import Submission, SubmittedFile, parse_submission
from grader.core.worker_pool import Crash, run_parallel
from grader.grading.grade import Grader, ungraded
from grader.grading.prepare import PreparedAssignment, limits_of, prepare
from grader.grading.result_store import Result, pack_result
from grader.problems.course import Assignment, Course
from grader.reports.report import Failure, Report
from grader.truths.cache import TruthCache

_INSTEAD = (
    "Use Linux, a virtual machine or another container; or grade code that you trust with --trust-submissions"
)

Task = tuple[str, SubmittedFile]
"""What was handed in, under the key of its result."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Graded(Generic[T]):
    """What comes of one submission: the result to keep, and what the worker made of the report."""

    result: Result
    made: T


Work = Callable[[Task], Graded[Any]]


class Engine(Protocol):
    """Hands tasks to workers, here or elsewhere; each worker opens `work` once.

    A task that fails, or whose worker is lost, comes back as a `Crash`; tasks are taken one by one as workers
    become free, and results may come in any order.
    """

    def __call__(
        self, open_work: Callable[[], AbstractContextManager[Work]], tasks: Iterable[Task], jobs: int
    ) -> Iterator[tuple[Task, Graded[Any] | Crash]]:
        """Every task with what came of it."""
        ...


def prepare_proven(
    course: Course, assignment: Assignment, seed: int, jobs: int, store: TruthCache, trusted: bool
) -> tuple[PreparedAssignment, Isolation]:
    """What `prepare` and `prove_isolation` give; cases are drawn while the sandbox loads its libraries.

    Raises:
        AuthorError: a solution has faults.
        SandboxError: students' code cannot be run, or not confined.
    """
    with Sandbox(limits_of(course), course.libraries) as sandbox:
        exam = prepare(course, assignment, seed, jobs=jobs, store=store)
        return exam, _prove(sandbox, trusted)


def prove_isolation(exam: PreparedAssignment, trusted: bool) -> Isolation:
    """How far submissions are confined here, tried out by a probe; said once, before any worker starts.

    Args:
        trusted: the instructor takes responsibility for what submissions do.

    Raises:
        SandboxError: students' code cannot be run, or not confined.
    """
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        return _prove(sandbox, trusted)


def _prove(sandbox: Sandbox, trusted: bool) -> Isolation:
    isolation = sandbox.isolation
    if trusted:
        return isolation
    if isolation.level == "none":
        why = "; ".join(isolation.reasons)
        raise SandboxError(f"This machine cannot confine students' code: {why}. {_INSTEAD}")
    if leaks := find_escapes(sandbox):
        raise SandboxError(f"Students' code is not confined: it can {', '.join(leaks)}. {_INSTEAD}")
    return isolation


def grade_all(
    exam: PreparedAssignment,
    tasks: Iterable[Task],
    make: Callable[[Report], T],
    jobs: int,
    isolation: Isolation,
    engine: Engine = run_parallel,
) -> Iterator[Graded[T]]:
    """What comes of each submission, in the order in which it becomes ready.

    Args:
        make: what a worker does with each report, such as rendering it.

    Whatever happens to one submission, the others are graded: a crash of the grader becomes a report with
    the status `grader_error`.
    """
    for (key, handin), graded in engine(partial(_open_worker, exam, make, isolation), tasks, jobs):
        if isinstance(graded, Crash):
            failure = Failure("grader_error", f"The grader failed, not the submission: {graded.message}.")
            nothing = Submission(handin.student, handin.name, (), None)
            report = ungraded(exam, nothing, "grader_error", failure, isolation.level)
            graded = _finish(key, report, make)
        yield graded


@contextmanager
def _open_worker(
    exam: PreparedAssignment, make: Callable[[Report], Any], proven: Isolation
) -> Iterator[Work]:
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        grader = Grader(exam, sandbox)
        # What is here stays: looking through the exam for garbage again and again would be a tenth of the work.
        gc.collect()
        gc.freeze()

        def work(task: Task) -> Graded[Any]:
            key, handin = task
            # Anew each time: a zygote that was lost may have been replaced by one that can do less.
            if (here := sandbox.isolation).is_weaker_than(proven):
                raise SandboxError(f"isolation fell from {proven.level} to {here.level}; nothing is run then")
            return _finish(key, grader.grade(parse_submission(handin)), make)

        yield work


def _finish(key: str, report: Report, make: Callable[[Report], T]) -> Graded[T]:
    return Graded(pack_result(key, report), make(report))
