"""A file of formulas: what can be read is read, and a fault has its line and column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.formulas.answers_file import FormulaFile, Signature, read_formula, read_formulas

INVERSE = Signature("inv_differential", ("A", "dA"), ("n",))
GRADIENT = Signature("det_gradient", ("A",), ("n",))
SIGNATURES = {signature.function: signature for signature in (INVERSE, GRADIENT)}


def read(text: str) -> FormulaFile:
    return read_formulas(text, SIGNATURES)


def test_helpers_serve_the_lines_below_them() -> None:
    file = read("# mine\nX = inv(A)\ninv_differential(A, dA) = -X dA X  # right\n")
    answer = file.answers["inv_differential"]
    assert answer.text == "X = inv(A)\nreturn -X @ dA @ X"
    assert (answer.faults, file.faults, answer.line) == ((), (), 3)


def test_a_helper_that_is_given_again_is_another_one_from_there_on() -> None:
    file = read("X = A\ninv_differential(A, dA) = X dA\nX = inv(A)\ndet_gradient(A) = X\n")
    assert file.answers["inv_differential"].text == "X = A\nreturn X @ dA"
    assert file.answers["det_gradient"].text == "X = inv(A)\nreturn X"


def test_a_helper_that_is_not_needed_harms_no_answer() -> None:
    file = read("Y = inv(B)\ndet_gradient(A) = det(A) inv(A).T\n")
    assert file.answers["det_gradient"].faults == ()


def test_arguments_may_have_other_names_or_none() -> None:
    assert read("det_gradient(M) = M").answers["det_gradient"].parameters == ("M",)
    assert read("inv_differential = dA").answers["inv_differential"].parameters == ("A", "dA")


def test_a_line_goes_on_while_a_bracket_is_open() -> None:
    file = read("det_gradient(A) = (A +\n  A)\ninv_differential(A, dA) = dA")
    assert file.answers["det_gradient"].faults == file.answers["inv_differential"].faults == ()


def test_a_line_goes_on_after_an_operator_at_its_end() -> None:
    file = read("inv_differential(A, dA) = A dA +   # and\n  dA A\nX = A +\nY = A\ndet_gradient(A) = Y -\n")
    assert file.answers["inv_differential"].text == "A @ dA + dA @ A"
    assert [fault.line for fault in file.answers["det_gradient"].faults] == [5]


def test_a_bracket_that_is_never_closed_costs_its_answer_alone() -> None:
    file = read("det_gradient(A) = (A + A\ninv_differential(A, dA) = dA")
    assert file.answers["det_gradient"].faults
    assert file.answers["inv_differential"].faults == ()


def test_a_fault_has_its_place_in_the_students_text() -> None:
    (fault,) = read("\n\ninv_differential(A, dA) = −A⁻¹ dB A⁻¹").answers["inv_differential"].faults
    assert (fault.line, fault.column) == (3, 32)
    assert "'dB'" in fault.message


def test_a_fault_in_a_helper_has_the_helpers_line() -> None:
    (fault,) = read("X = inw(A)\ndet_gradient(A) = X").answers["det_gradient"].faults
    assert (fault.line, fault.column) == (1, 5)
    assert "inv" in fault.message


def test_lines_that_answer_nothing_are_told() -> None:
    file = read("hello\ndet_gradent(A) = A\n")
    assert [(fault.line, fault.column) for fault in file.faults] == [(1, 1), (2, 1)]
    assert "det_gradient" in file.faults[1].message


def test_an_answer_that_is_not_written_yet_is_none() -> None:
    file = read("det_gradient(A) = \ninv_differential(A, dA) = dA\n")
    assert (list(file.answers), file.faults) == (["inv_differential"], ())


def test_an_answer_that_is_not_written_yet_is_known_with_its_line() -> None:
    file = read("\ndet_gradient(A) = ...\ninv_differential(A, dA) = # later\ninv_differential(A, dA) = dA")
    assert {name: fault.line for name, fault in file.unwritten.items()} == {"det_gradient": 2}
    assert list(file.answers) == ["inv_differential"]


def test_a_formula_may_begin_below_its_name() -> None:
    file = read("inv_differential(A, dA) :=\n    A dA\ndet_gradient(A) =\n\nX = A")
    assert file.answers["inv_differential"].text == "A @ dA"
    assert list(file.unwritten) == ["det_gradient"]


def test_of_two_formulas_for_one_function_the_last_counts_and_that_is_said() -> None:
    file = read("det_gradient(A) = A\ndet_gradient(A) = A.T")
    assert file.answers["det_gradient"].text == "A.T"
    assert [fault.line for fault in file.faults] == [1]
    assert "line 2" in file.faults[0].message


@pytest.mark.parametrize(("first", "second", "column"), [("", "    ", 1), ("  ", "", 3)])
def test_the_formula_that_does_not_count_is_marked_where_it_stands(
    first: str, second: str, column: int
) -> None:
    file = read(f"{first}det_gradient(A) = A\n{second}det_gradient(A) = A.T")
    assert [(fault.line, fault.column) for fault in file.faults] == [(1, column)]


def test_a_helper_with_the_name_of_an_argument_is_said_to_be_unused() -> None:
    file = read("A = inv(A)\ninv_differential(A, dA) = A dA\ndA = A\ndet_gradient(M) = M")
    assert file.answers["inv_differential"].text == "A @ dA"
    assert [(fault.line, fault.column) for fault in file.faults] == [(1, 1)]
    assert "'A'" in file.faults[0].message and "inv_differential" in file.faults[0].message


def test_a_helper_that_looks_like_an_answer_is_told_how_it_is_written() -> None:
    (fault,) = read("X(A) = A^-1").faults
    assert "X = …" in fault.message


def test_arguments_in_another_order_are_told() -> None:
    (fault,) = read("inv_differential(dA, A) = -A^-1 dA A^-1").answers["inv_differential"].faults
    assert "inv_differential(A, dA)" in fault.message


@pytest.mark.parametrize(
    ("formula", "column", "words"),
    [
        ("A A)", 4, "closes no bracket"),
        ("(A + A", 1, "never closed"),
        ("A (A]", 5, "write ')'"),
        ("A +", 3, "after '+'"),
        ("tr(A -) A", 6, "after '-'"),
        ("* A", 1, "before '*'"),
        ("A @ @ A", 5, "before '@'"),
        ("det_gradient(A) = A = A", 21, "one too many"),
        ("dX = A", 1, "formula alone"),
        ("f(A) = A", 1, "formula alone"),
        ("A ⊗", 3, "after '⊗'"),
        ("⊗ A", 1, "before '⊗'"),
        ("if n > 1 then A else A'", 1, "a if condition else b"),
        ("A if n > 1", 3, "no 'else'"),
        ("A else A'", 3, "no 'if'"),
        ("n > 1 ? A : A'", 7, "a if condition else b"),
        ("A if n > 1 elif n > 2 else A'", 12, "else b if condition else c"),
        ("A if n > 1 && n < 5 else A'", 12, "'and'"),
        ("A if n else A'", 6, "compares sizes"),
        ("A^{-T} \\otimes A", 8, "⊗"),
        ("\\operatorname{tr}(A) A", 1, "letters alone"),
        ("\\begin{pmatrix} 1 & 2 \\end{pmatrix}", 1, "[[1, 2], [3, 4]]"),
        ("A^{\\mathsf{T}}", 2, "A^T"),
        ("A^\\dagger", 3, "A^H"),
        ("A + \\lambda A", 5, "letter itself"),
        ("A\\A", 2, "solve"),
        ("A\\b", 2, "solve"),
        ("A \\ A", 3, "solve"),
        ("A .* A", 3, "entry by entry"),
        ("A.^2", 2, "each entry"),
        ("A.'", 2, "A^T"),
        ("A.T()", 4, "leave out '()'"),
        ("[1 2; 3 4]", 3, "commas"),
        ("[A, A; A, A]", 6, "[[1, 2], [3, 4]]"),
        ("Inverse A", 1, "inv(A)"),
        ("Transpose A", 1, "A.T"),
        ("A + detA", 5, "det(A)"),
        ("A₁₁ A", 1, "A[0, 1]"),
        ("A.I", 1, "inv(A)"),
        ("2 ‖A‖", 3, "norm(A)"),
        ("|A| A", 1, "det(A)"),
        ("√A", 1, "sqrt(x)"),
        ("∂A", 1, "direction"),
        ("A ⊕ A", 3, "'⊕' is not known"),
        ("A : A", 3, "tr(A^T B)"),
        ("A,", 2, "after ','"),
        ('"A"', 1, "quotes"),
        ("return A", 1, "'return'"),
        ("A^--1", 2, "exponent"),
        ("A^-1 = A", 6, "formula alone"),
        ("A A^-1.", 7, "at the end"),
        ("A . A", 3, "A @ B"),
        ("A + Inverse[A].A", 5, "round brackets"),
        ("A^ ... ", 2, "exponent"),
        ("A + ² A", 5, "before '²'"),
        ("⁻¹ A", 1, "before '⁻¹'"),
        ("A ⊗ ^T", 5, "before '^'"),
        ("'A", 1, "before"),
        (", A", 1, "before ','"),
        (".T A", 1, "before '.'"),
        ("(n <=)", 4, "after '<='"),
        ("A + ()", 5, "brackets"),
        ("{A}return A", 4, "'return'"),
        ("A; A", 2, "';'"),
        ("0,5 A", 1, "decimal"),
        ("\\frac{A}{2}", 1, "LaTeX"),
        ("A^{-1}\\,A", 7, "leave out"),
        ("A \\cdot A", 3, "leave out"),
        ("A if n = 1 else A", 8, "write =="),
        ("$A$", 1, "dollar"),
        ("A_{11}", 2, "indices begin with 0"),
        ("2^3^2", 2, "brackets"),
    ],
)
def test_a_slip_is_told_at_its_column(formula: str, column: int, words: str) -> None:
    (fault,) = read_formula(formula, GRADIENT).faults
    assert fault.column == column
    assert words in fault.message


@pytest.mark.parametrize(
    "formula",
    [
        "sum(A, axis=0)",
        "A[0, 1] A",
        "A^* A",
        "(A^*)^-1",
        "A A^T ;",
        "A^-1.T",
        "A^+ + A",
        "einsum('ij,jk->ik', A, A)",
        "A ** -1",
        "A - -A",
        "-A",
        "A + 2.",
        "A'A' A.T (A) [[1, 2], [3, 4]]",
        "2.*A + 2./A",
        "(A if n > 1 else A') ⊗ A",
        "A if 1 < n <= 3 and not n != 2 else A if n == 7 else A'",
        "norm(A, 'fro') A",
        "where(A > 0, A, 0)",
        "A[0:1, :] A",
    ],
)
def test_what_is_right_is_no_slip(formula: str) -> None:
    assert read_formula(formula, GRADIENT).faults == ()


@pytest.mark.slow
def test_a_file_of_a_million_characters_is_read_in_no_time() -> None:
    for part in ("(", "A ", "A^(", "det_gradient(A) = A\nX = A\n"):
        assert isinstance(read("det_gradient(A) = " + part * (1_000_000 // len(part))), FormulaFile)


def test_formulas_for_other_problems_of_the_course_are_left_alone() -> None:
    assert read_formulas("other(A) = A", SIGNATURES, {"other"}).faults == ()


def test_too_many_arguments_are_told_with_the_signature() -> None:
    (fault,) = read("det_gradient(A, B) = A").answers["det_gradient"].faults
    assert "det_gradient(A) = " in fault.message


def test_a_helper_with_an_exponent_is_found() -> None:
    answer = read_formula("X = inv(A)\nS = A\n-X² dA S⁻ᵀ", INVERSE)
    assert answer.text == "X = inv(A)\nS = A\nreturn -power(X, 2) @ dA @ inv(S).T"


def test_a_later_fault_of_a_bare_formula_has_its_own_place() -> None:
    answer = read_formula("X = A\n  A X", INVERSE)
    fault = answer.fault_at(2, len("return A @ ") + 1, "")
    assert (fault.line, fault.column, fault.text) == (2, 5, "  A X")


def test_a_bare_formula_is_an_answer() -> None:
    assert read_formula("-inv(A) @ dA @ inv(A)", INVERSE).text == "-inv(A) @ dA @ inv(A)"
    assert read_formula("X = inv(A)\n-X dA X", INVERSE).text == "X = inv(A)\nreturn -X @ dA @ X"
    assert read_formula("X = inv(A)\n-X @ (dA\n  @ X)", INVERSE).faults == ()
    assert read_formula("", INVERSE).faults
    (fault,) = read_formula("A + Y", INVERSE).faults
    assert (fault.line, fault.column) == (1, 5)


@given(st.text(alphabet="AdX=()[]{}+-*@^'ᵀ⁻¹²·,.#\n 12invdet_gradient", max_size=80))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    file = read(f"det_gradient(A) = {text}")
    assert isinstance(file, FormulaFile)
