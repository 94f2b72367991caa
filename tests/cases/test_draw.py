from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from flint import fmpz_mat
from hypothesis import given
from hypothesis import strategies as st

from grader.cases.case import Case, Formula
from grader.cases.draw import COMBINATION, draw_cases
from grader.cases.draw_in_space import draw_in_space
from grader.cases.families import draw_square
from grader.problems.course import Course
from grader.problems.family_names import Family, FamilyName
from tests.judging import matrix

SIZES = st.integers(1, 6)
SIGNS = st.sampled_from([-1, 1])


def draw(name: FamilyName, n: int, sign: int, seed: int, parameter: float | None = None) -> np.ndarray:
    return draw_square(Family(name, parameter), np.random.Generator(np.random.Philox(seed)), n, sign)


def exact(A: np.ndarray) -> fmpz_mat:
    return fmpz_mat(A.astype(int).tolist())


def digest(course: Course, seed: int) -> str:
    sums = hashlib.sha256()
    for problem in course.problems.values():
        for case in draw_cases(problem, seed, course.cases):
            for name, value in case.values.items():
                content = str(value) if isinstance(value, Formula) else np.asarray(value)
                sums.update(f"{case.family} {name}".encode() + np.asarray(content).tobytes())
    return sums.hexdigest()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_cases_and_another_seed_gives_others(course: Course) -> None:
    assert digest(course, 3) == digest(course, 3)
    assert digest(course, 3) != digest(course, 4)


@given(SIZES, SIGNS, st.integers(0, 10**6))
def test_generic_matrices_are_well_conditioned_and_hide_nothing(n: int, sign: int, seed: int) -> None:
    A = draw("generic", n, sign, seed)
    d = np.linalg.det(A)
    assert np.linalg.cond(A) < 6.1
    assert np.sign(d) == sign
    assert not 0.81 < abs(d) < 1.24
    assert np.all(A != 0)
    if n > 1:
        assert np.max(np.abs(A - A.T)) > 1e-6  # far above any tolerance; seed 211 comes to 2.6e-4


@given(SIZES, SIGNS, st.integers(0, 10**6))
def test_integer_matrices_are_small_dense_asymmetric_and_not_unimodular(n: int, sign: int, seed: int) -> None:
    A = draw("integer", n, sign, seed)
    assert np.array_equal(A, np.round(A)) and np.all(np.abs(A) <= 4) and np.all(A != 0)
    d = int(exact(A).det())
    assert abs(d) >= 2 and np.sign(d) == sign
    assert n == 1 or not np.array_equal(A, A.T)


@given(SIZES, st.integers(0, 10**6), st.sampled_from([(1, "corank_1"), (2, "corank_2")]))
def test_singular_matrices_have_exact_zero_pivots(
    n: int, seed: int, singular: tuple[int, FamilyName]
) -> None:
    corank, name = singular
    A = draw(name, n, 1, seed)
    assert exact(A).rank() == n - min(corank, n)
    assert np.linalg.det(A) == 0.0
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.inv(A)


@given(st.integers(2, 6), st.integers(0, 10**6), st.sampled_from([1e2, 1e6, 1e10]))
def test_ill_conditioned_matrices_have_the_condition_number_asked_for(
    n: int, seed: int, kappa: float
) -> None:
    A = draw("ill_conditioned", n, 1, seed, kappa)
    assert kappa / 2 < np.linalg.cond(A) < kappa * 2


@given(SIZES, SIGNS, st.integers(0, 10**6))
def test_structured_families_have_their_structure(n: int, sign: int, seed: int) -> None:
    S, Q, L, D, C = (
        draw(name, n, sign, seed) for name in ("symmetric", "orthogonal", "triangular", "diagonal", "complex")
    )
    assert np.array_equal(S, S.T)
    assert np.allclose(Q @ Q.T, np.eye(n), atol=1e-14)
    assert np.array_equal(L, np.tril(L)) and np.array_equal(D, np.diag(np.diag(D)))
    # A single number may come out almost real; a matrix of them does not.
    assert np.linalg.cond(C) < 6.1 and (n == 1 or np.max(np.abs(C.imag)) > 1e-3)


@given(st.integers(2, 6), st.integers(0, 10**6))
def test_orthogonal_matrices_of_negative_determinant_have_no_pivot_on_the_diagonal(n: int, seed: int) -> None:
    Q = draw("orthogonal", n, -1, seed)
    assert not np.any(np.diag(Q)) and np.array_equal(np.abs(Q).sum(axis=0), np.ones(n))
    assert exact(Q).det() == -1
    assert np.all(draw("orthogonal", n, 1, seed))


def test_scaled_matrices_are_large_and_small_in_turn(course: Course) -> None:
    cases = draw_cases(course.problems["inv-differential"], 1, 24)
    sizes = [np.max(np.abs(matrix(case, "A"))) for case in cases if case.family == "scaled"]
    assert max(sizes) > 300 and min(sizes) < 0.01


def test_no_input_has_a_negative_zero(course: Course) -> None:
    for problem in course.problems.values():
        for case in draw_cases(problem, 3, course.cases):
            values = [np.asarray(value) for value in case.values.values() if not isinstance(value, Formula)]
            for x in (x for value in values if value.dtype.kind in "fc" for x in (value.real, value.imag)):
                assert not np.any(np.signbit(x) & (x == 0)), (problem.id, case.family)


def test_three_cases_on_one_line_are_exact_combinations(course: Course) -> None:
    for id, name in (("inv-differential", "dA"), ("inv-pullback", "G")):
        cases = draw_cases(course.problems[id], 8, 24)
        (both,) = [case for case in cases if case.combination_of is not None]
        V, W = (cases[index] for index in both.combination_of or ())
        a, b = COMBINATION
        assert np.array_equal(matrix(V, "A"), matrix(both, "A"))
        assert np.array_equal(matrix(W, "A"), matrix(both, "A"))
        assert np.array_equal(matrix(both, name), a * matrix(V, name) + b * matrix(W, name))
        assert not np.array_equal(matrix(V, name), matrix(W, name))


def test_each_size_and_each_value_of_a_parameter_meets_both_signs_of_the_determinant(course: Course) -> None:
    ids = ("matrix-power-differential", "symmetric-gradient", "triangular-gradient", "inv-differential")
    for problem in (course.problems[id] for id in ids):
        cases = draw_cases(problem, 2, course.cases)
        signs = {case.index: determinant_sign(case) for case in cases if case.family == "generic"}
        told = {(case.sizes["n"], signs[case.index]) for case in cases if case.index in signs}
        assert told >= {(n, sign) for n in problem.sizes["n"] for sign in (-1, 1)}, problem.id
        for item in problem.parameters:
            met = {(case.values[item.name], signs[case.index]) for case in cases if case.index in signs}
            assert met >= {(value, sign) for value in item.values for sign in (-1, 1)}, problem.id


def determinant_sign(case: Case) -> float:
    A: Any = next(iter(case.values.values()))
    return float(np.linalg.slogdet(A)[0])


@pytest.mark.slow
@given(st.integers(2, 5), SIGNS, st.integers(0, 10**6))
def test_matrices_in_a_space_are_definite_or_not_and_have_the_sign_asked_for(
    n: int, sign: int, seed: int
) -> None:
    rng = np.random.Generator(np.random.Philox(seed))
    drawn = [draw_in_space("symmetric", Family("generic"), rng, (n, n), sign) for _ in range(40)]
    assert {float(np.linalg.slogdet(A)[0]) for A in drawn} == {sign}
    definite = {abs(int(np.sum(np.sign(np.linalg.eigvalsh(A))))) == n for A in drawn}
    assert (True in definite) == (sign > 0 or n % 2 == 1)
    assert (False in definite) == (sign < 0 or n > 2)


def test_both_signs_of_the_determinant_occur_among_generic_cases(course: Course) -> None:
    for problem in course.problems.values():
        cases = draw_cases(problem, 2, course.cases)
        free = [item.name for item in problem.inputs if item.shape == ("n", "n") and item.space == "general"]
        for name in free[:1]:
            signs = {
                float(np.sign(np.linalg.det(matrix(case, name))))
                for case in cases
                if case.family == "generic"
            }
            assert signs == {-1.0, 1.0}, problem.id


def test_every_value_of_a_parameter_meets_several_sizes_among_generic_cases(course: Course) -> None:
    for problem in course.problems.values():
        generic = [case for case in draw_cases(problem, 2, course.cases) if case.family == "generic"]
        for parameter in problem.parameters:
            for value in parameter.values:
                met = {tuple(c.sizes.values()) for c in generic if c.values[parameter.name] == value}
                assert len(met) >= 2, (problem.id, parameter.name, value)


def test_directions_and_rectangular_matrices_are_no_numbers_of_single_precision(course: Course) -> None:
    for id, name in (("inv-differential", "dA"), ("gram-gradient", "A"), ("inv-pullback", "G")):
        cases = [case for case in draw_cases(course.problems[id], 2, 24) if case.family == "generic"]
        for x in (np.asarray(case.values[name]) for case in cases):
            assert not np.array_equal(x, x.astype(np.float32))
