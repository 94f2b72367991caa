"""Of a chain of expressions, the "=" that is wrong is found."""

from __future__ import annotations

import pytest

import grader
from tests.conftest import ROOT

SQUARE = {"A": "n×n", "B": "n×n"}


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ("tr(A B) = tr(B A)", ()),
        ("tr(A B) = tr(B A) = tr(A) tr(B)", (2,)),
        ("(A B)^-1 = A^-1 B^-1 = A⁻¹ B⁻¹", (1,)),
        ("det(A B) = det(A) det(B)\n = det(B A)", ()),
        ("A + B = B + A = A - (-B)", ()),
        ("inv(A) - inv(B) = inv(A) (B - A) inv(B) = inv(A) (A - B) inv(B)", (2,)),
    ],
)
def test_the_wrong_step_is_found(steps: str, wrong: tuple[int, ...]) -> None:
    checked = grader.check_steps(steps, SQUARE)
    assert (checked.wrong, bool(checked)) == (wrong, not wrong)


def test_sides_whose_shapes_do_not_fit_are_explained() -> None:
    checked = grader.check_steps("A B = B A", {"A": "m×n", "B": "n×k"})
    assert checked.wrong == (1,)
    assert "n×k" in checked.steps[0].fault


def test_every_step_is_compared_at_several_inputs() -> None:
    (step,) = grader.check_steps("x' A x = x' A' x", {"A": "n×n", "x": "n"}).steps
    assert step.inputs >= 6


@pytest.mark.parametrize("steps", ["A", "A =", "A = inw(A)", ""])
def test_a_chain_with_a_fault_is_refused_with_a_sentence(steps: str) -> None:
    with pytest.raises(grader.GraderError):
        grader.check_steps(steps, SQUARE)


def test_the_page_shows_what_is_printed() -> None:
    page = (ROOT / "docs/how-to/formulas.md").read_text(encoding="utf-8")
    checked = grader.check_steps("tr(A B) = tr(B A) = tr(A) tr(B)", SQUARE)
    assert f"```text\n{checked!r}\n```" in page
