"""`grader nbgrader feedback`: the student's page of every submission, where nbgrader's feedback goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from rich.console import Console
from rich.text import Text

from grader.authoring.question_notebook import CHECK
from grader.core.errors import GraderError
from grader.core.files import RESULTS_FILE
from grader.core.text import clean, count, one_line
from grader.formats import student_page
from grader.grading.result_store import ResultStore, open_results, unpack_report
from grader.platforms.nbgrader.autograde import choose_students, find_desk
from grader.platforms.nbgrader.context import GradingContext, add_refused
from grader.platforms.nbgrader.course_directory import CourseFolder, open_folder
from grader.platforms.nbgrader.gradebook import Decision, open_gradebook, read_decisions
from grader.platforms.nbgrader.released_versions import STATE
from grader.platforms.nbgrader.settings import FrechetGrader
from grader.platforms.nbgrader.submitted_notebook import read_given
from grader.problems.course import publish_assignment
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment, for_students

_MAIN = re.compile(r"<main\b[^>]*>")


def write_pages(console: Console, folder: Path, assignment: str, students: Sequence[str] = ()) -> None:
    """Write `feedback/<student>/<assignment>/<notebook>.html` for whoever our command has graded.

    Raises:
        GraderError: nobody is graded yet.
    """
    place = open_folder(folder)
    nobody = GraderError(f"Nobody is graded yet; run grader nbgrader autograde {assignment}")
    if not (place.root / STATE / assignment / RESULTS_FILE).is_file():
        raise nobody
    with (
        open_gradebook(place.gradebook) as gradebook,
        open_results(place.root / STATE / assignment, create=False) as results,
    ):
        desk = find_desk(place, gradebook, assignment, FrechetGrader(config=place.config))
        decisions = read_decisions(gradebook, desk.master)
        known = desk.main.assignments.get(assignment)
        sheet = publish_assignment(desk.main, known) if known else NO_ASSIGNMENT
        shown = for_students(sheet, datetime.now().astimezone())
        written = 0
        for student, path in choose_students(place, assignment, students).items():
            page = _make_page(place, desk, results, shown, student, path, decisions.get(student))
            if page is None:
                console.print(
                    Text(f"Left out: {one_line(student)} is not graded yet, or has changed", "yellow")
                )
                continue
            files: dict[str, bytes | Path] = {f"{desk.master.notebook}.html": page.encode("utf-8", "replace")}
            if stamp := place.submitted_files(path).get("timestamp.txt"):  # not where a link leads to
                files["timestamp.txt"] = stamp
            place.write("feedback", student, assignment, files, place.permissions("GenerateFeedback", 644))
            written += 1
    if not written:
        raise nobody
    console.print(Text(f"wrote {count(written, 'page')} below {place.place('feedback', '.', '.')}"))


def _make_page(
    place: CourseFolder,
    desk: GradingContext,
    results: ResultStore,
    sheet: PublishedAssignment,
    student: str,
    folder: Path,
    decision: Decision | None,
) -> str | None:
    given = read_given(place, desk, student, folder)
    if isinstance(given, str) or results.graded_students().get(student) != given.key or decision is None:
        return None
    report = add_refused(unpack_report(results.packed_report(given.key)), desk, given.choice)
    page = student_page(report, sheet)
    notice = _say_decision(decision, sum(desk.master.points.values()))
    found = _MAIN.search(page)
    return page[: found.end()] + notice + page[found.end() :] if found and notice else page


def _say_decision(decision: Decision, most: float) -> Markup:
    """What people decided, above what the grader found; empty if they decided nothing."""
    if not (decision.marks or decision.comments or decision.penalty):
        return Markup()
    total = max(decision.score - decision.penalty, 0)
    lines = [Markup("<p>In all {:g} of {:g} points; this is what counts.</p>").format(total, most)]
    if decision.penalty:
        lines.append(
            Markup("<p>{:g} points were taken off for handing in late.</p>").format(decision.penalty)
        )
    for name in sorted({*decision.marks, *(f"{name}{CHECK}" for name in decision.comments)}):
        id = name.removesuffix(CHECK)
        mark = Markup(": {:g} points").format(decision.marks[name]) if name in decision.marks else ""
        said = decision.comments.get(id, "")
        lines.append(Markup("<p><code>{}</code>{}</p>").format(id, mark))
        if said:
            lines.append(Markup('<p class="prose">{}</p>').format(clean(said)))
    body = Markup("").join(lines)
    return Markup('<div class="notice" role="note"><h2>From your instructor</h2>{}</div>').format(body)
