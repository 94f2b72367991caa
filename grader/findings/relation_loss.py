"""Relations that hold where inputs are well-conditioned and are lost like a power of the condition number elsewhere.

Gram–Schmidt without a second pass loses orthogonality like κ or κ², normal equations like κ². A backward stable
algorithm loses nothing: what relations allow does not grow with κ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from grader.core.norms import Array
from grader.findings.compare import JudgedAnswer, JudgedAnswers, arrays_of
from grader.truths.relations import Residual
from grader.truths.tolerance import K

WELL = 10.0
"""The largest condition number at which nothing is to be lost."""
LEAST_RIGHT = 3
_BETWEEN_POWERS = 1.6
"""Measured powers of κ below this count as κ, others as κ²."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost of a relation.

    Args:
        relation: which; power: of κ; condition, size, allowed: of the worst case.
    """

    relation: int
    power: int
    condition: float
    size: float
    allowed: float


@dataclass(frozen=True, slots=True)
class _Failure:
    """A relation that fails, and the condition number where it does."""

    relation: int
    condition: float
    residual: Residual

    @property
    def power(self) -> float:
        """The p for which κᵖ rounding errors are lost."""
        return math.log(self.residual.error * K) / math.log(self.condition)


def find_loss(answers: JudgedAnswers) -> Loss | None:
    """Find the relation that is lost most; None where some answer is wrong for another reason."""
    wrong = answers.wrong
    right = sum(answer.is_right for answer in answers.first.values())
    if not wrong or right < LEAST_RIGHT or not all(map(_is_spoilt, wrong)):
        return None

    failures = list(chain.from_iterable(map(_failures, wrong)))
    worst = max(failures, key=lambda failure: failure.residual.error)
    powers = [failure.power for failure in failures if failure.relation == worst.relation]
    power = 1 if float(np.median(powers)) < _BETWEEN_POWERS else 2
    return Loss(worst.relation, power, worst.condition, worst.residual.size, worst.residual.allowed)


def _is_spoilt(judged: JudgedAnswer) -> bool:
    """Is each relation that fails off by no more than κ² times what is allowed, where κ is large?"""
    failed = [residual for residual in judged.residuals if not residual.is_harmless]
    if judged.shape_fault or not failed:
        return False
    kappa = condition_of(judged)
    if not WELL < kappa < math.inf:
        return False
    return all(residual.error <= kappa**2 for residual in failed)


def _failures(judged: JudgedAnswer) -> Iterator[_Failure]:
    """The relations that an answer does not satisfy."""
    condition = condition_of(judged)
    for k, residual in enumerate(judged.residuals):
        if not residual.is_harmless:
            yield _Failure(k, condition, residual)


def condition_of(judged: JudgedAnswer) -> float:
    """The largest condition number of the matrices among the inputs; 1 if there is none."""
    matrices = [A for A in arrays_of(judged.case) if A.ndim == 2]
    return max(map(_condition, matrices), default=1.0)


def _condition(A: Array) -> float:
    if not A.size:
        return 1.0
    sigma = np.linalg.svd(A.astype(np.complex128), compute_uv=False)
    return float(sigma[0] / sigma[-1]) if sigma[-1] > 0 else math.inf
