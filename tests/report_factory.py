"""Reports made by hand, for tests of what is done with reports."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from grader.reports.report import Counterexample, Diagnosis, Failure, Finding, ProblemReport, Report

SMALLEST = Counterexample(
    case=0,
    family="integer",
    inputs={"A": [[1.0, 2.0], [3.0, 4.0]], "dA": [[1.0, 0.0], [0.0, 0.0]]},
    answer=[[4.0, -2.0], [-3.0, 1.5]],
    right=[[-4.0, 2.0], [3.0, -1.5]],
    error=11.1803,
    tolerance=3e-13,
)
MINUS = Diagnosis(
    "relation",
    "minus",
    "You returned exactly minus the right answer.",
    "Differentiate A·A⁻¹ = I and keep the sign.",
)


def make_finding(check: str = "reference", outcome: str = "passed", **changes: Any) -> Finding:
    score = Fraction(2 if outcome == "passed" else 0)
    what = {"passed": "agrees on 24 cases", "failed": "differs on 24 of 24 cases"}.get(outcome, "not tried")
    fields: dict[str, Any] = {"score": score, "max_score": Fraction(2), "what": what} | changes
    return Finding(check=check, outcome=outcome, **fields)  # type: ignore[arg-type]


def make_problem(verdict: str = "right", **changes: Any) -> ProblemReport:
    outcome = "passed" if verdict == "right" else "failed"
    case = SMALLEST if verdict == "wrong" else None
    findings = (
        make_finding("shape"),
        make_finding("reference", outcome, counterexample=case),
        make_finding("taylor", outcome if verdict == "right" else "skipped"),
    )
    fields: dict[str, Any] = {
        "id": "inv-differential",
        "function": "inv_differential",
        "title": "Differential of the inverse",
        "score": Fraction(6) if verdict == "right" else Fraction(2),
        "max_score": Fraction(6),
        "findings": findings if verdict in {"right", "wrong", "inconclusive"} else (),
        "hints": ("Start from A·A⁻¹ = I.", "The product rule keeps the order of the factors."),
        "reproduce": "grader check answers.py --problem inv-differential --seed 7",
    }
    if verdict == "wrong":
        fields["diagnosis"] = MINUS
    if verdict == "error":
        fields["score"] = Fraction(0)
        fields["error"] = Failure(
            "raised",
            "stopped at line 7: ValueError: sizes; 2 and 3",
            place="line 7",
            text="return A @ b",
            subject="trace_gradient",
        )
    return ProblemReport(verdict=verdict, **(fields | changes))  # type: ignore[arg-type]


def make_report(*problems: ProblemReport, **changes: Any) -> Report:
    fields: dict[str, Any] = {
        "student": "ada",
        "assignment": "hw1",
        "status": "graded",
        "score": sum((p.score for p in problems), Fraction(0)),
        "max_score": sum((p.max_score for p in problems), Fraction(0)),
        "isolation": "namespaces",
        "seed": 7,
        "versions": {"grader": "0.1.0", "numpy": "2.1.0"},
        "problems": problems,
        "file": "answers.py",
    }
    return Report(**(fields | changes))


def make_full_report(**changes: Any) -> Report:
    """One problem of every verdict."""
    pullback = Counterexample(
        case=3,
        family="gaussian",
        inputs={
            "A": [[1.0, 2.0, 0.5], [3.0, -1.0 / 3.0, 1e-7], [0.0, 4.0, 12345678.0]],
            "b": [1.0, 2.0, -1.0],
        },
        answer=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],
        right=[[1.0, 2.0, 3.0], [4.0, 5.5, 6.0], [7.0, 8.0, 9.0000001]],
        error=0.5,
        tolerance=2e-12,
    )
    return make_report(
        make_problem(id="det-gradient", function="det_gradient", title="Gradient of the determinant"),
        make_problem("wrong"),
        make_problem(
            "wrong",
            id="solve-pullback",
            function="solve_pullback",
            title="Pullback of a linear solve",
            diagnosis=None,
            findings=(
                make_finding("shape"),
                make_finding("reference", "failed", counterexample=pullback),
                make_finding("adjoint", "inconclusive", what="the exact value was not known well enough"),
            ),
        ),
        make_problem("error", id="trace-gradient", function="trace_gradient", title="Gradient of a trace"),
        make_problem(
            "missing", id="det-second", function="det_second", title="Second differential", score=Fraction(0)
        ),
        make_problem(
            "inconclusive", id="norm-gradient", function="norm_gradient", title="Gradient of a norm"
        ),
        make_problem("grader_error", id="vec-jacobian", function="vec_jacobian", title="Jacobian with vec"),
        make_problem(
            "error",
            id="logdet-gradient",
            function="logdet_gradient",
            title="Gradient of log det",
            error=Failure(
                "too_slow",
                "did not finish within 2 s",
                "look for a loop that never ends",
                subject="logdet_gradient",
            ),
        ),
        output="debugging: A =\n[[1. 2.]\n [3. 4.]]\n",
        **changes,
    )


def mix_reports(reports: Sequence[Report], students: int, seed: int = 0) -> Iterator[Report]:
    """A class of any size, each student's answer to each problem that of some student of a small class."""
    rng = random.Random(seed)
    graded = [report for report in reports if report.status == "graded"]
    columns = list(zip(*(report.problems for report in graded), strict=True))
    for number in range(students):
        problems = tuple(rng.choice(column) for column in columns)
        yield replace(
            graded[0],
            student=f"student-{number:05}",
            problems=problems,
            score=sum((problem.score for problem in problems), Fraction(0)),
        )
