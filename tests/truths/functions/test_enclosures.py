"""Enclosures hold where problems are hard, and what cannot be enclosed is undecided, never wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from benchmarks.ball_functions import to_flint
from grader.core.norms import Array
from grader.problems.language import evaluate, parse
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import NotExactError, from_entries, radius
from grader.truths.functions.factorizations import cholesky, lu, qr
from grader.truths.functions.general_eigen import eig, eigvals
from grader.truths.functions.hermitian import eigh, eigvalsh, svd, svdvals
from grader.truths.functions.least_squares import null_space, pinv, sylvester
from grader.truths.functions.powers import expm, funm, logm, sqrtm

pytestmark = pytest.mark.sampled

I = np.eye(3)  # noqa: E741
DEFECTIVE = np.array([[1.0, 1.0], [0.0, 1.0]])
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
TURN = np.array([[0.0, 1.0], [-1.0, 0.0]])
NEXT = np.nextafter(1.0, 2.0)


@pytest.fixture(autouse=True)
def _bits() -> Iterator[None]:
    with ctx.workprec(700):
        yield


UNDECIDED: list[tuple[Callable[..., Any], Array]] = [
    (cholesky, SINGULAR),
    (cholesky, -I),
    (qr, SINGULAR),
    (pinv, SINGULAR),
    (svd, SINGULAR),
    (svd, I),
    (eigh, I),
    (eigh, np.array([[0.0, -1.0], [-1.0, 2.0**-50]])),
    (eig, DEFECTIVE),
    (eig, np.array([[0.5, NEXT], [-1.0, 0.5]])),
    (eigvals, DEFECTIVE),
    (sqrtm, SINGULAR),
    (sqrtm, -I),
    (logm, -I),
    (logm, SINGULAR),
    (logm, np.diag([1.0, -2.0])),
    (null_space, np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 7.0]])),
]


@pytest.mark.parametrize(("f", "A"), UNDECIDED, ids=lambda item: getattr(item, "__name__", ""))
def test_what_is_not_defined_or_not_unique_is_undecided(f: Callable[..., Any], A: Array) -> None:
    with pytest.raises(NotExactError):
        f(to_flint(A))


def test_a_sign_is_settled_where_sizes_differ_by_more_than_rounding() -> None:
    vectors = eigh(to_flint(np.array([[0.0, -1.0], [-1.0, 2.0**-30]])))[1].tolist()
    assert all(max(map(float, column), key=abs) > 0 for column in zip(*vectors, strict=True))


def test_a_sylvester_equation_without_a_unique_solution_is_undecided() -> None:
    with pytest.raises(NotExactError):
        sylvester(to_flint(I), to_flint(-I), to_flint(I))


def test_pivots_of_equal_size_are_taken_in_order_as_lapack_does() -> None:
    P, L, U = lu(to_flint(TURN + 0.0))
    assert (P * L * U).overlaps(to_flint(TURN))
    P, _, _ = lu(to_flint(np.array([[1.0, 2.0], [-1.0, 3.0]])))
    assert P.overlaps(to_flint(np.eye(2)))


def test_pivots_that_cannot_be_told_apart_are_undecided() -> None:
    A = to_flint(np.array([[1.0, 2.0], [1.0, 3.0]]))
    A[0, 0] = arb(1, arb(2) ** -600)
    with pytest.raises(NotExactError, match="pivots"):
        lu(A)


def test_matrix_functions_are_enclosed_at_defective_matrices() -> None:
    A = to_flint(DEFECTIVE)
    root, logarithm = sqrtm(A), logm(A)
    assert (root * root).overlaps(A)
    assert expm(logarithm).overlaps(A)
    assert float(root[0, 1]) == 0.5
    assert float(logarithm[0, 1]) == 1.0


@pytest.mark.parametrize("condition", [1e4, 1e8, 1e12, 1e15])
def test_enclosures_are_sharp_at_every_condition_number(condition: float) -> None:
    rng = np.random.default_rng(1)
    Q, R = (np.linalg.qr(rng.standard_normal((4, 4)))[0] for _ in range(2))
    A = to_flint(Q * np.geomspace(1, 1 / condition, 4) @ R)
    gram = A.transpose() * A
    values = svdvals(A)
    assert all(value.rel_accuracy_bits() > 500 for value in values)
    assert all(entry.rel_accuracy_bits() > 400 for entry in sqrtm(gram).entries())
    root = sqrtm(gram)
    assert (root * root).overlaps(gram)
    Q_, R_ = qr(A)
    assert (Q_ * R_).overlaps(A)
    assert all(entry.rel_accuracy_bits() > 500 for entry in Q_.entries())


def test_eigenvalues_within_a_step_of_each_other_are_told_apart() -> None:
    h = arb(2) ** -200
    rng = np.random.default_rng(3)
    V = rng.standard_normal((3, 3))
    V = V + V.T
    A = to_flint(np.ones((3, 3)) + I)
    low, middle, high = eigvalsh(A + to_flint(V) * h)
    assert (low - 1).rel_accuracy_bits() > 300
    assert low < middle < high
    assert float((low + middle + high - 6) / h) == pytest.approx(np.trace(V))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_equal_eigenvalues_and_singular_values_are_enclosed(n: int) -> None:
    A = to_flint(3 * np.eye(n))
    assert [float(value) for value in eigvalsh(A)] == [3.0] * n
    assert [float(value) for value in svdvals(A)] == [3.0] * n
    complex_values = eigvalsh(to_flint(3 * np.eye(n, dtype=complex)))
    assert [float(value) for value in complex_values] == [3.0] * n


def test_zero_has_singular_values_that_contain_zero() -> None:
    assert all(value.contains(0) and value >= 0 for value in svdvals(to_flint(np.zeros((3, 2)))))


def test_eigenvalues_of_a_real_matrix_are_real_or_conjugate_and_in_order() -> None:
    first, second = eigvals(to_flint(TURN))
    assert complex(first) == -1j
    assert complex(second) == 1j
    assert [float(value) for value in eigvals(to_flint(np.array([[2.0, 1.0], [0.0, -3.0]])))] == [-3.0, 2.0]


def test_only_the_lower_triangle_is_read_as_lapack_does() -> None:
    A = np.array([[2.0, 99.0], [1.0, 3.0]])
    (low, high), expected = eigvalsh(to_flint(A)), np.linalg.eigvalsh(A)
    assert [float(low), float(high)] == pytest.approx(expected)
    assert float(cholesky(to_flint(A))[1, 0]) == pytest.approx(np.linalg.cholesky(A)[1, 0])


def test_funm_is_defined_at_equal_eigenvalues_but_for_two_names() -> None:
    assert float(funm(to_flint(DEFECTIVE), "sin")[0, 1]) == pytest.approx(np.cos(1.0))
    for name in ("erf", "gammaln"):
        with pytest.raises(NotExactError):
            funm(to_flint(DEFECTIVE), name)


def test_powers_and_norms_of_balls_around_zero_are_bounded() -> None:
    around = arb(0, arb(2) ** -600)
    x = from_entries([around, arb(1)], (2,))
    for text in ("x ** 2", "x ** 3", "norm(x)", "var(x)"):
        assert radius(evaluate(parse(text, ["x"]), {"x": x}, BALLS)) < 2.0**-500


@pytest.mark.parametrize("f", [eig, eigh, svd])
def test_vectors_with_entries_that_are_zero_are_enclosed(f: Callable[[Any], Any]) -> None:
    for A in (np.diag([1.0, 3.0]), np.array([[1.0, 2.0], [0.0, 3.0]])):
        for part in f(to_flint(A)):
            entries = part if isinstance(part, list) else part.entries()
            assert all(entry.is_finite() for entry in entries)
