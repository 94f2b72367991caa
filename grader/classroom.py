"""Grade a class: every submission in some worker process, its files written as soon as it is graded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.errors import GraderError, suggest
from grader.files import write_atomically
from grader.grading import Exam, grade, ungraded
from grader.parallel import Crash, run_parallel
from grader.render import CLASS_FORMATS, STUDENT_FORMATS, safe_name
from grader.report import Failure, Report
from grader.sandbox import Isolation, Sandbox, SandboxError
from grader.sandbox.selftest import find_leaks
from grader.submission import Submission, read_submission

DEFAULT_FORMATS = ("json", "html", "csv", "class")

_INSTEAD = (
    "Use Linux, a virtual machine or another container; or grade code that you trust with --trust-submissions"
)

Task = tuple[str, Path]
"""A student and their file."""


@dataclass(frozen=True, slots=True)
class Output:
    """A folder for results, and the formats to write there."""

    folder: Path
    formats: tuple[str, ...] = DEFAULT_FORMATS

    def write_student(self, report: Report) -> None:
        """Write every format that has a file for each student."""
        for name, format in STUDENT_FORMATS.items():
            if name in self.formats:
                write_atomically(self.folder / format.locate(report.student), format.render(report))

    def write_class(self, reports: Sequence[Report]) -> None:
        """Write every format that has one file for the class."""
        for name, format in CLASS_FORMATS.items():
            if name in self.formats:
                write_atomically(self.folder / format.name, format.render(reports))


def make_output(folder: Path, formats: Iterable[str] | None = None) -> Output:
    """An output folder, made if need be.

    Raises:
        GraderError: a format is unknown, or the folder cannot be written to.
    """
    wanted = tuple(formats or DEFAULT_FORMATS)
    known = {*STUDENT_FORMATS, *CLASS_FORMATS}
    if unknown := [name for name in wanted if name not in known]:
        raise GraderError(f"There is no format '{unknown[0]}'; {suggest(unknown[0], known)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / ".writable", "")
        (folder / ".writable").unlink()
    except OSError as error:
        raise GraderError(
            f"Cannot write to {folder}: {error.strerror}; choose another folder with -o"
        ) from None
    return Output(folder, wanted)


def prove_isolation(exam: Exam, trusted: bool) -> Isolation:
    """How far submissions are confined here, tried out by a probe; said once, before any worker starts.

    Args:
        trusted: the instructor takes responsibility for what submissions do.

    Raises:
        SandboxError: students' code cannot be run, or not confined.
    """
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        isolation = sandbox.isolation
        if trusted:
            return isolation
        if isolation.level == "none":
            why = "; ".join(isolation.reasons)
            raise SandboxError(f"This machine cannot confine students' code: {why}. {_INSTEAD}")
        if leaks := find_leaks(sandbox):
            raise SandboxError(f"Students' code is not confined: it can {', '.join(leaks)}. {_INSTEAD}")
        return isolation


def grade_all(
    exam: Exam, tasks: Sequence[Task], output: Output, jobs: int, isolation: Isolation
) -> Iterator[Report]:
    """Reports in the order in which they become ready; each student's files are written by then.

    Whatever happens to one submission, the others are graded: a crash of the grader becomes a report with
    the status `grader_error`.
    """
    for student, _ in tasks:
        safe_name(student)  # refused now, not midway
    for task, result in run_parallel(
        partial(_open_worker, exam, output), tasks, min(jobs, max(len(tasks), 1))
    ):
        if isinstance(result, Crash):
            failure = Failure("grader_error", f"The grader failed, not the submission: {result.message}.")
            nothing = Submission(task[0], task[1], (), None)
            result = ungraded(exam, nothing, "grader_error", failure, isolation.level)
            output.write_student(result)
        yield result


@contextmanager
def _open_worker(exam: Exam, output: Output) -> Iterator[Callable[[Task], Report]]:
    with Sandbox(exam.limits, exam.libraries) as sandbox:

        def work(task: Task) -> Report:
            student, path = task
            report = grade(exam, read_submission(path, student), sandbox)
            output.write_student(report)
            return report

        yield work
