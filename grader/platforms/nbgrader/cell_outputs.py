"""Show a report in nbgrader: a comment for each answer cell, outputs and a score for each test cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from grader.authoring.question_notebook import CHECK
from grader.core.grouping import group_pairs
from grader.formats.html.notebook_card import card
from grader.formats.markdown import escape, problem_markdown, prose
from grader.platforms.nbgrader.kept_graders import OTHER_RELEASE
from grader.platforms.nbgrader.notebook_json import Cell, Notebook
from grader.platforms.nbgrader.released_notebook import ReleasedNotebook, grade_id_of, problem_of
from grader.platforms.nbgrader.restore_cells import CellNotice, NoticeKind
from grader.platforms.nbgrader.write_gradebook import GradebookEntry
from grader.reports.report import ProblemReport, Report

_NOTICES: Mapping[NoticeKind, str] = {
    "edited": "The test cell below this answer had been changed. It was put back, and did not affect the mark.",
    "deleted": "The test cell below this answer was missing. It was put back, and did not affect the mark.",
    "duplicated": "There were copies of the test cell below this answer. They were not run, and did not "
    "affect the mark.",
    "gone": "The notebook had no cell for this answer; the rest of it was run anyway.",
    "cleared": "The notebook had lost what nbgrader keeps in its cells, perhaps by being saved in another program. "
    "Answers were found by the names of the functions.",
}
_ASSUMED = "The notebook did not say from which release it is. It was graded against the problems of the last release."


def find_score(problem: ProblemReport, most: float) -> float | None:
    """The points for nbgrader; None where a person has to decide."""
    return min(float(problem.score), most) if problem.is_judged else None


def make_entry(
    report: Report,
    released: ReleasedNotebook,
    comments: Mapping[str, str],
    timestamp: datetime | None = None,
) -> GradebookEntry:
    """Make the gradebook's entry from a report.

    Args:
        comments: answer cell → its comment.
        timestamp: when it was submitted, in UTC.
    """
    points = released.points
    scores: dict[str, float | None] = dict.fromkeys(released.foreign_tests)
    for problem in report.problems:
        scores[f"{problem.id}{CHECK}"] = find_score(problem, points[problem.id])
    return GradebookEntry(report.student, timestamp, scores, comments)


def answer_comments(report: Report, notices: Iterable[CellNotice], assumed: bool) -> dict[str, str]:
    """Answer cell → its comment, in Markdown.

    Args:
        assumed: the notebook did not say with which version it was released.
    """
    texts = group_pairs((notice.grade_id.removesuffix(CHECK), _NOTICES[notice.kind]) for notice in notices)
    general = texts.get("", [])
    if assumed and _NOTICES["cleared"] not in general:
        general = [*general, _ASSUMED]

    comments = {}
    for position, problem in enumerate(report.problems):
        notes = [*texts.get(problem.id, []), *(general if position == 0 else [])]
        parts = [_explain(problem).rstrip("\n"), *(f"*Note:* {text}" for text in notes)]
        comments[problem.id] = "\n\n".join(parts)
    return comments


def fill_test_cells(
    notebook: Notebook, report: Report, released: ReleasedNotebook, comments: Mapping[str, str]
) -> None:
    """Give every test cell of ours the outputs that show its problem, and end in the points."""
    code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for count, cell in enumerate(code, start=1):
        cell["execution_count"] = count

    points = released.points
    problems = {problem.id: problem for problem in report.problems}
    for position, (problem_id, cell) in enumerate(_test_cells(notebook, points)):
        problem = problems[problem_id]
        shown = _show(report, problem, comments[problem_id], styled=position == 0)
        result = _result(problem, find_score(problem, points[problem_id]), cell["execution_count"])
        cell["outputs"] = [shown, result]


def _test_cells(notebook: Notebook, ours: Mapping[str, float]) -> Iterator[tuple[str, Cell]]:
    """Our problems in a restored notebook with their test cells."""
    for cell in notebook["cells"]:
        problem = problem_of(grade_id_of(cell))
        if problem in ours:
            yield problem, cell


def _explain(problem: ProblemReport) -> str:
    if problem.error is not None and problem.error.kind == OTHER_RELEASE:
        return (
            f"**{escape(problem.function)}** was not graded: {prose(problem.error.message)}.\n\n"
            "There is nothing for you to fix: your instructor will look at it."
        )
    # Hints stand folded in the card below.
    return problem_markdown(replace(problem, hints=()))


def _show(report: Report, problem: ProblemReport, comment: str, styled: bool) -> dict[str, Any]:
    """The card that a student's own check shows, without how to see it again: that would tell the secret seed."""
    # The plot of a right answer shows nothing new, and would be most of the time of writing.
    remainder = None if problem.verdict == "right" else problem.remainder
    alone = replace(problem, reproduce="", remainder=remainder)
    own = replace(report, problems=(alone,), output="", error=None)
    html = card(own, styled=styled, commented=True, printed=True)

    data = {"text/html": html, "text/markdown": comment, "text/plain": comment}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _result(problem: ProblemReport, score: float | None, count: int) -> dict[str, Any]:
    if score is not None:
        data = {"text/plain": repr(score)}
        return {"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": data}

    # No number: nbgrader would give full marks for anything else that is no error.
    reason = problem.error.message if problem.error else "the grader could not decide"
    return {
        "output_type": "error",
        "ename": "NotGraded",
        "evalue": reason,
        "traceback": [f"NotGraded: {reason}"],
    }
