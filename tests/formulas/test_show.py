"""A formula is shown as it was read: as text, and as mathematics writes it."""

from __future__ import annotations

import pytest

from grader.formats.html.notebook_card import card
from grader.formulas.answers_file import Signature, read_formula
from grader.formulas.latex import as_latex
from grader.formulas.reading import find_roots
from grader.formulas.show import as_text
from grader.platforms.jupyter import check
from grader.problems.language import Node

SIGNATURE = Signature("f", ("A", "B", "dA", "g"), ("n",))


def tree(formula: str) -> Node:
    roots = find_roots(read_formula(formula, SIGNATURE))
    assert roots is not None
    return roots[0]


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        ("-A^-1 dA A^-1", r"-A^{-1} \, \mathit{dA} \, A^{-1}"),
        ("X = inv(A)\n-X dA X", r"-A^{-1} \, \mathit{dA} \, A^{-1}"),
        ("inv(A).T", "A^{-T}"),
        ("(A B)^T", r"\left(A \, B\right)^{T}"),
        ("(A + B)^-1", r"\left(A + B\right)^{-1}"),
        ("A - (B - A)", r"A - \left(B - A\right)"),
        ("power(A, 3)", "A^{3}"),
        ("A[0, 1]", "A_{0, 1}"),
        ("1e-7 A", r"1 \cdot 10^{-7} \, A"),
        ("(1.5e200)^2 A", r"\left(1.5 \cdot 10^{200}\right)^{2} \, A"),
        (
            "A if n > 1 and not n == 3 else g",
            r"\begin{cases} A & \text{if } n > 1 \text{ and } \text{not } n = 3 \\ g & \text{otherwise} \end{cases}",
        ),
        ("A^-1 (-dA) A^-1", r"A^{-1} \, \left(-\mathit{dA}\right) \, A^{-1}"),
        ("A - (-B)", r"A - \left(-B\right)"),
        ("A + (-A) B", r"A + \left(-A \, B\right)"),
        ("2 3 A", r"2 \cdot 3 \, A"),
        ("(n % 2) A[:, 1:]", r"\left(n \bmod 2\right) \, A_{:, 1:}"),
        ("sum(A, axis=0)", r"\operatorname{sum}\left(A, \text{axis} = 0\right)"),
        ("tr(A B) / 2", r"\frac{\operatorname{tr}\left(A \, B\right)}{2}"),
    ],
)
def test_latex_is_what_mathematics_writes(formula: str, latex: str) -> None:
    assert as_latex(tree(formula)) == latex


@pytest.mark.parametrize(
    "text",
    [
        "-inv(A) @ dA @ inv(A)",
        "A - (B - A)",
        "(A @ B).T",
        "power(A, 3) * 2",
        "norm(A, 'nuc')",
        "-(A + B)",
        "A if n > 1 and not n == 3 else B",
        "(A if n >= 2 or n < 1 else B) * 2",
        "A[:, 1:n] if n % 2 == 0 else A[0:1]",
    ],
)
def test_the_text_of_a_tree_is_read_as_the_same_tree(text: str) -> None:
    assert as_text(tree(text)) == text


def test_a_card_shows_how_a_formula_was_read_as_mathematics() -> None:
    shown = card(check("inv-differential", "-A⁻¹ dA A⁻¹").report)
    assert "<math" in shown.partition("Read as")[2][:2000]
    assert "100 digits" in shown
