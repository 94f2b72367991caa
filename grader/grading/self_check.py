"""Check one file for its author, once or again and again: truths in memory, the sandbox warm."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from grader.answers.sandbox import Limits, Sandbox
from grader.answers.submission import SUFFIXES, Submission, read_submission
from grader.core.errors import GraderError, find_nearest
from grader.core.worker_pool import count_cores
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Assignment, Course
from grader.reports.report import Report
from grader.truths.cache import user_cache

_DEFINED = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
_MOST_NAMED = 3


@dataclasses.dataclass(frozen=True, slots=True)
class CheckOptions:
    """What to check.

    Args:
        problems: only these, whether or not the assignment has them; none for all of the assignment.
        assignment: None for the one whose functions the file defines, else the first of the course.
        seed: of the random inputs; None for the course's. again: options to repeat in the command shown.
    """

    problems: tuple[str, ...] = ()
    assignment: str | None = None
    seed: int | None = None
    again: str = ""


class Checker:
    """Checks files with one course; see `open_checker`."""

    def __init__(self, course: Course, wish: CheckOptions, sandbox: Sandbox) -> None:
        self._course, self._wish, self._sandbox = course, wish, sandbox
        self._graders: dict[str, Grader] = {}

    def check(self, file: Path) -> Report:
        """The report of a file as it is now.

        Raises:
            GraderError: there is no such file, or what is asked for is not in the course, or not in the file.
        """
        require_file(file)
        submission = read_submission(file)
        chosen = choose_assignment(self._course, submission, self._wish)
        if chosen.id not in self._graders:
            self._graders[chosen.id] = Grader(self._prepare(chosen), self._sandbox)
        report = self._graders[chosen.id].grade(submission)
        return self._show_path(report, file)

    def _prepare(self, chosen: Assignment) -> PreparedAssignment:
        course, wish = self._course, self._wish
        seed = course.seed if wish.seed is None else wish.seed
        return prepare(course, chosen, seed, jobs=count_cores(), store=user_cache())

    def _show_path(self, report: Report, file: Path) -> Report:
        """The report with commands that name the file as it was typed here."""
        again = f"grader check {shlex.quote(str(file))}{self._wish.again}"
        problems = tuple(
            dataclasses.replace(problem, reproduce=f"{again} --problem {problem.id} --seed {report.seed}")
            if problem.reproduce
            else problem
            for problem in report.problems
        )
        return dataclasses.replace(report, problems=problems)


@contextmanager
def open_checker(course: Course, wish: CheckOptions) -> Iterator[Checker]:
    """A checker whose sandbox starts at once, while truths are found, and ends with the block."""
    with Sandbox(Limits(**course.limits.model_dump()), course.libraries) as sandbox:
        yield Checker(course, wish, sandbox)


def require_file(file: Path) -> None:
    """Say what to do where there is no file of that name, or a folder.

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
        near = find_near(file)
        step = f"did you mean {near}?" if near else "give the path of your answers, a .py file or a notebook"
        raise GraderError(f"There is no file {file}; {step}")


def require_suffix(file: Path) -> None:
    """Say what can be checked where a file is something else by its name; grading a class gives it a report.

    Raises:
        GraderError: its name does not end in .py or .ipynb.
    """
    if file.suffix.lower() not in SUFFIXES:
        raise GraderError(f"{file} is neither a .py file nor a notebook; give the path of your answers")


def find_near(file: Path) -> str | None:
    """The file beside it that may be meant, where there is none of its name."""
    return find_nearest(str(file), map(str, _answers_in(file.parent)))


def _answers_in(folder: Path) -> list[Path]:
    """The files of a folder that may hold answers."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())


def choose_assignment(course: Course, submission: Submission, wish: CheckOptions) -> Assignment:
    """The assignment asked for; else the one of which the file defines the most functions, in doubt the first.

    Raises:
        GraderError: there is no such assignment or problem; or the file answers another one than asked for.
    """
    chosen = course.assignment(wish.assignment)
    if wish.problems:
        return dataclasses.replace(chosen, points={id: _worth(course, chosen, id) for id in wish.problems})
    answered = {id: _answered(course, item, submission) for id, item in course.assignments.items()}
    best = max(answered, key=lambda id: (len(answered[id]), id == chosen.id))
    if wish.assignment is None:
        return course.assignments[best]
    if answered[best] and not answered[chosen.id]:
        names = ", ".join(answered[best][:_MOST_NAMED]) + (", …" if answered[best][_MOST_NAMED:] else "")
        raise GraderError(
            f"{submission.name} defines no function of assignment {chosen.id}, but {names} of {best}; "
            f"use --assignment {best}"
        )
    return chosen


def _worth(course: Course, chosen: Assignment, problem: str) -> Fraction:
    """What a problem gives in the assignment chosen, in the first that has it, or by itself."""
    own = course.problem(problem).points
    return next(
        (a.points[problem] for a in (chosen, *course.assignments.values()) if problem in a.points), own
    )


def _answered(course: Course, assignment: Assignment, submission: Submission) -> list[str]:
    """The functions of an assignment that a file defines, as far as that is seen without running it."""
    found = {
        name
        for cell in submission.cells
        for groups in _DEFINED.findall(cell.source)
        for name in groups
        if name
    }
    return [function for id in assignment.points if (function := course.problems[id].function) in found]
