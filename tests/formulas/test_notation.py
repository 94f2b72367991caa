"""Formulas as students write them are read as they are meant."""

from __future__ import annotations

import pytest

from grader.formulas.notation import translate

NAMES, FUNCTIONS = {"A", "B", "dA", "x", "k", "n"}, {"inv", "det", "trace", "norm", "kron", "power"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("-inv(A) @ dA @ inv(A)", "-inv(A) @ dA @ inv(A)"),
        ("-A^-1 dA A^-1", "-inv(A) @ dA @ inv(A)"),
        ("−A⁻¹ dA A⁻¹", "-inv(A) @ dA @ inv(A)"),
        ("A^{-1} dA", "inv(A) @ dA"),
        ("A^(-1) dA", "inv(A) @ dA"),
        ("(A + B)^-1", "inv((A + B))"),
        ("A^T B", "A.T @ B"),
        ("A' B'", "A.T @ B.T"),
        ("Aᵀ", "A.T"),
        ("A⁻ᵀ", "inv(A).T"),
        ("A^-T", "inv(A).T"),
        ("inv(A)'", "inv(A).T"),
        ("A² + B^3", "power(A, 2) + power(B, 3)"),
        ("x^(1/2)", "power(x, 1/2)"),
        ("A · B", "A @ B"),
        ("A ∘ B", "A * B"),
        ("2 A", "2 @ A"),
        ("2A", "2 @ A"),
        ("2(A + B)", "2 @ (A + B)"),
        ("A (B + dA)", "A @ (B + dA)"),
        ("tr(A B)", "trace(A @ B)"),
        ("np.linalg.inv(A) @ np.trace(B)", "inv(A) @ trace(B)"),
        ("norm(A, 'fro') A'", "norm(A, 'fro') @ A.T"),
        ("A[0, 1] B", "A[0, 1] @ B"),
        ("1e-3 A", "1e-3 @ A"),
        ("A.T B", "A.T @ B"),
        ("A^H x", "A.H @ x"),
        ("A^-H", "inv(A).H"),
        ("A⁻ᴴ", "inv(A).H"),
        ("(A^-1)^* B", "(inv(A)).H @ B"),
        ("A^{-*}", "inv(A).H"),
        ("A^+ x", "pinv(A) @ x"),
        ("A⁺", "pinv(A)"),
        ("A^+2", "power(A, 2)"),
        ("A^TB", "A.T @ B"),
        ("x^Tx", "x.T @ x"),
        ("A^-HBA", "inv(A).H @ BA"),
        ("A^⊤ B", "A.T @ B"),
        ("A’ B′", "A.T @ B.T"),
        ("A^{2 (x - 1)}", "power(A, 2 @ (x-1))"),
        ("A ^ -1", "inv(A)"),
        ("det（A）－ 1", "det(A)- 1"),
        ("2 π A", "2 @ pi @ A"),
        ("A.dot(B)", "A.dot(B)"),
        ("Aᵏ⁻¹ dA Aⁿ", "power(A, k-1) @ dA @ power(A, n)"),
        ("𝐀⁻¹ 𝑑𝐴", "inv(A) @ dA"),
        ("A if n ≥ 2 else B", "A if n >= 2 else B"),
        ("A ⊗ B", "kron(A, B)"),
        ("A⨂B", "kron(A,B)"),
        ("-A^-T ⊗ A^-1", "-kron(inv(A).T, inv(A))"),
        ("A B ⊗ 2 dA + x", "kron(A @ B, 2 @ dA) + x"),
        ("A - dA ⊗ A' - B", "A - kron(dA, A.T) - B"),
        ("A ⊗ B ⊗ dA", "kron(kron(A, B), dA)"),
        ("(A ⊗ B)(dA ⊗ A)", "(kron(A, B)) @ (kron(dA, A))"),
        ("2 * -A ⊗ -B", "kron(2 * -A, -B)"),
        ("tr(A ⊗ B, A) dA ⊗ A[0, 1]", "kron(trace(kron(A, B), A) @ dA, A[0, 1])"),
        ("A ⊗ B, A ⊗ A if n > 1 else B ⊗ B", "kron(A, B), kron(A, A) if n > 1 else kron(B, B)"),
    ],
)
def test_notation_is_read_as_it_is_meant(written: str, read: str) -> None:
    assert translate(written, NAMES, FUNCTIONS).text == read


def test_a_name_that_students_chose_is_no_other_notation() -> None:
    assert translate("tr A", {"tr", "A"}, FUNCTIONS).text == "tr @ A"


def test_every_character_knows_where_it_comes_from() -> None:
    read = translate("A⁻¹ dX", {"A"}, FUNCTIONS)
    assert read.text == "inv(A) @ dX"
    assert read.place(read.text.index("dX")) == 4
    assert read.place(len(read.text)) == 6
