"""The commands for other platforms: `grader nbgrader …`, `grader gradescope …` and `grader prairielearn …`."""

from __future__ import annotations

import gc
import os
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.options import (
    AssignmentArgument,
    CourseFolder,
    GradebookSeed,
    Jobs,
    KeptSeed,
    Names,
    NbgraderAssignment,
    NbgraderFolder,
    Students,
    Trust,
    make_console,
)

nbgrader = typer.Typer(
    no_args_is_help=True, help="Assignments, marks and feedback for courses that run on nbgrader."
)
gradescope = typer.Typer(no_args_is_help=True, help="An autograder for Gradescope.")
prairielearn = typer.Typer(no_args_is_help=True, help="A question for PrairieLearn.")


@nbgrader.command(
    "source", epilog="Example:  [bold]grader nbgrader source lecture05 --course my-nbgrader-course[/]"
)
def nbgrader_source(
    assignment: AssignmentArgument,
    course: Annotated[
        Path, typer.Option("--course", help="The nbgrader course's folder; created if there is none.")
    ] = Path(),
    problems: Annotated[
        Path | None,
        typer.Option(
            "--problems",
            help="Where config.yaml is; default: found upward from here, else the bundled course.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a notebook even if it was changed.")
    ] = False,
) -> None:
    """Write source/ASSIGNMENT/, from which nbgrader generate_assignment makes what students get.

    Exit code: 0 written, 2 something private would leak, or a file there was changed.
    """
    _write_nbgrader_source(assignment, course, problems, force)


@nbgrader.command(
    "autograde", epilog="Example:  [bold]grader nbgrader autograde lecture05 --course my-nbgrader-course[/]"
)
def nbgrader_autograde(
    assignment: NbgraderAssignment,
    course: NbgraderFolder = Path(),
    jobs: Jobs = None,
    student: Students = None,
    force: Annotated[bool, typer.Option("--force", help="Grade unchanged submissions again, too.")] = False,
    seed: GradebookSeed = None,
    trust: Trust = False,
    names: Names = False,
) -> None:
    """Grade a class at once: the gradebook and autograded/ are as after [bold]nbgrader autograde[/].

    Unchanged submissions are not graded again. Exit code: 0 graded, whatever the scores, 2 it cannot run.
    """
    from grader.platforms.nbgrader.autograde import AutogradeOptions, autograde_class

    gc.enable()
    options = AutogradeOptions(jobs, student or (), force, seed, trust, names)
    autograde_class(make_console(), course, assignment, options)


@nbgrader.command(
    "feedback",
    epilog="Example:  [bold]grader nbgrader feedback lecture05 --course my-nbgrader-course[/]",
)
def nbgrader_feedback(
    assignment: NbgraderAssignment,
    course: NbgraderFolder = Path(),
    student: Students = None,
) -> None:
    """Write the grader's own pages where [bold]nbgrader generate_feedback[/] would write its own.

    They include what people decided by hand. Exit code: 0 written, 2 nothing is graded yet.
    """
    from grader.platforms.nbgrader.feedback_pages import write_pages

    gc.enable()
    write_pages(make_console(), course, assignment, student or ())


@gradescope.command(
    "build",
    epilog="Example:  [bold]grader gradescope build lecture05 -o autograder.zip --visibility hidden[/]",
)
def gradescope_build(
    assignment: AssignmentArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The zip to write.")] = Path("autograder.zip"),
    seed: KeptSeed = None,
    visibility: Annotated[
        list[str] | None,
        typer.Option(
            help="When students see the checks' words: visible, hidden, after_due_date or after_published; "
            "CHECK=WHEN for one check. May be repeated."
        ),
    ] = None,
    trust: Trust = False,
    course: CourseFolder = None,
) -> None:
    """Write the zip to upload to Gradescope: setup.sh, run_autograder, the grader and the assignment."""
    from grader.platforms.gradescope import build_autograder
    from grader.platforms.packed_course import PackOptions

    options = PackOptions(assignment, course, seed, trust)
    build_autograder(make_console(), options, out, visibility or [])


@gradescope.command("run", epilog="Example:  [bold]grader gradescope run --root /autograder[/]")
def gradescope_run(
    root: Annotated[Path, typer.Option(help="Gradescope's folder.")] = Path("/autograder"),
    prepare: Annotated[bool, typer.Option("--prepare", help="Compute the truths, without grading.")] = False,
) -> None:
    """Grade the submission in Gradescope's container. Exit code: 0, or 2 without a result if that failed."""
    from grader.platforms.gradescope import run_autograder

    run_autograder(make_console(), root, prepare)


@prairielearn.command(
    "build", epilog="Example:  [bold]grader prairielearn build lecture05 -o questions/lecture05[/]"
)
def prairielearn_build(
    assignment: AssignmentArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The question's folder; must not exist.")],
    seed: KeptSeed = None,
    image: Annotated[str | None, typer.Option(help="Docker image with this grader installed.")] = None,
    trust: Trust = False,
    course: CourseFolder = None,
    formulas: Annotated[
        bool, typer.Option("--formulas", help="Ask for formulas, in an editor on the page.")
    ] = False,
) -> None:
    """Write a question that is graded by this grader."""
    from grader.platforms.packed_course import PackOptions
    from grader.platforms.prairielearn import build_question

    options = PackOptions(assignment, course, seed, trust)
    build_question(make_console(), options, out, image, formulas)


@prairielearn.command("run", epilog="Example:  [bold]grader prairielearn run --root /grade[/]")
def prairielearn_run(
    root: Annotated[Path, typer.Option(help="PrairieLearn's folder.")] = Path("/grade"),
) -> None:
    """Grade the submission in PrairieLearn's container."""
    from grader.platforms.prairielearn import run_grader

    run_grader(root)


def _write_nbgrader_source(assignment: str, folder: Path, problems: Path | None, force: bool) -> None:
    from rich.text import Text

    from grader.formats.terminal.left_out import print_left_out
    from grader.platforms.nbgrader.course_directory import CONFIG
    from grader.platforms.nbgrader.source import write_source
    from grader.problems.course import open_course

    console, course = make_console(), open_course(problems)
    chosen = course.assignment(assignment)
    print_left_out(course.faulty.values())
    written = write_source(course, chosen, folder, force)
    for path in written.files:
        console.print(Text(f"wrote {os.path.relpath(path)}"))
    if written.missing:
        console.print(
            Text(f"{folder / CONFIG} is your own and was not changed. Add this at its end:", "yellow")
        )
        console.print(Text(textwrap.indent(written.missing, "    ")))

    where = f", in {folder}" if folder.resolve() != Path.cwd() else ""
    console.print(Text(f"Next{where}: nbgrader generate_assignment {chosen.id}"))
