"""Grade a class: decide what is left to do, hand it to workers, and keep and write what they send back.

Nothing is printed here; `grader.cli.instructor` does that. What only grading needs is imported where it is used, so
that a run that finds everything done is over quickly.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader.answers.collect.find_submissions import FoundSubmissions, find_submissions, read_submitted_files
from grader.core.errors import GraderError
from grader.core.memo import Memo
from grader.core.seeds import draw_seed
from grader.core.worker_pool import count_cores
from grader.grading.deadlines import make_deadlines
from grader.grading.list_class import list_class, make_rules
from grader.grading.overrides_file import Part, read_overrides
from grader.grading.packed_result import Result, pack_result, unpack_report
from grader.grading.result_files import FileContents, ResultFiles, StudentFiles, make_result_files
from grader.grading.result_keys import assignment_key, result_key
from grader.grading.result_store import ResultStore, RunRecord
from grader.problems.course import Assignment, Course, publish_assignment
from grader.reports.class_list import ClassList
from grader.reports.overrides import Override
from grader.reports.report import Report
from grader.reports.roster import NO_ROSTER

if TYPE_CHECKING:
    from grader.grading.engines import Task, Workers

SeedOrigin = Literal["given", "kept", "drawn"]
"""Said by the instructor or the environment, that of the results there are, or drawn for this run."""


@dataclass(frozen=True, slots=True)
class ClassOptions:
    """The choices of an instructor for a class.

    Args:
        formats: of the files to write.
        jobs: number of workers; None for one on each core.
        seed: of the random inputs; None to let `choose_seed` choose.
        trusted: grade even where students' code cannot be confined.
        scheduler: address of a Dask scheduler, whose workers do the work; None for processes of this machine.
        solutions: whether students see worked solutions; None for what was said last, else after the due date.
    """

    formats: tuple[str, ...]
    jobs: int | None = None
    seed: int | None = None
    trusted: bool = False
    scheduler: str | None = None
    solutions: bool | None = None


@dataclass(frozen=True, slots=True)
class ClassRun:
    """A class and all that is decided before its first submission runs.

    Args:
        found: the submissions.
        key: of everything that all results depend on.
        replaced: the assignment that the files in the folder were about, if it was another one.
        waiting: the students who have no result yet.
        files: those of the results folder, with its store.
    """

    course: Course
    assignment: Assignment
    found: FoundSubmissions
    options: ClassOptions
    seed: int
    seed_origin: SeedOrigin
    key: str
    replaced: str
    waiting: frozenset[str]
    files: ResultFiles

    @property
    def jobs(self) -> int:
        """The number of workers: no more than there are submissions to grade."""
        return min(self.options.jobs or count_cores(), len(self.waiting))

    def open_workers(self) -> Workers:
        """Prepare the assignment, and prove that submissions are confined where they will run."""
        from grader.grading.engines import WorkerOptions, open_workers

        private = (str(self.files.results.folder.resolve()), *self.found.paths())
        options = WorkerOptions(self.jobs, self.options.trusted, self.options.scheduler, private)
        return open_workers(self.course, self.assignment, self.seed, options)

    def grade(self, workers: Workers, postpone: Callable[[str], object] | None = None) -> Iterator[str]:
        """Grade who is waiting; yield the summary of each result once it is kept and its files are written.

        Args:
            postpone: called with each student whose submission is slow, and is graded when the others are.
        """
        from grader.grading.grade import empty_report
        from grader.grading.grade_all import grade_all

        finish = partial(_pack_and_render, self.files.student_files, Memo())
        # Once for nobody: workers that are forked share what is loaded for it, template engine and all.
        finish("", empty_report(workers.assignment))
        for result, contents in grade_all(workers, self._tasks(), finish, postpone):
            self.files.results.add(result)
            self.files.write(contents, self.files.file_key(result.student, result.content_key))
            yield result.summary

    def _tasks(self) -> Iterator[Task]:
        """Read the submissions that are to be graded, one at a time."""
        chosen = [(student, place) for student, place in self.found.submissions if student in self.waiting]
        return ((result_key(self.key, submitted), submitted) for submitted in read_submitted_files(chosen))


def begin_run(
    results: ResultStore,
    course: Course,
    assignment: Assignment,
    found: FoundSubmissions,
    options: ClassOptions,
    class_list: ClassList | None = None,
) -> ClassRun:
    """Make the submissions the class of a store, and see who has no result in it yet.

    Args:
        class_list: who is in the class and who handed in what; without a roster and extensions if None.
    """
    seed, seed_origin = choose_seed(course, assignment, options.seed, results)
    key = assignment_key(course, assignment, seed)
    submissions = read_submitted_files(found.submissions)
    keyed = ((submitted.student, result_key(key, submitted)) for submitted in submissions)

    before = results.run
    is_again = before is not None and before.assignment == assignment.id
    solutions = options.solutions
    if solutions is None and before is not None and is_again:
        solutions = before.published.show_solutions

    published = publish_assignment(course, assignment, solutions)
    now = datetime.now().astimezone()
    if class_list is None:
        class_list = list_class(found, NO_ROSTER, make_deadlines(assignment))
    results.begin(RunRecord(assignment.id, assignment.title, seed, published, class_list), keyed)

    return ClassRun(
        course=course,
        assignment=assignment,
        found=found,
        options=options,
        seed=seed,
        seed_origin=seed_origin,
        key=key,
        replaced="" if before is None or is_again else before.assignment,
        waiting=frozenset(results.waiting()),
        files=make_result_files(results, options.formats, published, class_list=class_list, now=now),
    )


def choose_seed(
    course: Course, assignment: Assignment, given: int | None, results: ResultStore | None = None
) -> tuple[int, SeedOrigin]:
    """Choose the seed asked for; else that of the results there are, so that none is graded twice; else a new one."""
    if given is None:
        given = course.secret_seed
    if given is not None:
        return given, "given"

    kept = results.seed(assignment.id) if results is not None else None
    if kept is not None:
        return kept, "kept"

    # Students know the seed that they check with, and could look its answers up.
    return draw_seed(), "drawn"


def reopen_files(
    results: ResultStore, formats: Sequence[str], solutions: bool | None, overrides: Path | None = None
) -> tuple[RunRecord, ResultFiles]:
    """Open the files of the latest run, to be written anew.

    Args:
        solutions: see `ClassOptions`. overrides: the file of what people have decided.

    Raises:
        GraderError: nothing was graded there yet.
    """
    run = results.run
    if run is None:
        out = results.folder
        raise GraderError(f"There are no results in {out} yet; write some with grader grade … -o {out}")

    published = run.published if solutions is None else replace(run.published, show_solutions=solutions)
    results.keep_published(published)
    now = datetime.now().astimezone()
    class_list = run.class_list
    decided: tuple[Override, ...] = ()
    if overrides is not None:
        most = _points_in(results)
        students = results.graded_students()
        decided = read_overrides(overrides, students, class_list.roster, _by_problem(most), most)
    class_list = replace(class_list, overrides=decided)
    return run, make_result_files(results, formats, published, rewrite=True, class_list=class_list, now=now)


def _points_in(results: ResultStore) -> dict[Part, Fraction]:
    """The points of each problem and check, as the reports of a store have them."""
    most: dict[Part, Fraction] = {}
    lacking: set[str] = set()
    for key in results.graded_students().values():
        for problem in unpack_report(results.packed_report(key)).problems:
            most[problem.id, ""] = problem.max_score
            most |= {(problem.id, finding.check): finding.max_score for finding in problem.findings}
            lacking = lacking - {problem.id} if problem.findings else lacking | {problem.id}
        if not lacking:
            break
    return most


def _by_problem(most: Iterable[Part]) -> dict[str, set[str]]:
    """The checks of each problem."""
    checks: dict[str, set[str]] = {}
    for problem, check in most:
        checks.setdefault(problem, set()).update([check] if check else ())
    return checks


def read_decisions(path: Path, course: Course, assignment: Assignment, class_list: ClassList) -> ClassList:
    """Read what people have decided about a class that is to be graded."""
    most: dict[Part, Fraction] = {}
    for id, total in assignment.points.items():
        checks = course.problems[id].checks
        sum_of_checks = sum((check.points for check in checks), Fraction(0))
        most[id, ""] = total
        most |= {(id, check.title): check.points * total / sum_of_checks for check in checks if sum_of_checks}
    students = class_list.submitters
    decided = read_overrides(path, students, class_list.roster, _by_problem(most), most)
    return replace(class_list, overrides=decided)


def grade_class(
    folder: str | Path,
    course: Course,
    assignment: str | None = None,
    jobs: int | None = None,
    seed: int | None = None,
    trusted: bool = False,
) -> Iterator[Report]:
    """Grade every submission in a folder, and yield the reports as they become ready; nothing is written.

    A submission that cannot be graded has a report that says why. A warning names each file that is left out.

    Args:
        folder: of `<student>.py` or `.ipynb`, of `<student>/<assignment>/<file>`, an archive, or one file.
        assignment: its id; the first of the course if None.
        jobs: number of processes; one for each core if None.
        seed: of the random inputs; the environment's if None, else a new one.
        trusted: grade even where students' code cannot be confined.

    Raises:
        GraderError: there is no such folder or assignment, or nothing to grade in it.
        SandboxError: students' code cannot be run, or not confined.
    """
    from grader.grading.engines import WorkerOptions, open_workers
    from grader.grading.grade_all import grade_all

    chosen = course.assignment(assignment)
    found = find_submissions([Path(folder)], chosen.id, make_rules(course, chosen))
    for reason in found.left_out:
        warnings.warn(f"left out: {reason}", stacklevel=2)

    jobs = min(jobs or count_cores(), len(found.submissions))
    chosen_seed, _ = choose_seed(course, chosen, seed)
    options = WorkerOptions(jobs, trusted, private=found.paths())
    workers = open_workers(course, chosen, chosen_seed, options)
    tasks = ((submitted.student, submitted) for submitted in read_submitted_files(found.submissions))
    return grade_all(workers, tasks, _report_alone)


def refuse_output_among(paths: Sequence[Path], out: Path) -> None:
    """Refuse an output folder that holds submissions: the next run would take results for submissions.

    Raises:
        GraderError: it is one of the paths.
    """
    if any(path.is_dir() and path.resolve() == out.resolve() for path in paths):
        raise GraderError(f"{out} holds the submissions; give the results a folder of their own: -o results")


def _pack_and_render(
    files: StudentFiles, memo: Memo, key: str, report: Report
) -> tuple[Result, FileContents]:
    return pack_result(key, report, memo), files.render(report, memo)


def _report_alone(_: str, report: Report) -> Report:
    return report
