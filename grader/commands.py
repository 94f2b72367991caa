"""What the commands do; `cli` only reads their arguments.

What only some commands need is imported where it is used, so that `check` starts quickly.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import textwrap
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course import Course, find_course, open_course
from grader.errors import AuthorError, AuthorErrors, GraderError
from grader.grading import Exam, grade, prepare, versions
from grader.parallel import count_cores
from grader.render.words import count
from grader.report import Report
from grader.sandbox import Isolation, Limits, Sandbox, SandboxError
from grader.sandbox.selftest import find_leaks
from grader.store import user_store
from grader.submission import read_submission


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
    return prepare(course, chosen, seed, [problem] if problem else [], count_cores(), user_store())


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
    from grader.scaffold import new_problem

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
    from grader.release import write_release

    course = open_course(folder)
    for path in write_release(course, course.assignment(assignment), out):
        console.print(Text(f"wrote {os.path.relpath(path)}"))
    console.print(Text(f"Nothing of solutions/ is in it. Give students the folder {out}."))


def write_nbgrader_source(
    console: Console, assignment: str, folder: Path, problems: Path | None, force: bool
) -> None:
    """`grader nbgrader source`: an assignment in the source folder of an nbgrader course."""
    from grader.nbgrader.source import CONFIG, write_source

    course = open_course(problems)
    chosen = course.assignment(assignment)
    written = write_source(course, chosen, folder, force)
    for path in written.files:
        console.print(Text(f"wrote {os.path.relpath(path)}"))
    if written.missing:
        console.print(Text(f"{folder / CONFIG} is yours and was left alone. Add at its end:", "yellow"))
        console.print(Text(textwrap.indent(written.missing, "    ")))
    console.print(Text(f"Next, in {folder}: nbgrader generate_assignment {chosen.id}"))


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
