"""The sample class: every file is what its name says when it is graded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import grader
from grader.answers.collect.find_submissions import find_submissions, read_submitted_files
from grader.answers.sandbox import Isolation, Sandbox, SandboxError
from grader.answers.sandbox.self_test import READ_PRIVATE, find_escapes
from grader.answers.submission import read_submitted_file
from grader.core.worker_pool import Crash
from grader.grading.engines import Task, Workers
from grader.grading.grade_all import grade_all
from grader.grading.isolation_proof import prove, prove_isolation
from grader.grading.prepare import PreparedAssignment
from grader.grading.result_files import DEFAULT_FORMATS, make_result_files, render_student
from grader.grading.result_store import open_results
from grader.problems.course import Course
from grader.reports.report import ProblemReport, Report

pytestmark = pytest.mark.slow

SAMPLE = Path(grader.__file__).parent / "sample_class"

RIGHT = ("by-cofactors", "by-formula", "by-solving", "by-svd", "noisy", "notebook")

ALIKE = {"finite-differences": "few-digits", "single-precision": "single-precision"}
"""Students whose every function is the right one to too few digits, and what they are told; the steps of the first
follow the size of A, so that no one step can be named."""

UNNAMED = "wrong, but none of the known mistakes"

WRONG: Mapping[str, Mapping[str, str]] = {
    "differences": {
        "det-gradient": "loses_digits",  # right in exact arithmetic: det is affine in each entry
        "adjugate": "loses_digits",
        "det-differential": "difference",
        "logdet-gradient": "function-difference",
        "inv-differential": "difference",
        "inv-jacobian": "row-major-out",
        "inv-pullback": "transposed-cotangent",
    },
    "half-done": {
        "det-gradient": "not-inverted",
        "adjugate": "divided-by-determinant",
        "det-differential": "determinant-dropped",
        "logdet-gradient": "determinant-underflows",
        "inv-differential": "factor-lost",
        "inv-jacobian": "row-major-in",
        "det-pullback": "missing",
        "inv-pullback": "not-transposed",
    },
    "infinite-loop": {"adjugate": "error"},
    "lost-signs": {
        "det-gradient": "unsigned-minors",
        "adjugate": "unsigned-minors",
        "det-differential": "absolute-determinant",
        "logdet-gradient": "sign-of-determinant",
        "inv-differential": "sign",
        "inv-jacobian": "sign",
        "inv-pullback": "sign",
    },
    "missing-function": {
        "det-gradient": "determinant-dropped",
        "adjugate": "missing",
        "det-differential": "inverse-dropped",
        "logdet-gradient": "gradient-of-determinant",
        "inv-differential": "elementwise-inverse",
        "inv-jacobian": "missing",
        "det-pullback": "missing",
        "inv-pullback": "missing",
    },
    "nonsingular-only": {
        "det-gradient": "nonsingular-only",
        "adjugate": "nonsingular-only",
        "det-differential": "nonsingular-only",
    },
    "raises": {
        "det-gradient": "error",
        "adjugate": "error",
        "det-differential": "not-finite",
        "logdet-gradient": "only-positive-determinant",
        "inv-differential": "elementwise-scalar-rule",
        "inv-jacobian": "error",
        "det-pullback": "inverse-not-conjugated",
        "inv-pullback": "not-conjugated",
    },
    "row-major": {
        "det-gradient": "absolute-determinant",
        "logdet-gradient": "not-conjugated",
        "inv-differential": "transposed-direction",
        "inv-jacobian": "row-major",
        "det-pullback": "nothing-conjugated",
    },
    "transposes": {
        "det-gradient": "transposed",
        "adjugate": "not-transposed",
        "det-differential": "transposed",
        "logdet-gradient": "transposed",
        "inv-differential": "transposed-inverses",
        "inv-jacobian": "no-transpose",
        "det-pullback": "not-transposed",
        "inv-pullback": "right-not-transposed",
    },
    "wrong-order": {
        "det-gradient": "divided-by-determinant",
        "det-differential": "divided-by-determinant",
        "logdet-gradient": "divided-twice",
        "inv-differential": "wrong-order-left",
        "inv-jacobian": "both-transposed",
        "det-pullback": "determinant-not-conjugated",
        "inv-pullback": "wrong-order",
    },
    "wrong-shapes": {
        "det-gradient": UNNAMED,
        "adjugate": UNNAMED,
        "det-differential": UNNAMED,
        "logdet-gradient": "symmetric-cookbook",
        "inv-differential": "elementwise-product",
        "inv-jacobian": "four-indices",
        "det-pullback": "cotangent-dropped",
        "inv-pullback": UNNAMED,
    },
}
"""What each student's functions come out as, the right ones left out: the mistake's id, or the verdict."""

NOT_MADE = frozenset(
    {
        ("inv-differential", "wrong-order-right"),
        ("inv-differential", "wrong-order-mean"),
        ("inv-differential", "transposed-right-inverse"),
        ("inv-pullback", "plainly-transposed-cotangent"),
    }
)
"""Near twins of mistakes that are made; there are more of them than students."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample_class")


def keyed(key: str, report: Report) -> tuple[str, Report]:
    return key, report


@pytest.fixture(scope="session")
def reports(exam: PreparedAssignment, folder: Path) -> Mapping[str, Report]:
    found = find_submissions([SAMPLE], "lecture05").submissions
    tasks = [(file.student, file) for file in read_submitted_files(found)]
    reports = {}
    with open_results(folder) as results:
        files = make_result_files(results, DEFAULT_FORMATS)
        isolation = prove_isolation(exam, trusted=False)
        for key, report in grade_all(Workers(exam, isolation, 2), tasks, keyed):
            files.write(render_student(report, DEFAULT_FORMATS), key)
            reports[report.student] = report
    return MappingProxyType(reports)


def test_a_worker_that_confines_less_than_was_proven_grades_nothing(
    exam: PreparedAssignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(open_work: Any, tasks: Iterable[Task], jobs: int) -> Iterator[tuple[Task, Any]]:
        with open_work() as work:
            for task in tasks:
                try:
                    yield task, work(task)
                except SandboxError as error:
                    yield task, Crash(str(error))

    tasks = [("key", read_submitted_file(SAMPLE / "by-formula.py", "by-formula"))]
    monkeypatch.setattr("grader.grading.grade_all.Sandbox", partial(Sandbox, strongest="none"))
    weak, equal = (
        report
        for level in ("standard", "none")
        for _, report in grade_all(Workers(exam, Isolation(level), 1, here), tasks, keyed)
    )
    assert weak.status == "grader_error" and weak.score == 0
    error = weak.problems[0].error
    assert error is not None and "isolation fell from standard to none" in error.message
    assert equal.score == equal.max_score


def test_a_machine_that_confines_less_than_the_course_wants_grades_nothing(exam: PreparedAssignment) -> None:
    strict = replace(exam, isolation="strong")
    with Sandbox(exam.limits, exam.libraries, strongest="standard") as sandbox:
        assert prove(sandbox, exam, trusted=False).level == "standard"
        with pytest.raises(
            SandboxError, match=r"only at the level standard .*, but the course asks for strong"
        ):
            prove(sandbox, strict, trusted=False)
        assert prove(sandbox, strict, trusted=True).level == "standard"


def test_where_what_is_private_can_be_read_nothing_is_graded(exam: PreparedAssignment) -> None:
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        assert READ_PRIVATE not in find_escapes(sandbox, exam.private)
        readable = replace(exam, private=(str(Path(os.__file__)),))
        with pytest.raises(SandboxError, match=READ_PRIVATE):
            prove(sandbox, readable, trusted=False)


def outcome(problem: ProblemReport) -> str:
    if problem.verdict != "wrong":
        return problem.verdict
    return problem.diagnosis.id if problem.diagnosis else UNNAMED


def outcomes(report: Report) -> dict[str, str]:
    """What is not right, by problem."""
    return {problem.id: outcome(problem) for problem in report.problems if problem.verdict != "right"}


def find(report: Report, id: str) -> ProblemReport:
    return next(problem for problem in report.problems if problem.id == id)


def test_every_file_is_spoken_for(reports: Mapping[str, Report]) -> None:
    assert set(reports) == {*RIGHT, *ALIKE, *WRONG, "syntax-error"}
    assert 16 <= len(reports) <= 20


def test_every_submission_has_its_results_and_its_feedback(
    reports: Mapping[str, Report], folder: Path
) -> None:
    for kind, suffix in (("results", ".json"), ("feedback", ".html")):
        assert {path.stem for path in (folder / kind).glob(f"*{suffix}")} == set(reports)


@pytest.mark.parametrize("student", RIGHT)
def test_right_submissions_get_full_marks(reports: Mapping[str, Report], student: str) -> None:
    assert outcomes(reports[student]) == {}
    assert reports[student].score == reports[student].max_score == 80


@pytest.mark.parametrize("student", WRONG)
def test_wrong_submissions_are_told_what_they_did(reports: Mapping[str, Report], student: str) -> None:
    assert reports[student].status == "graded"
    assert outcomes(reports[student]) == WRONG[student]


@pytest.mark.parametrize("student", ALIKE)
def test_too_few_digits_are_named_for_what_they_are(reports: Mapping[str, Report], student: str) -> None:
    problems = [problem.id for problem in reports[student].problems]
    assert outcomes(reports[student]) == dict.fromkeys(problems, ALIKE[student])


def test_nobody_with_a_wrong_function_gets_full_marks(reports: Mapping[str, Report]) -> None:
    for report in reports.values():
        for problem in report.problems:
            assert (problem.score == problem.max_score) == (problem.verdict == "right"), (
                report.student,
                problem.id,
            )


def test_every_known_mistake_is_made_by_someone(course: Course, reports: Mapping[str, Report]) -> None:
    made = {(id, what) for report in reports.values() for id, what in outcomes(report).items()}
    known = set()
    for id in course.assignment("lecture05").points:
        solution = course.solution(id)
        assert solution is not None
        known |= {(id, mistake.id) for mistake in solution.mistakes}
    assert known - made == NOT_MADE


def test_an_endless_loop_costs_its_function_only(reports: Mapping[str, Report]) -> None:
    report = reports["infinite-loop"]
    adjugate = find(report, "adjugate")
    assert adjugate.error is not None
    assert adjugate.error.kind == "too_slow"
    assert report.score == report.max_score - adjugate.max_score


def test_a_syntax_error_is_shown_with_its_line(reports: Mapping[str, Report]) -> None:
    report = reports["syntax-error"]
    lines = (SAMPLE / "syntax-error.py").read_text(encoding="utf-8").splitlines()
    assert report.status == "graded"
    assert report.score == report.max_score - find(report, "inv-jacobian").max_score
    assert report.error is not None
    assert report.error.place == f"line {lines.index('def inv_jacobian(A)') + 1}"
    assert report.error.text.strip() == "def inv_jacobian(A)"


@pytest.mark.parametrize(("student", "cell"), [("notebook", "cell 7"), ("half-done", "cell 19")])
def test_a_cell_that_stops_is_told_and_the_others_count(
    reports: Mapping[str, Report], student: str, cell: str
) -> None:
    error = reports[student].error
    assert error is not None
    assert error.message.startswith(cell)


def test_a_misspelt_function_is_recognised(reports: Mapping[str, Report]) -> None:
    error = find(reports["missing-function"], "inv-jacobian").error
    assert error is not None
    assert "inv_jacobain" in error.message


@pytest.mark.parametrize(
    ("student", "id", "kind"),
    [
        ("raises", "det-gradient", "IndexError"),
        ("raises", "adjugate", "return statement"),
        ("raises", "inv-jacobian", "scipy"),
        ("half-done", "det-pullback", "not written yet"),
    ],
)
def test_what_gave_no_answer_says_why(
    reports: Mapping[str, Report], student: str, id: str, kind: str
) -> None:
    error = find(reports[student], id).error
    assert error is not None
    assert kind in error.message


def test_a_wrong_shape_with_the_right_numbers_costs_the_shape_only(reports: Mapping[str, Report]) -> None:
    for id in ("det-gradient", "adjugate", "det-differential", "inv-pullback"):
        failed = [f.check for f in find(reports["wrong-shapes"], id).findings if f.outcome == "failed"]
        assert failed == ["shape"], id


def test_classical_formulas_lose_the_points_for_singular_matrices_only(reports: Mapping[str, Report]) -> None:
    for id in WRONG["nonsingular-only"]:
        failed = [f for f in find(reports["nonsingular-only"], id).findings if f.outcome == "failed"]
        assert [f.check for f in failed if f.max_score] == ["reference (singular A)"], id


def test_debugging_output_is_kept_for_its_author(reports: Mapping[str, Report]) -> None:
    assert "[debug]" in reports["noisy"].output
    assert "RuntimeWarning" in reports["noisy"].output
