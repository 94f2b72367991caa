"""Autograded exercises in matrix calculus: exact derivatives, derived tolerances, feedback that says why."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grader.core.version import __version__

if TYPE_CHECKING:
    from grader.authoring.embedded_problems import unpack_problems
    from grader.cases.case import Case
    from grader.core.errors import GraderError
    from grader.grading.check_derivative import DerivativeError, check_derivative
    from grader.grading.check_steps import check_steps
    from grader.grading.class_run import grade_class
    from grader.grading.result_files import render
    from grader.grading.self_check import grade_file
    from grader.platforms.jupyter import check
    from grader.problems.course import Course, open_course
    from grader.problems.problem import Problem
    from grader.reports.report import Diagnosis, Finding, Report
    from grader.truths.solve import solve_cases
    from grader.truths.truth import Truth

_MODULES = {
    "check": "platforms.jupyter",
    "unpack_problems": "authoring.embedded_problems",
    "check_derivative": "grading.check_derivative",
    "check_steps": "grading.check_steps",
    "DerivativeError": "grading.check_derivative",
    "open_course": "problems.course",
    "grade_file": "grading.self_check",
    "grade_class": "grading.class_run",
    "solve_cases": "truths.solve",
    "render": "grading.result_files",
    "Course": "problems.course",
    "Problem": "problems.problem",
    "Case": "cases.case",
    "Truth": "truths.truth",
    "Report": "reports.report",
    "Finding": "reports.report",
    "Diagnosis": "reports.report",
    "GraderError": "core.errors",
}
"""Where each public name is. A module is loaded when its name is asked for, so that `grader --help` need not wait."""

__all__ = [
    "Case",
    "Course",
    "DerivativeError",
    "Diagnosis",
    "Finding",
    "GraderError",
    "Problem",
    "Report",
    "Truth",
    "__version__",
    "check",
    "check_derivative",
    "check_steps",
    "grade_class",
    "grade_file",
    "open_course",
    "render",
    "solve_cases",
    "unpack_problems",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is asked for (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    return getattr(import_module(f"grader.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
