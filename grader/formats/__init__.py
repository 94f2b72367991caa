"""Every way to show reports; to add a format, write one function and add it to one of two tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from grader.core.student_names import safe_name
from grader.formats.canvas_csv import canvas_csv
from grader.formats.grades_csv import grades_csv
from grader.formats.gradescope_json import gradescope_json
from grader.formats.junit_xml import junit_xml
from grader.formats.markdown import report_markdown
from grader.formats.prairielearn_json import prairielearn_json
from grader.formats.terminal.class_table import print_class_summary
from grader.formats.terminal.student import print_report, student_text
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment
from grader.reports.report import Report
from grader.reports.serialize import to_json


def student_page(report: Report, sheet: PublishedAssignment = NO_ASSIGNMENT) -> str:
    """The student's page, whose template engine `check` can do without; see `grader.formats.html.student`."""
    from grader.formats.html.student import student_page

    return student_page(report, sheet)


def class_page(reports: Iterable[Report], sheet: PublishedAssignment = NO_ASSIGNMENT) -> str:
    """The instructor's page; see `grader.formats.html.class_page`."""
    from grader.formats.html.class_page import class_page

    return class_page(reports, sheet)


Content = str | bytes


def _of_report(render: Callable[[Report], Content]) -> Callable[[Report, PublishedAssignment], Content]:
    """A rendering that needs nothing of the sheet."""
    return lambda report, sheet: render(report)


def _of_reports(
    render: Callable[[Iterable[Report]], Content],
) -> Callable[[Iterable[Report], PublishedAssignment], Content]:
    return lambda reports, sheet: render(reports)


@dataclass(frozen=True, slots=True)
class StudentFormat:
    """A file for each student: `<folder>/<student><suffix>`, made from a report and the assignment's sheet."""

    render: Callable[[Report, PublishedAssignment], Content]
    folder: str
    suffix: str
    about: str = ""

    def locate(self, student: str) -> str:
        """Where the file belongs, below the output folder; GraderError if the name would escape it."""
        return f"{self.folder}/{safe_name(student)}{self.suffix}"


@dataclass(frozen=True, slots=True)
class ClassFormat:
    """One file for the class, made from the reports in one pass."""

    render: Callable[[Iterable[Report], PublishedAssignment], Content]
    name: str
    about: str = ""


STUDENT_FORMATS: Mapping[str, StudentFormat] = MappingProxyType(
    {
        "json": StudentFormat(
            _of_report(to_json), "results", ".json", "everything that was found, for programs"
        ),
        "html": StudentFormat(student_page, "feedback", ".html", "a page for the student"),
        "text": StudentFormat(_of_report(student_text), "feedback", ".txt", "the same as plain text"),
        "junit": StudentFormat(
            _of_report(junit_xml), "junit", ".xml", "a test report, for continuous integration"
        ),
        "gradescope": StudentFormat(
            _of_report(gradescope_json), "gradescope", ".json", "results.json for Gradescope"
        ),
        "prairielearn": StudentFormat(
            _of_report(prairielearn_json), "prairielearn", ".json", "results.json for PrairieLearn"
        ),
        "markdown": StudentFormat(
            _of_report(report_markdown), "feedback", ".md", "the same as Markdown, for comments"
        ),
    }
)
CLASS_FORMATS: Mapping[str, ClassFormat] = MappingProxyType(
    {
        "csv": ClassFormat(_of_reports(grades_csv), "grades.csv", "a table of scores"),
        "class": ClassFormat(class_page, "class.html", "a page for the instructor"),
        "canvas": ClassFormat(_of_reports(canvas_csv), "canvas.csv", "scores for Canvas' gradebook"),
    }
)

__all__ = [
    "CLASS_FORMATS",
    "STUDENT_FORMATS",
    "ClassFormat",
    "StudentFormat",
    "class_page",
    "grades_csv",
    "print_class_summary",
    "print_report",
    "report_markdown",
    "safe_name",
    "student_page",
    "student_text",
]
