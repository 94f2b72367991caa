"""PrairieLearn's results.json of an external grader: the share of the points, and a test for each check.

Source: https://docs.prairielearn.com/externalGrading/
"""

from __future__ import annotations

import json
from typing import Any, Literal

from grader.core.text import clip_lines, one_line
from grader.formats.score_lines import ScoreLine, failed_by_grader, list_items
from grader.reports.feedback import explain_file
from grader.reports.report import Report, as_number, points

MOST_BYTES = 1_000_000
"""What PrairieLearn takes; beyond it the details are left out, never the score."""
_OUTPUT_LINES = 40
Detail = Literal["words", "points"]


def prairielearn_json(report: Report) -> str:
    """The report as PrairieLearn reads it.

    A file that could not be run, and trouble of the grader's own, are "not gradable": they cost no attempt.
    """
    texts = (json.dumps(_make_results(report, detail)) for detail in ("words", "points"))
    least = {"score": _share(report)}
    return next((text for text in texts if len(text) <= MOST_BYTES), json.dumps(least))


def _make_results(report: Report, detail: Detail) -> dict[str, Any]:
    if failed_by_grader(report) or report.status != "graded":
        whole = explain_file(report)
        trouble = (
            whole or "The grader failed, not your answer. Nothing for you to mend: tell your instructor."
        )
        place = report.error and (report.error.place or report.error.text)
        where = (
            f"{one_line(report.error.place)}:  {one_line(report.error.text, 200)}"
            if report.error and place
            else ""
        )
        return {"gradable": False, "format_errors": [line for line in (trouble, where) if line]}
    return {
        "gradable": True,
        "score": _share(report),
        "message": f"{points(report.score)} of {points(report.max_score)} points.",
        "output": clip_lines(report.output, _OUTPUT_LINES) if detail == "words" else "",
        "tests": [_make_test(item, detail) for item in list_items(report)],
    }


def _make_test(item: ScoreLine, detail: Detail) -> dict[str, Any]:
    return {
        "name": item.name,
        "description": one_line(item.problem.title),
        "points": as_number(item.score),
        "max_points": as_number(item.max_score),
        "message": item.message if detail == "words" else "",
        "output": item.detail if detail == "words" else "",
    }


def _share(report: Report) -> float:
    return round(float(report.score / report.max_score), 6) if report.max_score else 0.0
