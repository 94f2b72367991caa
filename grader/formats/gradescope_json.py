"""Gradescope's results.json: a test for each check, with its points and what the student reads of it.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

from grader.core.text import clip_lines, one_line
from grader.formats.markdown import escape, problem_markdown
from grader.formats.score_lines import ScoreLine, list_score_lines
from grader.reports.feedback import explain_file, say_points
from grader.reports.report import Report, as_number

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
ALL = "all"
"""Stands for every check that is not named."""
EVERYTHING: Mapping[str, Visibility] = MappingProxyType({ALL: "visible"})

_PASSED = frozenset({"passed", "inconclusive", "skipped", "right"})
_OUTPUT_LINES = 40


def gradescope_json(report: Report, visibility: Mapping[str, Visibility] = EVERYTHING) -> str:
    """The report as Gradescope reads it.

    Args:
        visibility: name of a check (`reference`, with or without its families) → when students may see it; `all`
            for the others. The score is always shown: a hidden check hides its words, not its points.
    """
    tests = [_make_test(line, _choose(line, visibility)) for line in list_score_lines(report)]

    results: dict[str, Any] = {
        "score": as_number(report.score),
        "execution_time": round(sum(problem.seconds for problem in report.problems), 4),
        "output": _say_whole(report),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "assignment": one_line(report.assignment),
            "seed": report.seed,
            "status": report.status,
            "isolation": one_line(report.isolation),
            "max_score": as_number(report.max_score),
            "verdicts": {one_line(problem.id): problem.verdict for problem in report.problems},
        },
    }
    return json.dumps(results)


def _choose(line: ScoreLine, visibility: Mapping[str, Visibility]) -> Visibility:
    """When students may see a line: as is said of its check with families, of its check, or of all others."""
    names = (line.finding.check, line.finding.name, ALL) if line.finding else (line.check, ALL)
    return next((visibility[name] for name in names if name in visibility), "visible")


def _make_test(line: ScoreLine, visible: Visibility) -> dict[str, Any]:
    output, output_format = line.message, "text"
    if line.detail:  # matrices need letters of one width
        output, output_format = f"{escape(line.message)}\n\n{problem_markdown(line.problem)}", "md"

    return {
        "number": line.number,
        "name": line.name,
        "name_format": "text",
        "score": as_number(line.score),
        "max_score": as_number(line.max_score),
        "status": "passed" if line.outcome in _PASSED else "failed",
        "output": output,
        "output_format": output_format,
        "visibility": visible,
    }


def _say_whole(report: Report) -> str:
    score = f"{say_points(report)} points."
    if report.failed_by_grader:
        score = "The grader failed; this score says nothing about your answers. Tell your instructor."

    parts = [explain_file(report), score]
    if report.output.strip():
        parts.append(f"What your code printed:\n{clip_lines(report.output, _OUTPUT_LINES)}")
    return "\n\n".join(filter(None, parts))
