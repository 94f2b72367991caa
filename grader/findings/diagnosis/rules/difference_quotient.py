"""Difference quotients of f, in double precision as a student computes them: which, and with which step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from grader.cases.draw import Case
from grader.core.norms import inner, norm
from grader.findings.compare import Array
from grader.findings.diagnosis.agreement import PartAnswer, is_conclusive
from grader.findings.diagnosis.candidates.dictionary import PILOTS
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import ask_noun, relation
from grader.problems.algebras import NUMPY
from grader.problems.expression import ExpressionError, evaluate
from grader.problems.problem import Problem
from grader.reports.report import Diagnosis
from grader.truths.tolerance import UNIT

Phi = Callable[[float], Array]
"""t ↦ f(A + tV), or with ⟨G, f⟩ in place of f."""

SCHEMES: Mapping[str, Callable[[Phi, float], Array]] = {
    "forward": lambda phi, h: (phi(h) - phi(0.0)) / h,
    "backward": lambda phi, h: (phi(0.0) - phi(-h)) / h,
    "central": lambda phi, h: (phi(h) - phi(-h)) / (2 * h),
    "fourth-order": lambda phi, h: (8 * (phi(h) - phi(-h)) - (phi(2 * h) - phi(-2 * h))) / (12 * h),
}
STEPS = (1.0, 0.5, *(10.0**-k for k in range(1, 13)), *(UNIT * 2) ** np.array([1 / 2, 1 / 3, 1 / 4]))
MOST = 0.6
"""The part of the ordinary cases that must be answered; a difference of f may step on a singular matrix."""
FEW = 6
"""So many cases are differenced."""
SAME = 1e-3
"""An answer is a quotient if it has the same error but for this part of it, rounding included."""


def name_quotient(view: PartContext) -> Diagnosis | None:
    """Say which difference of f the answer is, if its step shows."""
    pilots = [item for item in view.seen if item.case.family in PILOTS and item.case.of is None]
    pilots = [item for item in pilots if max(item.sizes, default=2) > 1]
    pilots = sorted(pilots, key=lambda item: (max(item.sizes, default=1), item.case.family == "integer"))
    answered = [item for item in pilots if item.answer is not None]
    if len(answered) < max(3, MOST * len(pilots)) or not _is_plain(view.problem, view.part):
        return None
    pilots = answered
    first = next((item for item in pilots if not item.right), None)
    if first is None:
        return None
    chosen = [next(item for item in pilots if item.sizes == size) for size in {item.sizes for item in pilots}]
    chosen += [item for item in pilots if item not in chosen][: max(0, FEW - len(chosen))]
    wrong = [item for item in chosen if not item.right]
    with np.errstate(all="ignore"):
        for scheme, h in product(SCHEMES, STEPS):
            if _is(view, first, scheme, h) and all(_is(view, item, scheme, h) for item in chosen):
                return _say(view, scheme, h) if is_conclusive(wrong, view.seen) else None
    return None


def _is_plain(problem: Problem, part: int) -> bool:
    """Whether differences along unit matrices tend to the truth: not on a subspace or with another inner product."""
    if problem.ask == "value" or problem.is_directional:
        return problem.is_directional
    return problem.weight is None and problem.input(problem.wrt[part]).space == "general"


def _is(view: PartContext, item: PartAnswer, scheme: str, h: float) -> bool:
    """Whether the answer is this quotient, and its truncation error stands out from rounding."""
    try:
        value = _quotient(view.problem, item.case, view.part, item.truth, scheme, float(h))
    except (np.linalg.LinAlgError, ExpressionError, ValueError):
        return False
    assert item.answer is not None
    error, gap = norm(value - item.truth), norm(item.answer - value)
    return gap <= item.tolerance if item.right else gap <= SAME * error


def _quotient(problem: Problem, case: Case, part: int, like: Array, scheme: str, h: float) -> Array:
    """The quotient in the shape of the truth."""
    rule = SCHEMES[scheme]
    if problem.is_directional:
        V = {name: np.asarray(case.values[word]) for name, word in problem.directions_of_order(0).items()}
        if problem.ask == "differential":
            return np.asarray(rule(lambda t: value_at(problem, case, V, t), h))
        W = {name: np.asarray(case.values[word]) for name, word in problem.directions_of_order(1).items()}

        def moved(s: float, t: float) -> Array:
            return value_at(problem, case, {name: s * V[name] + t * W[name] for name in V}, 1.0)

        return np.asarray(rule(lambda s: rule(lambda t: moved(s, t), h), h))
    name = problem.wrt[part]
    phi = _paired if problem.cotangent is not None else value_at
    columns = []
    for E in unit_arrays(case, name, problem.ask):
        along = {name: E}
        columns.append(rule(lambda t, V=along: np.asarray(phi(problem, case, V, t)), h))  # type: ignore[misc]
    if problem.ask == "jacobian":
        return np.stack([np.ravel(column, order="F") for column in columns], axis=1)
    return np.reshape(np.asarray(columns), like.shape)


def unit_arrays(case: Case, name: str, ask: str) -> Iterator[Array]:
    """The unit arrays of an input's shape, in the order of its entries (of vec for a Jacobian)."""
    shape = np.asarray(case.values[name]).shape
    for k in range(int(np.prod(shape))):
        E = np.zeros(int(np.prod(shape)))
        E[k] = 1.0
        yield E.reshape(shape, order="F" if ask == "jacobian" else "C")


def value_at(problem: Problem, case: Case, V: Mapping[str, Any], t: float) -> Array:
    """F(A + tV) in double precision."""
    moved = {name: np.asarray(case.values[name]) + t * v for name, v in V.items()}
    return np.asarray(evaluate(problem.f, {**case.sizes, **case.values, **moved}, NUMPY))


def _paired(problem: Problem, case: Case, V: Mapping[str, Any], t: float) -> float:
    assert problem.cotangent is not None
    return inner(np.asarray(case.values[problem.cotangent]), value_at(problem, case, V, t))


def _say(view: PartContext, scheme: str, h: float) -> Diagnosis:
    name = ask_noun(view.problem)
    if h in (1.0, 0.5) and scheme in ("forward", "backward", "central"):
        lead = f"you returned a difference of values of f, not the {name}"
        step = "Keep only the part of the difference that is linear in the direction."
        return relation("function-difference", lead, step)
    lead = f"your answer is a {scheme} difference quotient with the step h = {h:.3g}"
    return Diagnosis(
        "precision", "finite-differences", f"{lead}. Find the formula for the {name} and return that."
    )
