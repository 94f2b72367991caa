"""Check one file for its author, once or again and again: truths stay in memory, and the sandbox stays warm."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from grader.answers.sandbox import Sandbox
from grader.answers.sandbox.unconfined_sandbox import open_own_sandbox
from grader.answers.submission import SUFFIXES, Submission, read_submission
from grader.answers.written_functions import defined_names
from grader.core.errors import GraderError, find_nearest
from grader.core.text import list_first
from grader.core.worker_pool import count_cores
from grader.grading.grade import Grader
from grader.grading.prepare import limits_of, prepare
from grader.problems.course import Assignment, Course
from grader.reports.code import FORMULAS
from grader.reports.report import Report
from grader.truths.cache import user_cache

_MOST_NAMED = 3
_KINDS = "a .py file, a notebook or a .txt file of formulas"


@dataclasses.dataclass(frozen=True, slots=True)
class CheckOptions:
    """The subject of a check.

    Args:
        problems: ids of the only ones to check, also of other assignments; empty for all of the assignment.
        assignment: its id; None for the one whose functions the file defines, else the first of the course.
        seed: of the random inputs; None for the course's.
        repeat_options: options to repeat in the command that shows a result again.
    """

    problems: tuple[str, ...] = ()
    assignment: str | None = None
    seed: int | None = None
    repeat_options: str = ""


class Checker:
    """Checks files with one course; see `open_checker`."""

    def __init__(self, course: Course, options: CheckOptions, sandbox: Sandbox) -> None:
        self._course, self._options, self._sandbox = course, options, sandbox
        self._graders: dict[str, Grader] = {}

    def check(self, file: Path) -> Report:
        """Grade a file as it is now.

        Raises:
            GraderError: there is no such file, or what is asked for is not in the course, or not in the file.
        """
        require_file(file)
        submission = read_submission(file)
        chosen = choose_assignment(self._course, submission, self._options)
        repeat_command = f"grader check {shlex.quote(str(file))}{self._options.repeat_options}"
        return self._grader(chosen).grade(submission, repeat_command)

    def _grader(self, chosen: Assignment) -> Grader:
        """The grader of an assignment, prepared once."""
        if chosen.id not in self._graders:
            seed = self._course.seed if self._options.seed is None else self._options.seed
            prepared = prepare(self._course, chosen, seed, jobs=count_cores(), store=user_cache())
            self._graders[chosen.id] = Grader(prepared, self._sandbox)
        return self._graders[chosen.id]


@contextmanager
def open_checker(course: Course, options: CheckOptions) -> Iterator[Checker]:
    """Open a checker; its sandbox starts at once, while truths are found, and ends with the block."""
    with open_own_sandbox(limits_of(course), course.libraries) as sandbox:
        yield Checker(course, options, sandbox)


def grade_file(
    path: str | Path, course: Course, assignment: str | None = None, seed: int | None = None
) -> Report:
    """Grade one submission, as `grader check` does: confined as far as this machine can, whether that is much or not.

    Args:
        path: a `.py` file, a notebook or a `.txt` file of formulas.
        assignment: its id; if None, the one whose functions the file defines.
        seed: of the random inputs; the course's own if None.

    Raises:
        GraderError: there is no such file or assignment.
        SandboxError: students' code cannot be run.
    """
    file = Path(path)
    require_file(file)
    require_suffix(file)
    with open_checker(course, CheckOptions(assignment=assignment, seed=seed)) as checker:
        return checker.check(file)


def require_file(file: Path) -> None:
    """Refuse a folder or a file that is not there, and suggest what to do.

    Raises:
        GraderError: it cannot be a submission.
    """
    if file.is_dir():
        inside = _answers_in(file)
        such = f", such as {inside[0]}" if inside else ""
        raise GraderError(
            f"{file} is a folder; give the path of one file{such}. A class is graded with: "
            f"grader grade {shlex.quote(str(file))} -o results"
        )

    if not file.exists():
        near = find_near_file(file)
        step = f"did you mean {near}?" if near else f"give the path of your answers, {_KINDS}"
        raise GraderError(f"There is no file {file}; {step}")


def require_suffix(file: Path) -> None:
    """Refuse a file that is something else by its name; where a class is graded, it gets a report.

    Raises:
        GraderError: its name does not end in .py, .ipynb or .txt.
    """
    if file.suffix.lower() not in (*SUFFIXES, FORMULAS):
        what = "neither a .py file nor a notebook nor a .txt file of formulas"
        raise GraderError(f"{file} is {what}; give the path of your answers")


def find_near_file(file: Path) -> str | None:
    """Find the file beside it that may be meant, where there is none of its name."""
    return find_nearest(str(file), map(str, _answers_in(file.parent)))


def _answers_in(folder: Path) -> list[Path]:
    """List the files of a folder that may hold answers."""
    if not folder.is_dir():
        return []
    suffixes = (*SUFFIXES, FORMULAS)
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.is_file())


def choose_assignment(course: Course, submission: Submission, options: CheckOptions) -> Assignment:
    """Choose the assignment asked for; else the one of which the file defines the most functions, or the first.

    Raises:
        GraderError: there is no such assignment or problem, or it cannot be read; or the file answers another one.
    """
    chosen = course.find_assignment(options.assignment)
    if options.problems:
        points = {problem: _worth(course, chosen, problem) for problem in options.problems}
        return dataclasses.replace(chosen, points=points, faulty=())

    defined = defined_names(submission.cells)
    answered = {
        assignment.id: _functions_in(course, assignment, defined)
        for assignment in course.assignments.values()
    }
    best = max(answered, key=lambda name: (len(answered[name]), name == chosen.id))
    if options.assignment is None:
        return course.assignment(best)

    if answered[best] and not answered[chosen.id]:
        names = list_first(answered[best], _MOST_NAMED)
        raise GraderError(
            f"{submission.name} defines no function of assignment {chosen.id}, but {names} of {best}; "
            f"use --assignment {best}"
        )
    return course.assignment(chosen.id)


def _worth(course: Course, chosen: Assignment, problem: str) -> Fraction:
    """Points of a problem in the assignment chosen, in the first that has it, or by itself."""
    own = course.problem(problem).points
    for assignment in (chosen, *course.assignments.values()):
        if problem in assignment.points:
            return assignment.points[problem]
    return own


def _functions_in(course: Course, assignment: Assignment, names: set[str]) -> list[str]:
    functions = [course.problems[problem].function for problem in assignment.points]
    return [function for function in functions if function in names]
