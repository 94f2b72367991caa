"""Inputs in spaces: each is drawn in its space, accepts the derivative there, and rejects the nearest wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv

from grader import check_derivative
from grader.cases.draw import draw_cases
from grader.cases.projections import nearest
from grader.cases.spaces import basis, coordinates
from grader.core.errors import AuthorError
from grader.problems.load import make_problem
from grader.problems.problem import Problem
from grader.problems.spaces import SPACES, Space

pytestmark = pytest.mark.sampled

LINEAR: list[Space] = [name for name, space in SPACES.items() if space.tangent == "linear"]
CURVED: list[tuple[Space, tuple[str, ...]]] = [
    ("unit", ("n",)), ("unit", ("m", "n")), ("orthogonal", ("n", "n")), ("stiefel", ("m", "n"))
]  # fmt: skip
TALL = {"where": ["m >= n"], "sizes": {"m": [3, 4], "n": [2, 3]}}


def is_in(space: Space, A: Any, V: Any = None) -> bool:
    """Does A lie in a space? With V, is V a tangent vector there?"""
    X = A if V is None else V
    size = 1.0 if V is None else max(1.0, float(np.abs(V).max(initial=0)))
    if space == "unit":
        return bool(abs(np.sum(A * A) - 1 if V is None else np.sum(A * V)) < 1e-13 * size)
    if space in ("orthogonal", "stiefel"):
        defect = A.T @ A - np.eye(A.shape[1]) if V is None else A.T @ V + V.T @ A
        return bool(np.abs(defect).max(initial=0) < 1e-12 * size)
    if space == "unit_lower_triangular" and V is None:
        X = A - np.eye(len(A))
    return np.allclose(nearest(X, space), X, rtol=1e-15, atol=0)


def question(space: Space, shape: tuple[str, ...], **fields: Any) -> Problem:
    has_m = "m" in shape
    families = list(SPACES[space].families)
    return make_problem(
        {
            "title": "t", "statement": "s", "signature": "answer(A, dA)", "f": "A + A", "ask": "differential",
            "inputs": {"A": {"shape": list(shape), "space": space, "family": families}},
            "checks": [{"check": "reference", "points": 1}],
            **(TALL if has_m else {}), **fields,
        },
        "question",
    )  # fmt: skip


@pytest.mark.parametrize(("space", "shape"), [*((space, ("n", "n")) for space in LINEAR), *CURVED])
def test_points_and_directions_of_every_family_lie_in_the_space(space: Space, shape: tuple[str, ...]) -> None:
    drawn = draw_cases(question(space, shape), 7, 24)
    assert {case.family for case in drawn} >= {*SPACES[space].families} - {"zero"}
    for case in drawn:
        A, V = np.asarray(case.values["A"]), np.asarray(case.values["dA"])
        assert is_in(space, A), case.family
        assert is_in(space, A, V), case.family
        assert (A.dtype.kind == "c") == (V.dtype.kind == "c") == SPACES[space].is_complex


@pytest.mark.parametrize("space", LINEAR)
def test_a_basis_is_orthogonal_and_spans_what_random_matrices_are_projected_onto(space: Space) -> None:
    n, rng = 4, np.random.default_rng(0)
    x = rng.standard_normal((n, n)) + (1j * rng.standard_normal((n, n)) if space == "hermitian" else 0)
    elements = []
    for element in basis(space, (n, n)):
        B = np.zeros(n * n, complex)
        for place, factor in element:
            B[place] = factor
        elements.append(B)
    gram = np.array([[np.vdot(P, Q).real for Q in elements] for P in elements])
    assert np.array_equal(gram, np.diag(np.diag(gram)))
    projected = sum(B * np.vdot(B, x.ravel()).real / np.vdot(B, B).real for B in elements)
    assert np.allclose(projected.reshape(n, n), nearest(x, space))


def test_coordinates_are_the_independent_entries_column_by_column() -> None:
    S = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    assert S.ravel(order="F")[coordinates("symmetric", (3, 3))].tolist() == [1, 2, 3, 4, 5, 6]
    T = np.array([[1.0, 4.0, 5.0], [2.0, 1.0, 4.0], [3.0, 2.0, 1.0]])
    assert T.ravel(order="F")[coordinates("toeplitz", (3, 3))].tolist() == [1, 2, 3, 4, 5]


def sym(X: Any) -> Any:
    return (X + X.T) / 2


def on_stiefel(A: Any, G: Any) -> Any:
    return G - A @ sym(A.T @ G)


def toeplitz_mean(G: Any) -> Any:
    n = len(G)
    return np.array([[np.mean(np.diag(G, j - i)) for j in range(n)] for i in range(n)])


def ambient(A: Any, B: Any) -> Any:
    """The gradient of tr(BᵀA) + ½ tr((AᵀA)²) in all matrices."""
    return B + 2 * A @ A.T @ A


GRADIENTS: list[tuple[Space, str, Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = [
    ("skew", "n×n", lambda A, B: (ambient(A, B) - ambient(A, B).T) / 2, ambient),
    ("upper_triangular", "n×n", lambda A, B: np.triu(ambient(A, B)), ambient),
    ("unit_lower_triangular", "n×n", lambda A, B: np.tril(ambient(A, B), -1), lambda A, B: np.tril(ambient(A, B))),
    ("toeplitz", "n×n", lambda A, B: toeplitz_mean(ambient(A, B)), ambient),
    ("orthogonal", "n×n", lambda A, B: (B - A @ B.T @ A) / 2, lambda A, B: B),
    ("orthogonal", "n×n", lambda A, B: on_stiefel(A, ambient(A, B)), lambda A, B: A @ sym(A.T @ B)),
    ("stiefel", "m×n", lambda A, B: on_stiefel(A, B), lambda A, B: B - A @ A.T @ B),
    ("unit", "n", lambda A, B: B - A * (A @ B), lambda A, B: B),
]  # fmt: skip


@pytest.mark.parametrize(("space", "shape"), [("stiefel", "m×n"), ("orthogonal", "n×n"), ("unit", "n")])
def test_a_gradient_that_is_not_projected_is_named(space: Space, shape: str) -> None:
    inputs: dict[str, Any] = {"A": {"shape": shape.split("×"), "space": space}, "B": shape}
    fields: dict[str, Any] = TALL if "m" in shape else {}
    wrong = check_derivative(
        "sum(B * A)", "gradient", lambda A, B: B.copy(), inputs, wrt=["A"], raise_exception=False, **fields
    )
    assert wrong.report.diagnosis is not None and wrong.report.diagnosis.id == "ambient-gradient"


@pytest.mark.parametrize(("space", "shape", "right", "wrong"), GRADIENTS)
def test_gradients_lie_in_the_tangent_space(
    space: Space, shape: str, right: Callable[..., Any], wrong: Callable[..., Any]
) -> None:
    f = "sum(B * A) + norm(A.T @ A, 'fro') ** 2 / 2" if shape != "n" else "sum(B * A) + (A @ A) ** 2 / 2"
    inputs: dict[str, Any] = {"A": {"shape": shape.split("×"), "space": space}, "B": shape}
    fields: dict[str, Any] = TALL if "m" in shape else {}

    def check(answer: Callable[..., Any]) -> Any:
        return check_derivative(f, "gradient", answer, inputs, wrt=["A"], raise_exception=False, **fields)

    assert check(right), check(right).text
    assert not check(wrong)


@pytest.mark.slow
def test_hermitian_gradients_are_hermitian() -> None:
    inputs: dict[str, Any] = {"H": {"shape": ["n", "n"], "space": "hermitian"}, "B": "n×n complex"}

    def right(H: Any, B: Any) -> Any:
        G = -inv(H).conj().T @ B.conj().T @ inv(H).conj().T
        return (G + G.conj().T) / 2

    def check(answer: Callable[..., Any]) -> Any:
        return check_derivative(
            "trace(inv(H) @ B)", "gradient", answer, inputs, wrt=["H"], raise_exception=False
        )

    assert check(right), check(right).text
    assert not check(lambda H, B: -inv(H).conj().T @ B.conj().T @ inv(H).conj().T)
    assert not check(lambda H, B: right(H, B).real)
    assert not check(lambda H, B: right(H, B).conj())


@pytest.mark.parametrize(
    ("space", "shape"), [(space, "n×n") for space in LINEAR if space != "positive_definite"]
)
def test_differentials_and_pullbacks_are_accepted_in_every_linear_space(space: Space, shape: str) -> None:
    inputs: dict[str, Any] = {"A": {"shape": ["n", "n"], "space": space}}
    assert check_derivative("A @ A", "differential", lambda A, dA: A @ dA + dA @ A, inputs)

    def pullback(A: Any, G: Any) -> Any:
        return nearest(A.conj().T @ G + G @ A.conj().T, space)

    assert check_derivative("A @ A", "pullback", pullback, inputs)
    if space not in ("lower_triangular", "upper_triangular"):
        wrong = check_derivative(
            "A @ A", "differential", lambda A, dA: 2 * A @ dA, inputs, raise_exception=False
        )
        assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize(("space", "shape"), [("orthogonal", "n×n"), ("stiefel", "m×n"), ("unit", "n")])
def test_derivatives_along_tangent_vectors_need_no_extension_of_f(space: Space, shape: str) -> None:
    """On the manifold tr(AᵀA) is constant, so its derivative along tangent vectors is left out without harm."""
    inputs: dict[str, Any] = {"A": {"shape": shape.split("×"), "space": space}, "B": shape}
    fields: dict[str, Any] = TALL if "m" in shape else {}
    for f in ("sum(B * A)", "sum(B * A) * norm(A, 'fro') ** 2 / norm(A, 'fro') ** 2"):
        check_derivative(f, "differential", lambda A, B, dA: np.sum(B * dA), inputs, wrt=["A"], **fields)
    wrong = check_derivative(
        "sum(B * A)", "differential", lambda A, B, dA: 2 * np.sum(B * dA), inputs, wrt=["A"],
        raise_exception=False, **fields,
    )  # fmt: skip
    assert not wrong


def test_the_jacobian_of_a_symmetric_input_is_taken_in_its_independent_entries() -> None:
    def congruence(A: Any, S: Any) -> Any:
        n = len(A)
        pairs = [(i, j) for j in range(n) for i in range(j, n)]
        columns = []
        for i, j in pairs:
            E = np.zeros((n, n))
            E[i, j] = E[j, i] = 1.0
            columns.append((A.T @ E @ A).ravel(order="F"))
        return np.stack(columns, axis=1)

    inputs: dict[str, Any] = {"A": "n×n", "S": "n×n symmetric"}
    assert check_derivative("A.T @ S @ A", "jacobian", congruence, inputs, wrt=["S"])
    for wrong in (lambda A, S: np.kron(A.T, A.T), lambda A, S: congruence(A, S) / 2):
        assert not check_derivative(
            "A.T @ S @ A", "jacobian", wrong, inputs, wrt=["S"], raise_exception=False
        )


def test_a_jacobian_of_several_inputs_is_one_matrix_for_each() -> None:
    def right(A: Any, B: Any) -> Any:
        n = len(A)
        return np.kron(B.T, np.eye(n)), np.kron(np.eye(n), A)

    inputs: dict[str, Any] = {"A": "n×n", "B": "n×n"}
    assert check_derivative("A @ B", "jacobian", right, inputs)
    wrong = check_derivative(
        "A @ B", "jacobian", lambda A, B: right(A, B)[::-1], inputs, raise_exception=False
    )
    assert not wrong


FAULTS: list[tuple[Space, tuple[str, ...], dict[str, Any], str]] = [
    (
        "stiefel",
        ("m", "n"),
        {"where": [], "sizes": {"m": [2, 3], "n": [2, 3]}},
        "at least as many rows as columns",
    ),
    ("unit", (), {}, "a unit input needs a vector or a matrix"),
    ("orthogonal", ("m", "n"), {}, "an orthogonal input needs a square matrix"),
    ("orthogonal", ("n", "n"), {"ask": "jacobian", "signature": "answer(A)"}, "real independent entries"),
]


@pytest.mark.parametrize(("space", "shape", "fields", "message"), FAULTS)
def test_what_a_space_cannot_be_is_told(
    space: Space, shape: tuple[str, ...], fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(AuthorError, match=message):
        question(space, shape, **fields)


def test_the_stub_states_the_projection() -> None:
    from grader.authoring.stub import make_stub

    problem = question("stiefel", ("m", "n"), ask="gradient", signature="answer(A)", f="sum(A)")
    assert "G − A(AᵀG + GᵀA)/2" in make_stub(problem)


def test_a_space_may_stand_behind_a_shape_and_orthogonal_stays_a_family() -> None:
    assert check_derivative(
        "trace(A @ A @ B)",
        "gradient",
        lambda A, B: skew_gradient(A, B),
        {"A": "n×n skew", "B": "n×n"},
        wrt=["A"],
    )
    assert check_derivative("det(A)", "gradient", lambda A: det(A) * inv(A).T, {"A": "n×n orthogonal"})


def skew_gradient(A: Any, B: Any) -> Any:
    G = (A @ B + B @ A).T
    return (G - G.T) / 2
