"""Reports carry parts, and what earlier versions stored is still read."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from grader.reports.report import Diagnosis, Failure, Finding, Report
from grader.reports.serialize import read_exact, to_exact_json, to_json
from tests.report_factory import make_full_report, make_problem, make_report


def find_all(node: Any, key: str) -> list[dict[str, Any]]:
    """Every object in plain data that has a key."""
    nodes = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    found = [inner for item in nodes for inner in find_all(item, key)]
    return [node, *found] if isinstance(node, dict) and key in node else found


def test_messages_are_made_of_their_parts() -> None:
    assert Diagnosis("mistake", "m", "You did.", "Do not.").message == "You did. Do not."
    assert Diagnosis("mistake", "m", "You did.").message == "You did."
    failure = Failure("raised", "returned None", "return it", subject="f")
    assert failure.message == "f returned None; return it"
    assert (
        Failure("missing", "there is no f", suggestion="did you mean g?").message
        == "there is no f; did you mean g?"
    )


@pytest.mark.parametrize(
    ("failed", "unanswered", "often"),
    [
        (24, 0, "in every case"),
        (24, 24, "in every case"),
        (3, 0, "in 3 of 24 cases"),
        (3, 3, "in 3 of 24 cases"),
        (5, 2, "in 3 of 24 cases; no answer in 2 more"),
    ],
)
def test_a_finding_tells_wrong_answers_from_missing_ones(failed: int, unanswered: int, often: str) -> None:
    finding = Finding(
        "reference",
        "failed",
        Fraction(0),
        Fraction(2),
        "it is off",
        failed=failed,
        unanswered=unanswered,
        cases=24,
    )
    assert (finding.how_often, finding.message) == (often, f"it is off ({often}).")


def test_json_has_the_message_and_its_parts() -> None:
    data = json.loads(to_json(make_full_report()))
    for node in find_all(data, "message"):
        assert node["message"].startswith(
            f"{node.get('subject', '')} {node.get('lead', node.get('what'))}".strip()
        )


def test_a_report_comes_back_exactly_with_its_parts() -> None:
    report = make_full_report()
    assert read_exact(Report, to_exact_json(report)) == report


def test_what_earlier_versions_stored_is_read_with_its_messages() -> None:
    """They kept a diagnosis, an error and a finding each with one message, and no parts."""
    report = make_report(make_problem("wrong"), make_problem("error"))
    data = json.loads(to_exact_json(report))
    for node in [*find_all(data, "lead"), *find_all(data, "what")]:
        for part in ("lead", "step", "what", "advice", "suggestion", "subject"):
            node.pop(part, None)
        node["message"] = "the whole message"

    read = read_exact(Report, json.dumps(data))
    wrong, error = read.problems
    assert wrong.diagnosis is not None and error.error is not None
    assert (wrong.diagnosis.lead, wrong.diagnosis.step) == ("the whole message", "")
    assert (error.error.what, error.error.advice) == ("the whole message", "")
    assert {finding.message for finding in wrong.findings} == {"the whole message"}
    assert error.error == replace(report.problems[1].error, what="the whole message", subject="")  # type: ignore[type-var]
