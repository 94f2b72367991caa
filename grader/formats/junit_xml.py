"""JUnit's XML, as test reports of continuous integration are read: a suite for each problem, a case for each check.

The format has no place for points, so each suite has them as properties: `score`, `max_score`, and
`points: <check>` with what each check gave of what it could give. Source: the schema `junit-10.xsd` of Jenkins'
xUnit plugin, to which the properties of a single case are unknown. It is written without a library, and read by one
in the tests: junitparser would build the same elements, and clean no text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as Xml

from grader.core.text import clean, one_line
from grader.formats.score_lines import ScoreLine, list_score_lines
from grader.reports.feedback import explain_file
from grader.reports.report import ProblemReport, Report, points

_TAGS = {
    "failed": "failure",
    "loses_digits": "failure",
    "wrong": "failure",
    "missing": "failure",
    "error": "error",
    "grader_error": "error",
    "inconclusive": "skipped",
    "skipped": "skipped",
}
_NO_XML = re.compile("[\ufffe\uffff]")
"""Characters that `clean` keeps and XML forbids."""


def junit_xml(report: Report) -> str:
    """The report as the text of a JUnit file.

    What is wrong is a failure; what could not be run, or the grader's trouble, an error; what gave nothing to
    judge is skipped.
    """
    lines = list(list_score_lines(report))
    counts = _count(lines)
    del counts["skipped"]  # which the whole has no place for
    seconds = sum(problem.seconds for problem in report.problems)
    root = Xml.Element("testsuites", {"name": _text(report.assignment), **counts, "time": f"{seconds:.4f}"})
    for _, group in groupby(lines, key=lambda line: line.position):
        _add_suite(root, report, list(group))

    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _count(lines: Sequence[ScoreLine]) -> dict[str, str]:
    tags = Counter(_TAGS.get(line.outcome) for line in lines)
    counts = {
        "tests": len(lines),
        "failures": tags["failure"],
        "errors": tags["error"],
        "skipped": tags["skipped"],
    }
    return {name: str(count) for name, count in counts.items()}


def _add_suite(root: Xml.Element, report: Report, lines: Sequence[ScoreLine]) -> None:
    problem = lines[0].problem
    attributes = {"name": _text(problem.id), **_count(lines), "time": f"{problem.seconds:.4f}"}
    suite = Xml.SubElement(root, "testsuite", attributes)
    properties = Xml.SubElement(suite, "properties")
    for name, value in _list_properties(report, problem, lines).items():
        Xml.SubElement(properties, "property", name=name, value=value)
    for line in lines:
        _add_case(suite, report, line)


def _list_properties(report: Report, problem: ProblemReport, lines: Sequence[ScoreLine]) -> dict[str, str]:
    properties = {
        "student": _text(report.student),
        "verdict": problem.verdict,
        "score": points(problem.score),
        "max_score": points(problem.max_score),
    }
    if problem.diagnosis is not None:
        properties["diagnosis"] = _text(f"{problem.diagnosis.kind}/{problem.diagnosis.id}")
    for line in lines:
        properties[f"points: {_text(line.check)}"] = f"{points(line.score)}/{points(line.max_score)}"
    return properties


def _add_case(suite: Xml.Element, report: Report, line: ScoreLine) -> None:
    place = f"{report.assignment}.{line.problem.id}"
    case = Xml.SubElement(suite, "testcase", classname=_text(place), name=_text(line.check))
    tag = _TAGS.get(line.outcome)
    if tag is None:
        return

    whole = explain_file(report) if report.status != "graded" else ""
    result = Xml.SubElement(case, tag, message=_text(whole or line.message))
    if tag != "skipped":
        result.set("type", line.outcome)
    result.text = _NO_XML.sub("", clean(whole or line.words))


def _text(text: str) -> str:
    return _NO_XML.sub("", one_line(text))
