"""Every way to show reports; to add a format, write one function and add a row to one of four tables.

The functions are named as `module:function` and loaded when a format is first made, so that `--help` can list them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pkgutil import resolve_name
from types import MappingProxyType
from typing import TYPE_CHECKING

from grader.core.student_names import safe_name

if TYPE_CHECKING:
    from grader.core.memo import Memo
    from grader.reports.assignment import PublishedAssignment
    from grader.reports.class_list import ClassList
    from grader.reports.report import Report

Content = str | bytes


@dataclass(frozen=True, slots=True)
class StudentFormat:
    """A file for each student: `<folder>/<student><suffix>`.

    Args:
        function: makes it from a report and, if it `shows_problems`, from the published assignment.
        about: what it is, in a few words.
        shares: it takes a memo of what the reports of a class have in common.
    """

    function: str
    folder: str
    suffix: str
    about: str
    shows_problems: bool = False
    shares: bool = False

    def render(self, report: Report, published: PublishedAssignment, memo: Memo | None = None) -> Content:
        """Make the file of one student; quicker with the memo of those before."""
        make = partial(resolve_name(f"grader.{self.function}"), report)
        if self.shows_problems:
            make = partial(make, published)
        content: Content = make(memo=memo) if self.shares else make()
        return content

    def locate(self, student: str) -> str:
        """The place of the file below the output folder; GraderError if the name would escape it."""
        return f"{self.folder}/{safe_name(student)}{self.suffix}"


@dataclass(frozen=True, slots=True)
class ClassFormat:
    """One file for the class; see `StudentFormat`.

    Args:
        shows_class: it takes the list of the class as well, which tells who handed in nothing.
    """

    function: str
    name: str
    about: str
    shows_problems: bool = False
    shows_class: bool = False

    def render(
        self, reports: Iterable[Report], published: PublishedAssignment, class_list: ClassList | None = None
    ) -> Content:
        """Make the file from the reports in one pass."""
        make = partial(resolve_name(f"grader.{self.function}"), reports)
        if self.shows_problems:
            make = partial(make, published)
        content: Content = make(class_list=class_list) if self.shows_class and class_list else make()
        return content


@dataclass(frozen=True, slots=True)
class ProblemFormat:
    """A file for each problem: `<folder>/<problem><suffix>`; see `StudentFormat`."""

    function: str
    folder: str
    suffix: str
    about: str

    def render(self, reports: Iterable[Report], published: PublishedAssignment) -> Mapping[str, Content]:
        """Make the files, by the id of the problem, from whole reports in one pass."""
        files: Mapping[str, Content] = resolve_name(f"grader.{self.function}")(reports, published)
        return files

    def locate(self, problem: str) -> str:
        """The place of the file below the output folder; GraderError if the name would escape it."""
        return f"{self.folder}/{safe_name(problem)}{self.suffix}"


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """One archive with files for all students, for the platform that the submissions are from."""

    function: str
    name: str
    about: str

    def render(
        self,
        reports: Iterable[Report],
        class_list: ClassList,
        seen_by: Callable[[str], PublishedAssignment],
    ) -> bytes:
        """Make the archive from whole reports in one pass; GraderError if no submission is from the platform.

        Args:
            seen_by: student → the assignment as they may see it.
        """
        archive: bytes = resolve_name(f"grader.{self.function}")(reports, class_list, seen_by)
        return archive


_PAGE = "formats.html.student:student_page"
_TEXT = "formats.terminal.student:student_text"
_PRAIRIELEARN = "formats.prairielearn_json:prairielearn_json"
_GRADESCOPE = "formats.gradescope_json:gradescope_json"
_CLASS_PAGE = "formats.html.class_page:class_page"
_XML = "a test report, for continuous integration"

STUDENT_FORMATS: Mapping[str, StudentFormat] = MappingProxyType(
    {
        "json": StudentFormat(
            "reports.serialize:to_json",
            "results",
            ".json",
            "everything that was found, for programs",
            shares=True,
        ),
        "html": StudentFormat(
            _PAGE, "feedback", ".html", "a page for the student", shows_problems=True, shares=True
        ),
        "text": StudentFormat(_TEXT, "feedback", ".txt", "the same as plain text"),
        "junit": StudentFormat("formats.junit_xml:junit_xml", "junit", ".xml", _XML),
        "gradescope": StudentFormat(_GRADESCOPE, "gradescope", ".json", "results.json for Gradescope"),
        "prairielearn": StudentFormat(
            _PRAIRIELEARN, "prairielearn", ".json", "results.json for PrairieLearn"
        ),
        "markdown": StudentFormat(
            "formats.markdown:report_markdown", "feedback", ".md", "the same as Markdown, for comments"
        ),
    }
)
CLASS_FORMATS: Mapping[str, ClassFormat] = MappingProxyType(
    {
        "csv": ClassFormat(
            "formats.grades_csv:grades_csv", "grades.csv", "a table of scores", shows_class=True
        ),
        "class": ClassFormat(
            _CLASS_PAGE, "class.html", "a page for the instructor", shows_problems=True, shows_class=True
        ),
        "canvas": ClassFormat("formats.canvas_csv:canvas_csv", "canvas.csv", "scores for Canvas' gradebook"),
        "moodle": ClassFormat(
            "formats.moodle_csv:moodle_csv", "moodle.csv", "grades for Moodle", shows_class=True
        ),
    }
)
PROBLEM_FORMATS: Mapping[str, ProblemFormat] = MappingProxyType(
    {
        "problems": ProblemFormat(
            "formats.html.problem_page:problem_pages", "problems", ".html", "all answers, by what is wrong"
        ),
    }
)
ARCHIVE_FORMATS: Mapping[str, ArchiveFormat] = MappingProxyType(
    {
        "moodle-feedback": ArchiveFormat(
            "formats.feedback_archives:moodle_archive", "moodle-feedback.zip", "all pages, for Moodle"
        ),
        "canvas-feedback": ArchiveFormat(
            "formats.feedback_archives:canvas_archive", "canvas-feedback.zip", "feedback files, for Canvas"
        ),
    }
)


def list_formats() -> str:
    """A line for each format: its name, its file and what it is."""
    rows = [(name, one.locate("<student>"), one.about) for name, one in STUDENT_FORMATS.items()]
    rows += [(name, one.name, one.about) for name, one in CLASS_FORMATS.items()]
    rows += [(name, one.name, one.about) for name, one in ARCHIVE_FORMATS.items()]
    rows += [(name, one.locate("<problem>"), one.about) for name, one in PROBLEM_FORMATS.items()]
    first, second = (max(len(row[k]) for row in rows) for k in (0, 1))
    return "".join(f"{name:{first}}  {place:{second}}  {about}\n" for name, place, about in rows)
