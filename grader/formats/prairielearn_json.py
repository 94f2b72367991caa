"""PrairieLearn's results.json of an external grader: the share of the points, and a test for each check.

Source: https://docs.prairielearn.com/externalGrading/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from grader.core.text import clip_lines, one_line
from grader.formats.score_lines import ScoreLine, list_score_lines
from grader.reports.feedback import explain_file, say_points
from grader.reports.report import Report, as_number

MOST_BYTES = 1_000_000
"""The most that PrairieLearn takes; beyond it the details are left out, never the score."""
GRADER_FAILED = "The grader failed, not your answer. There is nothing for you to fix: tell your instructor."
_OUTPUT_LINES = 40
Detail = Literal["words", "points"]


def prairielearn_json(report: Report) -> str:
    """The report as PrairieLearn reads it.

    A file that could not be run, and trouble of the grader's own, are "not gradable": they cost no attempt.
    """
    for detail in ("words", "points"):
        text = json.dumps(_make_results(report, detail))
        if len(text) <= MOST_BYTES:
            return text
    return json.dumps({"score": _share(report)})


def _make_results(report: Report, detail: Detail) -> dict[str, Any]:
    if report.failed_by_grader or report.status != "graded":
        return {"gradable": False, "format_errors": list(_list_troubles(report))}
    return {
        "gradable": True,
        "score": _share(report),
        "message": f"{say_points(report)} points.",
        "output": clip_lines(report.output, _OUTPUT_LINES) if detail == "words" else "",
        "tests": [_make_test(line, detail) for line in list_score_lines(report)],
    }


def _list_troubles(report: Report) -> Iterator[str]:
    """Say why the file has no score, and at which line that was."""
    yield explain_file(report) or GRADER_FAILED
    error = report.error
    if error is not None and (error.place or error.text):
        yield f"{one_line(error.place)}:  {one_line(error.text, 200)}"


def _make_test(line: ScoreLine, detail: Detail) -> dict[str, Any]:
    return {
        "name": line.name,
        "description": one_line(line.problem.title),
        "points": as_number(line.score),
        "max_points": as_number(line.max_score),
        "message": line.message if detail == "words" else "",
        "output": line.detail if detail == "words" else "",
    }


def _share(report: Report) -> float:
    if not report.max_score:
        return 0.0
    return round(float(report.score / report.max_score), 6)
