"""A formula is shown as it was read: as text, and as mathematics writes it."""

from __future__ import annotations

import pytest

from grader.formats.html.notebook_card import card
from grader.formats.html.prose import formula_html
from grader.formulas.answers_file import Signature, read_formula
from grader.formulas.latex import as_latex
from grader.formulas.read_back import find_roots
from grader.formulas.show import as_text
from grader.platforms.jupyter import check
from grader.problems.course import load_course
from grader.problems.language import FUNCTIONS, Node
from grader.problems.solution import load_solution
from tests.conftest import ROOT

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
        ("2 π A", r"2 \, \pi \, A"),
        ("2j A", r"2i \, A"),
        ("[[1, 2], [g, 4]] A", r"\begin{pmatrix} 1 & 2 \\ g & 4 \end{pmatrix} \, A"),
        ("block([[A, B], [dA, A]])", r"\begin{pmatrix} A & B \\ \mathit{dA} & A \end{pmatrix}"),
        ("[1, g]", r"\left[1, g\right]"),
        ("eye(n) - eye(n, 2)", r"I_{n} - \operatorname{eye}\left(n, 2\right)"),
        ("A ** 2 + 2 ** n", r"A^{\circ 2} + 2^{n}"),
        ("A ** -1", r"A^{\circ -1}"),
        ("det(A) * A", r"\det\left(A\right) \, A"),
        ("A * B @ A", r"\left(A \ast B\right) \, A"),
        ("A @ B * A", r"\left(A \, B\right) \ast A"),
        ("A @ B * 2", r"A \, B \cdot 2"),
        ("A B ⊗ 2 A + A", r"\left(A \, B\right) \otimes 2 \, A + A"),
        (
            "(A ⊗ B) (A ⊗ (B ⊗ A))",
            r"\left(A \otimes B\right) \, \left(A \otimes \left(B \otimes A\right)\right)",
        ),
        ("-A ⊗ (-B)", r"-A \otimes \left(-B\right)"),
        ("sqrt(n) abs(g)", r"\sqrt{n} \, \left|g\right|"),
        ("norm(A, 'inf')", r"\left\|A\right\|_{\infty}"),
        ("logdet(A B)^2", r"\left(\log\left|\det \left(A \, B\right)\right|\right)^{2}"),
        ("funm(A, 'exp')", r"\operatorname{funm}\left(A, \text{exp}\right)"),
        ("arctan2(A, B)", r"\text{arctan2}\left(A, B\right)"),
        ("A[..., None]", r"A_{\dots, \text{None}}"),
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
        "power(-1, n) * det(A) * A @ B",
        "norm(A, 'nuc')",
        "-(A + B)",
        "A if n > 1 and not n == 3 else B",
        "(A if n >= 2 or n < 1 else B) * 2",
        "pi * [[1, 2], [g, 4]] @ block([[A, B], [B, A]])",
        "stack(A, B, axis=1) + [1, 2]",
        "A[:, 1:n] if n % 2 == 0 else A[0:1]",
    ],
)
def test_the_text_of_a_tree_is_read_as_the_same_tree(text: str) -> None:
    assert as_text(tree(text)) == text


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"root", "ode", "where", "einsum"}))
def test_every_function_is_typeset(name: str) -> None:
    takes = FUNCTIONS[name]
    given = ["A"] * (takes.required + bool(takes.spread))
    if takes.kinds and takes.required > 1:
        given[1] = repr(takes.kinds[0])
    shown = formula_html(as_latex(tree(f"{name}({', '.join(given)})")))
    assert shown.startswith("<math")


def test_a_card_shows_how_a_formula_was_read_as_mathematics() -> None:
    shown = card(check("inv-differential", "-A⁻¹ dA A⁻¹").report)
    assert "<math" in shown.partition("Read as")[2][:2000]
    assert "100 digits" in shown


def test_what_is_said_of_a_conjugate_in_numpy_is_said_for_formulas_too() -> None:
    course = load_course(ROOT)
    solutions = [load_solution(ROOT / "solutions" / id, problem) for id, problem in course.problems.items()]
    steps = [
        mistake.step for solution in solutions for mistake in solution.mistakes if "conj()" in mistake.step
    ]
    assert steps and all("in a formula" in step for step in steps)
