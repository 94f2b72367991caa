"""The oracle against classical identities and against the reference solutions, never the other way round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb_mat, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cases.asked_map import asked_map
from grader.cases.case import Case
from grader.cases.draw import draw_cases
from grader.core.norms import inner, norm
from grader.problems.course import Course
from grader.problems.load import load_problem
from grader.problems.problem import Problem
from grader.truths.ball_algebra import BALLS
from grader.truths.cache import find_truths
from grader.truths.derivative import STEPS, exact
from grader.truths.doubles import split
from grader.truths.solve import solve_cases
from grader.truths.truth import FAR_BELOW, Truth, Undecided, find_truth
from tests.conftest import MINIMAL, ROOT
from tests.judging import matrix

pytestmark = pytest.mark.sampled

TEMPLATE = """\
title: Test
statement: Test.
signature: test_function({arguments})
f: {f}
ask: {ask}
inputs:
{inputs}
sizes: {{n: [2, 3], m: [3, 4]}}
checks:
  - {{check: reference, points: 1}}
"""


def truth_of(problem: Problem, case: Case, seed: int) -> Truth:
    truth = find_truth(problem, case, seed)
    assert isinstance(truth, Truth), truth
    return truth


def make(tmp_path: Path, f: str, ask: str, arguments: str, **inputs: str) -> Problem:
    folder = tmp_path / "exercises" / "test-problem"
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"  {name}: {{shape: {shape}}}" for name, shape in inputs.items())
    text = TEMPLATE.format(f=f, ask=ask, arguments=arguments, inputs=lines)
    (folder / "problem.yaml").write_text(text)
    return load_problem(folder / "problem.yaml")


def ask(problem: Problem, **values: Any) -> list[np.ndarray]:
    sizes = {
        letter: side
        for item in problem.inputs
        for letter, side in zip(item.shape, np.shape(values[item.name]), strict=True)
        if isinstance(letter, str)
    }
    asked = asked_map(problem, Case(0, "generic", sizes, values), BALLS)
    with ctx.workprec(STEPS[0].bits(problem.order)):
        parts = exact(asked, STEPS[0].h(asked))
    return [split(part)[0] for part in parts]


RNG = np.random.default_rng(5)
A, B, V, G = (RNG.normal(size=(3, 3)) for _ in range(4))
b, v, w = (RNG.normal(size=3) for _ in range(3))
X = np.asarray(np.linalg.inv(A), dtype=np.float64)


def close(found: np.ndarray, right: np.ndarray) -> bool:
    return norm(np.asarray(found - right)) <= 1e-11 * max(1.0, norm(np.asarray(right)))


def test_gradient_of_a_quadratic_form(tmp_path: Path) -> None:
    problem = make(tmp_path, "b @ A @ b", "gradient", "A, b", A="[n, n]", b="[n]")
    found = ask(problem, A=A, b=b)
    assert close(found[0], np.outer(b, b)) and close(found[1], (A + A.T) @ b)


def test_gradient_of_the_frobenius_norm(tmp_path: Path) -> None:
    problem = make(tmp_path, "norm(A, 'fro')", "gradient", "A", A="[n, n]")
    assert close(ask(problem, A=A)[0], A / norm(A))


def test_gradients_of_the_operator_and_nuclear_norm(tmp_path: Path) -> None:
    U, _, Q = np.linalg.svd(A)
    assert close(
        ask(make(tmp_path, "norm(A, '2')", "gradient", "A", A="[n, n]"), A=A)[0], np.outer(U[:, 0], Q[0])
    )
    assert close(ask(make(tmp_path, "norm(A, 'nuc')", "gradient", "A", A="[n, n]"), A=A)[0], U @ Q)


def test_gradient_of_a_rectangular_gram_determinant(tmp_path: Path) -> None:
    M = RNG.normal(size=(4, 3))
    problem = make(tmp_path, "det(A.T @ A)", "gradient", "A", A="[m, n]")
    gram = M.T @ M
    assert close(ask(problem, A=M)[0], 2 * np.linalg.det(gram) * M @ np.linalg.inv(gram))


def test_differential_with_several_directions(tmp_path: Path) -> None:
    problem = make(tmp_path, "solve(A, b)", "differential", "A, b, dA, db", A="[n, n]", b="[n]")
    assert close(ask(problem, A=A, b=b, dA=V, db=v)[0], X @ (v - V @ X @ b))


def test_pullback_of_solve_is_a_pair(tmp_path: Path) -> None:
    problem = make(tmp_path, "solve(A, b)", "pullback", "A, b, g", A="[n, n]", b="[n]")
    found = ask(problem, A=A, b=b, g=w)
    lam = np.linalg.solve(A.T, w)
    assert len(found) == 2 and close(found[0], -np.outer(lam, X @ b)) and close(found[1], lam)


def test_jacobian_of_a_product_is_a_kronecker_product(tmp_path: Path) -> None:
    text = TEMPLATE.format(
        f="B @ A @ B",
        ask="jacobian\nwrt: [A]",
        arguments="A, B",
        inputs="  A: {shape: [n, n]}\n  B: {shape: [n, n]}",
    )
    path = tmp_path / "exercises" / "kron" / "problem.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert close(ask(load_problem(path), A=A, B=B)[0], np.kron(B.T, B))


def test_value_is_f_itself(tmp_path: Path) -> None:
    assert close(ask(make(tmp_path, "adj(A)", "value", "A", A="[n, n]"), A=A)[0], np.linalg.det(A) * X)


def test_a_derivative_is_right_to_all_doubles_where_double_precision_fails(tmp_path: Path) -> None:
    """At the Hilbert matrix of order 8, κ = 1.5e10, against the formula in rational arithmetic."""
    n = 8
    H = np.array([[1.0 / (i + j + 1) for j in range(n)] for i in range(n)])
    E = RNG.normal(size=(n, n))
    found = ask(make(tmp_path, "inv(A)", "differential", "A, dA", A="[n, n]"), A=H, dA=E)[0]
    with ctx.workprec(600):
        inverse = arb_mat(n, n, H.ravel().tolist()).inv()
        exact = -(inverse * arb_mat(n, n, E.ravel().tolist()) * inverse)
        right = np.array([float(x) for x in exact.entries()]).reshape(n, n)
    assert np.array_equal(found, right)


def test_complex_gradient_uses_the_real_inner_product(tmp_path: Path) -> None:
    C = A + 1j * B
    found = ask(make(tmp_path, "logdet(A)", "gradient", "A", A="[n, n]"), A=C)[0]
    assert close(found, np.linalg.inv(C).conj().T)


def test_derivatives_exist_at_singular_points(tmp_path: Path) -> None:
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    found = ask(make(tmp_path, "det(A)", "gradient", "A", A="[n, n]"), A=singular)[0]
    assert np.array_equal(found, [[4, -2], [-2, 1]])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3, 5])
def test_references_agree_with_the_oracle_within_tolerance(course: Course, seed: int) -> None:
    for id, problem in course.problems.items():
        solution = course.solution(id)
        assert solution is not None
        for posed in find_truths(problem, seed, course.cases)[0]:
            assert posed.truth is not None, (id, posed.case.family)
            answer = solution.reference(*posed.case.values.values())
            parts = answer if isinstance(answer, tuple) else (answer,)
            for part, truth, tolerance in zip(parts, posed.truth.parts, posed.truth.tolerances, strict=True):
                off = norm(truth.minus(np.asarray(part)))
                assert off <= tolerance, (id, posed.case.family, off / tolerance)


@pytest.mark.slow
def test_the_oracles_own_error_is_far_below_the_tolerance(course: Course) -> None:
    for problem in course.problems.values():
        for posed in find_truths(problem, 3, course.cases)[0]:
            assert posed.truth is not None and posed.truth.error <= FAR_BELOW


def test_a_case_without_a_derivative_is_undecided_not_wrong(tmp_path: Path) -> None:
    problem = make(tmp_path, "logdet(A)", "gradient", "A", A="[n, n]")
    case = Case(0, "corank_1", {"n": 2}, {"A": np.array([[1.0, 2.0], [2.0, 4.0]])})
    assert isinstance(find_truth(problem, case, 1), Undecided)


def test_the_adjoint_identity_holds_between_differential_and_pullback(course: Course) -> None:
    forward, back = course.problems["inv-differential"], course.problems["inv-pullback"]
    C, D, P = A + 1j * B, V + 1j * G, B - 1j * V
    derivative = ask(forward, A=C, dA=D)[0]
    pulled = ask(back, A=C, G=P)[0]
    assert abs(inner(P, derivative) - inner(pulled, D)) <= 1e-11 * norm(P) * norm(derivative)


@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_tolerances_admit_rounded_inputs_and_exclude_finite_differences(seed: int) -> None:
    """An answer that is exact for inputs rounded once more is right; central differences never are."""
    problem = load_problem(ROOT / "exercises" / "inv-differential" / "problem.yaml")
    rng = np.random.default_rng(seed)
    case = draw_cases(problem, seed, 24)[int(rng.integers(24))]
    truth = truth_of(problem, case, seed)
    assert truth is not None and truth.probe is not None
    rounded = {
        name: matrix(case, name) * (1 + rng.uniform(-1, 1, np.shape(matrix(case, name))) * 2**-53)
        for name in case.values
    }
    again = ask(problem, **rounded)[0]
    assert norm(truth.parts[0].minus(again)) <= truth.tolerances[0]
    assert truth.probe.central_difference is not None
    assert (
        norm(truth.parts[0].minus(truth.probe.central_difference)) > truth.tolerances[0]
        or case.family == "ill_conditioned"
    )


@pytest.mark.parametrize(
    ("ask_for", "arguments"), [("differential", "x, dx"), ("gradient", "x"), ("pullback", "x, g")]
)
def test_a_symmetric_kink_is_no_derivative(tmp_path: Path, ask_for: str, arguments: str) -> None:
    """Central differences of |x| at 0 are 0 at every step; there is no derivative all the same."""
    problem = make(tmp_path, "abs(x)", ask_for, arguments, x="[]")
    values = {name: 0.0 if name == "x" else 1.5 for name in problem.arguments}
    assert isinstance(find_truth(problem, Case(0, "generic", {}, values), 1), Undecided)
    away = {name: -2.0 if name == "x" else 1.5 for name in problem.arguments}
    truth = truth_of(problem, Case(0, "generic", {}, away), 1)
    assert truth is not None and truth.parts[0].hi == (-1.0 if ask_for == "gradient" else -1.5)


def test_second_differentials_are_mixed_differences(tmp_path: Path) -> None:
    inverse = make(tmp_path, "inv(A)", "second_differential", "A, V, W", A="[n, n]")
    XV, XG = X @ V, X @ G
    assert close(ask(inverse, A=A, V=V, W=G)[0], XV @ XG @ X + XG @ XV @ X)
    d = np.linalg.det(A)
    second = d * (np.trace(XV) * np.trace(XG) - np.trace(XV @ XG))
    problem = make(tmp_path, "det(A)", "second_differential", "A, V, W", A="[n, n]")
    assert close(ask(problem, A=A, V=V, W=G)[0], second)
    for posed in solve_cases(problem, 3, 24):
        assert posed.truth is not None and posed.truth.probe is not None


@pytest.mark.parametrize("scale", [1e-120, 1e-30, 1e30, 1e120])
def test_the_step_follows_the_size_of_the_inputs(tmp_path: Path, scale: float) -> None:
    """At 1e-120 a step of 2⁻²⁰⁰ would leave the matrix far behind."""
    problem = make(tmp_path, "logdet(A)", "gradient", "A", A="[n, n]")
    truth = truth_of(problem, Case(0, "scaled", {"n": 3}, {"A": A * scale}), 1)
    assert truth is not None
    assert norm(truth.parts[0].hi * scale - X.T) <= 1e-12 * norm(X)
    assert truth.tolerances[0] <= 1e-10 * norm(truth.parts[0].hi)


@pytest.mark.parametrize(
    ("f", "right"),
    [
        ("trace(inv(A) @ A)", lambda A: X.T - (X @ A @ X).T),
        ("norm(A, 'fro') / norm(A, 'fro')", lambda A: A / norm(A) / norm(A) - norm(A) * A / norm(A) ** 3),
    ],
)
def test_rounding_is_allowed_where_the_derivative_is_0_everywhere(
    tmp_path: Path, f: str, right: object
) -> None:
    truth = truth_of(
        make(tmp_path, f, "gradient", "A", A="[n, n]"), Case(0, "generic", {"n": 3}, {"A": A}), 1
    )
    assert truth is not None and np.all(truth.parts[0].hi == 0)
    assert callable(right) and norm(right(A)) <= truth.tolerances[0] <= 1e-12


@pytest.mark.parametrize(
    "f", ["kron(A, kron(A, A))", "vec(kron(A, A))", "kron(A, eye(n))", "vec(A) @ vec(A)"]
)
def test_pullbacks_of_any_shape_are_posed(tmp_path: Path, f: str) -> None:
    problem = make(tmp_path, f, "pullback", "A, g", A="[n, n]")
    for case in draw_cases(problem, 1, 6)[:2]:
        assert isinstance(find_truth(problem, case, 1), Truth)


def test_a_power_that_is_not_whole_is_undecided_and_not_a_crash(write_problem: Callable[..., Path]) -> None:
    text = MINIMAL.replace("trace(A @ A)", "trace(power(A, k / 2))").replace("(A)\nf", "(A, k)\nf")
    problem = load_problem(write_problem(text + "parameters: {k: [1, 2]}\n"))
    decided = {item.case.values["k"] for item in solve_cases(problem, 1, 8) if item.truth is not None}
    assert decided == {2}
