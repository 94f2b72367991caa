"""What the commands do; `cli` only reads their arguments.

What only some commands need is imported where it is used, so that `check` starts quickly.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.answers.sandbox import Isolation, Limits, Sandbox, SandboxError
from grader.answers.sandbox.self_test import find_escapes
from grader.core.errors import AuthorError, AuthorErrors, GraderError
from grader.core.worker_pool import count_cores
from grader.grading.grade import versions
from grader.grading.self_check import CheckOptions, find_near, open_checker, require_file, require_suffix
from grader.problems.course import find_course, open_course
from grader.reports.feedback import count
from grader.reports.report import Report


def check_file(
    file: Path,
    problem: str | None,
    assignment: str | None,
    seed: int | None,
    folder: Path | None,
    tell: Callable[[str], object] = lambda note: None,
) -> Report:
    """Grade one file, all problems of the assignment or a single one.

    Args:
        tell: is told in a sentence which assignment was chosen, if that is not the first one.
    """
    require_file(file)
    require_suffix(file)
    course = open_course(folder, near=file)
    with open_checker(course, _wish(problem, assignment, seed, folder)) as checker:
        report = checker.check(file)
    if assignment is None and report.assignment != course.assignment(None).id:
        tell(f"{file.name} answers assignment {report.assignment}, so that is what was checked.")
    return report


def watch_file(
    console: Console, file: Path, problem: str | None, assignment: str | None, seed: int | None,
    folder: Path | None, hints: int,
) -> None:  # fmt: skip
    """Check a file now and on every save, until Ctrl-C."""
    from grader.formats import print_report
    from grader.grading.watch import watch_saves

    if file.is_dir() or not file.parent.is_dir():
        require_file(file)
    require_suffix(file)
    course = open_course(folder, near=file)
    with open_checker(course, _wish(problem, assignment, seed, folder)) as checker:
        try:
            for content in watch_saves(file):
                began = time.perf_counter()
                console.clear()
                # While an editor saves, a file may be empty or gone for a moment.
                if content is None or not content.strip():
                    said = "is not there" if content is None else "is empty"
                    near = find_near(file) if content is None else None
                    meant = f" Did you mean {near}? Then stop with Ctrl-C." if near else ""
                    console.print(
                        Text(f"{file} {said}; it is checked as soon as it is saved.{meant}", "yellow")
                    )
                    continue
                try:
                    print_report(console, checker.check(file), hints)
                except GraderError as error:
                    console.print(Text(str(error), "red"))
                _print_status(console, file, time.perf_counter() - began)
        except KeyboardInterrupt:
            console.print()


def _print_status(console: Console, file: Path, seconds: float) -> None:
    clock = time.strftime("%H:%M:%S")
    console.print(
        Text(f"{clock}, checked in {seconds:.2f} s. Save {file.name} to check again, Ctrl-C ends.", "dim")
    )


def _wish(problem: str | None, assignment: str | None, seed: int | None, folder: Path | None) -> CheckOptions:
    again = f" --course {shlex.quote(str(folder))}" if folder is not None else ""
    return CheckOptions((problem,) if problem is not None else (), assignment, seed, again)


def validate_problems(
    console: Console, ids: Sequence[str], seed: int | None, folder: Path | None, as_json: bool
) -> bool:
    """Put every variant and mutant of the problems to the test; whether all came out as they should."""
    from rich.live import Live

    from grader.authoring.validate import validate_all
    from grader.formats.terminal.certificate import print_certificates
    from grader.reports.certificate import Certificate, certificates_json

    course = open_course(folder)
    wanted = list(dict.fromkeys(course.problem(id).id for id in ids)) or list(course.problems)
    found: dict[str, Certificate | AuthorError] = {}
    # Without a thread of its own for refreshing: the workers are forked.
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:
        for id, result in validate_all(course, wanted, course.seed if seed is None else seed, count_cores()):
            found[id] = result
            live.update(Text(f"validated {len(found)} of {count(len(wanted), 'problem')}"), refresh=True)
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
    from grader.authoring.new_problem import new_problem

    found = find_course(Path.cwd())
    here = Path.cwd()
    folder = found if found == here or found in here.parents else here
    written = new_problem(folder, id)
    for path in written:
        console.print(Text(f"wrote {os.path.relpath(path)}"))
    assign = "" if folder / "config.yaml" in written else f" add {id} to an assignment in config.yaml,"
    console.print(Text(f"Next: edit them,{assign} and run: grader validate {id}"))


def release_assignment(console: Console, assignment: str, out: Path, folder: Path | None) -> None:
    """`grader release`: what students get of an assignment, in a folder of its own."""
    from grader.authoring.release import write_release

    course = open_course(folder)
    try:
        written = write_release(course, course.assignment(assignment), out)
    except OSError as error:
        raise GraderError(
            f"Cannot write to {out}: {error.strerror}; mend that, or choose another folder with -o"
        ) from None
    for path in written:
        console.print(Text(f"wrote {os.path.relpath(path)}"))
    console.print(Text(f"Nothing of solutions/ is in it. Give students the folder {out}."))


def write_nbgrader_source(
    console: Console, assignment: str, folder: Path, problems: Path | None, force: bool
) -> None:
    """`grader nbgrader source`: an assignment in the source folder of an nbgrader course."""
    from grader.platforms.nbgrader.source import CONFIG, write_source

    course = open_course(problems)
    chosen = course.assignment(assignment)
    written = write_source(course, chosen, folder, force)
    for path in written.files:
        console.print(Text(f"wrote {os.path.relpath(path)}"))
    if written.missing:
        console.print(Text(f"{folder / CONFIG} is yours and was left alone. Add at its end:", "yellow"))
        console.print(Text(textwrap.indent(written.missing, "    ")))
    where = f", in {folder}" if folder.resolve() != Path.cwd() else ""
    console.print(Text(f"Next{where}: nbgrader generate_assignment {chosen.id}"))


def examine_machine(console: Console) -> bool:
    """`grader doctor`: what there is, and whether grading works here."""
    table = Table(show_header=False, box=None)
    ready = True
    for name, version in versions().items():
        table.add_row(name, version)
    table.add_row(
        "machine", f"{platform.system()} {platform.machine()}, {count(os.cpu_count() or 1, 'core')}"
    )
    try:
        with Sandbox(Limits()) as sandbox:
            isolation = sandbox.isolation
            leaks = find_escapes(sandbox) if isolation.level != "none" else ()
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
            "course", Text(f"{course.title} in {course.folder}, {count(len(course.problems), 'problem')}")
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
