"""Another object: f itself, the gradient for the differential, the adjoint for the map and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.cases.asked_map import in_doubles
from grader.cases.differences import fourth_order, on_line, unit_arrays
from grader.core.norms import Array, inner, norm
from grader.findings.diagnosis.agreement import PartAnswer, PartAnswers, is_conclusive
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import relation
from grader.problems.asks import Ask
from grader.problems.expression import ExpressionError
from grader.reports.report import Diagnosis

NEAR = 1e-7
"""How close an answer is to a value computed in double precision, or by a fine difference (below)."""
FINE = 1e-3
"""The step of fourth-order differences, good to about 1e-10."""
ROUGHLY = 1e-6
"""How close an answer is to a value that is differenced."""

Other = Callable[[PartContext, PartAnswer, Array], "Array | None"]
"""Another object than was asked for, given the answer as it came; None where it makes no sense."""


def name_other_object(context: PartContext) -> Diagnosis | None:
    """Name something else than was asked for, if the answers are that in every ordinary case."""
    if context.problem.order and _all_are(context, _value, NEAR):
        lead = "you returned the value of f itself, not its derivative"
        return relation("function-value", lead, "Differentiate it.")
    name_instead = _INSTEAD.get(context.problem.ask)
    return name_instead(context) if name_instead is not None else None


def _instead_of_gradient(context: PartContext) -> Diagnosis | None:
    if context.problem.weight is not None:
        return None  # what follows reads gradients by the Frobenius inner product

    if _all_are(context, _along_inputs, NEAR):
        along = f"{context.problem.wrt[context.part]} itself"
    elif _all_are(context, _along_ones, NEAR) or _all_are(context, _along_identity, NEAR):
        along = "one direction"
    else:
        return None
    lead = f"you returned a number, the differential along {along}"
    step = "A gradient has the shape of its input: the differential along V is ⟨gradient, V⟩ for every V."
    return relation("differential-for-gradient", lead, step)


def _instead_of_pullback(context: PartContext) -> Diagnosis | None:
    if not _all_are(context, _pushed, ROUGHLY):
        return None
    lead = f"you applied the differential to {context.problem.cotangent}, not its adjoint"
    step = "Move the map to the other side of ⟨ , ⟩ and read off what it becomes there."
    return relation("differential-for-pullback", lead, step)


def _instead_of_differential(context: PartContext) -> Diagnosis | None:
    if len(context.problem.wrt) != 1:
        return None

    direction = _direction_name(context)
    if _all_are(context, _gradient, NEAR) and _ignores_directions(context):
        lead = "you returned the gradient, and the differential was asked for"
        return relation("gradient-for-differential", lead, f"Take its inner product with {direction}.")
    if _all_are(context, _jacobian, NEAR) and _ignores_directions(context):
        lead = "you returned the Jacobian, and the differential was asked for"
        step = f"Apply it to {direction} and give the result the shape of f."
        return relation("jacobian-for-differential", lead, step)
    if _all_are(context, _pulled, ROUGHLY):
        lead = f"you applied the adjoint of the differential to {direction}, which is the pullback"
        step = "Look where a transpose came in that does not belong."
        return relation("pullback-for-differential", lead, step)
    return None


def _instead_of_jacobian(context: PartContext) -> Diagnosis | None:
    if not _all_are(context, _four_indices, NEAR):
        return None
    lead = "you returned the right numbers as an array with four indices, ∂Fₖₗ/∂Aᵢⱼ"
    step = 'Make one index of (k, l) and one of (i, j): reshape with order="F".'
    return relation("four-indices", lead, step)


_INSTEAD: Mapping[Ask, Callable[[PartContext], Diagnosis | None]] = {
    "differential": _instead_of_differential,
    "gradient": _instead_of_gradient,
    "pullback": _instead_of_pullback,
    "jacobian": _instead_of_jacobian,
}


def _all_are(context: PartContext, other: Other, close: float) -> bool:
    """Whether all answers to real, ordinary cases are this, and some are not what was asked for."""
    ordinary = context.part_answers.where(lambda answer: not answer.is_delicate and not answer.is_complex)
    decisive: list[PartAnswer] = []
    for answer in ordinary:
        raw = _raw(context, answer)
        value = _evaluate(context, other, answer, raw) if raw is not None else None
        if raw is None or value is None or value.shape != raw.shape:
            return False
        allowed = close * norm(value)
        if not norm(raw - value) <= allowed:
            return False
        if value.shape != answer.truth.shape or norm(value - answer.truth) > 100 * allowed:
            decisive.append(answer)
    return is_conclusive(PartAnswers(decisive), ordinary)


def _raw(context: PartContext, answer: PartAnswer) -> Array | None:
    """The part as it was returned, if it is finite."""
    judged = answer.judged
    if judged.failure is not None or len(judged.raw) != context.problem.parts:
        return None
    raw = judged.raw[context.part]
    return raw if np.all(np.isfinite(raw)) else None


def _evaluate(context: PartContext, other: Other, answer: PartAnswer, raw: Array) -> Array | None:
    try:
        with np.errstate(all="ignore"):
            return other(context, answer, raw)
    except (np.linalg.LinAlgError, ExpressionError, ValueError):
        return None


def _value(context: PartContext, answer: PartAnswer, raw: Array) -> Array:
    return np.asarray(in_doubles(context.problem, answer.case).value)


def _along_inputs(context: PartContext, answer: PartAnswer, raw: Array) -> Array:
    """⟨A, ∇f⟩."""
    return np.asarray(inner(_argument(answer, context.problem.wrt[context.part]), answer.truth))


def _along_ones(context: PartContext, answer: PartAnswer, raw: Array) -> Array:
    """The sum of all entries of ∇f."""
    return np.asarray(np.sum(answer.truth))


def _along_identity(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The trace of ∇f."""
    return np.asarray(np.trace(answer.truth)) if answer.truth.ndim == 2 else None


def _argument(answer: PartAnswer, name: str | None) -> Any:
    return np.asarray(answer.case.values[name or ""])


def _direction_name(context: PartContext) -> str:
    return context.problem.directions_of_order(0)[context.problem.wrt[0]]


def _derivative(context: PartContext, answer: PartAnswer, V: Array) -> Array:
    """f′(A)[V] along the only input, good to about 1e-10."""
    name = context.problem.wrt[0]
    h = FINE * norm(_argument(answer, name)) / max(norm(V), 1e-9)
    asked = in_doubles(context.problem, answer.case)
    return np.asarray(fourth_order(on_line(asked.f, asked.point, {name: V}), h))


def _pushed(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """f′(A)[G] for the cotangent G, where it has the shape of the input."""
    G = _argument(answer, context.problem.cotangent)
    if len(context.problem.wrt) > 1 or G.shape != _argument(answer, context.problem.wrt[0]).shape:
        return None
    return _derivative(context, answer, G)


def _pulled(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """f′(A)*[V] for the direction V, where it has the shape of f."""
    V, A = _argument(answer, _direction_name(context)), _argument(answer, context.problem.wrt[0])
    if V.shape != answer.truth.shape:
        return None
    entries = [inner(V, _derivative(context, answer, E)) for E in unit_arrays(A.shape)]
    return np.reshape(np.asarray(entries), V.shape)


def _gradient(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The answer itself, if ⟨answer, V⟩ is the truth."""
    V = _argument(answer, _direction_name(context))
    if answer.truth.ndim > 0 or raw.shape != V.shape:
        return None
    return raw if _pairs_to_truth(answer, raw, V, np.asarray(inner(raw, V))) else None


def _jacobian(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The answer itself, if answer · vec V is the truth."""
    V = _argument(answer, _direction_name(context))
    if raw.shape != (answer.truth.size, V.size) or (answer.truth.size < 2 and V.size > 1):
        return None
    return raw if _pairs_to_truth(answer, raw, V, raw @ np.ravel(V, order="F")) else None


def _pairs_to_truth(answer: PartAnswer, raw: Array, V: Array, paired: Array) -> bool:
    off = norm(np.ravel(paired) - np.ravel(answer.truth, order="F"))
    return off <= 4 * answer.tolerance + NEAR * norm(raw) * norm(V)


def _ignores_directions(context: PartContext) -> bool:
    """Whether the answer at one A is the same for all directions."""
    first = context.judged.first
    for judged in first.values():
        others = [first[k] for k in judged.case.combination_of or () if k in first]
        given = [other.raw[0] for other in (judged, *others) if other.raw]
        if any(not np.array_equal(given[0], x) for x in given[1:]):
            return False
    return True


def _four_indices(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The answer itself, if it is the Jacobian with two indices for the output and two for the input."""
    if raw.ndim != 4 or raw.size != answer.truth.size:
        return None
    off = norm(raw.reshape(answer.truth.shape, order="F") - answer.truth)
    return raw if off <= NEAR * norm(answer.truth) else None
