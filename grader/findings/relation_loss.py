"""Relations that hold where inputs are well-conditioned and are lost like a power of the condition number elsewhere.

Gram–Schmidt without a second pass loses orthogonality like κ or κ², normal equations like κ². A backward stable
algorithm loses nothing: what relations allow does not grow with κ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.core.norms import Array
from grader.findings.compare import JudgedAnswer, JudgedAnswers, arrays_of
from grader.truths.relations import Residual
from grader.truths.tolerance import K

WELL = 10.0
"""The largest condition number at which nothing is to be lost."""
LEAST_RIGHT = 3


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


def find_loss(answers: JudgedAnswers) -> Loss | None:
    """Find the relation that is lost most; None where some answer is wrong for another reason."""
    wrong = answers.wrong
    right = sum(answer.is_right for answer in answers.first.values())
    if not wrong or right < LEAST_RIGHT or not all(map(_is_spoilt, wrong)):
        return None

    failed = [(condition_of(answer), k, residual) for answer in wrong for k, residual in _failed(answer)]
    condition, k, worst = max(failed, key=lambda row: row[2].error)
    same = [(kappa, residual.error) for kappa, other, residual in failed if other == k]
    powers = [math.log(error * K) / math.log(kappa) for kappa, error in same]
    power = 1 if float(np.median(powers)) < 1.6 else 2
    return Loss(k, power, condition, worst.size, worst.allowed)


def _is_spoilt(judged: JudgedAnswer) -> bool:
    """Is each relation that fails off by no more than κ² times what is allowed, where κ is large?"""
    failed = list(_failed(judged))
    if judged.shape_fault or not failed:
        return False
    kappa = condition_of(judged)
    if not WELL < kappa < math.inf:
        return False
    return all(residual.error <= kappa**2 for _, residual in failed)


def _failed(judged: JudgedAnswer) -> Iterator[tuple[int, Residual]]:
    for k, residual in enumerate(judged.residuals):
        if not residual.is_harmless:
            yield k, residual


def condition_of(judged: JudgedAnswer) -> float:
    """The largest condition number of the matrices among the inputs; 1 if there is none."""
    matrices = [A for A in arrays_of(judged.case) if A.ndim == 2]
    return max(map(_condition, matrices), default=1.0)


def _condition(A: Array) -> float:
    if not A.size:
        return 1.0
    sigma = np.linalg.svd(A.astype(np.complex128), compute_uv=False)
    return float(sigma[0] / sigma[-1]) if sigma[-1] > 0 else math.inf
