"""Check one file for its author, once or again and again: truths stay in memory, and the sandbox stays warm."""

from __future__ import annotations

import shlex
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from grader.answers.sandbox import Sandbox
from grader.answers.submission import Submission, read_submission
from grader.answers.written_functions import defined_names
from grader.core.errors import GraderError
from grader.core.text import list_first
from grader.core.worker_pool import count_cores
from grader.grading.grade import Grader
from grader.grading.own_file import CheckOptions, require_file
from grader.grading.prepare import prepare
from grader.problems.course import Assignment, Course
from grader.reports.report import Report
from grader.truths.cache import user_cache

_MOST_NAMED = 3


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


def choose_assignment(course: Course, submission: Submission, options: CheckOptions) -> Assignment:
    """Choose the assignment asked for; else the one of which the file defines the most functions, or the first.

    Raises:
        GraderError: there is no such assignment or problem, or it cannot be read; or the file answers another one.
    """
    chosen = course.find_assignment(options.assignment)
    if options.problems:
        points = {problem: _worth(course, chosen, problem) for problem in options.problems}
        return replace(chosen, points=points, faulty=())

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
