"""`grader nbgrader feedback`: the student's page of every submission, where nbgrader's feedback goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from rich.console import Console
from rich.text import Text

from grader.authoring.question_notebook import CHECK
from grader.core.errors import GraderError
from grader.core.files import RESULTS_FILE
from grader.core.text import clean, count, one_line
from grader.formats.html.student import student_page
from grader.grading.packed_result import unpack_report
from grader.grading.result_store import ResultStore, open_results
from grader.platforms.nbgrader.course_directory import (
    CourseDirectory,
    choose_students,
    open_course_directory,
)
from grader.platforms.nbgrader.grading_context import GradingContext, find_context
from grader.platforms.nbgrader.kept_graders import add_refused
from grader.platforms.nbgrader.read_gradebook import (
    GradebookDecision,
    open_gradebook,
    read_gradebook_decisions,
)
from grader.platforms.nbgrader.settings import FrechetGrader
from grader.platforms.nbgrader.submitted_notebook import read_submitted
from grader.reports.assignment import PublishedAssignment, for_students

_MAIN = re.compile(r"<main\b[^>]*>")


def write_pages(console: Console, folder: Path, assignment: str, students: Sequence[str] = ()) -> None:
    """Write `feedback/<student>/<assignment>/<notebook>.html` for everybody whom our command has graded.

    Args:
        folder: the nbgrader course's.
        students: these alone; everybody if empty.

    Raises:
        GraderError: nobody is graded yet.
    """
    directory = open_course_directory(folder)
    nobody = GraderError(f"Nobody is graded yet; run grader nbgrader autograde {assignment}")
    if not (directory.results_of(assignment) / RESULTS_FILE).is_file():
        raise nobody

    with (
        open_gradebook(directory.gradebook_url) as gradebook,
        open_results(directory.results_of(assignment), create=False) as results,
    ):
        context = find_context(directory, gradebook, assignment, FrechetGrader(config=directory.config))
        decisions = read_gradebook_decisions(gradebook, context.released)
        published = for_students(context.published, datetime.now().astimezone())
        writer = _PageWriter(directory, context, results, published)

        written = 0
        for student, submitted in choose_students(directory, assignment, students).items():
            if writer.write(student, submitted, decisions.get(student)):
                written += 1
            else:
                reason = f"Left out: {one_line(student)} is not graded yet, or has changed"
                console.print(Text(reason, "yellow"))

    if not written:
        raise nobody
    console.print(Text(f"wrote {count(written, 'page')} below {directory.path_of('feedback', '.', '.')}"))


@dataclass(frozen=True, slots=True, eq=False)
class _PageWriter:
    """Writes the pages of a class."""

    course_directory: CourseDirectory
    context: GradingContext
    results: ResultStore
    published: PublishedAssignment

    def write(self, student: str, folder: Path, decision: GradebookDecision | None) -> bool:
        """Write a student's page, if the student is graded and has not handed in something else since.

        Args:
            folder: where the student handed in.
        """
        page = self._make_page(student, folder, decision)
        if page is None:
            return False

        directory, released = self.course_directory, self.context.released
        files: dict[str, bytes | Path] = {f"{released.notebook}.html": page.encode("utf-8", "replace")}
        stamp = directory.submitted_files(folder).get("timestamp.txt")  # not where a link leads to
        if stamp is not None:
            files["timestamp.txt"] = stamp
        mode = directory.permissions("GenerateFeedback", 644)
        directory.write("feedback", student, released.assignment, files, mode)
        return True

    def _make_page(self, student: str, folder: Path, decision: GradebookDecision | None) -> str | None:
        submitted = read_submitted(self.context, student, folder)
        if isinstance(submitted, str) or decision is None:
            return None
        if self.results.graded_students().get(student) != submitted.key:
            return None

        report = unpack_report(self.results.packed_report(submitted.key))
        page = student_page(add_refused(report, self.context, submitted.match), self.published)
        notice = _say_decision(decision, sum(self.context.released.points.values()))
        main = _MAIN.search(page)
        if main is None or not notice:
            return page
        # Not by `+`, with which the notice would have the page escaped.
        return "".join([page[: main.end()], notice, page[main.end() :]])


def _say_decision(decision: GradebookDecision, most: float) -> Markup:
    """Say what people decided, above what the grader found; empty if they decided nothing."""
    if not (decision.marks or decision.comments or decision.penalty):
        return Markup()

    total = max(decision.score - decision.penalty, 0)
    lines = [Markup("<p>In all {:g} of {:g} points; this is what counts.</p>").format(total, most)]
    if decision.penalty:
        late = Markup("<p>{:g} points were taken off for handing in late.</p>")
        lines.append(late.format(decision.penalty))

    checks = {*decision.marks, *(f"{answer}{CHECK}" for answer in decision.comments)}
    for name in sorted(checks):
        answer = name.removesuffix(CHECK)
        mark = Markup(": {:g} points").format(decision.marks[name]) if name in decision.marks else ""
        lines.append(Markup("<p><code>{}</code>{}</p>").format(answer, mark))
        if comment := decision.comments.get(answer):
            lines.append(Markup('<p class="prose">{}</p>').format(clean(comment)))

    body = Markup("").join(lines)
    return Markup('<div class="notice" role="note"><h2>From your instructor</h2>{}</div>').format(body)
