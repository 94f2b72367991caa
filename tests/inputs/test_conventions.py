"""Gradients at complex inputs by each convention: the right one passes, those of the others do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import numpy as np
import pytest
from numpy.linalg import det, inv

from grader import check_derivative
from grader.core.errors import AuthorError
from grader.problems.asks import Convention

pytestmark = pytest.mark.sampled

Answer = Callable[..., Any]
INPUTS: dict[str, Any] = {"A": {"shape": ["n", "n"], "family": ["integer", "generic", "complex"]}}
SIZES: dict[str, Any] = {"sizes": {"n": [2, 3]}, "larger": False, "cases": 8}


def squares(A: Any) -> Any:
    """The gradient of tr(AᴴA), with df = Re tr(GᴴdA)."""
    return 2 * A


GRADIENTS: Mapping[Convention, Answer] = {
    "real": squares, "conjugate": lambda A: squares(A).conj(), "wirtinger": lambda A: squares(A) / 2,
}  # fmt: skip


@pytest.mark.parametrize("convention", GRADIENTS)
def test_a_gradient_is_right_by_its_convention_and_by_no_other(convention: Convention) -> None:
    for other, answer in GRADIENTS.items():
        found = check_derivative(
            "trace(A.H @ A)",
            "gradient",
            answer,
            INPUTS,
            convention=convention,
            raise_exception=False,
            **SIZES,
        )
        assert bool(found) == (other == convention), (convention, other, found.text)


def test_the_gradient_of_a_holomorphic_map_is_its_complex_derivative() -> None:
    def right(A: Any) -> Any:
        return det(A) * inv(A).T

    for answer, is_right in (
        (right, True),
        (lambda A: right(A).conj(), False),
        (lambda A: right(A).real, False),
    ):
        found = check_derivative(
            "det(A)", "gradient", answer, INPUTS, convention="holomorphic", raise_exception=False, **SIZES
        )
        assert bool(found) == is_right, found.text


def test_a_convention_is_for_gradients() -> None:
    assert set(get_args(Convention)) == {*GRADIENTS, "holomorphic"}
    with pytest.raises(AuthorError, match="a convention is for a gradient"):
        check_derivative("A @ A", "pullback", lambda A, G: np.zeros_like(A), INPUTS, convention="conjugate")
