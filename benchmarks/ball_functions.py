"""Functions of matrices in balls beside mpmath's: does each enclosure contain what 50 digits say, how sharp, how long?

Each of the functions of `grader.truths.functions` is tried on random matrices of 1 to 5 rows, real and complex, with
entries that are standard normal. mpmath computes the same with 50 digits, its signs and orders brought to ours.
An enclosure is *right* if what mpmath says is within 10⁻⁴⁰ of it, relative to the largest entry; where the condition
of the problem takes more digits than that, mpmath is asked for 150.

    python -m benchmarks.ball_functions [--inputs 1000] [--seed 0]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from flint import acb, acb_mat, arb, arb_mat, ctx

from grader.truths.balls import NotExactError
from grader.truths.functions.factorizations import cholesky, lu, qr
from grader.truths.functions.general_eigen import eig, eigvals
from grader.truths.functions.hermitian import eigh, eigvalsh, svd, svdvals
from grader.truths.functions.least_squares import lstsq, null_space, pinv, sylvester
from grader.truths.functions.powers import expm, funm, logm, sqrtm

BITS = 700
CLOSE = mpmath.mpf(10) ** -40
Array = Any


@dataclass(frozen=True, slots=True)
class Trial:
    """A function in balls, the same by mpmath, and how its arguments are made."""

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    arguments: Callable[[np.random.Generator, bool], tuple[Array, ...]]


def normal(rng: np.random.Generator, is_complex: bool, *shape: Any) -> Array:
    """A matrix with standard normal entries."""
    x = rng.standard_normal(shape)
    return x + 1j * rng.standard_normal(shape) if is_complex else x


def square(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    n = rng.integers(1, 6)
    return (normal(rng, is_complex, n, n),)


def any_shape(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    return (normal(rng, is_complex, *rng.integers(1, 6, 2)),)


def wide(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    m = rng.integers(1, 5)
    return (normal(rng, is_complex, m, m + rng.integers(1, 4)),)


def hermitian(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    (A,) = square(rng, is_complex)
    return (A + A.conj().T,)


def definite(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    (A,) = square(rng, is_complex)
    # Whole numbers, so that the product is exact and Hermitian.
    B = np.round(64 * A) / 64
    return (B @ B.conj().T + np.eye(len(B)) / 8,)


def turned(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    """A matrix without eigenvalues that are negative, or nearly so."""
    (A,) = square(rng, is_complex)
    return (A + 3 * np.eye(len(A)),)


def equations(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    (A,) = any_shape(rng, is_complex)
    return A, normal(rng, is_complex, len(A), 2)


def three(rng: np.random.Generator, is_complex: bool) -> tuple[Array, ...]:
    m, n = rng.integers(1, 5, 2)
    return tuple(normal(rng, is_complex, *shape) for shape in ((m, m), (n, n), (m, n)))


def _gauge(V: Any) -> Any:
    for j in range(V.cols):
        column = [V[i, j] for i in range(V.rows)]
        largest = column[_largest(column)]
        norm = mpmath.sqrt(sum(abs(x) ** 2 for x in column))
        for i in range(V.rows):
            V[i, j] = V[i, j] * mpmath.conj(largest) / (abs(largest) * norm)
    return V


def _largest(numbers: Sequence[Any]) -> int:
    """The place of the first number of largest modulus."""
    sizes = [abs(number) for number in numbers]
    return sizes.index(max(sizes))


def _sorted_columns(V: Any, order: Sequence[int]) -> Any:
    return mpmath.matrix([[V[i, j] for j in order] for i in range(V.rows)])


def mp_eigh(A: Any) -> Any:
    values, V = mpmath.eighe(A)
    order = sorted(range(A.rows), key=lambda k: values[k])
    return [values[k] for k in order], _gauge(_sorted_columns(V, order))


def mp_eig(A: Any) -> Any:
    values, V = mpmath.eig(A)
    tiny = mpmath.mpf(10) ** (-mpmath.mp.dps // 2)
    order = sorted(range(A.rows), key=lambda k: (round(mpmath.re(values[k]) / tiny), mpmath.im(values[k])))
    return [values[k] for k in order], _gauge(_sorted_columns(V, order))


def mp_svd(A: Any) -> Any:
    U, s, V = mpmath.svd_c(A, full_matrices=False)
    before = U.copy()
    U = _gauge(U)
    for k in range(len(s)):
        i = _largest([U[i, k] for i in range(U.rows)])
        for j in range(V.cols):
            V[k, j] = V[k, j] * mpmath.conj(U[i, k] / before[i, k])
    return U, list(s), V


def mp_qr(A: Any) -> Any:
    m, n = A.rows, A.cols
    k = min(m, n)
    Q, R = mpmath.qr(A[:, :k])
    Q, R = Q[:, :k], R[:k, :k]
    for j in range(k):
        phase = R[j, j] / abs(R[j, j])
        for i in range(m):
            Q[i, j] *= phase
    return Q, Q.H * A


def mp_lu(A: Any) -> Any:
    """Gaussian elimination, column by column."""
    m, n = A.rows, A.cols
    U, order = A.copy(), list(range(m))
    L = mpmath.eye(m)
    for k in range(min(m, n)):
        best = k + _largest([U[i, k] for i in range(k, m)])
        order[k], order[best] = order[best], order[k]
        for j in range(n):
            U[k, j], U[best, j] = U[best, j], U[k, j]
        for j in range(k):
            L[k, j], L[best, j] = L[best, j], L[k, j]
        for i in range(k + 1, m):
            L[i, k] = U[i, k] / U[k, k]
            for j in range(n):
                U[i, j] -= L[i, k] * U[k, j]
    P = mpmath.matrix(m, m)
    for i, row in enumerate(order):
        P[row, i] = 1
    size = min(m, n)
    return P, L[:, :size], U[:size, :]


def mp_lstsq(A: Any, B: Any) -> Any:
    if A.rows >= A.cols:
        return mpmath.inverse(A.H * A) * (A.H * B)
    return A.H * (mpmath.inverse(A * A.H) * B)


def mp_null_space(A: Any) -> Any:
    m, n = A.rows, A.cols
    top = -(mpmath.inverse(A[:, :m]) * A[:, m:])
    N = mpmath.matrix(n, n - m)
    for j in range(n - m):
        for i in range(m):
            N[i, j] = top[i, j]
        N[m + j, j] = 1
    return mp_qr(N)[0]


def mp_sylvester(A: Any, B: Any, C: Any) -> Any:
    m, n = C.rows, C.cols
    K = mpmath.matrix(m * n, m * n)
    for i in range(m):
        for j in range(n):
            for k in range(m):
                K[j * m + i, j * m + k] += A[i, k]
            for k in range(n):
                K[j * m + i, k * m + i] += B[k, j]
    x = mpmath.inverse(K) * mpmath.matrix([C[i, j] for j in range(n) for i in range(m)])
    return mpmath.matrix([[x[j * m + i] for j in range(n)] for i in range(m)])


def _by_eigenvalues(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(A: Any) -> Any:
        values, V = mpmath.eig(A)
        return V * mpmath.diag([function(value) for value in values]) * mpmath.inverse(V)

    return apply


def _softplus(x: Any) -> Any:
    return mpmath.log(1 + mpmath.exp(x))


_OF_MATRICES: dict[str, tuple[Callable[[Any], Any], Callable[..., tuple[Array, ...]]]] = {
    "expm1": (lambda x: mpmath.exp(x) - 1, square),
    "log1p": (lambda x: mpmath.log(1 + x), turned),
    "sin": (mpmath.sin, square),
    "cos": (mpmath.cos, square),
    "tan": (mpmath.tan, square),
    "sinh": (mpmath.sinh, square),
    "cosh": (mpmath.cosh, square),
    "tanh": (mpmath.tanh, square),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), square),
    "softplus": (_softplus, square),
    "erf": (mpmath.erf, square),
    "gammaln": (mpmath.loggamma, turned),
}

TRIALS: dict[str, Trial] = {
    "cholesky": Trial(cholesky, mpmath.cholesky, definite),
    "qr": Trial(qr, mp_qr, any_shape),
    "lu": Trial(lu, mp_lu, any_shape),
    "eigh": Trial(eigh, mp_eigh, hermitian),
    "eigvalsh": Trial(eigvalsh, lambda A: mp_eigh(A)[0], hermitian),
    "eig": Trial(eig, mp_eig, square),
    "eigvals": Trial(eigvals, lambda A: mp_eig(A)[0], square),
    "svd": Trial(svd, mp_svd, any_shape),
    "svdvals": Trial(svdvals, lambda A: mp_svd(A)[1], any_shape),
    "pinv": Trial(pinv, lambda A: mp_lstsq(A, mpmath.eye(A.rows)), any_shape),
    "lstsq": Trial(lstsq, mp_lstsq, equations),
    "null_space": Trial(null_space, mp_null_space, wide),
    "sylvester": Trial(sylvester, mp_sylvester, three),
    "expm": Trial(expm, lambda A: mpmath.expm(A, "pade"), square),
    "logm": Trial(logm, _by_eigenvalues(mpmath.log), turned),
    "sqrtm": Trial(sqrtm, _by_eigenvalues(mpmath.sqrt), turned),
    **{
        f"funm {name}": Trial(lambda A, name=name: funm(A, name), _by_eigenvalues(function), arguments)
        for name, (function, arguments) in _OF_MATRICES.items()
    },
}


def to_flint(A: Array) -> Any:
    """Doubles as points."""
    kind: Any = acb_mat if np.iscomplexobj(A) else arb_mat
    return kind(*A.shape, A.ravel().tolist())


def entries(value: Any) -> Iterator[Any]:
    """All numbers of a result, in order."""
    if isinstance(value, tuple):
        for part in value:
            yield from entries(part)
    elif isinstance(value, mpmath.matrix):
        yield from (value[i, j] for i in range(value.rows) for j in range(value.cols))
    else:
        yield from value if isinstance(value, list) else value.entries()


def distance(ours: Any, theirs: Any) -> Any:
    """How far mpmath's numbers are from the enclosures, relative to the largest."""
    pairs = list(zip(entries(ours), entries(theirs), strict=True))
    largest = max([abs(theirs) for _, theirs in pairs], default=0) or mpmath.mpf(1)
    return max((_outside(ball, number) / largest for ball, number in pairs), default=mpmath.mpf(0))


def _outside(ball: Any, number: Any) -> Any:
    """How far a number is from a ball's midpoint, beyond its radius."""
    ball = acb(ball)
    gap = 0
    for part, exact in ((ball.real, mpmath.re(number)), (ball.imag, mpmath.im(number))):
        middle, radius = _to_mp(part.mid()), _to_mp(part.rad())
        gap = max(gap, abs(middle - exact) - radius)
    return gap


def _to_mp(x: arb) -> Any:
    mantissa, exponent = x.man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


def is_right(trial: Trial, arguments: tuple[Array, ...], ours: Any) -> bool:
    """Whether mpmath says the same, at 50 digits, or at 150 where 50 do not do."""
    for digits in (50, 150):
        with mpmath.workdps(digits):
            theirs = trial.theirs(*(mpmath.matrix(A.tolist()) for A in arguments))
            if distance(ours, theirs) < CLOSE:
                return True
    return False


def sharpness(ours: Any) -> float:
    """The bits of the least accurate entry, relative to the largest."""
    numbers = [acb(number) for number in entries(ours)]
    largest = max((abs(number).upper() for number in numbers), default=arb(1))
    radius = max((number.rad() for number in numbers), default=arb(0), key=float)
    if not radius > 0:
        return BITS
    return min(BITS, float((largest / radius).log() / arb(2).log()))


def main() -> None:
    """Try each function on many inputs, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    print("| function | right | undecided | wrong | least bits | median time |\n|---|---|---|---|---|---|")
    for name, trial in TRIALS.items():
        rng = np.random.default_rng(options.seed)
        right, undecided, wrong, bits, times = 0, 0, 0, [], []
        for k in range(options.inputs):
            arguments = trial.arguments(rng, bool(k % 2))
            with ctx.workprec(BITS):
                start = time.process_time()
                try:
                    ours = trial.ours(*map(to_flint, arguments))
                except NotExactError:
                    undecided += 1
                    continue
                times.append(time.process_time() - start)
                bits.append(sharpness(ours))
            is_so = is_right(trial, arguments, ours)
            right, wrong = right + is_so, wrong + (not is_so)
        cost = 1000 * float(np.median(times))
        print(f"| {name} | {right:,} | {undecided} | {wrong} | {min(bits):.0f} | {cost:.2f} ms |", flush=True)


if __name__ == "__main__":
    main()
