"""`grader nbgrader autograde`: a class in one parallel run, leaving what nbgrader's own autograde would have left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sqlalchemy import Connection

from grader.answers.submission import SubmittedFile
from grader.core.errors import GraderError, suggest
from grader.core.text import count, one_line
from grader.core.worker_pool import count_cores
from grader.formats import print_class_summary
from grader.grading.grade_all import grade_all
from grader.grading.isolation import prepare_proven
from grader.grading.progress import show_progress
from grader.grading.result_store import (
    Result,
    ResultStore,
    RunRecord,
    open_results,
    pack_result,
    unpack_report,
)
from grader.platforms.nbgrader.context import GradingContext, empty_report, open_desk
from grader.platforms.nbgrader.course_directory import CourseFolder, open_folder
from grader.platforms.nbgrader.gradebook import Penalty, list_notebooks, open_gradebook, read_master
from grader.platforms.nbgrader.released_versions import STATE, VersionMatch
from grader.platforms.nbgrader.settings import FrechetGrader
from grader.platforms.nbgrader.submitted_notebook import SubmittedNotebook, read_given
from grader.platforms.nbgrader.write_results import (
    GradedNotebook,
    ResultWriter,
    build_graded_notebook,
    say_changed,
)
from grader.problems.course import publish_assignment
from grader.reports.assignment import NO_ASSIGNMENT
from grader.reports.report import Report
from grader.truths.cache import user_cache


@dataclass(frozen=True, slots=True)
class PlannedSubmission:
    """A submission that was looked at, without what takes room; `fresh` if there is nothing to do."""

    student: str
    folder: Path
    key: str
    choice: VersionMatch
    fresh: bool


def autograde_class(
    console: Console, folder: Path, assignment: str, jobs: int | None = None, students: Sequence[str] = (),
    force: bool = False, seed: int | None = None, trusted: bool = False,
) -> None:  # fmt: skip
    """Grade what was submitted or changed since the last time, into the gradebook and `autograded/`.

    Args:
        students: these alone. force: grade them again even if nothing changed.

    Raises:
        GraderError: there is no such course or assignment, or it is not ours.
    """
    place = open_folder(folder)
    settings = FrechetGrader(config=place.config)
    with (
        open_gradebook(place.gradebook) as gradebook,
        open_results(place.root / STATE / assignment) as results,
    ):
        desk = find_desk(place, gradebook, assignment, settings, seed)
        planned, left_out = _plan(place, desk, results, choose_students(place, assignment, students))
        chosen = [item for item in planned if force or not item.fresh]
        _print_head(console, assignment, planned, chosen, left_out)
        if chosen:
            session = ClassRun(console, place, gradebook, desk, results, find_penalty(place))
            session.grade(
                planned, chosen, jobs or count_cores(), force, trusted or settings.trust_submissions
            )
            print_class_summary(console, results.summaries())


@dataclass(frozen=True, slots=True, eq=False)
class ClassRun:
    """An assignment of a course while it is being graded."""

    console: Console
    place: CourseFolder
    gradebook: Connection
    desk: GradingContext
    results: ResultStore
    penalty: Penalty | None

    def grade(
        self,
        planned: Sequence[PlannedSubmission],
        chosen: Sequence[PlannedSubmission],
        jobs: int,
        force: bool,
        trusted: bool,
    ) -> None:
        """Grade what is chosen; what there is gets written in batches, also when stopped with Ctrl-C."""
        name = self.desk.master.assignment
        course = self.desk.main
        known = course.assignments.get(name)
        sheet = publish_assignment(course, known) if known else NO_ASSIGNMENT
        roster = self.results.graded_students() | {item.student: item.key for item in planned}
        self.results.begin(RunRecord(name, sheet.title or name, self.desk.seed, sheet), roster.items())
        waiting = {item.student for item in chosen} if force else self.results.waiting()
        batch = ResultWriter(self.place, self.gradebook, self.desk, self.results, self.penalty)
        with show_progress(self.console, len(chosen)) as advance:
            try:
                for summary, made in self._results(chosen, waiting, jobs, trusted):
                    batch.add(made)
                    advance(summary)
            finally:
                batch.write()
        for reason in batch.left_out:
            self.console.print(Text(f"Left out: {one_line(reason)}", "yellow"))

    def _results(
        self, chosen: Sequence[PlannedSubmission], waiting: set[str], jobs: int, trusted: bool
    ) -> Iterator[tuple[str, GradedNotebook | str]]:
        """The summary of each submission's report, which is kept already, and what nbgrader is to get, exam by exam."""
        for item in chosen:
            if item.student not in waiting:
                kept = unpack_report(self.results.packed_report(item.key))
                yield (
                    self.results.summary(item.key),
                    build_graded_notebook(self.place, self.desk, item.folder, item.key, kept),
                )
        left = [item for item in chosen if item.student in waiting]
        exams = {self.desk.key(item.choice): item.choice for item in left}
        for key, choice in exams.items():
            items = {item.student: item for item in left if self.desk.key(item.choice) == key}
            for result, made in self._grade_exam(choice, items, jobs, trusted):
                self.results.add(result)
                is_same = result.key == items[result.student].key
                yield result.summary, made if is_same else say_changed(result.student)

    def _grade_exam(
        self, choice: VersionMatch, items: Mapping[str, PlannedSubmission], jobs: int, trusted: bool
    ) -> Iterator[tuple[Result, GradedNotebook | str]]:
        """What comes of all submissions that are graded against the same problems."""
        finish = partial(_make, self.place, self.desk, items)
        if not choice.problems:
            for student, item in items.items():
                report = empty_report(self.desk, SubmittedFile(student, self.desk.master.notebook))
                yield finish(item.key, report)
            return
        jobs = min(jobs, len(items))
        assignment, course = self.desk.assignment(choice), choice.edition.course
        exam, isolation = prepare_proven(course, assignment, self.desk.seed, jobs, user_cache(), trusted)
        given = (read_given(self.place, self.desk, item.student, item.folder) for item in items.values())
        tasks = ((found.key, found.handin) for found in given if isinstance(found, SubmittedNotebook))
        yield from grade_all(exam, tasks, finish, jobs, isolation)


def _make(
    place: CourseFolder,
    desk: GradingContext,
    items: Mapping[str, PlannedSubmission],
    key: str,
    report: Report,
) -> tuple[Result, GradedNotebook | str]:
    """The result to keep and what nbgrader is to get, made in a worker."""
    item = items[report.student]
    return pack_result(key, report), build_graded_notebook(place, desk, item.folder, item.key, report)


def find_desk(
    place: CourseFolder,
    gradebook: Connection,
    assignment: str,
    settings: FrechetGrader,
    seed: int | None = None,
) -> GradingContext:
    """What the assignment's notebook is graded with; there must be one, and it must be ours."""
    names = _notebooks(gradebook, assignment)
    released = place.place("release", ".", assignment)
    masters = [read_master(gradebook, assignment, name, released / f"{name}.ipynb") for name in names]
    ours = [master for master in masters if master.points]
    if len(ours) != 1 or len(masters) != 1:
        raise GraderError(
            f"The assignment {assignment!r} is not one notebook of ours; grade it with nbgrader autograde {assignment}"
        )
    places = [place.place("source", ".", assignment), released]
    drawn = settings.seed if seed is None else seed
    return open_desk(place.root, ours[0], places, settings.problems, drawn)


def _notebooks(gradebook: Connection, assignment: str) -> list[str]:
    known = list_notebooks(gradebook)
    if assignment not in known:
        hint = suggest(assignment, known) if known else "it has none yet"
        raise GraderError(
            f"The gradebook has no assignment {assignment!r}: {hint}; "
            f"run nbgrader generate_assignment {assignment} first"
        )
    return known[assignment]


def find_penalty(place: CourseFolder) -> Penalty | None:
    """The course's rule for late submissions, as `nbgrader_config.py` names it; loaded when somebody is late."""
    steps = place.config["Autograde"].get("autograde_preprocessors") if "Autograde" in place.config else None
    if isinstance(steps, list) and not any("AssignLatePenalties" in str(step) for step in steps):
        return None

    def penalty(student: str, score: float, late: float) -> float | None:
        from nbgrader.preprocessors import AssignLatePenalties

        step = AssignLatePenalties(config=place.config)
        if not step.enabled:
            return None
        step.init_plugin()
        found: float | None = step.plugin_inst.late_submission_penalty(student, score, late)
        return found

    return penalty


def choose_students(place: CourseFolder, assignment: str, wanted: Sequence[str]) -> dict[str, Path]:
    """Who has submitted, with their folders; those wanted, if any are named."""
    found = place.students(assignment)
    if unknown := [name for name in wanted if name not in found]:
        raise GraderError(f"{unknown[0]!r} has submitted no {assignment!r}; {suggest(unknown[0], found)}")
    if not found:
        where = place.place("submitted", "*", assignment)
        raise GraderError(f"There are no submissions in {where}; collect them first")
    return {name: path for name, path in found.items() if not wanted or name in wanted}


def _plan(
    place: CourseFolder, desk: GradingContext, results: ResultStore, students: Mapping[str, Path]
) -> tuple[list[PlannedSubmission], list[str]]:
    """Every submission, looked at; and, in words, those that cannot be graded."""
    stamps, planned, left_out = results.stamps(), [], []
    failed = results.waiting() & results.graded_students().keys()  # by the grader's fault
    for student, folder in students.items():
        given = read_given(place, desk, student, folder)
        if isinstance(given, str):
            left_out.append(given)
            continue
        stamp = stamps.get(student)
        known = stamp is None or stamp.made_from == given.key
        fresh = known and student not in failed and _is_written(place, desk, given)
        planned.append(PlannedSubmission(student, folder, given.key, given.choice, fresh))
    return planned, left_out


def _is_written(place: CourseFolder, desk: GradingContext, given: SubmittedNotebook) -> bool:
    """Whether there is an autograded notebook that is not older, which is what nbgrader goes by."""
    folder = place.place("autograded", given.student, desk.master.assignment)
    if not (folder / f"{desk.master.notebook}.ipynb").is_file():
        return False
    try:
        written = place.timestamp(folder)
    except ValueError:
        return False
    return given.timestamp is None or written is None or given.timestamp <= written


def _print_head(
    console: Console,
    assignment: str,
    planned: Sequence[PlannedSubmission],
    chosen: Sequence[PlannedSubmission],
    left_out: Sequence[str],
) -> None:
    done = len(planned) - len(chosen)
    told = f"{assignment}: {count(len(planned), 'submission')}"
    console.print(Text(f"{told}, {done} graded already, {len(chosen)} to grade" if done else told))
    for reason in left_out:
        console.print(Text(f"Left out: {one_line(reason)}", "yellow"))
