"""`grader nbgrader autograde`: a class in one parallel run, leaving what nbgrader's own autograde would have left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sqlalchemy import Connection

from grader.answers.submission import SubmittedFile
from grader.core.memo import Memo
from grader.core.text import count, one_line
from grader.core.worker_pool import count_cores
from grader.formats.terminal.class_table import print_class_summary
from grader.grading.engines import WorkerOptions, open_workers
from grader.grading.grade_all import grade_all
from grader.grading.packed_result import Result, pack_result, unpack_report
from grader.grading.progress import show_progress
from grader.grading.result_store import ResultStore, RunRecord, open_results
from grader.platforms.nbgrader.course_directory import (
    CourseDirectory,
    choose_students,
    open_course_directory,
)
from grader.platforms.nbgrader.grading_context import GradingContext, find_context
from grader.platforms.nbgrader.kept_graders import report_without_problems
from grader.platforms.nbgrader.planned_submissions import PlannedSubmission, plan_submissions
from grader.platforms.nbgrader.read_gradebook import open_gradebook
from grader.platforms.nbgrader.released_versions import VersionMatch
from grader.platforms.nbgrader.result_writer import (
    GradedNotebook,
    ResultWriter,
    build_graded_notebook,
    say_changed,
)
from grader.platforms.nbgrader.settings import FrechetGrader
from grader.platforms.nbgrader.submitted_notebook import SubmittedNotebook, read_submitted
from grader.platforms.nbgrader.write_gradebook import Penalty
from grader.reports.report import Report


@dataclass(frozen=True, slots=True)
class AutogradeOptions:
    """What an instructor chooses.

    Args:
        jobs: number of processes; one for each core if None.
        students: these alone; everybody if empty.
        force: grade them again even if nothing changed.
        seed: of the random inputs; the environment's or the gradebook's if None.
        trusted: run submissions even where they cannot be confined.
        names: say while it lasts whose the worst and the slow submissions are.
    """

    jobs: int | None = None
    students: Sequence[str] = ()
    force: bool = False
    seed: int | None = None
    trusted: bool = False
    names: bool = False


def autograde_class(
    console: Console, folder: Path, assignment: str, options: AutogradeOptions = AutogradeOptions()
) -> None:
    """Grade what was submitted or changed since the last time, into the gradebook and `autograded/`.

    Args:
        folder: the nbgrader course's.

    Raises:
        GraderError: there is no such course or assignment, or it is not ours.
    """
    directory = open_course_directory(folder)
    settings = FrechetGrader(config=directory.config)
    with (
        open_gradebook(directory.gradebook_url) as gradebook,
        open_results(directory.results_of(assignment)) as results,
    ):
        context = find_context(directory, gradebook, assignment, settings, options.seed)
        chosen = choose_students(directory, assignment, options.students)
        planned, left_out = plan_submissions(directory, context, results, chosen)
        to_grade = [submission for submission in planned if options.force or not submission.is_done]

        _print_head(console, assignment, len(planned), len(to_grade))
        if results.repaired:
            console.print(Text(results.repaired, "yellow"))
        _print_left_out(console, left_out)
        if to_grade:
            trusting = replace(options, trusted=options.trusted or settings.trust_submissions)
            run = AutogradeRun(console, directory, gradebook, context, results, trusting)
            run.grade(planned, to_grade)
            print_class_summary(console, results.summaries())


@dataclass(frozen=True, slots=True, eq=False)
class AutogradeRun:
    """An assignment of a course while it is being graded."""

    console: Console
    course_directory: CourseDirectory
    gradebook: Connection
    context: GradingContext
    results: ResultStore
    options: AutogradeOptions

    def grade(self, planned: Sequence[PlannedSubmission], to_grade: Sequence[PlannedSubmission]) -> None:
        """Grade submissions; results are written in batches, also when stopped with Ctrl-C.

        Args:
            planned: all submissions that can be graded.
            to_grade: those of them to grade, if need be although there are results.
        """
        self._begin(planned)
        unknown = self.results.waiting()
        if self.options.force:
            unknown = {submission.student for submission in to_grade}
        penalty = find_penalty(self.course_directory)
        writer = ResultWriter(self.course_directory, self.gradebook, self.context, self.results, penalty)

        with show_progress(self.console, len(to_grade), self.options.names) as shown:
            try:
                for summary, graded in self._graded(to_grade, unknown, shown.postpone):
                    writer.add(graded)
                    shown.add(summary)
            finally:
                writer.write()
        _print_left_out(self.console, writer.left_out)

    def _begin(self, planned: Sequence[PlannedSubmission]) -> None:
        """Make the submissions, with those that were graded before, the class."""
        name = self.context.released.assignment
        published = self.context.published
        roster = self.results.graded_students()
        for submission in planned:
            roster[submission.student] = submission.key
        record = RunRecord(name, published.title or name, self.context.seed, published)
        self.results.begin(record, roster.items())

    def _graded(
        self,
        to_grade: Sequence[PlannedSubmission],
        unknown: set[str],
        postpone: Callable[[str], object],
    ) -> Iterator[tuple[str, GradedNotebook | str]]:
        """The summary of each report, which is kept already, and what nbgrader is to get.

        Args:
            unknown: students without a result.
            postpone: called with each student whose submission is slow.
        """
        groups: dict[str, list[PlannedSubmission]] = {}
        for submission in to_grade:
            if submission.student in unknown:
                groups.setdefault(self.context.key(submission.match), []).append(submission)
            else:
                report = unpack_report(self.results.packed_report(submission.key))
                graded = build_graded_notebook(self.context, submission.folder, submission.key, report)
                yield self.results.summary(submission.key), graded

        for group in groups.values():
            submissions = {submission.student: submission for submission in group}
            for result, graded in self._grade_group(group[0].match, submissions, postpone):
                self.results.add(result)
                is_same = result.key == submissions[result.student].key
                yield result.summary, graded if is_same else say_changed(result.student)

    def _grade_group(
        self,
        match: VersionMatch,
        submissions: Mapping[str, PlannedSubmission],
        postpone: Callable[[str], object],
    ) -> Iterator[tuple[Result, GradedNotebook | str]]:
        """Grade the submissions that are graded against the same problems: student → submission."""
        finish = partial(_finish, self.context, submissions, Memo())
        if not match.problems:
            for student, submission in submissions.items():
                report = report_without_problems(
                    self.context, SubmittedFile(student, self.context.released.notebook)
                )
                yield finish(submission.key, report)
            return

        jobs = min(self.options.jobs or count_cores(), len(submissions))
        course, assignment = match.version.course, self.context.assignment(match)
        options = WorkerOptions(jobs, self.options.trusted)
        workers = open_workers(course, assignment, self.context.seed, options)
        yield from grade_all(workers, self._tasks(submissions), finish, postpone)

    def _tasks(self, submissions: Mapping[str, PlannedSubmission]) -> Iterator[tuple[str, SubmittedFile]]:
        """The code to run, read again only now: notebooks of a class would fill the memory."""
        for student, submission in submissions.items():
            submitted = read_submitted(self.context, student, submission.folder)
            if isinstance(submitted, SubmittedNotebook):
                yield submitted.key, submitted.code


def _finish(
    context: GradingContext,
    submissions: Mapping[str, PlannedSubmission],
    memo: Memo,
    key: str,
    report: Report,
) -> tuple[Result, GradedNotebook | str]:
    """The result to keep, and what nbgrader is to get; made in a worker."""
    planned = submissions[report.student]
    graded = build_graded_notebook(context, planned.folder, planned.key, report)
    return pack_result(key, report, memo), graded


def find_penalty(course_directory: CourseDirectory) -> Penalty | None:
    """The course's rule for late submissions, as `nbgrader_config.py` names it; loaded when somebody is late."""
    config = course_directory.config
    steps = config["Autograde"].get("autograde_preprocessors") if "Autograde" in config else None
    if isinstance(steps, list) and not any("AssignLatePenalties" in str(step) for step in steps):
        return None

    def penalty(student: str, score: float, late: float) -> float | None:
        from nbgrader.preprocessors import AssignLatePenalties

        step = AssignLatePenalties(config=config)
        if not step.enabled:
            return None
        step.init_plugin()
        points: float | None = step.plugin_inst.late_submission_penalty(student, score, late)
        return points

    return penalty


def _print_head(console: Console, assignment: str, planned: int, to_grade: int) -> None:
    done = planned - to_grade
    head = f"{assignment}: {count(planned, 'submission')}"
    progress = f", {done} graded already, {to_grade} to grade" if done else ""
    console.print(Text(f"{head}{progress}"))


def _print_left_out(console: Console, reasons: Sequence[str]) -> None:
    for reason in reasons:
        console.print(Text(f"Left out: {one_line(reason)}", "yellow"))
