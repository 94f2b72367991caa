"""`from grader import check`: the check of one function in the student's own kernel, shown as a card.

The function is asked the questions that `grader check` asks, its answers are converted and judged as there, and so the
verdicts agree. What differs: it is called right here, without a sandbox and without limits.
"""

from __future__ import annotations

import contextlib
import dis
import io
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.answers.in_process import call_here, codes_of, names_in, own_functions
from grader.answers.sandbox.guest.limits import KEPT_OUTPUT
from grader.answers.sandbox.listener import show_output
from grader.answers.submission import Submission
from grader.core.errors import GraderError
from grader.core.seeds import SEEDS, is_seed
from grader.core.text import clean
from grader.formats.terminal.student import student_text
from grader.formulas.answers_file import read_formula
from grader.formulas.faults import signature_of
from grader.grading.formula_grading import exact_answers, judge_formula
from grader.grading.grade import make_report
from grader.grading.judge import judge_in_rounds
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Assignment, Course, open_course
from grader.problems.problem import Problem
from grader.reports.report import ProblemReport, Report, Status
from grader.truths.cache import user_cache


@dataclass(frozen=True, slots=True, repr=False)
class Checked:
    """The result of a check of one function; a notebook shows it as a card, a terminal as text.

    Args:
        report: of this function alone.
        note: how grading will differ from this; mostly empty.
    """

    report: Report
    note: str = ""

    @property
    def points(self) -> float:
        """The points, a built-in number between 0 and what the problem is worth."""
        return float(self.report.score)

    def show(self) -> Checked:
        """Show the card, in the middle of a cell as well as at its end."""
        try:
            from IPython.display import display
        except ImportError:
            print(self)
        else:
            display(self)
        return self

    def __repr__(self) -> str:
        text = student_text(self.report).rstrip("\n")
        return f"{self.note}\n\n{text}" if self.note else text

    def _repr_html_(self) -> str:
        from grader.formats.html.notebook_card import card

        return card(self.report, self.note)


def check(problem: str, function: Any, *, seed: int | None = None) -> Checked:
    """Check a function or a formula against a problem, as `grader check` does, and say what is wrong and why.

    Args:
        problem: the id of the problem, such as "inv-differential".
        function: yours; or a formula as text, such as "2 * trace(A) * eye(n)", with lines that help before it.
        seed: of the random inputs; the course's own if not given.

    Raises:
        GraderError: there is no such problem, or no such seed.
    """
    if seed is not None and not is_seed(seed):
        raise GraderError(f"seed is {seed!r}; it must be {SEEDS}")
    if not isinstance(problem, str):
        raise GraderError(
            'check takes the id of a problem first, as in check("inv-differential", inv_differential)'
        )

    course = open_course(None)
    assignment = _prepare(course, course.problem(problem), seed)
    printed, began = _Printed(), time.perf_counter()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        found = _judge(assignment, function)
    seconds = time.perf_counter() - began

    chosen = "" if seed is None else f", seed={seed}"
    shown = repr(function) if isinstance(function, str) else found.function
    command = f'check("{problem}", {shown}{chosen})'
    result = replace(found, reproduce=command, seconds=round(seconds, 4))
    status: Status = "grader_error" if result.verdict == "grader_error" else "graded"
    submission = Submission("", "", (), None)
    report = make_report(assignment, submission, status, (result,), None, "none", printed.text())
    missing = () if isinstance(function, str) else _find_missing(function, course.libraries)
    return Checked(report, _say_missing(missing, course.libraries))


def _judge(assignment: PreparedAssignment, function: Any) -> ProblemReport:
    """Judge a function, or a formula as text, against the one problem of an assignment."""
    (prepared,) = assignment.problems
    if isinstance(function, str):
        formula = read_formula(function, signature_of(prepared.problem))
        return judge_formula(prepared, formula, exact_answers(prepared))

    name = prepared.problem.function
    return judge_in_rounds(prepared, lambda calls: call_here(name, function, calls, assignment.limits))


def _prepare(course: Course, problem: Problem, seed: int | None) -> PreparedAssignment:
    """Prepare one problem, worth what the first assignment with it gives."""
    alone = Assignment(problem.id, problem.title, None, {problem.id: problem.points})
    holding = [assignment for assignment in course.assignments.values() if problem.id in assignment.points]
    assignment = holding[0] if holding else alone

    chosen = course.seed if seed is None else seed
    return prepare(course, assignment, chosen, [problem.id], store=user_cache())


def _find_missing(function: Any, libraries: Sequence[str]) -> tuple[str, ...]:
    """Find the libraries that a function uses and that grading does not have.

    Args:
        function: the functions that it calls count as well.
        libraries: those that grading has, besides the standard library.
    """
    used: set[str] = set()
    own: set[str] = set()
    for called in own_functions(function):
        own.add(_top(called.__module__))
        for code in codes_of(called.__code__):
            used.update(map(_top, _imports(code)))
        for name in names_in(called):
            used.add(_top(_module_of(called.__globals__.get(name))))

    known = {"", "grader", "__main__", *own, *libraries}
    return tuple(sorted(used - known - sys.stdlib_module_names))


def _module_of(value: Any) -> str | None:
    """The module that a value is, or that it comes from."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    return getattr(value, "__module__", None)


def _top(module: object) -> str:
    """The package that a module is in; empty for what is no module's name."""
    return str(module or "").partition(".")[0]


def _say_missing(missing: Sequence[str], libraries: Sequence[str]) -> str:
    if not missing:
        return ""
    return f"Your code uses {', '.join(missing)}; in grading there are {', '.join(libraries)} and the standard library."


def _imports(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            yield str(instruction.argval)


class _Printed(io.StringIO):
    """Keeps the first of what is printed; a function is called dozens of times."""

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        super().write(text[: max(0, KEPT_OUTPUT + 1 - self.tell())])
        return len(text)

    def text(self) -> str:
        """The text that was kept, fit to be shown."""
        return show_output(clean(self.getvalue()).encode("utf-8", "replace"))
