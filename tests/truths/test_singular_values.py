"""Singular values are enclosed by the quick way wherever it can prove them, and by flint's where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
from flint import acb_mat, arb, ctx

from grader.core.norms import Array
from grader.truths import singular_values as module
from grader.truths.balls import NotExactError, from_array
from grader.truths.singular_values import largest_singular_value, singular_values

pytestmark = pytest.mark.sampled

RNG = np.random.default_rng(7)


@pytest.fixture(autouse=True)
def _bits() -> Iterator[None]:
    with ctx.workprec(700):
        yield


def by_flint(A: Array) -> list[arb]:
    mat = acb_mat(from_array(A).mat)
    gram = mat.conjugate().transpose() * mat
    with ctx.workprec(2000):
        return sorted((value.real.sqrt() for value in gram.eig()), key=float, reverse=True)


def ill_conditioned(n: int, condition: float) -> Array:
    Q, R = (np.linalg.qr(RNG.standard_normal((n, n)))[0] for _ in range(2))
    return np.asarray(Q * np.geomspace(1, 1 / condition, n) @ R)


MATRICES = {
    "1×1": np.array([[-3.0]]),
    "real": RNG.standard_normal((4, 4)),
    "complex": RNG.standard_normal((5, 5)) + 1j * RNG.standard_normal((5, 5)),
    "tall": RNG.standard_normal((6, 3)),
    "integer": np.array([[1.0, 2.0], [3.0, 4.0]]),
    "scaled": 1e-120 * RNG.standard_normal((3, 3)),
    "ill-conditioned": ill_conditioned(8, 1e10),
    "large": RNG.standard_normal((12, 12)),
}


@pytest.mark.parametrize("name", MATRICES)
def test_singular_values_are_enclosed_to_most_of_the_digits(name: str) -> None:
    A = MATRICES[name]
    with patch.object(module, "_eigenvalues", side_effect=AssertionError("the quick way proves these")):
        values = singular_values(from_array(A))
        largest = largest_singular_value(from_array(A))
    expected = by_flint(A)
    assert len(values) == len(expected)
    assert all(value.overlaps(right) for value, right in zip(values, expected, strict=True))
    assert all(value.rel_accuracy_bits() > 500 for value in (*values, largest))
    assert largest.overlaps(expected[0])


def test_a_vector_has_one_singular_value() -> None:
    (length,) = singular_values(from_array(np.array([3.0, 4.0])))
    assert length.contains(5) and length.rel_accuracy_bits() > 500


def test_where_two_are_equal_nothing_is_told() -> None:
    twice = np.diag([2.0, 1.0, 1.0])
    with pytest.raises(NotExactError, match="repeated"):
        singular_values(from_array(twice))
    assert largest_singular_value(from_array(twice)).contains(2)
    with pytest.raises(NotExactError, match="repeated"):
        largest_singular_value(from_array(np.eye(3)))


def test_a_start_at_another_root_is_not_taken_for_the_largest() -> None:
    A = from_array(np.diag([3.0, 2.0, 1.0]))
    with patch.object(module, "_approximate", return_value=[4.0, 1.0, 1.0]):
        assert largest_singular_value(A).contains(3)
        assert sorted(round(float(value)) for value in singular_values(A)) == [1, 2, 3]


def test_inputs_with_lost_digits_are_enclosed_as_well() -> None:
    A = from_array(RNG.standard_normal((3, 3)))
    wide = type(A)(A.mat * arb(1, 2.0**-200), A.shape)
    for value, exact in zip(
        sorted(singular_values(wide), key=float), sorted(singular_values(A), key=float), strict=True
    ):
        assert value.contains(exact) and value.rel_accuracy_bits() < 210
