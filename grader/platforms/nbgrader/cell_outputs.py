"""What a report says in nbgrader: a comment for each answer cell, outputs and a score for each test cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from grader.authoring.question_notebook import CHECK
from grader.formats.html.card import card
from grader.formats.markdown import escape, problem_markdown, prose
from grader.platforms.nbgrader.context import OTHER_RELEASE
from grader.platforms.nbgrader.gradebook import GradebookEntry
from grader.platforms.nbgrader.restore_cells import (
    CellNotice,
    Notebook,
    NoteKind,
    ReleasedNotebook,
    test_cells,
)
from grader.reports.report import ProblemReport, Report

_UNDECIDED = ("inconclusive", "grader_error")
_NOTES: Mapping[NoteKind, str] = {
    "edited": "The test cell below this answer had been changed. It was put back, and played no part in the mark.",
    "deleted": "The test cell below this answer was missing. It was put back, and played no part in the mark.",
    "duplicated": "There were copies of the test cell below this answer. They were not run, and played no part in "
    "the mark.",
    "gone": "The notebook had no cell for this answer; what else is in it was run all the same.",
    "cleared": "The notebook had lost what nbgrader keeps in its cells, perhaps by being saved in another program. "
    "Answers were found by the names of the functions.",
}
_ASSUMED = "The notebook did not say from which release it is. It was graded against the problems of the last release."


def find_score(problem: ProblemReport, most: float) -> float | None:
    """The points for nbgrader; None where a person has to decide."""
    if problem.verdict in _UNDECIDED:
        return None
    return min(float(problem.score), most)


def make_record(
    report: Report,
    master: ReleasedNotebook,
    comments: Mapping[str, str],
    timestamp: datetime | None = None,
) -> GradebookEntry:
    """What the gradebook is to hold of a report.

    Test cells of another kind in a notebook of ours have nobody to run them, so a person has to give their marks.
    """
    worth = master.points
    scores = {f"{problem.id}{CHECK}": find_score(problem, worth[problem.id]) for problem in report.problems}
    cells = {cell.grade_id: cell for cell in master.cells}
    tests = (name for name in master.others if not cells[name].solution and cells[name].cell_type == "code")
    return GradebookEntry(report.student, timestamp, scores | dict.fromkeys(tests), comments)


def answer_comments(
    report: Report, master: ReleasedNotebook, notes: Iterable[CellNotice], assumed: bool
) -> dict[str, str]:
    """Answer cell → its comment, in Markdown."""
    notes = tuple(notes)
    general = [_NOTES[note.kind] for note in notes if not note.grade_id]
    if assumed and not any(note.kind == "cleared" for note in notes):
        general.append(_ASSUMED)
    comments = {}
    for position, problem in enumerate(report.problems):
        own = [_NOTES[note.kind] for note in notes if note.grade_id.removesuffix(CHECK) == problem.id]
        parts = [
            _explain(problem).rstrip("\n"),
            *(f"*Note:* {text}" for text in [*own, *(general if position == 0 else ())]),
        ]
        comments[problem.id] = "\n\n".join(parts)
    return comments


def fill_tests(
    notebook: Notebook, report: Report, master: ReleasedNotebook, comments: Mapping[str, str]
) -> None:
    """Give every test cell of ours the outputs that show its problem, and end in the points."""
    worth = master.points
    found = {problem.id: problem for problem in report.problems}
    count = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
    for position, (id, cell) in enumerate(test_cells(notebook, master)):
        problem = found[id]
        shown = _shown(report, problem, comments[id], styled=position == 0)
        cell["outputs"] = [shown, _result(problem, find_score(problem, worth[id]), cell["execution_count"])]


def _explain(problem: ProblemReport) -> str:
    if problem.error is not None and problem.error.kind == OTHER_RELEASE:
        return (
            f"**{escape(problem.function)}** was not graded: {prose(problem.error.message)}.\n\n"
            "Nothing for you to mend: your instructor will look at it."
        )
    return problem_markdown(problem)


def _shown(report: Report, problem: ProblemReport, comment: str, styled: bool) -> dict[str, Any]:
    """The card that a student's own check shows, without how to see it again: that would tell the secret seed."""
    # The plot of a right answer shows nothing new, and would be most of the time of writing.
    rest = None if problem.verdict == "right" else problem.remainder
    alone = replace(report, problems=(replace(problem, reproduce="", remainder=rest),), output="", error=None)
    data = {"text/html": card(alone, styled=styled), "text/markdown": comment, "text/plain": comment}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _result(problem: ProblemReport, score: float | None, count: int) -> dict[str, Any]:
    if score is None:
        # No number: nbgrader would give full marks for anything else that is no error.
        why = problem.error.message if problem.error else "the grader could not decide"
        return {
            "output_type": "error",
            "ename": "NotGraded",
            "evalue": why,
            "traceback": [f"NotGraded: {why}"],
        }
    data = {"text/plain": repr(score)}
    return {"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": data}
