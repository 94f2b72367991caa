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
from grader.formats.score_lines import ScoreLine, failed_by_grader, list_items
from grader.reports.feedback import explain_file
from grader.reports.report import Report, as_number, points

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
    rest = visibility.get(ALL, "visible")
    results: dict[str, Any] = {
        "score": as_number(report.score),
        "execution_time": round(sum(problem.seconds for problem in report.problems), 4),
        "output": _say_whole(report),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_make_test(item, _choose(item, visibility, rest)) for item in list_items(report)],
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


def _choose(item: ScoreLine, visibility: Mapping[str, Visibility], rest: Visibility) -> Visibility:
    check = item.name.rpartition(": ")[2] if "." in item.number else item.name
    return visibility.get(check) or visibility.get(check.partition(" ")[0]) or rest


def _make_test(item: ScoreLine, visible: Visibility) -> dict[str, Any]:
    words, format = item.message, "text"
    if item.detail:  # matrices need letters of one width
        words, format = f"{escape(item.message)}\n\n{problem_markdown(item.problem)}", "md"
    return {
        "number": item.number,
        "name": item.name,
        "name_format": "text",
        "score": as_number(item.score),
        "max_score": as_number(item.max_score),
        "status": "passed" if item.outcome in _PASSED else "failed",
        "output": words,
        "output_format": format,
        "visibility": visible,
    }


def _say_whole(report: Report) -> str:
    parts = [explain_file(report)]
    if failed_by_grader(report):
        parts.append("The grader failed; this score says nothing about your answers. Tell your instructor.")
    else:
        parts.append(f"{points(report.score)} of {points(report.max_score)} points.")
    if report.output.strip():
        parts.append(f"What your code printed:\n{clip_lines(report.output, _OUTPUT_LINES)}")
    return "\n\n".join(filter(None, parts))
