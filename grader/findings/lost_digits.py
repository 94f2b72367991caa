"""Right, but losing digits: a right formula, computed in a way that rounding spoils where inputs are hard.

A problem with the condition number κ passes rounding errors u on as κ·u, which the tolerance allows. Common ways to
lose more, such as forming AᵀA or an inverse of A ⊗ A, pass on κ²·u. That κ may be the problem's, or that of a matrix
which the problem itself does not suffer from: UVᵀ hardly changes with A, but A(AᵀA)^(−1/2) loses like κ(A)². The
exponential of [[A, V], [0, A]] loses as many digits as V is larger or smaller than A.

So an answer that is wrong by no more than that, or at an ill-conditioned or badly scaled input, and still right in its
first digits, has the right formula, provided that all other answers are right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np

from grader.core.norms import UNIT, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers
from grader.findings.relation_loss import find_loss
from grader.problems.problem import Problem
from grader.truths.tolerance import K

HARD = ("ill_conditioned", "scaled")
"""Families at which any size of rounding error may come from the way of computing."""
SPOILT = 1e-2
"""The relative error at which nothing is right any more."""


def loses_digits(answers: JudgedAnswers) -> bool:
    """Are some answers wrong, and all of these by rounding?"""
    if not answers.problem.has_map:
        return find_loss(answers) is not None
    wrong = answers.wrong
    return bool(wrong) and all(_is_spoilt_by_rounding(answers.problem, judged) for judged in wrong)


def largest_relative_error(answers: JudgedAnswers) -> float:
    """The largest relative error of a wrong answer."""
    return max(map(relative_error, answers.wrong), default=0.0)


def _is_spoilt_by_rounding(problem: Problem, judged: JudgedAnswer) -> bool:
    # Beside f a relation is about a choice, which no rounding spoils.
    if judged.shape_fault or not all(residual.is_harmless for residual in judged.residuals):
        return False
    error = relative_error(judged)
    if not error < SPOILT:
        return False

    if judged.case.family in HARD or judged.error <= _condition(judged):
        return True
    losses = chain(_losses_by_squaring(problem, judged), _losses_beside_directions(problem, judged))
    return any(error <= loss for loss in losses)


def _losses_by_squaring(problem: Problem, judged: JudgedAnswer) -> Iterator[float]:
    """n·κ(A)²·u for each matrix A that is not singular to rounding: the relative error of what goes through AᵀA."""
    for argument in problem.inputs:
        A = np.asarray(judged.case.values[argument.name])
        if A.ndim != 2 or not A.size:
            continue
        sigma = np.linalg.svd(A, compute_uv=False)
        if sigma[-1] > UNIT * sigma[0]:
            yield max(A.shape) * (sigma[0] / sigma[-1]) ** 2 * UNIT


def _losses_beside_directions(problem: Problem, judged: JudgedAnswer) -> Iterator[float]:
    """n·κ·u times how far each direction or cotangent V differs in size: what [[A, V], [0, A]] loses."""
    arrays = {name: np.asarray(judged.case.values[name]) for name in problem.continuous}
    sizes = {name: norm(x, "max") for name, x in arrays.items()}
    n = max(chain.from_iterable(x.shape for x in arrays.values()), default=1)

    of_inputs = [sizes[argument.name] for argument in problem.inputs if argument.name in sizes]
    largest = max(of_inputs, default=0.0)
    if largest == 0:
        return
    for name in problem.linear_arguments:
        if sizes[name] > 0:
            ratio = max(sizes[name] / largest, largest / sizes[name])
            yield n * _condition(judged) * ratio * UNIT


def relative_error(judged: JudgedAnswer) -> float:
    """The largest relative error of the parts; infinite where there is no answer or the truth is 0."""
    return max(map(_ratio, map(norm, judged.defects), map(norm, judged.right)), default=math.inf)


def _condition(judged: JudgedAnswer) -> float:
    """The condition number κ of the case, from its tolerance K·κ·u."""
    relative = map(_ratio, judged.truth.tolerances, map(norm, judged.right))
    return max(relative, default=math.inf) / (K * UNIT)


def _ratio(part: float, whole: float) -> float:
    if whole > 0:
        return part / whole
    return math.inf if part > 0 else 0.0
