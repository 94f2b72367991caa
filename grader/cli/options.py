"""The options that several commands have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from grader.core.seeds import is_seed


def seed_option(default: str) -> Any:
    """`--seed N`, where N is what a results file can hold.

    Args:
        default: what the seed is if it is not given, in words.
    """
    about = f"Seed of the random inputs, a whole number; default: {default}."
    return typer.Option("--seed", metavar="N", callback=_require_seed, help=about)


def _require_seed(seed: int | None) -> int | None:
    if seed is not None and not is_seed(seed):
        raise typer.BadParameter(f"{seed} must be 0 or more, and below 2**63")
    return seed


Seed = Annotated[int | None, seed_option("config.yaml's")]
GradingSeed = Annotated[int | None, seed_option("the environment's, else the one used in OUT, else random")]
PageSeed = Annotated[int | None, seed_option("config.yaml's, whatever the environment says")]
KeptSeed = Annotated[int | None, seed_option("random, and kept")]
GradebookSeed = Annotated[int | None, seed_option("nbgrader_config.py's, else random, and kept")]

CourseFolder = Annotated[
    Path | None,
    typer.Option(
        "--course", help="The course's folder; default: found upward from here, else the bundled one."
    ),
]
NbgraderFolder = Annotated[Path, typer.Option("--course", help="The nbgrader course's folder.")]

Names = Annotated[
    bool, typer.Option("--names", help="Name the worst and the slow submissions while grading.")
]
RosterFile = Annotated[
    Path | None,
    typer.Option(
        "--roster",
        metavar="FILE",
        help="Who is in the class: a CSV of id, name, login, email, section, or an export of Canvas, Moodle or "
        "nbgrader. Default: roster.csv beside the submissions or in the course.",
    ),
]
ExtensionsFile = Annotated[
    Path | None,
    typer.Option(
        "--extensions",
        metavar="FILE",
        help="Due dates of individual students: a CSV of student, due and perhaps assignment. Default: extensions.csv "
        "beside the submissions or in the course.",
    ),
]
OverridesFile = Annotated[
    Path | None,
    typer.Option(
        "--overrides",
        metavar="FILE",
        help="Points that you decide on: a CSV of student, problem, check, points, comment, by. Default: overrides.csv "
        "in the results folder.",
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict", help="Refuse to grade if the grader had to guess whose file it is, or which file counts."
    ),
]
AnswersFile = Annotated[
    Path, typer.Argument(help="Your answers: a .py file, a notebook or a .txt file of formulas.")
]
OneProblem = Annotated[str | None, typer.Option("--problem", "-p", help="Check this problem only.")]
CheckedAssignment = Annotated[
    str | None,
    typer.Option("--assignment", "-a", help="Which assignment; default: the one that the file answers."),
]
Hints = Annotated[
    int,
    typer.Option(
        "--hint",
        count=True,
        metavar="",
        show_default=False,
        help="Show the first hint for what is not yet right; give it twice for two hints.",
    ),
]

Everything = Annotated[
    bool, typer.Option("--all", help="Show every problem in full, not only the first unfinished one.")
]
Plot = Annotated[bool, typer.Option("--plot", help="Draw the remainder of the derivative.")]

Submissions = Annotated[
    list[Path],
    typer.Argument(
        help="Folders of <student>.py|.ipynb|.txt or <student>/<assignment>/<file>, files, or what Gradescope, "
        "Moodle or Canvas let you download: .zip, .tar.gz or unpacked."
    ),
]
AssignmentId = Annotated[
    str | None,
    typer.Option("--assignment", "-a", help="Which assignment; default: the first of config.yaml."),
]
AssignmentArgument = Annotated[str, typer.Argument(help="Which assignment of config.yaml.")]
NbgraderAssignment = Annotated[str, typer.Argument(help="Which assignment of the nbgrader course.")]
Students = Annotated[list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Processes; default: one for each core.")
]
Trust = Annotated[
    bool,
    typer.Option("--trust-submissions", help="Grade even where students' code cannot be confined."),
]
ResultsFolder = Annotated[Path, typer.Option("--out", "-o", help="Where to write the results.")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format", "-f", help="Files to write; may be repeated. Default: json html csv class problems."
    ),
]
Solutions = Annotated[
    bool | None,
    typer.Option(
        "--solutions/--no-solutions",
        help="Show or hide worked solutions in students' pages. Default: as chosen last, or after the due date.",
        show_default=False,
    ),
]


def make_console() -> Console:
    """Make the console that commands print on."""
    # To rich any value forces colours; elsewhere 0 forbids them.
    forbidden = os.environ.get("FORCE_COLOR", "").lower() in ("0", "false")
    if not os.environ.get("COLUMNS", "").strip("0 "):
        os.environ.pop("COLUMNS", None)  # a width of 0 would show nothing
    return Console(highlight=False, force_terminal=False if forbidden else None)
