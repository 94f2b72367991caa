"""Relations judged at what known algorithms return, at five condition numbers, beside what numerical analysis expects.

    python -m benchmarks.relations

For each algorithm and condition number κ: the largest residual of any relation over some random inputs, in units of
what is allowed. At most 1 is accepted. Behind it stands what is expected: `+` accepted, `-` rejected, `?` either, where
the loss is near what is allowed (K·n, some hundred units of rounding). Exit code 1 if some verdict is another.

Sources: N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §9.3 (LU), §19.3 and §19.8 (QR,
Gram–Schmidt), §20.4 (normal equations); Å. Björck, Numerics of Gram–Schmidt orthogonalization, Linear Algebra Appl.
197 (1994); L. Giraud et al., The loss of orthogonality in the Gram–Schmidt process, Comput. Math. Appl. 50 (2005);
I. Ipsen, Computing an eigenvector with inverse iteration, SIAM Review 39 (1997).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.cases.case import Case
from grader.problems.load import make_problem
from grader.problems.problem import Problem
from grader.truths.relations import judge_relations

Array = NDArray[Any]
CONDITIONS = (1.0, 1e3, 1e6, 1e9, 1e12)
DRAWS = 5
M, N = 8, 6


@dataclass(frozen=True, slots=True)
class Contest:
    """A problem, how its input is drawn for a condition number, and the algorithms with what is expected of them."""

    name: str
    problem: Problem
    draw: Callable[[float, np.random.Generator], Array]
    algorithms: Sequence[tuple[str, Callable[[Array], tuple[Array, ...]], str]]


def _problem(
    name: str, shape: list[str], returns: dict[str, Any], relations: list[dict[str, Any]]
) -> Problem:
    fields = {
        "title": name,
        "statement": name,
        "signature": "f(A)",
        "returns": returns,
        "inputs": {"A": {"shape": shape}},
        "sizes": {"m": [M], "n": [N]} if "m" in shape else {"n": [N]},
        "relations": [{"points": 1, **relation} for relation in relations],
    }
    return make_problem(fields, "contest")


def _orthogonal(m: int, n: int, rng: np.random.Generator) -> Array:
    return np.linalg.qr(rng.standard_normal((m, n)))[0]


def _singular_values(kappa: float, rng: np.random.Generator, rank: int = N) -> Array:
    """A matrix of M×N whose singular values fall from 1 to 1/κ, and are 0 beyond the rank."""
    sigma = np.geomspace(1, 1 / kappa, rank)
    A: Array = _orthogonal(M, rank, rng) * sigma @ _orthogonal(N, rank, rng).T
    return A


def _close_eigenvalues(kappa: float, rng: np.random.Generator) -> Array:
    """A symmetric matrix whose largest eigenvalue has a neighbour 1/(2κ) away, so that its eigenvector has κ."""
    Q = _orthogonal(N, N, rng)
    S = Q * np.array([1, 1 - 0.5 / kappa, *np.linspace(0.4, -0.2, N - 2)]) @ Q.T
    return np.asarray((S + S.T) / 2)


def _small_pivot(kappa: float, rng: np.random.Generator) -> Array:
    """A well-conditioned matrix whose first pivot is 1/κ of the others."""
    A = _orthogonal(N, N, rng) + 2 * np.eye(N)
    A[0, 0] = 1 / kappa
    return A


def gram_schmidt(passes: int, modified: bool) -> Callable[[Array], tuple[Array, ...]]:
    """Gram–Schmidt, column by column."""

    def factors(A: Array) -> tuple[Array, ...]:
        n = A.shape[1]
        Q, R = np.zeros_like(A), np.zeros((n, n))
        for k in range(n):
            v = A[:, k].copy()
            for _ in range(passes):
                for block in [[j] for j in range(k)] if modified else [list(range(k))]:
                    r = Q[:, block].T @ v
                    R[block, k] += r
                    v = v - Q[:, block] @ r
            R[k, k] = np.linalg.norm(v)
            Q[:, k] = v / R[k, k]
        return Q, R

    return factors


def by_gram_matrix(A: Array) -> tuple[Array, ...]:
    """R from the Cholesky factor of AᵀA."""
    R = np.linalg.cholesky(A.T @ A).T
    return np.linalg.solve(R.T, A.T).T, R


def by_power_iteration(S: Array) -> tuple[Array, ...]:
    """200 steps from a fixed start."""
    v = np.arange(1.0, len(S) + 1)
    for _ in range(200):
        v = S @ v
        v /= np.linalg.norm(v)
    return v, v @ S @ v


def by_inverse_iteration(S: Array) -> tuple[Array, ...]:
    """Three steps with the largest eigenvalue as shift."""
    shift = np.linalg.eigvalsh(S)[-1] * (1 + 2e-16)
    v = np.arange(1.0, len(S) + 1)
    for _ in range(3):
        v = np.linalg.solve(S - shift * np.eye(len(S)), v)
        v /= np.linalg.norm(v)
    return v, v @ S @ v


def by_eigh(S: Array) -> tuple[Array, ...]:
    """numpy.linalg.eigh."""
    w, V = np.linalg.eigh(S)
    return V[:, -1], w[-1]


RANK = N - 2


def null_by_svd(A: Array) -> tuple[Array, ...]:
    """The last right singular vectors."""
    return (np.linalg.svd(A)[2][RANK:].T,)


def null_by_qr(A: Array) -> tuple[Array, ...]:
    """What is orthogonal to as many rows as the rank, by Householder."""
    return (np.linalg.qr(A[:RANK].T, mode="complete")[0][:, RANK:],)


def null_by_elimination(A: Array) -> tuple[Array, ...]:
    """Solve for the first unknowns, and make the columns orthonormal."""
    X = np.linalg.solve(A[:RANK, :RANK], -A[:RANK, RANK:])
    return (np.linalg.qr(np.vstack([X, np.eye(N - RANK)]))[0],)


def null_by_gram_matrix(A: Array) -> tuple[Array, ...]:
    """Eigenvectors of AᵀA for its smallest eigenvalues."""
    return (np.linalg.eigh(A.T @ A)[1][:, : N - RANK],)


def lu(pivoting: bool) -> Callable[[Array], tuple[Array, ...]]:
    """Gaussian elimination, with rows exchanged or not."""

    def factors(A: Array) -> tuple[Array, ...]:
        n = len(A)
        P, L, U = np.eye(n), np.zeros((n, n)), A.copy()
        for k in range(n):
            if pivoting:
                p = k + int(np.argmax(abs(U[k:, k])))
                for X in (P, L, U):
                    X[[k, p]] = X[[p, k]]
            L[k, k] = 1
            for i in range(k + 1, n):
                L[i, k] = U[i, k] / U[k, k]
                U[i] = U[i] - L[i, k] * U[k]
                U[i, k] = 0
        return P, L, U

    return factors


CONTESTS = (
    Contest(
        "QR",
        _problem(
            "QR",
            ["m", "n"],
            {"Q": ["m", "n"], "R": ["n", "n"]},
            [{"holds": "Q @ R - A"}, {"holds": "Q.T @ Q - eye(n)"}, {"holds": "tril(R, -1)"}],
        ),
        _singular_values,
        [
            ("Householder (numpy.linalg.qr)", lambda A: tuple(np.linalg.qr(A)), "+++++"),
            ("Gram–Schmidt, modified", gram_schmidt(1, modified=True), "+?---"),
            ("Gram–Schmidt, classical", gram_schmidt(1, modified=False), "+----"),
            ("Gram–Schmidt, classical, twice", gram_schmidt(2, modified=False), "+++++"),
            ("Cholesky of AᵀA", by_gram_matrix, "+----"),
        ],
    ),
    Contest(
        "eigenvector",
        _problem(
            "eigenvector",
            ["n", "n"],
            {"v": ["n"], "w": []},
            [{"holds": "A @ v - w * v"}, {"holds": "v @ v - 1"}],
        ),
        _close_eigenvalues,
        [
            ("numpy.linalg.eigh", by_eigh, "+++++"),
            ("power iteration, 200 steps", by_power_iteration, "+----"),
            ("inverse iteration, 3 steps", by_inverse_iteration, "+++++"),
        ],
    ),
    Contest(
        "null space",
        _problem(
            "null space",
            ["m", "n"],
            {"X": ["n", "n - 4"]},
            [{"holds": "A @ X"}, {"holds": "X.T @ X - eye(n - 4)"}],
        ),
        lambda kappa, rng: _singular_values(kappa, rng, RANK),
        [
            ("SVD", null_by_svd, "+++++"),
            ("QR of Aᵀ", null_by_qr, "+++++"),
            ("elimination", null_by_elimination, "+++++"),
            ("eigenvectors of AᵀA", null_by_gram_matrix, "+?---"),
        ],
    ),
    Contest(
        "LU",
        _problem(
            "LU",
            ["n", "n"],
            {"P": ["n", "n"], "L": ["n", "n"], "U": ["n", "n"]},
            [
                {"holds": "P @ A - L @ U", "backward_stable": True},
                {"holds": "P.T @ P - eye(n)"},
                {"holds": "triu(L) - eye(n)"},
                {"holds": "tril(U, -1)"},
            ],
        ),
        _small_pivot,
        [
            ("partial pivoting", lu(pivoting=True), "+++++"),
            ("no pivoting", lu(pivoting=False), "+?---"),
        ],
    ),
)


def worst(contest: Contest, algorithm: Callable[[Array], tuple[Array, ...]], kappa: float) -> float:
    """The largest residual of any relation over some inputs, in units of what is allowed; infinite if it fails."""
    errors = []
    for draw in range(DRAWS):
        A = contest.draw(kappa, np.random.default_rng([draw, int(math.log10(kappa))]))
        sizes = {"m": M, "n": N} if A.shape[0] != A.shape[1] else {"n": N}
        case = Case(draw, "generic", sizes, {"A": A})
        try:
            parts = tuple(map(np.asarray, algorithm(A)))
        except np.linalg.LinAlgError:
            return math.inf
        errors += [residual.error for residual in judge_relations(contest.problem, case, parts)]
    return max(errors)


def fits(error: float, expected: str) -> bool:
    """Whether a verdict is as expected."""
    return expected == "?" or (error <= 1) == (expected == "+")


def run() -> Iterator[tuple[str, list[float], str]]:
    """Each algorithm with its errors, and what is expected."""
    for contest in CONTESTS:
        for name, algorithm, expected in contest.algorithms:
            yield (
                f"{contest.name}: {name}",
                [worst(contest, algorithm, kappa) for kappa in CONDITIONS],
                expected,
            )


def main() -> int:
    """Print the table; 1 if some verdict is not as expected."""
    print(f"| algorithm | {' | '.join(f'κ = {kappa:.0e}' for kappa in CONDITIONS)} | expected |")
    print(f"|---|{'---|' * (len(CONDITIONS) + 1)}")
    surprises = 0
    for name, errors, expected in run():
        pairs = list(zip(errors, expected, strict=True))
        surprises += sum(not fits(error, sign) for error, sign in pairs)
        cells = [f"{error:.1g}{'' if error <= 1 else ' ✗'}" for error in errors]
        print(f"| {name} | {' | '.join(cells)} | `{expected}` |")
    return int(surprises > 0)


if __name__ == "__main__":
    sys.exit(main())
