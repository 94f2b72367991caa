"""What the commands do; `cli` only reads their arguments.

What only some commands need is imported where it is used, so that `check` starts quickly.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.classroom import Task, grade_all, make_output, prove_isolation
from grader.course import Course, bundled_course, find_course, load_course
from grader.errors import AuthorError, AuthorErrors, GraderError
from grader.grading import Exam, grade, prepare, versions
from grader.render import print_class_summary
from grader.render.clean import one_line
from grader.report import Report
from grader.sandbox import Isolation, Limits, Sandbox, SandboxError
from grader.sandbox.selftest import find_leaks
from grader.store import user_store
from grader.submission import find_submissions, read_submission

MOST_LEFT_OUT = 10
"""So many of the files and folders that are not graded are listed."""


def open_course(folder: Path | None) -> Course:
    """The course in a folder, or the one found upward from the current folder."""
    if folder is None:
        return load_course(find_course(Path.cwd()))
    if not (folder / "config.yaml").is_file():
        raise GraderError(f"{folder} is no course: it has no config.yaml")
    return load_course(folder)


def check_file(
    file: Path, problem: str | None, assignment: str | None, seed: int | None, folder: Path | None
) -> Report:
    """Grade one file, all problems of the assignment or a single one."""
    if not file.exists():
        raise GraderError(f"There is no file {file}; give the path of your answers, a .py file or a notebook")
    course = open_course(folder)
    limits = Limits(**course.limits.model_dump())
    # The sandbox's interpreter starts while the truths are computed.
    with Sandbox(limits, course.libraries) as sandbox:
        exam = _exam(course, problem, assignment, seed)
        return grade(exam, read_submission(file), sandbox)


def _exam(course: Course, problem: str | None, assignment: str | None, seed: int | None) -> Exam:
    chosen = course.assignment(assignment)
    if problem is not None and problem not in chosen.points:
        # A problem may be checked whether or not the assignment has it.
        points = course.problem(problem).points
        chosen = dataclasses.replace(chosen, points={problem: points})
    seed = course.seed if seed is None else seed
    return prepare(course, chosen, seed, [problem] if problem else [], _cores(), user_store())


def grade_class(
    console: Console, paths: Sequence[Path], out: Path, assignment: str | None, jobs: int | None, seed: int | None,
    formats: Sequence[str] | None, folder: Path | None, trusted: bool = False,
) -> None:  # fmt: skip
    """Grade every submission found and write the results."""
    course = open_course(folder)
    chosen = course.assignment(assignment)
    found = find_submissions(list(paths), chosen.id)
    tasks = found.submissions
    output = make_output(out, formats)
    drawn = seed is None and course.secret_seed is None
    if seed is None:
        # Students know the seed that they check with, and could look its answers up.
        seed = course.secret_seed if course.secret_seed is not None else secrets.randbelow(10**9)
    console.print(
        f"{course.title}, {chosen.title}: {_count(len(chosen.points), 'problem')}, {_count(len(tasks), 'submission')}"
    )
    console.print(f"seed {seed}{', drawn for this run' if drawn else ''}")
    for reason in found.left_out[:MOST_LEFT_OUT]:
        console.print(Text(f"Left out: {one_line(reason)}", "yellow"))
    if len(found.left_out) > MOST_LEFT_OUT:
        console.print(Text(f"… and {len(found.left_out) - MOST_LEFT_OUT} more left out", "yellow"))
    jobs = jobs or _cores()
    exam = prepare(course, chosen, seed, jobs=jobs, store=user_store())
    isolation = prove_isolation(exam, trusted)
    _print_isolation(console, isolation, trusted)
    reports: list[Report] = []
    try:
        with _progress(console, tasks) as advance:
            for report in grade_all(exam, tasks, output, jobs, isolation):
                reports.append(report)
                advance(report)
    except KeyboardInterrupt:
        console.print(f"\nStopped: {len(reports)} of {len(tasks)} are graded; what follows is about these.")
    reports.sort(key=lambda report: report.student)
    output.write_class(reports)
    print_class_summary(console, reports)
    _print_places(console, output.folder, output.formats)
    if len(reports) < len(tasks):
        raise KeyboardInterrupt


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _print_places(console: Console, folder: Path, formats: Sequence[str]) -> None:
    places = {"class": "class.html", "csv": "grades.csv", "html": "feedback/", "json": "results/"}
    console.print()
    for name, place in places.items():
        if name in formats:
            console.print(Text(f"  {folder / place}"))


@contextmanager
def _progress(console: Console, tasks: Sequence[Task]) -> Iterator[Callable[[Report], None]]:
    """A bar on a terminal, a line now and then in a log."""
    done = 0
    if not console.is_terminal:

        def log(report: Report) -> None:
            nonlocal done
            done += 1
            if done == len(tasks) or done % max(10, len(tasks) // 10) == 0:
                console.print(f"graded {done} of {len(tasks)}")

        yield log
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("Grading", total=len(tasks))
        yield lambda report: progress.advance(bar)


def grade_sample_class(console: Console, out: Path) -> None:
    """`grader demo`: the sample class, graded with the bundled course."""
    sample = Path(__file__).parent / "sample_class"
    folder = bundled_course()
    grade_class(console, [sample], out, "lecture05", None, load_course(folder).seed, None, folder)
    console.print(Text(f"\nThis was the sample class in {sample}. Open {out / 'class.html'} in a browser."))


def validate_problems(
    console: Console, ids: Sequence[str], seed: int | None, folder: Path | None, as_json: bool
) -> bool:
    """Put every variant and mutant of the problems to the test; whether all came out as they should."""
    from rich.live import Live

    from grader.certificate import Certificate, certificates_json
    from grader.render.certificate import print_certificates
    from grader.validate import validate_all

    course = open_course(folder)
    wanted = list(dict.fromkeys(course.problem(id).id for id in ids)) or list(course.problems)
    found: dict[str, Certificate | AuthorError] = {}
    # Without a thread of its own for refreshing: the workers are forked.
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:
        for id, result in validate_all(course, wanted, course.seed if seed is None else seed, _cores()):
            found[id] = result
            live.update(Text(f"validated {len(found)} of {_count(len(wanted), 'problem')}"), refresh=True)
    in_order = [found[id] for id in wanted]
    certificates = [item for item in in_order if isinstance(item, Certificate)]
    errors = [item for item in in_order if isinstance(item, AuthorError)]
    if certificates and not as_json:
        print_certificates(console, certificates)
    if errors:
        raise errors[0] if len(errors) == 1 else AuthorErrors(errors)
    if as_json:
        text = json.dumps(certificates_json(certificates), indent=1, ensure_ascii=False, allow_nan=False)
        console.out(text, highlight=False)
    return all(certificate.passed for certificate in certificates)


def create_problem(console: Console, id: str) -> None:
    """`grader new`: in the course found upward from here, else in a new one in this folder."""
    from grader.scaffold import new_problem

    found = find_course(Path.cwd())
    here = Path.cwd()
    folder = found if found == here or found in here.parents else here
    written = new_problem(folder, id)
    for path in written:
        console.print(Text(f"wrote {os.path.relpath(path)}"))
    assign = "" if folder / "config.yaml" in written else f" add {id} to an assignment in config.yaml,"
    console.print(Text(f"Next: edit them,{assign} and run: grader validate {id}"))


def examine_machine(console: Console) -> bool:
    """`grader doctor`: what there is, and whether grading works here."""
    table = Table(show_header=False, box=None)
    ready = True
    for name, version in versions().items():
        table.add_row(name, version)
    table.add_row(
        "machine", f"{platform.system()} {platform.machine()}, {_count(os.cpu_count() or 1, 'core')}"
    )
    try:
        with Sandbox(Limits()) as sandbox:
            isolation = sandbox.isolation
            leaks = find_leaks(sandbox) if isolation.level != "none" else ()
        table.add_row("isolation", Text(_describe_isolation(isolation)))
        for reason in isolation.reasons:
            table.add_row("", Text(reason))
        if leaks or isolation.level == "none":
            ready = False
            words = (
                f"students' code can {', '.join(leaks)}"
                if leaks
                else "grading a class needs --trust-submissions"
            )
            table.add_row("", Text(words, style="red"))
    except SandboxError as error:
        ready = False
        table.add_row("isolation", Text(f"none: {error}", style="red"))
    try:
        course = open_course(None)
        table.add_row(
            "course", Text(f"{course.title} in {course.folder}, {_count(len(course.problems), 'problem')}")
        )
    except GraderError as error:
        ready = False
        table.add_row("course", Text(str(error), style="red"))
    console.print(table)
    return ready


_LEVELS = {
    "strong": "strong: namespaces of its own, no files but Python's, no network, filtered system calls",
    "standard": "standard: no files but Python's, no network, filtered system calls; without namespaces",
    "none": "none: limits of time and memory only; files and network are open to submissions",
}


def _describe_isolation(isolation: Isolation) -> str:
    return _LEVELS[isolation.level]


def _print_isolation(console: Console, isolation: Isolation, trusted: bool) -> None:
    if isolation.level == "none":
        console.print(
            Text("Submissions are trusted: they can read your files and use the network.", "yellow")
        )
    else:
        console.print(
            f"isolation {isolation.level}{', not tried out: submissions are trusted' if trusted else ''}"
        )
