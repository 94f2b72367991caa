"""JUnit's XML, as test reports of continuous integration are read: a suite for each problem, a case for each check.

The format has no place for points, so each suite has them as properties: `score`, `max_score`, and
`points: <check>` with what each check gave of what it could give. Source: the schema `junit-10.xsd` of Jenkins'
xUnit plugin, to which the properties of a single case are unknown.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree as Xml

from grader.core.text import clean, one_line
from grader.formats.score_lines import ScoreLine, list_items
from grader.reports.feedback import explain_file
from grader.reports.report import ProblemReport, Report, points

_TAGS = {
    "failed": "failure",
    "wrong": "failure",
    "missing": "failure",
    "error": "error",
    "grader_error": "error",
    "inconclusive": "skipped",
    "skipped": "skipped",
}
_NO_XML = re.compile("[\ufffe\uffff]")
"""What `clean` keeps and XML forbids."""


def junit_xml(report: Report) -> str:
    """The report as the text of a JUnit file.

    What is wrong is a failure; what could not be run, or the grader's trouble, an error; what gave nothing to
    judge is skipped.
    """
    root = Xml.Element("testsuites", name=_text(report.assignment))
    totals = {"tests": 0, "failures": 0, "errors": 0}
    for _, group in groupby(list_items(report), key=lambda item: item.number.partition(".")[0]):
        items = list(group)
        suite = _make_suite(root, report, items[0].problem, items)
        for name in totals:
            totals[name] += int(suite.get(name, 0))
    root.attrib.update({name: str(number) for name, number in totals.items()})
    root.set("time", f"{sum(problem.seconds for problem in report.problems):.4f}")
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _make_suite(
    root: Xml.Element, report: Report, problem: ProblemReport, items: list[ScoreLine]
) -> Xml.Element:
    tags = [_TAGS.get(item.outcome) for item in items]
    suite = Xml.SubElement(
        root,
        "testsuite",
        name=_text(problem.id),
        tests=str(len(items)),
        failures=str(tags.count("failure")),
        errors=str(tags.count("error")),
        skipped=str(tags.count("skipped")),
        time=f"{problem.seconds:.4f}",
    )
    properties = Xml.SubElement(suite, "properties")
    said = {
        "student": _text(report.student),
        "verdict": problem.verdict,
        "score": points(problem.score),
        "max_score": points(problem.max_score),
    }
    if problem.diagnosis is not None:
        said["diagnosis"] = _text(f"{problem.diagnosis.kind}/{problem.diagnosis.id}")
    said |= {f"points: {_check(item)}": f"{points(item.score)}/{points(item.max_score)}" for item in items}
    for name, value in said.items():
        Xml.SubElement(properties, "property", name=name, value=value)
    for item, tag in zip(items, tags, strict=True):
        _make_case(suite, report, item, tag)
    return suite


def _make_case(suite: Xml.Element, report: Report, item: ScoreLine, tag: str | None) -> None:
    place = f"{report.assignment}.{item.problem.id}"
    case = Xml.SubElement(suite, "testcase", classname=_text(place), name=_check(item))
    if tag is None:
        return
    whole = explain_file(report) if report.status != "graded" else ""
    said = Xml.SubElement(case, tag, message=_text(whole or item.message))
    if tag != "skipped":
        said.set("type", item.outcome)
    said.text = _NO_XML.sub("", clean(whole or item.words))


def _check(item: ScoreLine) -> str:
    return _text(item.name.rpartition(": ")[2] if "." in item.number else item.name)


def _text(text: str) -> str:
    return _NO_XML.sub("", one_line(text))
