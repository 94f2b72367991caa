"""Values as earlier versions stored them: one message stands where today's carry its parts.

Only stored JSON is taken apart here, once, when it is read; see `UPGRADES` in `grader.reports.serialize`.
"""

from __future__ import annotations

import re
from typing import Any

from grader.core.text import split_sentence

Node = dict[str, Any]
"""A value's fields as JSON has them."""

_HOW_OFTEN = re.compile(r" \(in (\d+) of (\d+) cases(?:; no answer in (\d+) more)?\)\.?$")


def upgrade_assignment(node: Node) -> Node:
    """Give the fields of a published assignment their names of today."""
    names = {"told": "show_solutions", "tasks": "problems"}
    return {names.get(name, name): value for name, value in node.items()}


def upgrade_report(node: Node) -> Node:
    """Split the failure of a whole file."""
    return _split_error(node, node.get("file", ""))


def upgrade_problem(node: Node) -> Node:
    """Split a problem's diagnosis, failure and findings, whose sentences may go on from the function's name."""
    function = node["function"]
    findings = [_split_finding(finding, function) for finding in node.get("findings", ())]
    return _split_error(node, function) | {
        "findings": findings,
        "diagnosis": _split_diagnosis(node.get("diagnosis")),
    }


def _split_diagnosis(diagnosis: Node | None) -> Node | None:
    if not diagnosis or "message" not in diagnosis:
        return diagnosis
    lead, step = split_sentence(diagnosis["message"])
    return diagnosis | {"lead": lead, "step": step}


def _split_error(node: Node, subject: str) -> Node:
    """Split a failure: advice follows a semicolon, unless that is part of an exception's text, after a colon."""
    failure = node.get("error")
    if not failure or "message" not in failure:
        return node

    what, semicolon, advice = failure["message"].rpartition("; ")
    if not semicolon or ": " in what:
        what, advice = failure["message"], ""
    return node | {"error": failure | {"advice": advice} | _split_subject(what, subject)}


def _split_finding(finding: Node, function: str) -> Node:
    """Split the count of cases off a finding; where it failed in every case, that is all that is known of them."""
    if "message" not in finding:
        return finding

    message = finding["message"].replace(" (in every case", " (in 1 of 1 cases")
    count = _HOW_OFTEN.search(message)
    if count is None:
        return finding | _split_subject(message, function)

    wrong, cases, unanswered = map(int, count.groups("0"))
    counts = {"failed": wrong + unanswered, "unanswered": unanswered, "cases": cases}
    return finding | counts | _split_subject(message[: count.start()], function)


def _split_subject(what: str, subject: str) -> Node:
    if subject and what.startswith(f"{subject} "):
        return {"subject": subject, "what": what.removeprefix(f"{subject} ")}
    return {"subject": "", "what": what}
