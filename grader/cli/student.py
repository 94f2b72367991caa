"""The commands of a student: `grader check` and `grader watch`."""

from __future__ import annotations

import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from grader.core.errors import GraderError, suggest
from grader.formats.terminal.first_view import print_first_view
from grader.formats.terminal.left_out import print_left_out
from grader.formats.terminal.lines import print_text
from grader.grading.own_file import CheckOptions, find_near_file, require_file, require_suffix
from grader.grading.self_check import open_checker
from grader.problems.course import open_course
from grader.reports.glossary import WORDS
from grader.reports.report import Report
from grader.reports.serialize import to_json

if TYPE_CHECKING:
    from grader.grading.checker import Checker


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A file to check, and the options that were typed."""

    file: Path
    problem: str | None = None
    assignment: str | None = None
    seed: int | None = None
    course: Path | None = None
    hints: int = 0
    everything: bool = False
    plot: bool = False

    @property
    def options(self) -> CheckOptions:
        """The options for a checker."""
        problems = (self.problem,) if self.problem is not None else ()
        repeated = f" --course {shlex.quote(str(self.course))}" if self.course is not None else ""
        return CheckOptions(problems, self.assignment, self.seed, repeated)


def check_file(console: Console, request: CheckRequest, as_json: bool) -> int:
    """Check one file and print its report; return the exit code."""
    require_file(request.file)
    require_suffix(request.file)
    course = open_course(request.course, near=request.file)
    with open_checker(course, request.options) as checker:
        report = checker.check(request.file)
    print_left_out(course.faulty.values())
    _say_unconfined(report)

    if request.assignment is None and report.assignment != course.find_assignment(None).id:
        chosen = f"{request.file.name} answers assignment {report.assignment}, so that is what was checked."
        print(chosen, file=sys.stderr)
    if as_json:
        print(to_json(report))
    else:
        print_first_view(console, report, request.hints, request.plot, request.everything)
    return _exit_code(report)


def _say_unconfined(report: Report) -> None:
    """Say so where nothing confines what is run."""
    if report.isolation == "none":
        print(
            "This system cannot isolate your code, so it ran as if you had started it yourself.",
            file=sys.stderr,
        )


def _exit_code(report: Report) -> int:
    verdicts = {problem.verdict for problem in report.problems}
    if report.status != "graded" or "grader_error" in verdicts:
        return 2
    return 0 if verdicts <= {"right"} else 1


def watch_file(console: Console, request: CheckRequest) -> None:
    """Check a file now and on every save, until Ctrl-C."""
    from grader.grading.watch import watch_saves

    file = request.file
    if file.is_dir() or not file.parent.is_dir():
        require_file(file)
    require_suffix(file)

    course = open_course(request.course, near=file)
    # What is not in the course will not be there after another save.
    course.find_assignment(request.assignment)
    if request.problem is not None:
        course.problem(request.problem)
    with open_checker(course, request.options) as checker:
        try:
            for content in watch_saves(file):
                console.clear()
                _show_save(console, checker, request, content)
        except KeyboardInterrupt:
            console.print()


def _show_save(console: Console, checker: Checker, request: CheckRequest, content: bytes | None) -> None:
    file, began = request.file, time.perf_counter()
    # While an editor saves, a file may be empty or gone for a moment.
    if content is None or not content.strip():
        state = "is not there" if content is None else "is empty"
        near = find_near_file(file) if content is None else None
        meant = f" Did you mean {near}? Then stop with Ctrl-C." if near else ""
        console.print(Text(f"{file} {state}; it is checked as soon as it is saved.{meant}", "yellow"))
        return

    try:
        report = checker.check(file)
        print_first_view(console, report, request.hints, request.plot, request.everything)
    except GraderError as error:
        console.print(Text(str(error), "red"))

    clock, seconds = time.strftime("%H:%M:%S"), time.perf_counter() - began
    status = f"{clock}, checked in {seconds:.2f} s. Save {file.name} to check again, Ctrl-C ends."
    console.print(Text(status, "dim"))


def explain_word(console: Console, name: str | None) -> None:
    """Print the paragraph on a word, or those on all.

    Raises:
        GraderError: there is no such word.
    """
    if name is not None and name not in WORDS:
        raise GraderError(f"There is no word '{name}' in the feedback; {suggest(name, WORDS)}")
    for word in WORDS.values() if name is None else (WORDS[name],):
        console.print(Text(word.name, "bold").append(f": {word.title}", "not bold"))
        print_text(console, Text(word.text), indent=2)
        console.print()
