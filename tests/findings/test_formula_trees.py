"""Syntax trees of formulas: what is equal is one object, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.findings.diagnosis.candidates.changes import Names, changed_formulas
from grader.findings.diagnosis.candidates.mathematical_slips import SIGN
from grader.findings.diagnosis.candidates.trees import EqualFormulas, name, number, op
from grader.findings.diagnosis.candidates.written import write
from grader.problems.language import Node

A = name("A")


def test_equal_formulas_become_one_object_wherever_they_stood() -> None:
    equal = EqualFormulas()
    one, other = (op("@", op("inv", name("A")), number(2.0)) for _ in range(2))
    moved = replace(other, column=7, line=3)
    assert one is not other
    assert equal.merge(one) is equal.merge(other) is equal.merge(moved)
    assert equal.merge(op("inv", name("A"))) is equal.merge(one).arguments[0]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (name("A"), name("B")),
        (number(1.0), number(-1.0)),
        (number(0.0), number(-0.0)),
        (number(2.0), name("2.0")),
        (op("@", A, name("B")), op("@", name("B"), A)),
        (op("inv", A), op("det", A)),
        (op("norm", A, kind="fro"), op("norm", A, kind="nuc")),
        (replace(op("sum", A), options=(("axis", 0),)), replace(op("sum", A), options=(("axis", 1),))),
        (op("+", A, A), op("+", A, A, A)),
    ],
)
def test_different_formulas_stay_different(one: Node, other: Node) -> None:
    equal = EqualFormulas()
    assert equal.merge(one) is not equal.merge(other)
    assert equal.merge(one) == one and equal.merge(other) == other


def test_a_wrong_sign_in_a_sum_is_written_without_double_signs() -> None:
    names = Names(alike={}, numbers=frozenset())
    slips = changed_formulas(op("+", A, name("B")), names)
    signs = {write(changed.node) for changed in slips if changed.slip is SIGN}
    assert "−A + B" in signs
    assert not any("−−" in text for text in signs)


def test_a_solution_of_a_system_with_a_negative_side_has_its_sign_in_front() -> None:
    B = name("B")
    assert write(op("solve", A, op("neg", B))) == "−A⁻¹·B"
    assert write(op("solve", A, op("neg", op("+", A, B)))) == "−A⁻¹·(A + B)"


@pytest.mark.parametrize("operation", [".T", ".H", ".C"])
def test_changes_of_a_transpose_have_one_order_in_every_process(operation: str) -> None:
    changed = changed_formulas(op(operation, A), Names(alike={}, numbers=frozenset()))
    others = [other for other in (".T", ".H", ".C") if other != operation]
    assert [node for node, _ in changed][:3] == [A, *(op(other, A) for other in others)]
