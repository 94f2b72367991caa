"""What a problem may ask for: subspaces, weights, parameters, given functions, empty and rectangular matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, matrix_power, norm

from grader.answers.sandbox import Returned, Sandbox
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Assignment, load_course
from grader.reports.code import CodeCell
from grader.reports.report import ProblemReport
from tests.judging import judged, matrix, outcome, question

pytestmark = pytest.mark.slow

SYMMETRIC = """\
signature: symmetric_gradient(S, B)
f: logdet(S) + trace(solve(S, B))
ask: gradient
wrt: [S]
inputs:
  S: {shape: [n, n], space: symmetric, family: [integer, generic, ill_conditioned, scaled, diagonal, one_by_one]}
  B: {shape: [n, n], space: symmetric, family: [integer, generic]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1},
  {check: inner_product, points: 1}]
"""
TRIANGULAR = """\
signature: triangular_gradient(L)
f: logdet(L)
ask: gradient
inputs:
  L: {shape: [n, n], space: lower_triangular, family: [integer, generic, ill_conditioned, scaled, diagonal]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1},
  {check: inner_product, points: 1}]
"""
WEIGHTED = """\
signature: weighted_gradient(A, W)
f: det(A)
ask: gradient
weight: W
inputs:
  A: {shape: [n, n], family: [integer, generic, corank_1, one_by_one]}
  W: {shape: [n, n], space: positive_definite, family: [integer, generic, ill_conditioned, diagonal]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1},
  {check: inner_product, points: 1}]
"""
POWER = """\
signature: power_differential(A, k, dA)
f: power(A, k)
ask: differential
inputs:
  A: {shape: [n, n], family: [integer, generic, complex, one_by_one, empty]}
parameters: {k: [3, -2, -1, 0, 1, 2]}
norm: max
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1},
  {check: linear, points: 1}, {check: adjoint, points: 1}]
"""
NORM = """\
signature: norm_gradient(A, kind)
f: norm(A, kind)
ask: gradient
inputs:
  A: {shape: [m, n], family: [integer, generic, scaled]}
parameters: {kind: [fro, 2, nuc]}
sizes: {m: [3, 4], n: [2, 3]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1}]
"""
RATIO = """\
signature: ratio(f, L, A, V, h, norm_in, norm_out)
f: norm(f(A + h * V) - f(A) - h * L(V), norm_out) / norm(h * V, norm_in)
ask: value
inputs:
  A: {shape: [n, n], family: [integer, generic]}
  V: {shape: [n, n], family: [integer, generic]}
parameters:
  h: [1, 0.125, 0.001]
  norm_in: [fro, 2, nuc, 1, inf]
  norm_out: [fro, 1, 2, inf, nuc]
functions:
  f: {of: X, is: [inv(X), X @ X]}
  L: {of: V, is: ["-inv(A) @ V @ inv(A)", A @ V + V @ A]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}]
"""
CHARPOLY = """\
signature: charpoly_derivative(A, x)
f: det(x * eye(n) - A)
ask: gradient
wrt: [x]
inputs:
  A: {shape: [n, n], family: [integer, generic]}
  x: {family: [integer, generic, eigenvalue]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1}]
"""
GRAM = """\
signature: gram_gradient(A)
f: det(A.T @ A)
ask: gradient
inputs:
  A: {shape: [m, n], family: [integer, generic, corank_1, corank_2, empty]}
sizes: {m: [3, 4], n: [2, 3]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1}]
"""

JACOBIAN = """\
signature: gram_jacobian(A)
f: A.T @ A
ask: jacobian
inputs:
  A: {shape: [m, n], family: [integer, generic, empty, one_by_one]}
sizes: {m: [2, 3], n: [3, 2]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1},
  {check: adjoint, points: 1}]
"""
BILINEAR = """\
signature: bilinear_gradient(A, x, y)
f: x @ A @ y
ask: gradient
inputs:
  A: {shape: [m, n], family: [integer, generic, complex, empty]}
  x: {shape: [m]}
  y: {shape: [n]}
sizes: {m: [1, 3], n: [4, 2]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: taylor, points: 1},
  {check: inner_product, points: 1}, {check: finite_difference, points: 1}]
"""

VECTORS = """\
signature: vector_jacobian(x)
f: x * exp(x)
ask: jacobian
inputs:
  x: {shape: [n], family: [integer, generic, complex, empty, one_by_one]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: adjoint, points: 1}]
"""
NUMBERS = """\
signature: square_jacobian(x)
f: x * x
ask: jacobian
inputs:
  x: {shape: []}
checks: [{check: shape, points: 1}, {check: reference, points: 1}]
"""
KRONECKER = """\
signature: kron_differential(A, B, dA, dB)
f: kron(A, B)
ask: differential
inputs:
  A: {shape: [m, n], family: [generic, empty, complex, scaled]}
  B: {shape: [n, n]}
sizes: {m: [2], n: [3]}
checks: [{check: shape, points: 1}, {check: reference, points: 1}, {check: linear, points: 1}]
"""


def adjugate(A: Any) -> Any:
    U, s, Qh = np.linalg.svd(A)
    others = np.array([np.prod(np.delete(s, i)) for i in range(len(s))])
    return det(U) * det(Qh) * (Qh.T * others) @ U.T


def symmetric(S: Any, B: Any) -> Any:
    X = inv(S)
    return X - X @ B @ X


def power(A: Any, k: int, V: Any) -> Any:
    if k < 0:
        X = inv(A)
        return power(X, -k, -X @ V @ X)
    return sum((matrix_power(A, j) @ V @ matrix_power(A, k - 1 - j) for j in range(k)), np.zeros_like(A * V))


_NORMS: Mapping[str, Any] = {"1": 1, "2": 2, "inf": np.inf, "fro": "fro", "nuc": "nuc"}


def norm_gradient(A: Any, kind: str) -> Any:
    U, _, Qh = np.linalg.svd(A, full_matrices=False)
    return {"fro": A / norm(A), "2": np.outer(U[:, 0], Qh[0]), "nuc": U @ Qh}[kind]


def ratio(f: Any, L: Any, A: Any, V: Any, h: Any, norm_in: str, norm_out: str) -> Any:
    def size(x: Any, kind: str) -> Any:
        return norm(x, _NORMS[kind])

    return size(f(A + h * V) - f(A) - h * L(V), norm_out) / size(h * V, norm_in)


def charpoly(A: Any, x: Any) -> Any:
    return np.trace(adjugate(x * np.eye(len(A)) - A))


def gram_jacobian(A: Any) -> Any:
    units = [unit.reshape(A.shape, order="F") for unit in np.eye(A.size)]
    columns = [(E.T @ A + A.T @ E).ravel(order="F") for E in units]
    return np.array(columns).T.copy() if columns else np.zeros((A.shape[1] ** 2, 0))


def bilinear(A: Any, x: Any, y: Any) -> Any:
    return np.outer(x, y).conj(), (A @ y).conj(), (A.T @ x).conj()


CASES: dict[str, tuple[str, Callable[..., Any], dict[str, Callable[..., Any]]]] = {
    "symmetric": (SYMMETRIC, symmetric, {
        "cookbook": lambda S, B: 2 * symmetric(S, B) - np.diag(np.diag(symmetric(S, B))),
        "asymmetric": lambda S, B: symmetric(S, B) + 1e-9 * (np.tri(len(S)) - np.tri(len(S)).T),
        "sign": lambda S, B: inv(S) + inv(S) @ B @ inv(S),
    }),
    "triangular": (TRIANGULAR, lambda L: np.diag(1 / np.diag(L)), {"full": lambda L: inv(L).T}),
    "weighted": (WEIGHTED, lambda A, W: np.linalg.solve(W, adjugate(A).T), {
        "unweighted": lambda A, W: adjugate(A).T, "times": lambda A, W: W @ adjugate(A).T,
        "right": lambda A, W: adjugate(A).T @ inv(W),
    }),
    "power": (POWER, power, {
        "commuting": lambda A, k, V: k * matrix_power(A, k - 1) @ V if k != 0 else 0 * A * V,
        "not negative": lambda A, k, V: power(A, max(k, 0), V),
    }),
    "norm": (NORM, norm_gradient, {
        "always fro": lambda A, kind: norm_gradient(A, "fro"), "scale": lambda A, kind: A,
        "only two": lambda A, kind: norm_gradient(A, kind if kind != "nuc" else "2"),
    }),
    "ratio": (RATIO, ratio, {
        "by h": lambda f, L, A, V, h, i, o: ratio(f, L, A, V, h, i, o) * norm(V),
        "no h": lambda f, L, A, V, h, i, o: ratio(f, lambda W: L(W) / h, A, V, h, i, o),
        "swapped": lambda f, L, A, V, h, i, o: ratio(f, L, A, V, h, o, i),
    }),
    "charpoly": (CHARPOLY, charpoly, {
        "by trace": lambda A, x: det(x * np.eye(len(A)) - A) * np.trace(inv(x * np.eye(len(A)) - A)),
        "sign": lambda A, x: -charpoly(A, x),
    }),
    "gram": (GRAM, lambda A: 2 * A @ adjugate(A.T @ A), {
        "half": lambda A: A @ adjugate(A.T @ A), "regular": lambda A: 2 * A @ inv(A.T @ A) * det(A.T @ A),
    }),
    "jacobian": (JACOBIAN, gram_jacobian, {"half": lambda A: gram_jacobian(A) / 2}),
    "vectors": (VECTORS, lambda x: np.diag(np.exp(x) * (1 + x)), {
        "minus": lambda x: -np.diag(np.exp(x) * (1 + x)), "not finite": lambda x: np.full((len(x), len(x)), np.nan),
    }),
    "numbers": (NUMBERS, lambda x: np.array([[2 * x]]), {"square": lambda x: np.array([[x * x]])}),
    "kronecker": (KRONECKER, lambda A, B, V, W: np.kron(V, B) + np.kron(A, W), {
        "twice": lambda A, B, V, W: 2 * (np.kron(V, B) + np.kron(A, W)),
        "single": lambda A, B, V, W: (np.kron(V, B) + np.kron(A, W)).astype(
            np.float32 if A.dtype.kind == "f" else np.complex64),
    }),
    "bilinear": (BILINEAR, bilinear, {
        "unconjugated": lambda A, x, y: tuple(part.conj() for part in bilinear(A, x, y)),
        "one part": lambda A, x, y: (*bilinear(A, x, y)[:2], (1 + 1e-9) * bilinear(A, x, y)[2]),
    }),
}  # fmt: skip


def sit(tmp_path: Path, name: str, seed: int) -> PreparedAssignment:
    folder = tmp_path / "exercises" / name
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text("title: Test\nstatement: Test.\n" + CASES[name][0], encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        f"course: Test\nassignments: {{week: {{problems: [{name}]}}}}\n", encoding="utf-8"
    )
    course = load_course(tmp_path)
    return prepare(course, Assignment("week", "", None, {name: course.problem(name).points}), seed)


def describe(judgement: ProblemReport) -> str:
    return f"{judgement.verdict}: " + "; ".join(
        item.message for item in judgement.findings if item.outcome != "passed"
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_right_formula_is_right_and_wrong_ones_are_wrong(tmp_path: Path, name: str, seed: int) -> None:
    exam = sit(tmp_path, name, seed)
    assert all(item.truth is not None for item in question(exam, name).cases)
    _, right, wrong = CASES[name]
    assert judged(exam, name, right).verdict == "right", describe(judged(exam, name, right))
    for id, function in wrong.items():
        assert judged(exam, name, function).verdict == "wrong", id
        assert outcome(judged(exam, name, function), "reference") == "failed", id


def test_every_value_of_a_parameter_is_drawn_with_whole_numbers_and_with_several_sizes(
    tmp_path: Path,
) -> None:
    posed = question(sit(tmp_path, "power", 3), "power").cases
    met = {(item.case.values["k"], item.case.sizes["n"]) for item in posed if item.case.family == "generic"}
    values = {-2, -1, 0, 1, 2, 3}
    assert all(len({n for k, n in met if k == value}) >= 2 for value in values)
    assert {item.case.values["k"] for item in posed if item.case.family == "integer"} == values


def test_rectangular_whole_numbers_are_as_large_as_square_ones(tmp_path: Path) -> None:
    posed = question(sit(tmp_path, "norm", 3), "norm").cases
    entries = np.concatenate([np.ravel(p.case.values["A"]) for p in posed if p.case.family == "integer"])  # type: ignore[arg-type]
    assert np.max(np.abs(entries)) in (3, 4) and np.all(entries != 0) and np.all(entries == np.round(entries))


def test_eigenvalues_are_exact(tmp_path: Path) -> None:
    posed = question(sit(tmp_path, "charpoly", 3), "charpoly").cases
    tied = [item.case for item in posed if item.case.family == "eigenvalue"]
    assert tied
    for case in tied:
        A, x = matrix(case, "A"), case.values["x"]
        assert isinstance(x, int | float | complex)
        assert np.linalg.matrix_rank(x * np.eye(len(A)) - A) < len(A)


def test_functions_are_given_to_a_submission_as_functions(tmp_path: Path) -> None:
    exam = sit(tmp_path, "ratio", 4)
    asked = question(exam, "ratio")
    source = "def ratio(f, L, A, V, h, norm_in, norm_out):\n    return f(A + h * V) - f(A) - h * L(V)\n"
    with Sandbox(exam.limits) as sandbox:
        run = sandbox.run([CodeCell("answers.py", source)], asked.calls)
    for posed, answer in zip(asked.asked, run.answers, strict=True):
        arguments: Any = posed.case.values.values()
        f, L, A, V, h, *_ = arguments
        assert isinstance(answer, Returned) and posed.truth is not None
        # Not bit for bit: the sandbox clears the environment, in which OPENBLAS_CORETYPE may choose other kernels.
        off = norm(answer.parts[0] - (f(A + h * V) - f(A) - h * L(V))) / norm(h * V)
        assert off <= len(A) * posed.truth.tolerances[0]  # the norms of the ratio differ by no more than n
