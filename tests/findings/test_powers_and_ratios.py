"""Exercises with parameters, given functions, a number as input and a weight: right ways in, wrong ones out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, matrix_power, norm, solve
from rich.console import Console

from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.formats.terminal.student import print_report, student_text
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course
from grader.reports.report import Report
from grader.reports.serialize import to_json
from grader.reports.shown_numbers import format_number
from grader.truths.cache import user_cache
from tests.judging import judged, outcome

pytestmark = pytest.mark.slow

Function = Callable[..., Any]


@pytest.fixture(scope="module")
def others(course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("inner-products-and-norms"), seed=8, store=user_cache())


def charpoly(A: Any, x: Any) -> Any:
    return np.polyval(np.polyder(np.poly(A)), x)


def resolvent(A: Any, x: Any) -> Any:
    M = x * np.eye(len(A)) - A
    return det(M) * np.trace(inv(M))


def power(A: Any, k: int, V: Any) -> Any:
    """The upper right block of [[A, V], [0, A]]ᵏ."""
    n = len(A)
    return matrix_power(np.block([[A, V], [0 * A, A]]), k)[:n, n:]


def commuting(A: Any, k: int, V: Any) -> Any:
    return k * matrix_power(A, k - 1) @ V


def cofactors(A: Any) -> Any:
    U, s, Vt = np.linalg.svd(A)
    return det(U) * det(Vt) * (U * [np.prod(np.delete(s, i)) for i in range(len(s))]) @ Vt


ORDERS = {"1": 1, "2": 2, "inf": np.inf}


def size(M: Any, kind: Any) -> Any:
    return norm(M, ORDERS.get(kind, kind))


def ratio(f: Function, L: Function, A: Any, V: Any, h: float, norm_in: str, norm_out: str) -> Any:
    return size((f(A + h * V) - f(A)) / h - L(V), norm_out) / size(V, norm_in)


RIGHT: dict[str, Function] = {
    "charpoly-derivative": charpoly,
    "matrix-power-differential": power,
    "weighted-gradient": lambda A, W: inv(W) @ cofactors(A),
    "frechet-ratio": ratio,
}
WRONG: list[tuple[str, str | None, Function]] = [
    ("charpoly-derivative", "no-eigenvalues", resolvent),
    ("charpoly-derivative", "zero-at-eigenvalues", lambda A, x: charpoly(A, x) * (det(x * np.eye(len(A)) - A) != 0)),
    ("charpoly-derivative", "sign", lambda A, x: -charpoly(A, x)),
    ("charpoly-derivative", "difference-turned", lambda A, x: (-1) ** (len(A) + 1) * charpoly(A, x)),
    ("charpoly-derivative", "other-polynomial", lambda A, x: (-1) ** len(A) * charpoly(A, x)),
    ("charpoly-derivative", "constant-factor", lambda A, x: charpoly(A, x) * (1 + 1e-3)),
    ("matrix-power-differential", "scalar-rule-left", commuting),
    ("matrix-power-differential", "scalar-rule-right", lambda A, k, V: commuting(A.T, k, V.T).T),
    ("matrix-power-differential", "transposed-factors", lambda A, k, V: power(A.T, k, V)),
    ("matrix-power-differential", "negative-powers-ignored", lambda A, k, V: power(A, max(k, 0), V)),
    ("matrix-power-differential", "sign-for-negative", lambda A, k, V: (1 if k > 0 else -1) * power(A, k, V)),
    ("matrix-power-differential", "zero-is-a-number", lambda A, k, V: power(A, k, V) if k else 0),
    ("matrix-power-differential", None, lambda A, k, V: power(A, k, V) * (1 + (k == 4) * 1e-8)),
    ("weighted-gradient", "unweighted", lambda A, W: cofactors(A)),
    ("weighted-gradient", "weight-multiplied", lambda A, W: W @ cofactors(A)),
    ("weighted-gradient", "weight-on-the-right", lambda A, W: solve(W, cofactors(A).T).T),
    ("weighted-gradient", "transposed", lambda A, W: solve(W, cofactors(A).T)),
    ("weighted-gradient", "nonsingular-only", lambda A, W: det(A) * solve(W, inv(A.T))),
    ("weighted-gradient", "zero-where-singular", lambda A, W: det(A) * inv(W @ A).T if det(A) else 0 * A),
    ("frechet-ratio", "divided-by-h", lambda f, L, A, V, h, i, o: ratio(f, L, A, V, h, i, o) * size(V, i)),
    ("frechet-ratio", "norms-swapped", lambda f, L, A, V, h, i, o: ratio(f, L, A, V, h, o, i)),
    ("frechet-ratio", "signed-step", lambda f, L, A, V, h, i, o: np.sign(h) * ratio(f, L, A, V, h, i, o)),
    ("frechet-ratio", "derivative-not-scaled", lambda f, L, A, V, h, i, o: ratio(f, lambda W: L(W) / h, A, V, h, i, o)),
    (
        "frechet-ratio", "frobenius-for-two",
        lambda f, L, A, V, h, *kinds: ratio(f, L, A, V, h, *("fro" if kind == "2" else kind for kind in kinds)),
    ),
    ("frechet-ratio", "absolute-value", lambda f, L, A, V, h, i, o: ratio(f, L, A, V, abs(h), i, o)),
]  # fmt: skip


@pytest.mark.parametrize("id", RIGHT)
def test_another_right_way_gets_all_points(others: PreparedAssignment, id: str) -> None:
    judgement = judged(others, id, RIGHT[id])
    assert judgement.verdict == "right" and judgement.score == 10


@pytest.mark.parametrize(("id", "name", "wrong"), WRONG)
def test_wrong_ways_are_told_apart(
    others: PreparedAssignment, id: str, name: str | None, wrong: Function
) -> None:
    judgement = judged(others, id, wrong)
    assert judgement.verdict == "wrong"
    assert (judgement.diagnosis.id if judgement.diagnosis else None) == name
    assert judgement.where == ("" if name else "All errors are for k = 4.")


@pytest.mark.parametrize(
    ("id", "wrong", "lost"),
    [
        ("charpoly-derivative", resolvent, "reference (x an eigenvalue)"),
        ("weighted-gradient", lambda A, W: det(A) * solve(W, inv(A.T)), "reference (singular A)"),
        ("matrix-power-differential", lambda A, k, V: V if k == 1 else power(A, k, V), "pure"),
    ],
)
def test_what_fails_somewhere_only_loses_the_points_for_that(
    others: PreparedAssignment, id: str, wrong: Function, lost: str
) -> None:
    judgement = judged(others, id, wrong)
    assert [finding.check for finding in judgement.findings if finding.outcome == "failed"] == [lost]
    assert outcome(judgement, "reference") == "passed"


@pytest.fixture(scope="module")
def report(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """That of a submission whose `frechet_ratio` is wrong."""
    exam = prepare(
        course, course.assignment("inner-products-and-norms"), 8, ["frechet-ratio"], store=user_cache()
    )
    path: Path = tmp_path_factory.mktemp("ratio") / "answers.py"
    path.write_text(
        "def frechet_ratio(f, L, A, V, h, norm_in, norm_out):\n    return 7.0\n", encoding="utf-8"
    )
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        return Grader(exam, sandbox).grade(read_submission(path))


def test_functions_and_words_are_texts_in_the_report(report: Report) -> None:
    findings = json.loads(to_json(report))["problems"][0]["findings"]
    inputs = next(finding["counterexample"]["inputs"] for finding in findings if finding["counterexample"])
    assert inputs["f"].startswith("X ↦ ") and inputs["L"].startswith("V ↦ ")
    assert inputs["norm_in"] in {f'"{word}"' for word in ("fro", "2", "nuc", "1", "inf")}
    assert isinstance(inputs["h"], float | int) and isinstance(inputs["A"], list)


def test_students_see_words_in_quotes_and_functions_whole(report: Report) -> None:
    text = student_text(report)
    finding = next(finding for finding in report.problems[0].findings if finding.counterexample)
    assert finding.counterexample is not None
    for name in ("f", "L", "norm_in", "norm_out"):
        assert f"{name} = {finding.counterexample.inputs[name]}" in text


def test_a_long_function_is_shown_whole(course: Course) -> None:
    longer = "V ↦ -inv(A) @ V @ inv(A) @ inv(A) - inv(A) @ inv(A) @ V"
    given = [
        f"V ↦ {text.text}" for given in course.problem("frechet-ratio").functions for text in given.choices
    ]
    for text in (longer, *given):
        assert format_number(text) == text


def test_an_ascii_terminal_gets_an_arrow_it_can_show(report: Report) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    print_report(Console(file=file, width=80), report)
    file.seek(0)
    assert "f = X -> X @ X" in file.read()
