"""Properties of matrices for which alone a formula may be right, and what is said of each."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from grader.core.norms import norm


class MatrixProperty(NamedTuple):
    """A set of matrices; words and step have the matrix's name for {0}."""

    id: str
    holds: Callable[[Any], bool | None]
    words: str = ""
    step: str = ""


def _has_determinant(
    determinant: Callable[[Any], Any], compare: Callable[[float, float], bool]
) -> Callable[[Any], bool | None]:
    """Compare a determinant with 0; None for a complex matrix."""
    return lambda A: None if A.dtype.kind == "c" else bool(compare(np.real(determinant(A)), 0))


def _sign_of_determinant(A: Any) -> float | complex:
    """±1, or a point of the unit circle; 0 at what rounding takes for singular."""
    return 0.0 if is_singular(A) else complex(np.linalg.slogdet(A)[0])


def _computed_determinant(A: Any) -> Any:
    """The determinant as a student sees it: 0 or infinite where it under- or overflows."""
    with np.errstate(all="ignore"):
        return np.linalg.det(A)


def is_singular(A: Any) -> bool:
    """Is the rank not full, up to rounding?"""
    sigma = np.linalg.svd(A, compute_uv=False)
    return bool(len(sigma) and sigma[-1] <= 1e-13 * sigma[0])


def _is_far_from_singular(A: Any) -> bool:
    """Is the condition number that of ordinary matrices?"""
    sigma = np.linalg.svd(A, compute_uv=False)
    return not len(sigma) or bool(sigma[-1] > 1e-5 * sigma[0])


def _is_moderate(A: Any) -> bool:
    """Is det A 0, or a normal number in double precision?"""
    logarithm = float(np.linalg.slogdet(A)[1])
    return not np.isfinite(logarithm) or abs(logarithm) < 700


_POSITIVE = "The determinant may be negative: look for a logarithm, a root or an absolute value."

SQUARE = (
    MatrixProperty(
        "only-symmetric",
        lambda A: np.array_equal(A, A.T),
        "for symmetric {0} only",
        "Trace each transpose through your derivation without using {0} = {0}ᵀ.",
    ),
    *(
        MatrixProperty(
            "only-positive-determinant",
            _has_determinant(determinant, compare),
            f"for det {{0}} {sign} 0 only",
            _POSITIVE,
        )
        for determinant in (_sign_of_determinant, _computed_determinant)
        for sign, compare in ((">", operator.gt), ("≥", operator.ge))
    ),
    MatrixProperty(
        "only-nonsingular",
        lambda A: not is_singular(A),
        "for invertible {0} only",
        "The answer exists at singular matrices too: find a formula without the inverse.",
    ),
    MatrixProperty(
        "only-nonsingular",
        lambda A: _is_far_from_singular(A),
        "for {0} far from singular only",
        "The answer exists at singular matrices too: find a formula without the inverse.",
    ),
    MatrixProperty(
        "only-moderate-determinant",
        _is_moderate,
        "as long as det {0} does not over- or underflow",
        "Avoid the determinant where it cancels, or work with its logarithm, `slogdet` or `logdet`.",
    ),
    MatrixProperty(
        "only-diagonal",
        lambda A: np.array_equal(A, np.diag(np.diag(A))),
        "for diagonal {0} only",
        "Try a small {0} that is not diagonal by hand.",
    ),
    MatrixProperty(
        "only-orthogonal",
        lambda A: bool(norm(A.conj().T @ A - np.eye(len(A))) < 1e-9),
        "for orthogonal {0} only",
        "Look for {0}ᵀ or {0} used as the inverse.",
    ),
    MatrixProperty("", _has_determinant(_sign_of_determinant, operator.lt)),
    MatrixProperty("", lambda A: np.array_equal(A, np.tril(A))),
    MatrixProperty("", lambda A: bool(np.all(np.round(A) == A))),
    MatrixProperty("", lambda A: bool(norm(A) < 100)),
)
"""Those that are said first stand first."""
RECTANGULAR = (
    MatrixProperty(
        "only-nonsingular",
        lambda A: not is_singular(A),
        "for {0} of full rank only",
        "The answer exists at lower rank too: find a formula without an inverse.",
    ),
    MatrixProperty(
        "only-nonsingular",
        lambda A: _is_far_from_singular(A),
        "for {0} far from lower rank only",
        "The answer exists at lower rank too: find a formula without an inverse.",
    ),
)
