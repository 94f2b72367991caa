"""What the commands about a class do: `grade`, `report`, `demo`.

What only grading needs is imported where it is used, so that a run that finds everything done is over quickly.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from grader.answers.collect.inbox import FoundSubmissions, find_submissions, read_handins
from grader.answers.submission import SubmittedFile
from grader.core.errors import GraderError
from grader.core.text import one_line
from grader.core.worker_pool import count_cores, run_parallel
from grader.formats import CLASS_FORMATS, print_class_summary
from grader.grading.result_files import Output, choose_formats, make_output, render_student
from grader.grading.result_keys import exam_key, result_key
from grader.grading.result_store import ResultStore, Run, open_results
from grader.problems.course import (
    Assignment,
    Course,
    bundled_course,
    load_course,
    open_course,
    publish_assignment,
)
from grader.reports.assignment import PublishedAssignment, for_students
from grader.reports.feedback import count

if TYPE_CHECKING:
    from grader.grading.class_run import Engine

MOST_LEFT_OUT = 10
"""So many of the files and folders that are not graded are listed."""


def grade_class(
    console: Console, paths: Sequence[Path], out: Path, assignment: str | None, jobs: int | None, seed: int | None,
    formats: Sequence[str] | None, folder: Path | None, trusted: bool = False, scheduler: str | None = None,
    solutions: bool | None = None,
) -> None:  # fmt: skip
    """Grade every submission found that the store in `out` has no result for, and write the results.

    Args:
        solutions: whether to show worked solutions; if None as it was said last, else after the due date.
        scheduler: address of a Dask scheduler, whose workers do the work; else processes of this machine.
    """
    course = open_course(folder)
    chosen = course.assignment(assignment)
    wanted = choose_formats(formats)
    _refuse_among(paths, out)
    found = find_submissions(list(paths), chosen.id)
    with open_results(out) as results:
        _print_head(console, course, chosen, found)
        seed = _choose_seed(console, course, results, chosen.id, seed)
        exam = exam_key(course, chosen, seed)
        keyed = ((handin.student, result_key(exam, handin)) for handin in read_handins(found.submissions))
        _tell_of_other(console, results, chosen)
        sheet = publish_assignment(course, chosen, _recall(results, chosen.id, solutions))
        results.begin(Run(chosen.id, chosen.title, seed, sheet), keyed)
        waiting = results.waiting()
        if len(waiting) < len(found.submissions):
            console.print(f"{len(found.submissions) - len(waiting)} graded already, {len(waiting)} to grade")
        output = make_output(results, wanted, _publish(console, sheet))
        output.refresh_students(jobs or count_cores())
        stopped = False
        if waiting:
            tasks = _read_tasks(found, waiting, exam)
            stopped = _grade(
                console, course, chosen, seed, output, tasks, len(waiting), jobs, trusted, scheduler
            )
        _finish(console, output)
    if stopped:
        raise KeyboardInterrupt


def report_class(
    console: Console, out: Path, formats: Sequence[str] | None, show: bool, solutions: bool | None = None
) -> None:
    """Write every file of a results folder anew, from its store alone.

    Args:
        solutions: whether to show worked solutions; if None as it was said last, else after the due date.
    """
    # Nothing can be opened that is not written.
    wanted = choose_formats([*formats, "class"] if show and formats else formats)
    with open_results(out, create=False) as results:
        run = results.run
        if run is None:
            raise GraderError(f"There are no results in {out} yet; write some with grader grade … -o {out}")
        console.print(Text(f"{run.title}: {count(len(results.roster()), 'result')}, seed {run.seed}"))
        sheet = run.sheet if solutions is None else replace(run.sheet, told=solutions)
        results.keep_sheet(sheet)
        output = make_output(results, wanted, _publish(console, sheet), anew=True)
        output.refresh_students(count_cores())
        _finish(console, output)
    if show:
        import webbrowser

        page = out / CLASS_FORMATS["class"].name
        if not webbrowser.open(page.resolve().as_uri()):
            raise GraderError(f"Everything is written, but no browser could be started; open {page} yourself")


def grade_sample_class(console: Console, out: Path) -> None:
    """`grader demo`: the sample class, graded with the bundled course."""
    sample = Path(__file__).parents[1] / "sample_class"
    folder = bundled_course()
    grade_class(console, [sample], out, "lecture05", None, load_course(folder).seed, None, folder)
    console.print(Text(f"\nOpen {out / 'class.html'} in a browser. This was the sample class, of the folder"))
    console.print(Text(str(sample)), soft_wrap=True)


def _print_head(console: Console, course: Course, chosen: Assignment, found: FoundSubmissions) -> None:
    problems = count(len(chosen.points), "problem")
    submissions = count(len(found.submissions), "submission")
    console.print(f"{course.title}, {chosen.title}: {problems}, {submissions}")
    for reason in found.left_out[:MOST_LEFT_OUT]:
        console.print(Text(f"Left out: {one_line(reason)}", "yellow"))
    if len(found.left_out) > MOST_LEFT_OUT:
        console.print(Text(f"… and {len(found.left_out) - MOST_LEFT_OUT} more left out", "yellow"))


def _refuse_among(paths: Sequence[Path], out: Path) -> None:
    """Results among the submissions would be taken for some of them the next time."""
    if any(path.is_dir() and path.resolve() == out.resolve() for path in paths):
        raise GraderError(f"{out} holds the submissions; give the results a folder of their own: -o results")


def _tell_of_other(console: Console, results: ResultStore, chosen: Assignment) -> None:
    """A folder shows one assignment at a time, and keeps the results of all."""
    run = results.run
    if run is not None and run.assignment != chosen.id:
        told = f"The files here were about {run.assignment}; they are replaced, and its results are kept."
        console.print(Text(told, "yellow"))


def _choose_seed(
    console: Console, course: Course, results: ResultStore, assignment: str, given: int | None
) -> int:
    """The seed asked for; else that of the results there are, so that none is graded twice; else a new one."""
    told, why = given if given is not None else course.secret_seed, ""
    if told is None:
        told, why = results.seed(assignment), ", as before"
    if told is None:
        # Students know the seed that they check with, and could look its answers up.
        told, why = secrets.randbelow(10**9), ", drawn for this run"
    console.print(f"seed {told}{why}")
    return told


def _recall(results: ResultStore, assignment: str, told: bool | None) -> bool | None:
    """Whether to show solutions, as said now or else in the run before."""
    run = results.run
    return told if told is not None or run is None or run.assignment != assignment else run.sheet.told


def _publish(console: Console, sheet: PublishedAssignment) -> PublishedAssignment:
    """The sheet as students see it in this run; says so where that is more than the statements."""
    shown = for_students(sheet, datetime.now().astimezone())
    if any(task.solution for task in shown.tasks):
        why = "as you said" if sheet.told else f"they were due {sheet.due}"
        console.print(f"worked solutions are shown: {why}")
    return shown


def _read_tasks(found: FoundSubmissions, waiting: set[str], exam: str) -> Iterator[tuple[str, SubmittedFile]]:
    chosen = [(student, place) for student, place in found.submissions if student in waiting]
    return ((result_key(exam, handin), handin) for handin in read_handins(chosen))


def _grade(
    console: Console, course: Course, chosen: Assignment, seed: int, output: Output,
    tasks: Iterator[tuple[str, SubmittedFile]], total: int, jobs: int | None, trusted: bool, scheduler: str | None,
) -> bool:  # fmt: skip
    """Grade and keep; whether it was stopped with Ctrl-C."""
    from grader.answers.sandbox import Isolation
    from grader.grading.class_run import grade_all, prepare_proven, prove_isolation
    from grader.grading.prepare import prepare
    from grader.grading.progress import show_progress
    from grader.truths.cache import user_cache

    jobs = min(jobs or count_cores(), total)
    if scheduler is None:
        engine: Engine = run_parallel
        exam, isolation = prepare_proven(course, chosen, seed, jobs, user_cache(), trusted)
    else:
        exam = prepare(course, chosen, seed, jobs=jobs, store=user_cache())
        engine = _find_cluster(scheduler, partial(prove_isolation, exam, trusted))
        isolation = Isolation("none" if trusted else "standard")  # at least; each worker proves its own
    if isolation.level == "none":
        console.print(
            Text("Submissions are trusted: they can read your files and use the network.", "yellow")
        )
    else:
        tried = ", not tried out: submissions are trusted" if trusted else ""
        least = ", or stronger, on every worker" if scheduler else ""
        console.print(f"isolation {isolation.level}{tried}{least}")
    done = 0
    try:
        with show_progress(console, total) as advance:
            render = partial(render_student, formats=output.formats, sheet=output.sheet)
            for graded in grade_all(exam, tasks, render, jobs, isolation, engine):
                output.results.add(graded.result)
                output.write(graded.made, graded.result.key)
                done += 1
                advance(graded.result.summary)
    except KeyboardInterrupt:
        console.print(f"\nStopped: {done} of {total} are graded and kept; the same command grades the rest.")
        return True
    return False


def _find_cluster(scheduler: str, prove: Callable[[], object]) -> Engine:
    try:
        from grader.grading.dask_engine import Cluster
    except ImportError as error:
        if error.name not in ("distributed", "dask"):
            raise
        raise GraderError("A Dask cluster needs the extra: pip install 'frechet-grader[dask]'") from None
    return Cluster(scheduler, prove)


def _finish(console: Console, output: Output) -> None:
    output.write_class()
    print_class_summary(console, output.results.summaries())
    if waiting := len(output.results.waiting()):
        console.print(Text(f"\n{count(waiting, 'submission')} not graded yet.", "yellow"))
    console.print()
    for place in output.places():
        console.print(Text(f"  {place}"))
