"""Wrong answers that no author listed are named for what they are, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, slogdet, solve

from grader.answers.sandbox import Failed
from grader.findings.diagnosis.agreement import confirms, is_conclusive, part_answers
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedAssignment, PreparedProblem, prepare
from grader.problems.course import Course
from grader.reports.report import Diagnosis, Failure
from grader.truths.cache import user_cache
from tests.findings.test_checks import RIGHT
from tests.judging import answers, judge, judged_answers, question
from tests.truths.test_generality import CASES, sit

pytestmark = pytest.mark.slow

SEEDS = (11, 5, 12)
PROBLEMS = (
    "adjugate", "det-differential", "det-gradient", "det-pullback", "inv-differential", "inv-jacobian",
    "inv-pullback", "logdet-gradient",
)  # fmt: skip


@pytest.fixture(scope="module", params=SEEDS)
def drawn(request: pytest.FixtureRequest, course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("lecture05"), seed=request.param, store=user_cache())


@pytest.fixture(scope="module", params=SEEDS[:2])
def neighbours(request: pytest.FixtureRequest, course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("lecture05-neighbours"), seed=request.param, store=user_cache())


def unlisted(exam: PreparedAssignment, id: str) -> PreparedProblem:
    """The question as if its author had listed no mistakes."""
    return replace(question(exam, id), mistakes=())


def name(exam: PreparedAssignment, id: str, function: Callable[..., Any]) -> Diagnosis | None:
    judgement = judge(unlisted(exam, id), function)
    assert judgement.verdict == "wrong"
    return judgement.diagnosis


def D(A: Any, V: Any) -> Any:
    return -solve(A, V) @ inv(A)


def G(A: Any) -> Any:
    return RIGHT["det-gradient"](A)


def J(A: Any) -> Any:
    return np.kron(-inv(A).T, inv(A))


def L(A: Any) -> Any:
    return inv(A).conj().T.copy()


def P(A: Any, C: Any) -> Any:
    return -L(A) @ C @ L(A)


def T(A: Any, V: Any) -> Any:
    return float(np.sum(G(A) * V))


def plus(x: Any, place: Any, amount: float) -> Any:
    y = np.array(x)
    y[place] += amount
    return y


def entrywise(f: Callable[[Any], Any], h: float, central: bool) -> Callable[[Any], Any]:
    def gradient(A: Any) -> Any:
        quotient = np.zeros(A.shape)
        for i, j in np.ndindex(A.shape):
            E = np.zeros(A.shape)
            E[i, j] = h
            quotient[i, j] = (f(A + E) - f(A - E)) / (2 * h) if central else (f(A + E) - f(A)) / h
        return quotient

    return gradient


def forward(h: float) -> Callable[..., Any]:
    return lambda A, V: (inv(A + h * V) - inv(A)) / h


def central(h: float, f: Callable[[Any], Any] = inv) -> Callable[..., Any]:
    return lambda A, V: (f(A + h * V) - f(A - h * V)) / (2 * h)


def fourth_order(A: Any, V: Any) -> Any:
    return (4 * central(0.01)(A, V) - central(0.02)(A, V)) / 3


def log_det(A: Any) -> Any:
    return slogdet(A)[1]


def unsigned(A: Any) -> Any:
    return G(A) * (-1.0) ** np.add.outer(np.arange(len(A)), np.arange(len(A)))


def complex_step(A: Any, V: Any) -> Any:
    return np.imag(inv(A + 1e-20j * V)) / 1e-20


def single(A: Any, V: Any) -> Any:
    return D(A, V).astype(np.complex64 if A.dtype.kind == "c" else np.float32)


def half(A: Any, V: Any) -> Any:
    x = D(A, V)
    return (
        x.real.astype(np.float16) + 1j * x.imag.astype(np.float16)
        if x.dtype.kind == "c"
        else x.astype(np.float16)
    )


INV: list[tuple[str, str, Callable[..., Any]]] = [
    ("constant-factor", "1.01 times", lambda A, V: D(A, V) * 1.01),
    ("constant-factor", "(1 + 1e-08) times", lambda A, V: D(A, V) * (1 + 1e-8)),
    ("constant-factor", "exactly 2/3 times", lambda A, V: D(A, V) * 2 / 3),
    ("constant-factor", "exactly minus the", lambda A, V: -D(A, V)),
    ("constant-factor", "3.14159 times", lambda A, V: D(A, V) * np.pi),
    ("size-factor", "1/n times", lambda A, V: D(A, V) / len(A)),
    ("determinant-factor", "exactly det A times", lambda A, V: D(A, V) * det(A)),
    ("determinant-factor", "exactly 1/det A times", lambda A, V: D(A, V) / det(A)),
    ("determinant-factor", "exactly |det A| times", lambda A, V: D(A, V) * abs(det(A))),
    ("determinant-factor", "sign(det A)", lambda A, V: D(A, V) * slogdet(A)[0]),
    ("transpose", "the transpose", lambda A, V: D(A, V).T.copy()),
    ("transpose", "minus 1/det A times the transpose", lambda A, V: -D(A, V).T / det(A)),
    ("conjugate", "the conjugate", lambda A, V: D(A, V).conj()),
    ("conjugate-transpose", "minus the conjugate transpose", lambda A, V: -D(A, V).conj().T),
    ("absolute-value", "absolute value", lambda A, V: abs(D(A, V))),
    ("complex-step", "complex step", complex_step),
    ("zero", "zeros", lambda A, V: np.zeros(A.shape)),
    ("constant", "does not depend", lambda A, V: np.eye(len(A))),
    ("constant", "does not depend", lambda A, V: np.random.default_rng(0).normal(size=A.shape)),
    ("not-finite", "in every case", lambda A, V: np.full(A.shape, np.nan)),
    ("not-finite", "everything else is right", lambda A, V: D(A, V) if A[0, 0].real > 0 else np.full(A.shape, np.nan)),
    ("only-size", "for n ≤ 3 only", lambda A, V: D(A, V) if len(A) < 4 else V.copy()),
    ("only-size", "for n ≤ 2 only", lambda A, V: D(A, V) if len(A) < 3 else D(A, V) + 1),
    ("only-size", "for n ≥ 2 only", lambda A, V: D(A, V) if len(A) > 1 else V.copy()),
    ("only-symmetric", "sym(A)", lambda A, V: D((A + A.T) / 2, V)),
    ("only-positive-determinant", "det A > 0", lambda A, V: D(A, V) if det(A).real > 0 else V.copy()),
    ("only-real", "real inputs", lambda A, V: D(A, V) if A.dtype.kind != "c" else V.copy()),
    ("only-real", "missing or not finite", lambda A, V: D(A, V) if A.dtype.kind != "c" else 1 / 0),
    ("only-real", "it is −conj(A⁻¹)·dA·A⁻¹", lambda A, V: -inv(A).conj() @ V @ inv(A)),
    ("only-real", "wrong otherwise", lambda A, V: 5 * inv(A).imag if A.dtype.kind == "c" else D(A, V)),
    ("function-value", "f itself", lambda A, V: inv(A)),
    ("function-difference", "difference of values", lambda A, V: inv(A + V) - inv(A)),
    ("function-difference", "difference of values", lambda A, V: (inv(A + V) - inv(A - V)) / 2),
    ("finite-differences", "forward difference quotient with the step h = 1e-06", forward(1e-6)),
    ("finite-differences", "central difference quotient with the step h = 0.001", central(1e-3)),
    ("finite-differences", "fourth-order", fourth_order),
    ("single-precision", "in single precision: only 7 digits", single),
    ("single-precision", "in half precision: only 3 digits", half),
    ("rounded-digits", "rounded to 3 decimals", lambda A, V: np.round(D(A, V), 3)),
    ("rounded-digits", "rounded to 6 decimals", lambda A, V: np.round(D(A, V), 6)),
    ("one-entry", "its first entry", lambda A, V: plus(D(A, V), (0, 0), 1.0)),
    ("one-entry", "its upper right entry", lambda A, V: plus(D(A, V), (0, -1), 1e-5)),
    ("one-row", "its first row", lambda A, V: plus(D(A, V), 0, 1.0)),
    ("one-row", "its last column", lambda A, V: plus(D(A, V), (slice(None), -1), 1.0)),
    ("one-row", "its diagonal", lambda A, V: D(A, V) + np.eye(len(A))),
    ("one-row", "off its diagonal", lambda A, V: np.diag(np.diag(D(A, V)))),
    ("one-row", "below its diagonal", lambda A, V: np.triu(D(A, V))),
    ("product-order", "−A⁻¹·A⁻¹·dA", lambda A, V: -solve(A, solve(A, V))),
    ("product-order", "2·dA·A⁻¹·A⁻¹", lambda A, V: 2 * V @ inv(A) @ inv(A)),
    ("transposed-factor", "−A⁻¹·dAᵀ·A⁻¹", lambda A, V: D(A, V.T)),
    ("transposed-factor", "1/2·A⁻¹·dA·A⁻¹ + 1/2·A⁻¹·dAᵀ·A⁻¹", lambda A, V: -(D(A, V) + D(A, V.T)) / 2),
    ("pullback-for-differential", "adjoint", lambda A, V: -inv(A).T @ V @ inv(A).T),
    ("other-product", "A⁻¹·dA", lambda A, V: solve(A, V)),
    ("other-product", "returned dA,", lambda A, V: V.copy()),
    ("elementwise", "(1/A)", lambda A, V: -V / A**2),
    ("elementwise", "−A⁻¹ * dA @ A⁻¹", lambda A, V: -inv(A) * V @ inv(A)),
    ("jacobian-for-differential", "the Jacobian", lambda A, V: -np.kron(inv(A).T, inv(A))),
]  # fmt: skip


PRECISION = ("finite-differences", "rounded-digits", "single-precision")


@pytest.mark.parametrize(("id", "words", "function"), INV, ids=[f"{k}-{row[0]}" for k, row in enumerate(INV)])
def test_a_wrong_differential_of_the_inverse_is_named(
    drawn: PreparedAssignment, id: str, words: str, function: Callable[..., Any]
) -> None:
    diagnosis = name(drawn, "inv-differential", function)
    assert diagnosis is not None and diagnosis.id == id, diagnosis
    assert words in diagnosis.message
    assert diagnosis.kind == ("precision" if id in PRECISION else "relation")


@pytest.mark.parametrize(
    ("id", "change"),
    [
        ("rounded-digits", lambda X: np.round(X, 8)),
        ("single-precision", lambda X: X.astype(np.complex64 if X.dtype.kind == "c" else np.float32)),
        ("few-digits", lambda X: X * (1 + 1e-9 * np.sin(1e6 * X.real))),
    ],
)
def test_lost_digits_are_said_of_real_inputs_alone_where_complex_ones_are_wrong_otherwise(
    drawn: PreparedAssignment, id: str, change: Callable[[Any], Any]
) -> None:
    right = name(drawn, "det-pullback", lambda A, g: change(np.conj(np.conj(g) * det(A) * inv(A).T)))
    assert right is not None and right.id == id
    assert "complex" not in right.message

    without_conjugate = name(drawn, "det-pullback", lambda A, g: change(g * det(A) * inv(A).T))
    assert without_conjugate is not None and without_conjugate.id == id
    assert without_conjugate.lead.startswith("for real inputs your ")
    assert "must it conjugate" in without_conjugate.step


def test_what_is_right_but_for_rounding_is_not_called_right_somewhere(drawn: PreparedAssignment) -> None:
    """A relative error near the tolerance is within it at some cases; that is no property of these inputs."""
    for amount in (2e-13, 1e-12):
        diagnosis = name(
            drawn,
            "inv-differential",
            lambda A, V, amount=amount: (1 + amount) * D(A, V) + amount * abs(D(A, V)),
        )
        assert diagnosis is None or not diagnosis.id.startswith("only-"), diagnosis


def test_what_is_nearly_right_for_complex_inputs_is_not_called_the_right_formula(
    drawn: PreparedAssignment,
) -> None:
    for id, right in (("inv-differential", D), ("inv-pullback", P), ("logdet-gradient", L)):

        def wrong(A: Any, *others: Any, right: Any = right) -> Any:
            return right(A, *others) * (1 + 1e-9 * (A.dtype.kind == "c"))

        diagnosis = name(drawn, id, wrong)
        assert diagnosis is not None and "wrong otherwise" in diagnosis.message, diagnosis


def with_row(A: Any, i: int, row: Any) -> Any:
    return plus(A, i, row - A[i])


def sign_product(A: Any) -> Any:
    n = len(A)
    minors = [[det(np.delete(np.delete(A, i, 0), j, 1)) for j in range(n)] for i in range(n)]
    return np.reshape(minors, (n, n)) * (-1.0) ** np.multiply.outer(np.arange(n), np.arange(n))


def rows_but_the_last(A: Any, V: Any) -> Any:
    return sum(det(with_row(A, i, V[i])) for i in range(len(A) - 1))


def absolute_at_singular(A: Any, V: Any) -> Any:
    return T(A, V) if np.linalg.matrix_rank(A) == len(A) else abs(T(A, V))


def doubling(A: Any, V: Any) -> Any:
    V *= 2
    return D(A, V)


OTHERS: list[tuple[str, str, str, Callable[..., Any]]] = [
    ("det-differential", "gradient-for-differential", "inner product with dA", lambda A, V: G(A)),
    ("det-differential", "absolute-value", "absolute value", lambda A, V: abs(T(A, V))),
    ("det-differential", "function-value", "f itself", lambda A, V: det(A)),
    ("det-differential", "constant-factor", "exactly twice", lambda A, V: 2 * T(A, V)),
    ("det-differential", "other-product", "tr(dA)", lambda A, V: np.trace(V)),
    ("det-differential", "transposed-factor", "A⁻ᵀ", lambda A, V: det(A) * np.sum(inv(A) * V)),
    ("det-differential", "finite-differences", "step h = 0.01", central(0.01, det)),
    ("det-differential", "zero", "0 in every case", lambda A, V: 0.0),
    ("det-differential", "constant", "the same in every case.", lambda A, V: 1.0),
    ("det-differential", "only-positive-determinant", "det A > 0", lambda A, V: T(A, V) if det(A) > 0 else 0.0),
    ("det-gradient", "only-positive-determinant", "det A ≥ 0", lambda A: G(A) if det(A) >= 0 else G(A) + 1),
    ("det-differential", "only-nonsingular", "invertible A", lambda A, V: det(A) * np.trace(solve(A, V))),
    ("det-gradient", "constant-factor", "minus", lambda A: -G(A)),
    ("det-gradient", "function-value", "f itself", lambda A: det(A)),
    ("det-gradient", "differential-for-gradient", "along A", lambda A: np.sum(G(A) * A)),
    ("det-gradient", "differential-for-gradient", "along one direction", lambda A: np.sum(G(A))),
    ("det-gradient", "checkerboard-signs", "checkerboard", unsigned),
    ("det-gradient", "one-row", "its last row", lambda A: plus(G(A), -1, -0.3)),
    ("det-gradient", "transpose", "1/det A times the transpose", inv),
    ("det-gradient", "finite-differences", "forward difference quotient with the step", entrywise(det, 1e-6, False)),
    ("logdet-gradient", "finite-differences", "central difference quotient", entrywise(log_det, 1e-4, True)),
    ("logdet-gradient", "elementwise", "1/A", lambda A: 1 / A),
    ("logdet-gradient", "off-diagonal-doubled", "doubled", lambda A: 2 * L(A) - np.diag(np.diag(L(A)))),
    ("inv-jacobian", "row-major", "also its transpose", lambda A: J(A).T.copy()),
    ("inv-jacobian", "constant-factor", "exactly twice", lambda A: 2 * J(A)),
    ("inv-jacobian", "other-product", "A ⊗ A", lambda A: np.kron(A, A)),
    ("inv-jacobian", "transposed-factor", "−A⁻¹ ⊗ A⁻¹", lambda A: -np.kron(inv(A), inv(A))),
    ("inv-jacobian", "one-row", "its first row", lambda A: plus(J(A), 0, 1)),
    ("inv-jacobian", "four-indices", "four indices", lambda A: -np.einsum("ki,jl->klij", inv(A), inv(A))),
    ("inv-pullback", "differential-for-pullback", "applied the differential to G", D),
    ("inv-pullback", "only-real", "−A⁻ᵀ·G·A⁻ᵀ", lambda A, C: -inv(A).T @ C @ inv(A).T),
    ("inv-pullback", "other-product", "−A⁻ᴴ·A⁻ᴴ", lambda A, C: -L(A) @ L(A)),
    ("det-pullback", "only-real", "conj(g)", lambda A, g: np.conj(g) * np.conj(det(A)) * L(A)),
    ("det-pullback", "other-product", "conj(det A)·A⁻ᴴ", lambda A, g: np.conj(det(A)) * L(A)),
    ("adjugate", "determinant-factor", "1/det A", inv),
    ("inv-differential", "wrong-power", "the right answer squared", lambda A, V: D(A, V) ** 2),
    ("inv-differential", "other-formula", "(A + dA)⁻¹", lambda A, V: inv(A + V)),
    ("det-differential", "extra-term", "the right answer plus 1.", lambda A, V: T(A, V) + 1),
    ("det-differential", "extra-term", "plus det(A)", lambda A, V: T(A, V) + det(A)),
    ("inv-differential", "extra-term", "plus A⁻¹", lambda A, V: D(A, V) + inv(A)),
    ("inv-differential", "extra-term", "minus dA", lambda A, V: D(A, V) - V),
    ("det-differential", "other-function", "sum(adj(A)·dA)", lambda A, V: np.sum(G(A).T @ V)),
    ("det-differential", "wrong-range", "without its last", rows_but_the_last),
    ("det-differential", "absolute-value", "for singular A", absolute_at_singular),
    ("inv-pullback", "real-parts", "without its imaginary parts", lambda A, C: P(A, C).real),
    ("inv-pullback", "elementwise", "A⁻ᴴ * G * A⁻ᴴ", lambda A, C: -L(A) * C * L(A)),
    ("det-gradient", "whole-numbers", "truncated to integers", lambda A: G(A).astype(int)),
    ("det-gradient", "elementwise", "det(A)·(1/A)ᵀ", lambda A: det(A) * (1 / A).T),
    ("det-gradient", "transposed-factor", "A⁻ᵀ", lambda A: (G(A) + G(A).T) / 2),
    ("adjugate", "checkerboard-signs", "(−1)ⁱʲ", lambda A: sign_product(A).T),
    ("inv-differential", "changed-arguments", "modifies its inputs", doubling),
]  # fmt: skip


@pytest.mark.parametrize(
    ("problem", "id", "words", "function"), OTHERS, ids=[f"{k}-{row[0]}-{row[1]}" for k, row in enumerate(OTHERS)]
)  # fmt: skip
def test_wrong_answers_to_other_problems_are_named(
    drawn: PreparedAssignment, problem: str, id: str, words: str, function: Callable[..., Any]
) -> None:
    diagnosis = name(drawn, problem, function)
    assert diagnosis is not None and diagnosis.id == id, diagnosis
    assert words in diagnosis.message


def uneven(x: Any) -> Any:
    return x * (1 + 0.02 * np.cos(np.arange(x.size))).reshape(x.shape)


ODD: list[tuple[str, Callable[..., Any]]] = [
    ("inv-differential", lambda A, V: D(A, V) + 0.1),
    ("inv-differential", lambda A, V: -inv(A) @ inv(A) @ V if len(A) < 4 else D(A, V)),
    ("inv-differential", lambda A, V: D(A, V) if len(A) % 2 == 0 else V.copy()),
    ("inv-differential", lambda A, V: D(A, V) if A[0, 0].real > 0 else V.copy()),
    ("inv-differential", lambda A, V: 2 * D(A, V) + 1e-7 * abs(D(A, V))),
    ("inv-differential", lambda A, V: np.exp(-abs(A))),
    ("inv-differential", lambda A, V: D(A + 1e-6 * np.eye(len(A)), V)),
    ("inv-differential", lambda A, V: D(A + 1e-3 * np.eye(len(A)), V)),
    ("inv-differential", lambda A, V: D(A, V) + 1e-3 * inv(A) @ inv(A) @ V),
    ("inv-differential", lambda A, V: D(A, V) + 1e-7 * np.outer(np.arange(len(A)) + 1, np.ones(len(A)))),
    ("inv-differential", lambda A, V: plus(D(A, V), (int(abs(A[0, 0]) * 100) % len(A), 0), 1.0)),
    ("inv-differential", lambda A, V: np.trace(D(A, V))),
    ("inv-differential", lambda A, V: D(A, V).ravel(order="F")),
    ("logdet-gradient", lambda A: uneven(L(A))),
    ("det-differential", lambda A, V: float(len(A))),
    ("det-differential", lambda A, V: G(A).T.copy()),
    ("det-gradient", lambda A: uneven(G(A))),
    ("inv-jacobian", lambda A: J(A) + 0.01 * np.sin(J(A))),
    ("adjugate", lambda A: np.trace(A) * np.eye(len(A)) - A),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "function"), ODD)
def test_of_other_wrong_answers_nothing_is_said(
    drawn: PreparedAssignment, problem: str, function: Callable[..., Any]
) -> None:
    assert name(drawn, problem, function) is None


def test_a_statement_needs_several_cases_of_two_sizes(drawn: PreparedAssignment) -> None:
    drawn_answers = part_answers(judged_answers(drawn, "inv-differential", D), 0)
    small = [answer for answer in drawn_answers if answer.sizes == (2,)]
    large = next(answer for answer in drawn_answers if answer.sizes == (3,))
    assert not is_conclusive(small[:3], drawn_answers)
    assert not is_conclusive([small[0], large], drawn_answers)
    assert is_conclusive([*small[:2], large], drawn_answers)


@pytest.mark.parametrize(("factor", "is_told"), [(1.0, False), (1 + 1e-10, False), (2.0, True)])
def test_what_is_nearly_the_truth_is_not_told_apart_from_it(
    drawn: PreparedAssignment, factor: float, is_told: bool
) -> None:
    judged = judged_answers(drawn, "inv-differential", lambda A, V: factor * D(A, V))
    assert confirms(part_answers(judged, 0), lambda answer: round(factor) * answer.truth) == is_told


class Called:
    """A function that knows which call it is."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.count = 0
        self.function = function

    def __call__(self, *arguments: Any) -> Any:
        self.count += 1
        return self.function(self.count, *arguments)


@pytest.mark.parametrize(
    ("words", "function"),
    [
        ("wrong at every 7th call", lambda k, A, V: D(A, V) * (1.1 if k % 7 == 0 else 1)),
        ("wrong from call 20 on", lambda k, A, V: D(A, V) if k < 20 else V + 1),
        ("wrong at the first call only, right later", lambda k, A, V: D(A, V) if k > 1 else V + 1),
        ("different answers for the same inputs in every case asked twice", lambda k, A, V: D(A, V) + k),
    ],
)
def test_what_is_kept_between_calls_is_told(
    drawn: PreparedAssignment, words: str, function: Callable[..., Any]
) -> None:
    diagnosis = name(drawn, "inv-differential", Called(function))
    assert diagnosis is not None and diagnosis.id == "state"
    assert words in diagnosis.message


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1.0])
def test_noise_is_told(drawn: PreparedAssignment, size: float) -> None:
    rng = np.random.default_rng(3)
    diagnosis = name(drawn, "inv-differential", lambda A, V: D(A, V) + size * rng.normal(size=A.shape))
    assert diagnosis is not None and diagnosis.id == "noise"


@pytest.mark.parametrize("id", PROBLEMS)
def test_listed_mistakes_would_be_named_without_their_author(
    drawn: PreparedAssignment, course: Course, id: str
) -> None:
    solution = course.solution(id)
    assert solution is not None
    for mistake in solution.mistakes:
        assert name(drawn, id, mistake.answer) is not None, mistake.id


@pytest.mark.parametrize(
    "id", ["solve-differential", "solve-pullback", "trace-inverse-gradient", "det-second-differential",
           "inv-second-differential"],
)  # fmt: skip
def test_so_would_those_of_the_neighbours(neighbours: PreparedAssignment, course: Course, id: str) -> None:
    solution = course.solution(id)
    assert solution is not None
    for mistake in solution.mistakes:
        assert name(neighbours, id, mistake.answer) is not None, mistake.id


def test_terms_of_a_sum_are_told_apart(neighbours: PreparedAssignment) -> None:
    cases: list[tuple[str, str, Callable[..., Any]]] = [
        ("missing-term", "A⁻¹·db:", lambda A, b, dA, db: solve(A, db)),
        ("wrong-coefficient", "A⁻¹·db + A⁻¹·dA·A⁻¹·b", lambda A, b, dA, db: solve(A, db + dA @ solve(A, b))),
        ("product-order", "A⁻¹·A⁻¹·dA·b", lambda A, b, dA, db: solve(A, db) - solve(A, solve(A, dA @ b))),
    ]
    for id, words, function in cases:
        diagnosis = name(neighbours, "solve-differential", function)
        assert diagnosis is not None and diagnosis.id == id, diagnosis
        assert words in diagnosis.message


def test_the_wrong_part_of_a_pair_is_named_by_its_input(neighbours: PreparedAssignment) -> None:
    def half(A: Any, b: Any, g: Any) -> Any:
        x, lam = solve(A, b), solve(A.conj().T, g)
        return -np.outer(lam, x.conj()), lam / 2

    diagnosis = name(neighbours, "solve-pullback", half)
    assert diagnosis is not None and diagnosis.id == "constant-factor"
    assert diagnosis.message.startswith("in the part with respect to b, you returned exactly half")


def test_what_was_stopped_is_not_explained(drawn: PreparedAssignment) -> None:
    asked = unlisted(drawn, "inv-differential")
    given = answers(asked, D)
    slow = [
        Failed(Failure("too_slow", "took too long")) if k > 20 else answer for k, answer in enumerate(given)
    ]
    assert judge_answers(asked, slow).diagnosis is None


GENERAL = {
    ("symmetric", "cookbook"): "off-diagonal-doubled", ("symmetric", "asymmetric"): "one-row",
    ("symmetric", "sign"): "wrong-coefficient", ("triangular", "full"): "other-product",
    ("weighted", "unweighted"): "other-product", ("weighted", "times"): "other-product",
    ("weighted", "right"): "product-order", ("power", "commuting"): "product-order",
    ("norm", "always fro"): "only-parameter",
    ("norm", "only two"): "other-function", ("norm", "scale"): "other-product", ("ratio", "no h"): "missing-factor",
    ("ratio", "swapped"): "wrong-variable",
    ("ratio", "by h"): "extra-factor",
    ("numbers", "square"): "extra-factor", ("charpoly", "sign"): "constant-factor", ("gram", "half"): "constant-factor",
    ("gram", "regular"): "only-nonsingular", ("jacobian", "half"): "constant-factor",
    ("vectors", "minus"): "constant-factor", ("vectors", "not finite"): "not-finite",
    ("kronecker", "twice"): "constant-factor", ("kronecker", "single"): "single-precision",
    ("bilinear", "unconjugated"): "conjugate", ("bilinear", "one part"): "constant-factor",
}  # fmt: skip
"""On subspaces, with weights, parameters and given functions; of the others there nothing is said."""


@pytest.mark.parametrize("problem", CASES)
def test_no_kind_of_argument_is_in_the_way(tmp_path: Path, problem: str) -> None:
    exam = sit(tmp_path, problem, 3)
    for wrong, function in CASES[problem][2].items():
        diagnosis = name(exam, problem, function)
        assert (diagnosis.id if diagnosis else None) == GENERAL.get((problem, wrong)), (wrong, diagnosis)
