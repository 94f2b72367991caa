"""Formulas are right, right where they have a value, or wrong, and then it is said which part of them is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.formulas.answers_file import read_formula
from grader.formulas.equality import DIGITS
from grader.formulas.faults import signature_of
from grader.formulas.wrong_factor import find_wrong_factor
from grader.grading.course_limits import limits_of
from grader.grading.formula_grading import exact_answers, judge_formula
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedProblem, prepare, prepare_problem
from grader.problems.course import Course, load_course
from grader.reports.feedback import explain
from grader.reports.report import ProblemReport
from grader.truths.cache import compute, user_cache
from tests.conftest import ROOT

pytestmark = pytest.mark.sampled

SEED = 5


@cache
def prepared(id: str) -> PreparedProblem:
    course = load_course(ROOT)
    kept = user_cache()
    solve = compute if kept is None else kept.find
    return prepare_problem(course.problems[id], SEED, course.cases, None, solve)


def judge(id: str, formula: str) -> ProblemReport:
    problem = prepared(id)
    answer = read_formula(formula, signature_of(problem.problem))
    return judge_formula(problem, answer, exact_answers(problem))


RIGHT = {
    "det-gradient": "adj(A).T",
    "adjugate": "adj(A)",
    "det-differential": "tr(adj(A) dA)",
    "logdet-gradient": "conj(A^-T)",
    "inv-differential": "X = inv(A)\n-X dA X",
    "inv-jacobian": "-kron(inv(A).T, inv(A))",
    "det-pullback": "g adj(A).H",
    "inv-pullback": "X = inv(A).H\n-X G X",
    "solve-differential": "x = solve(A, b)\nsolve(A, db - dA x)",
    "frechet-ratio": "norm(f(A + h V) - f(A) - h L(V), norm_out) / norm(h V, norm_in)",
}


@pytest.mark.parametrize("id", RIGHT)
def test_a_right_formula_gets_all_points_and_equals_the_truth_in_a_hundred_digits(id: str) -> None:
    report = judge(id, RIGHT[id])
    assert (report.verdict, report.score) == ("right", report.max_score), report.error
    assert report.formula is not None
    assert report.formula.digits == DIGITS
    assert report.formula.inputs >= 6


def test_a_formula_loses_no_digits_where_a_program_would() -> None:
    report = judge("det-gradient", "(det(A) + 1e30 - 1e30) inv(A).T + adj(A).T - det(A) inv(A).T")
    lost = {finding.check for finding in report.failed}
    assert lost == {"reference (singular A)"}


def test_a_formula_that_has_no_value_somewhere_is_right_where_it_has_one() -> None:
    report = judge("det-gradient", "det(A) A⁻ᵀ")
    assert (report.verdict, report.diagnosis and report.diagnosis.id) == ("wrong", "right-where-defined")
    assert 0 < report.score < report.max_score


@pytest.mark.parametrize(
    ("id", "formula", "kind", "text"),
    [
        ("inv-differential", "A^-1 dA A^-1", "sign", "inv(A) @ dA @ inv(A)"),
        ("inv-differential", "-A^-1 dA^T A^-1", "transposed", "dA"),
        ("inv-differential", "-A^-1 A^-1 dA", "order", "-inv(A) @ inv(A) @ dA"),
        ("inv-differential", "-A^-1 dA A^-1 dA", "extra", "dA"),
        ("inv-differential", "-(2 A^-1 dA A^-1)", "extra", "2"),
        ("inv-differential", "-A^-1 dA A", "inverse", "A"),
        ("det-differential", "tr(adj(A) A)", "name", "A"),
        ("inv-pullback", "-A^-H * G * A^-H", "entrywise", "-inv(A).H * G * inv(A).H"),
        ("inv-pullback", "-A^-H * G A^-H", "entrywise", "-inv(A).H * G"),
        ("det-pullback", "g^* adj(A)^H", "conjugate", "g"),
        ("det-pullback", "g / conj(det(A)) A^-H", "quotient", "g / conj(det(A))"),
        ("solve-differential", "solve(A, db + dA solve(A, b))", "sign", "db + dA @ solve(A, b)"),
    ],
)
def test_the_part_that_is_wrong_is_found(id: str, formula: str, kind: str, text: str) -> None:
    problem = prepared(id)
    answer = read_formula(formula, signature_of(problem.problem))
    wrong = find_wrong_factor(answer, exact_answers(problem))
    assert wrong is not None
    assert wrong.kind == kind
    assert wrong.text in (text, f"-{text}")


@pytest.mark.parametrize(
    ("formula", "advice", "text"),
    [
        ("2 adj(A^T A) A", "The factors are right, but in the wrong order", "2 * adj(A.T @ A) @ A"),
        ("2 A^T adj(A^T A)", "Only one transpose is wrong", "A"),
        ("2 A^-1 adj(A^T A)", "Only one inverse is wrong", "inv(A)"),
        ("2 det(A^T A) inv(A^T A) A", "The factors are right", "2 * det(A.T @ A) * inv(A.T @ A) @ A"),
        ("2 A^-1 adj(A A)", "", ""),
    ],
)
def test_where_shapes_do_not_fit_the_part_that_is_wrong_is_found_too(
    formula: str, advice: str, text: str
) -> None:
    report = judge("gram-gradient", formula)
    assert report.error is not None and report.error.kind == "formula"
    assert explain(report).step.startswith(advice or "Fix line 1")
    assert (report.hints[0] == f"Look at `{text}`.") is bool(text)


@pytest.mark.parametrize(
    ("formula", "column"), [("A if A > 0 else A", 6), ("x = det(A)\nA if n > 1 or x == 0 else A", 15)]
)
def test_a_formula_that_chooses_by_entries_is_told_that_it_may_not(formula: str, column: int) -> None:
    failure = judge("adjugate", formula).error
    assert failure is not None and failure.column == column
    assert "sizes only" in failure.what and "shapes" not in failure.what


@pytest.mark.parametrize(
    ("formula", "column"),
    [
        ("A ⊗ A ⊗ A", 7),
        ("A + sum(kron(A ⊗ A, A))", 9),
        ("x = A\nA sum(outer(vec(x ⊗ x), vec(x ⊗ x)))", 7),
        ("A sum(ones(400, 400))", 7),
        ("A einsum('ab,cd,ef,gh,ij,ad,cf,eh,gj->', A, A, A, A, A, A, A, A, A)", 3),
    ],
)
def test_a_formula_with_a_part_that_is_too_large_is_refused_with_its_place(formula: str, column: int) -> None:
    failure = judge("inv-jacobian", formula).error
    assert failure is not None
    assert failure.kind == "formula" and failure.what.startswith("too large at n = ")
    assert failure.column == column


def test_a_formula_that_adds_up_over_many_arrays_is_judged() -> None:
    formula = "adj(A) einsum('ij,kl,mn,op,qr,ij->', A, A, A, A, A, A) / sum(A)^4 / sum(A * A)"
    assert judge("adjugate", f"{formula} if n == 0 else adj(A)").verdict == "right"
    assert judge("adjugate", formula).diagnosis is not None
    chain = "einsum('ij,jk,kl,lm->im', adj(A), A, inv(A), eye(n))"
    assert judge("adjugate", chain).diagnosis.id == "right-where-defined"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("formula", "id"),
    [("-inv(A) * dA * inv(A)'", "entrywise-product"), ("-inv(A) sum(A' * dA) A^T", "other-product")],
)
def test_a_product_of_matrices_entry_by_entry_is_said_where_nothing_else_is(formula: str, id: str) -> None:
    diagnosis = judge("inv-differential", formula).diagnosis
    assert (diagnosis.id if diagnosis else "") == id


def test_a_kronecker_product_may_be_a_sign() -> None:
    report = judge("inv-jacobian", "-A⁻ᵀ ⊗ A⁻¹")
    assert report.verdict == "right"
    assert report.formula is not None and report.formula.latex == r"-A^{-T} \otimes A^{-1}"


def test_a_formula_may_choose_by_sizes() -> None:
    assert judge("adjugate", "adj(A) if n > 1 else ones(1, 1)").verdict == "right"
    assert judge("adjugate", "adj(A) if 1 < n < 99 else ones(1, 1)").verdict == "right"
    assert judge("adjugate", "adj(A) if n != 3 else A").verdict == "wrong"


WRONG_AT_ONE = (
    ("det-gradient", "adj(A)^T if n > 1 else 7 ones(1, 1)"),
    ("det-differential", "tr(adj(A) dA) if n != 1 else 7 tr(dA)"),
    ("inv-differential", "X = inv(A) if n > 1 else 2/A\n-X dA X"),
)


@pytest.mark.parametrize(("id", "formula"), WRONG_AT_ONE)
def test_a_formula_that_is_wrong_for_one_size_alone_equals_nothing(id: str, formula: str) -> None:
    report = judge(id, formula)
    assert report.verdict == "wrong" and report.formula is not None
    assert report.formula.digits is None


@pytest.mark.parametrize(
    ("id", "formula", "kind"),
    [
        ("inv-differential", "-inv(A) dA inv(A) if n > 2 else 5 dA", ""),
        ("inv-differential", "-inv(A) dA inv(A) if n > 1 else zeros(1, 1)", ""),
        ("inv-differential", "-A^-1 dA A^-1 if n < 4 else -A^-1 A^-1 dA", "order"),
        ("det-gradient", "adj(A)^T if n > 2 else adj(A)", "transposed"),
        ("gram-gradient", "2 A adj(A^T A) if m == n else 2 A", ""),
    ],
)
def test_no_part_is_named_that_only_turns_a_choice(id: str, formula: str, kind: str) -> None:
    problem = prepared(id)
    answer = read_formula(formula, signature_of(problem.problem))
    wrong = find_wrong_factor(answer, exact_answers(problem))
    assert (wrong.kind if wrong else "") == kind


@pytest.mark.parametrize("formula", ["A", "inv(A)", "-inv(A + dA)", "trace(A) dA"])
def test_where_more_than_one_thing_is_wrong_no_part_is_blamed(formula: str) -> None:
    problem = prepared("inv-differential")
    answer = read_formula(formula, signature_of(problem.problem))
    assert find_wrong_factor(answer, exact_answers(problem)) is None


@pytest.mark.parametrize("formula", ["1 / A", "det(A)/A'", "det(A) (A^T)**-1"])
def test_a_division_by_a_matrix_is_told_as_such(formula: str) -> None:
    report = judge("det-gradient", formula)
    assert report.verdict == "wrong"
    assert report.diagnosis is not None
    assert report.diagnosis.id in ("wrong-division", "wrong-entrywise-power")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "formula"),
    [("frechet-ratio", "norm_in V"), ("norm-gradient", "kind A"), ("norm-gradient", "norm(A, A)")],
)
def test_a_word_where_a_value_is_needed_is_a_fault_of_the_formula(id: str, formula: str) -> None:
    report = judge(id, formula)
    assert (report.verdict, report.error and report.error.kind) == ("error", "formula")


@pytest.mark.slow
def test_changes_that_make_no_sense_are_no_explanations() -> None:
    report = judge("frechet-ratio", "norm(f(A + h V) - f(A) - h L(V), norm_out) / (h norm(V, norm_in))")
    assert report.verdict == "wrong"
    assert judge("triangular-gradient", "tril(2 L)").verdict == "wrong"


@pytest.mark.parametrize(
    "formula",
    ["ones(n - 9, n)", "commutation(1/2, A)", "svd(A) @ A", "2^1000000 A", "zeros(A)", "tril(A, A)"],
)
def test_what_has_no_value_at_most_inputs_is_wrong_and_stops_nothing(formula: str) -> None:
    report = judge("det-gradient", formula)
    assert report.verdict in ("error", "wrong")
    assert report.formula is None or report.formula.digits is None


@pytest.mark.slow
def test_an_inner_product_where_a_matrix_is_meant_is_told() -> None:
    report = judge("solve-pullback", "w = A^-H g\n-w (A^-1 b)^H, w")
    assert report.diagnosis is not None
    assert report.diagnosis.id == "inner-product"


def test_a_formula_without_any_value_agrees_with_nothing() -> None:
    report = judge("adjugate", "1 / (A inv(A))")
    assert report.formula is not None
    assert report.formula.digits is None
    assert report.diagnosis is None or report.diagnosis.id != "right-where-defined"


@pytest.mark.parametrize(
    ("formula", "read"),
    [
        ("-2 A^-1 dA A^-1", "-2 * inv(A) @ dA @ inv(A)"),
        ("(A dA) tr(A) (2 A)", "(A @ dA) * trace(A) @ (2 * A)"),
        ("c = 2\nc A dA", "c = 2\nreturn c * A @ dA"),
    ],
)
def test_a_product_with_a_number_is_read_as_a_multiple(formula: str, read: str) -> None:
    reading = judge("inv-differential", formula).formula
    assert reading is not None
    assert reading.text == read


def test_shapes_that_do_not_fit_are_told_in_letters_and_with_their_place() -> None:
    report = judge("gram-gradient", "A + A.T A")
    assert report.verdict == "error"
    assert report.error is not None
    assert report.error.kind == "formula"
    assert {"m×n", "n×n"} <= set(report.error.what.replace(",", " ").split())
    assert report.error.column > 0


def test_a_formula_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.formulas.answers.SECONDS", 0.0)
    report = judge("inv-differential", RIGHT["inv-differential"])
    assert (report.verdict, report.error and report.error.kind) == ("error", "too_slow")


def test_an_array_that_is_too_large_is_refused() -> None:
    report = judge("inv-differential", "kron(eye(70), A)")
    assert (report.verdict, report.error and report.error.kind) == ("error", "formula")


def test_a_file_of_formulas_is_graded_and_nothing_of_it_is_run(course: Course, tmp_path: Path) -> None:
    file = tmp_path / "answers.txt"
    lines = [f"{prepared(id).problem.signature} = {RIGHT[id]}" for id in ("det-gradient", "inv-jacobian")]
    file.write_text("\n".join([*lines, "adjugate(A) = adi(A)", "inv_differential(A, dA) = -dA"]))
    assignment = prepare(course, course.assignment("lecture05"), SEED, store=user_cache())
    with Sandbox(limits_of(course), course.libraries) as sandbox:
        report = Grader(assignment, sandbox).grade(read_submission(file))
    verdicts = {problem.id: problem.verdict for problem in report.problems}
    assert verdicts["det-gradient"] == verdicts["inv-jacobian"] == "right"
    assert (verdicts["adjugate"], verdicts["inv-differential"]) == ("error", "wrong")
    assert verdicts["det-pullback"] == "missing"
    assert (report.status, report.score) == ("graded", 20 + report.problems[4].score)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "empty"), ("# only this\n", "unknown_type"), ("import numpy as np\nx = 1\n", "unknown_type")],
)
def test_a_text_that_is_no_formulas_says_what_it_is(tmp_path: Path, text: str, kind: str) -> None:
    file = tmp_path / "answers.txt"
    file.write_text(text)
    fault = read_submission(file).fault
    assert fault is not None
    assert fault.kind == kind


def test_one_formula_without_arguments_is_a_submission(tmp_path: Path) -> None:
    file = tmp_path / "answers.txt"
    file.write_text("adjugate = adj(A)\n")
    assert read_submission(file).fault is None


def test_a_text_without_formulas_is_no_submission(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("my answers are in the other file\n")
    fault = read_submission(file).fault
    assert fault is not None
    assert fault.kind == "unknown_type"
