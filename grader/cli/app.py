"""The command line: every command with its options; the readers' modules do the work.

Commands import what they need when they run, so that `--help` and small commands stay quick.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli import platforms
from grader.cli.options import (
    AnswersFile,
    AssignmentArgument,
    AssignmentId,
    CheckedAssignment,
    CourseFolder,
    Everything,
    ExtensionsFile,
    Formats,
    GradingSeed,
    Hints,
    Jobs,
    Names,
    OneProblem,
    OverridesFile,
    PageSeed,
    Plot,
    ResultsFolder,
    RosterFile,
    Seed,
    Solutions,
    Strict,
    Submissions,
    Trust,
    make_console,
)
from grader.cli.run import run
from grader.core.errors import GraderError
from grader.core.version import __version__
from grader.formats import list_formats

app = typer.Typer(
    name="grader",
    help="Autograded exercises in matrix calculus.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(platforms.nbgrader, name="nbgrader")
app.add_typer(platforms.gradescope, name="gradescope")
app.add_typer(platforms.prairielearn, name="prairielearn")


def main() -> None:
    """Run the command line; explain a fault of the user's, with exit code 2."""
    run(app)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"grader {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Example:  [bold]grader check answers.py --problem inv-differential[/]")
def check(
    file: AnswersFile,
    problem: OneProblem = None,
    assignment: CheckedAssignment = None,
    seed: Seed = None,
    course: CourseFolder = None,
    hint: Hints = 0,
    everything: Everything = False,
    plot: Plot = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check one submission. Exit code: 0 all right, 1 something is wrong, 2 it cannot be graded."""
    from grader.cli.student import CheckRequest, check_file

    request = CheckRequest(file, problem, assignment, seed, course, hint, everything, plot)
    raise typer.Exit(check_file(make_console(), request, json_output))


@app.command(epilog="Example:  [bold]grader watch answers.py --problem inv-differential[/]")
def watch(
    file: AnswersFile,
    problem: OneProblem = None,
    assignment: CheckedAssignment = None,
    seed: Seed = None,
    course: CourseFolder = None,
    hint: Hints = 0,
    everything: Everything = False,
    plot: Plot = False,
) -> None:
    """Check a file now and on every save, until Ctrl-C. Exit code: 0, or 2 if it cannot be started."""
    from grader.cli.student import CheckRequest, watch_file

    gc.enable()
    watch_file(make_console(), CheckRequest(file, problem, assignment, seed, course, hint, everything, plot))


@app.command(
    help="Grade a class; results that are in OUT already are kept.\n\n"
    f"Exit code: 0 graded, whatever the scores, 2 it cannot run.\n\nFormats:\n\n\b\n{list_formats()}",
    epilog="Example:  [bold]grader grade submitted/ -o results --assignment lecture05[/]",
)
def grade(
    paths: Submissions,
    out: ResultsFolder,
    assignment: AssignmentId = None,
    jobs: Jobs = None,
    seed: GradingSeed = None,
    formats: Formats = None,
    trust: Trust = False,
    engine: Annotated[
        Literal["local", "dask"], typer.Option(help="Where to grade: on this machine, or on a Dask cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of the cluster's scheduler, such as tcp://10.0.0.1:8786.")
    ] = None,
    course: CourseFolder = None,
    solutions: Solutions = None,
    names: Names = False,
    roster: RosterFile = None,
    overrides: OverridesFile = None,
    extensions: ExtensionsFile = None,
    strict: Strict = False,
) -> None:
    """Grade a class; the help is above, where the formats are listed."""
    from grader.cli.instructor import ClassFiles, grade_submissions
    from grader.grading.class_run import ClassOptions
    from grader.grading.result_files import choose_formats

    if (engine == "dask") != (scheduler is not None):
        raise GraderError("--engine dask and --scheduler ADDRESS go together")

    gc.enable()
    options = ClassOptions(choose_formats(formats), jobs, seed, trust, scheduler, solutions)
    files = ClassFiles(paths, course, assignment, roster, extensions, overrides, strict)
    grade_submissions(make_console(), files, out, options, names)


@app.command(epilog="Example:  [bold]grader report results --open[/]")
def report(
    out: Annotated[Path, typer.Argument(help="The folder that grader grade wrote.")],
    formats: Formats = None,
    show: Annotated[bool, typer.Option("--open", help="Open class.html in a browser.")] = False,
    solutions: Solutions = None,
    overrides: OverridesFile = None,
) -> None:
    """Write the files of graded results again, without grading. Exit code: 0 written, 2 there are no results."""
    from grader.cli.instructor import report_class

    gc.enable()
    report_class(make_console(), out, formats, show, solutions, overrides)


@app.command(epilog="Example:  [bold]grader gradebook week1/ week2/ -o term --weight lecture05=2 --drop 1[/]")
def gradebook(
    results: Annotated[
        list[Path], typer.Argument(help="The folders that grader grade wrote, one for each assignment.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path("gradebook"),
    weight: Annotated[
        list[str] | None,
        typer.Option(
            "--weight", metavar="ASSIGNMENT=NUMBER", help="How much an assignment counts; default: 1."
        ),
    ] = None,
    drop: Annotated[
        int,
        typer.Option(
            "--drop", min=0, metavar="N", help="How many of each student's lowest marks do not count."
        ),
    ] = 0,
) -> None:
    """Join the marks of several assignments in one table and one page. Exit code: 0 written, 2 it cannot be written."""
    from grader.cli.gradebook import write_gradebook

    write_gradebook(make_console(), results, out, weight or (), drop)


@app.command(epilog="Example:  [bold]grader validate inv-differential[/]")
def validate(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Problems to validate; default: all of the course.")
    ] = None,
    seed: Seed = None,
    seeds: Annotated[
        int,
        typer.Option(
            "--seeds", min=1, max=1000, metavar="N", help="How many seeds to try, counting up from --seed."
        ),
    ] = 3,
    course: CourseFolder = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the certificates as JSON.")] = False,
) -> None:
    """Prove that problems grade fairly: right formulas get all points, wrong ones fail and are named.

    The reference with one small change, such as a dropped transpose, must be found wrong as well.

    Exit code: 0 all trials passed, 1 a trial failed or a wrong mutant passed, 2 a file of the course has faults.
    """
    from grader.cli.author import validate_problems

    if not validate_problems(make_console(), ids or [], seed, course, json_output, seeds):
        raise typer.Exit(1)


@app.command(epilog='Example:  [bold]grader new --f "trace(inv(A) @ B)" --wrt A[/]')
def new(
    id: Annotated[
        str | None,
        typer.Argument(
            help="Id of the problem: lower-case letters, digits and hyphens. Default: made from --f."
        ),
    ] = None,
    f: Annotated[str | None, typer.Option("--f", help="The map that the problem is about.")] = None,
    wrt: Annotated[
        list[str] | None, typer.Option("--wrt", help="Inputs to differentiate; default: all of them.")
    ] = None,
    ask: Annotated[
        str | None,
        typer.Option(
            "--ask", help="What to ask for; default: the gradient of a number, else the differential."
        ),
    ] = None,
    shape: Annotated[
        list[str] | None,
        typer.Option(
            "--shape", help="Shape of an input, as in A=m,n; may be repeated. Default: guessed from --f."
        ),
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option(
            "--assignment", "-a", help="The assignment to add it to; default: the last of config.yaml."
        ),
    ] = None,
) -> None:
    """Write the files of a new problem.

    They pass [bold]grader validate[/], unless no formula for --f is found and a difference quotient
    loses digits; the command then says so.

    Without --f it is a small example to start from; with it, a complete problem about that map: inputs, checks, a
    reference, and likely mistakes.
    """
    from grader.cli.author import NewRequest, create_problem

    create_problem(make_console(), NewRequest(id, f, wrt or (), ask, shape or (), assignment))


@app.command(epilog="Example:  [bold]grader show inv-differential --family complex[/]")
def show(
    id: Annotated[str, typer.Argument(help="Which problem.")],
    family: Annotated[str | None, typer.Option("--family", help="Show a case of this family.")] = None,
    all_cases: Annotated[bool, typer.Option("--all", help="Show all cases.")] = False,
    seed: Seed = None,
    course: CourseFolder = None,
) -> None:
    """Show a random input as it is drawn, with the right answer. Exit code: 0 shown, 2 there is none."""
    from grader.cli.show_case import show_problem

    show_problem(make_console(), id, seed, course, family, all_cases)


@app.command(epilog="Example:  [bold]grader explain taylor[/]")
def explain(
    word: Annotated[str | None, typer.Argument(help="Such as taylor, adjoint or pure; default: all.")] = None,
) -> None:
    """Explain a word of the feedback in a paragraph. Exit code: 0, or 2 if there is no such word."""
    from grader.cli.student import explain_word

    explain_word(make_console(), word)


@app.command(epilog="Example:  [bold]grader release lecture05 -o lecture05[/]")
def release(
    assignment: AssignmentArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write, new or empty.")],
    course: CourseFolder = None,
) -> None:
    """Write the folder that students get: questions, a file for the answers, how to check; nothing from the solutions.

    Exit code: 0 written, 2 something private would leak, or the folder holds other files.
    """
    from grader.cli.author import release_assignment

    release_assignment(make_console(), assignment, out, course)


@app.command(epilog="Example:  [bold]grader page lecture05 -o site[/]")
def page(
    assignment: AssignmentArgument,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder to write: new, empty, or an earlier page.")
    ],
    seed: PageSeed = None,
    pyodide: Annotated[
        str | None,
        typer.Option(help="A folder with Pyodide, or an address to load it from; default: npm's package."),
    ] = None,
    flint: Annotated[
        Path | None, typer.Option(help="python-flint's wheel for Pyodide; default: PyPI's.")
    ] = None,
    course: CourseFolder = None,
) -> None:
    """Write a web page that asks for formulas and checks them in the browser: static files, no server behind them.

    Exit code: 0 written, 2 nothing can be judged in a browser, something is missing, or the folder holds other files.
    """
    from grader.cli.page import write_page

    write_page(make_console(), assignment, out, seed, pyodide, flint, course)


@app.command(epilog="Example:  [bold]grader schema problem -o exercises/problem.schema.json[/]")
def schema(
    what: Annotated[str, typer.Argument(help="problem, variants, config or report")] = "problem",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file instead of printing.")
    ] = None,
) -> None:
    """Print the JSON Schema of a YAML format, for completion in editors, or that of the reports."""
    from grader.cli.author import write_schema

    write_schema(what, out)


@app.command(epilog="Example:  [bold]grader demo -o demo[/]")
def demo(out: ResultsFolder = Path("demo")) -> None:
    """Grade the sample class that ships with the package."""
    from grader.cli.instructor import grade_sample_class

    grade_sample_class(make_console(), out)


@app.command(epilog="Example:  [bold]grader doctor[/]")
def doctor() -> None:
    """Show which isolation, versions and engines this machine has. Exit code: 0 ready, 1 something is missing."""
    from grader.cli.doctor import examine_machine

    if not examine_machine(make_console()):
        raise typer.Exit(1)
