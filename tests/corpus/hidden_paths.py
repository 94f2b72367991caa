"""Functions that are right but for one path of code: inputs that a fixed plan of cases would miss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tests.corpus.variant import Array, Function

Where = Callable[..., bool]


class HiddenPath(NamedTuple):
    """A set of arguments, and the diagnoses that are true of a function that is wrong there only."""

    where: Where
    truthful: frozenset[str]


def path(where: Where, *truthful: str) -> HiddenPath:
    """A hidden path, as it stands in the table."""
    return HiddenPath(where, frozenset({"wrong-entries", "loses-digits", *truthful}))


def go_wrong(where: Where, right: Function) -> Function:
    """The function, twice as large and off by 1 on the path."""

    def answer(*arguments: Any) -> Any:
        result = right(*arguments)
        if not where(*arguments):
            return result
        return tuple(2 * part + 1 for part in result) if isinstance(result, tuple) else 2 * result + 1

    return answer


def is_larger(A: Array, *others: Any) -> bool:
    """More rows than any size listed."""
    return len(A) > 5


def is_zero(A: Array) -> bool:
    """Only zeros."""
    return not np.any(A)


def is_singular(A: Array) -> bool:
    """Rank not full, beyond rounding."""
    sigma = np.linalg.svd(A, compute_uv=False)
    return bool(sigma[-1] <= 1e-13 * sigma[0])


def is_dense_singular(A: Array, *others: Any) -> bool:
    """Singular without a zero, at n ≥ 3."""
    return len(A) > 2 and bool(np.all(A)) and is_singular(A)


def is_complex(A: Any) -> bool:
    """Of complex numbers."""
    return np.asarray(A).dtype.kind == "c"


def is_multiple_of_identity(A: Array) -> bool:
    """c·I, at n ≥ 2."""
    return len(A) > 1 and bool(np.array_equal(A, A[0, 0] * np.eye(len(A))))


def multiplicity(A: Array, x: float) -> int:
    """How often x is an eigenvalue, beyond rounding."""
    sigma = np.linalg.svd(x * np.eye(len(A)) - A, compute_uv=False)
    return int(np.sum(sigma <= 1e-12 * max(1.0, sigma[0])))


def has_no_first_pivot(A: Array, *others: Any) -> bool:
    """Elimination must exchange rows at its first step, and A is invertible."""
    return len(A) > 1 and A[0, 0] == 0 and not is_singular(A)


def is_upper_triangular(A: Array) -> bool:
    """Zeros below the diagonal, and others above."""
    return bool(np.array_equal(A, np.triu(A)) and np.any(np.triu(A, 1)))


SIZE = ("only-size", "one-row")
LISTED_STEPS, LISTED_POWERS = (0.5, -0.125, 0.01, 1, 0.001), (3, -2, 4, -1, 2, 0, -3, 1)

PATHS: Mapping[str, Mapping[str, HiddenPath]] = {
    "det-gradient": {
        "larger": path(is_larger, *SIZE),
        "no-first-pivot": path(has_no_first_pivot),
        "zero-matrix": path(is_zero),
        "dense-singular": path(is_dense_singular, "only-nonsingular"),
        "singular-beyond-3": path(lambda A: len(A) > 3 and is_singular(A), "only-nonsingular"),
    },
    "adjugate": {"zero-entry-alone": path(lambda A: len(A) == 1 and is_zero(A)), "larger": path(is_larger, *SIZE)},
    "charpoly-derivative": {
        "multiple-eigenvalue": path(lambda A, x: multiplicity(A, x) > 1),
        "eigenvalue-at-odd-n": path(lambda A, x: len(A) % 2 == 1 and multiplicity(A, x) == 1),
        "at-zero": path(lambda A, x: x == 0),
        "upper-triangular": path(lambda A, x: is_upper_triangular(A)),
    },
    "det-pullback": {
        "large-cotangent": path(lambda A, g: abs(g) >= 100),
        "small-cotangent": path(lambda A, g: 0 < abs(g) < 1e-3),
    },
    "det-differential": {"singular": path(lambda A, dA: is_singular(A), "only-nonsingular")},
    "det-second-differential": {
        "one-by-one": path(lambda A, V, W: len(A) == 1, *SIZE),
        "second-direction-zero": path(lambda A, V, W: is_zero(W)),
    },
    "frechet-ratio": {
        "other-steps": path(lambda f, L, A, V, h, *norms: h not in LISTED_STEPS, "only-parameter"),
        "complex-in-norm-1": path(lambda f, L, A, V, h, kind, other: kind == "1" and is_complex(A)),
        "complex-in-nuclear-norm": path(lambda f, L, A, V, h, other, kind: kind == "nuc" and is_complex(A)),
    },
    "inv-differential": {
        "larger": path(is_larger, *SIZE),
        "no-first-pivot": path(has_no_first_pivot),
        "zero-direction": path(lambda A, dA: is_zero(dA)),
        "complex-beyond-3": path(lambda A, dA: is_complex(A) and len(A) > 3),
    },
    "inv-pullback": {"zero-cotangent": path(lambda A, G: is_zero(G)), "larger": path(is_larger, *SIZE)},
    "logdet-gradient": {
        "complex-but-2-and-3": path(lambda A: is_complex(A) and len(A) not in (2, 3)),
        "complex-and-tiny": path(lambda A: is_complex(A) and bool(np.max(np.abs(A)) < 1e-50)),
    },
    "matrix-power-differential": {
        "other-powers": path(lambda A, k, dA: k not in LISTED_POWERS, "only-parameter"),
        "complex-at-one-power": path(lambda A, k, dA: is_complex(A) and k == -3),
        "multiple-of-identity": path(lambda A, k, dA: is_multiple_of_identity(A)),
    },
    "solve-differential": {"zero-right-hand-side": path(lambda A, b, dA, db: is_zero(b))},
    "triangular-gradient": {"larger": path(is_larger, *SIZE)},
    "weighted-gradient": {"singular-beyond-3": path(lambda A, W: len(A) > 3 and is_singular(A), "only-nonsingular")},
    "gram-gradient": {
        "square": path(lambda A: A.shape[0] == A.shape[1]),
        "one-column": path(lambda A: A.shape[1] == 1, *SIZE),
    },
}  # fmt: skip
"""By problem, what a fixed position, size, sign or value of the inputs used to hide."""
