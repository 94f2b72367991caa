"""The commands for other platforms: `grader gradescope …` and `grader prairielearn …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

gradescope = typer.Typer(no_args_is_help=True, help="An autograder for Gradescope.")
prairielearn = typer.Typer(no_args_is_help=True, help="A question for PrairieLearn.")

AssignmentArgument = Annotated[str, typer.Argument(help="Which assignment of config.yaml.")]
KeptSeed = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the random inputs; default: drawn and kept."),
]
Course = Annotated[
    Path | None,
    typer.Option(
        "--course", help="The course's folder; default: found upward from here, else the bundled one."
    ),
]
Trust = Annotated[
    bool,
    typer.Option("--trust-submissions", help="Grade even where students' code cannot be confined."),
]


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
    course: Course = None,
) -> None:
    """Write the zip to upload to Gradescope: setup.sh, run_autograder, the grader and the assignment."""
    from grader.gradescope import build_autograder

    build_autograder(Console(highlight=False), assignment, out, seed, visibility or [], trust, course)


@gradescope.command("run", epilog="Example:  [bold]grader gradescope run --root /autograder[/]")
def gradescope_run(
    root: Annotated[Path, typer.Option(help="Gradescope's folder.")] = Path("/autograder"),
    prepare: Annotated[bool, typer.Option("--prepare", help="Find the truths and grade nothing.")] = False,
) -> None:
    """Grade the submission in Gradescope's container. Exit code: 0, or 2 without a result if that failed."""
    from grader.gradescope import run_autograder

    run_autograder(Console(highlight=False), root, prepare)


@prairielearn.command(
    "build", epilog="Example:  [bold]grader prairielearn build lecture05 -o questions/lecture05[/]"
)
def prairielearn_build(
    assignment: AssignmentArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The question's folder; must not exist.")],
    seed: KeptSeed = None,
    image: Annotated[str | None, typer.Option(help="Docker image with this grader installed.")] = None,
    trust: Trust = False,
    course: Course = None,
) -> None:
    """Write a question that is graded by this grader."""
    from grader.prairielearn import build_question

    build_question(Console(highlight=False), assignment, out, seed, trust, image, course)


@prairielearn.command("run", epilog="Example:  [bold]grader prairielearn run --root /grade[/]")
def prairielearn_run(
    root: Annotated[Path, typer.Option(help="PrairieLearn's folder.")] = Path("/grade"),
) -> None:
    """Grade the submission in PrairieLearn's container."""
    from grader.prairielearn import run_grader

    run_grader(root)
