"""Another object: f itself, the gradient for the differential, the adjoint for the map and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from grader.cases.difference_quotients import in_doubles, unit_arrays
from grader.cases.lines import fourth_order, on_line
from grader.core.norms import Array, inner, norm
from grader.findings.compare import are_finite
from grader.findings.diagnosis.agreement import PartAnswer, is_conclusive
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import relation
from grader.problems.asks import Ask
from grader.problems.language import ExpressionError
from grader.reports.report import Diagnosis

_NEAR = 1e-7
"""How close an answer is to a value computed in double precision, or by a fine difference (below)."""
FINE = 1e-3
"""The step of fourth-order differences, good to about 1e-10."""
_ROUGHLY = 1e-5
"""How close an answer is to a value that is differenced."""

Value = Callable[[PartContext, PartAnswer, Array], "Array | None"]
"""The value of another object, given the answer as it came; None where it makes no sense."""


class OtherObject(NamedTuple):
    """An object that may be returned instead of what was asked for.

    Args:
        lead, step: the diagnosis, with names for {input}, {direction} and {cotangent}.
        close: how close an answer must be to its value, as a part of that.
    """

    id: str
    value: Value
    lead: str
    step: str
    close: float = _NEAR


def name_other_object(context: PartContext) -> Diagnosis | None:
    """Name something else than was asked for, if the answers are that in every ordinary case."""
    problem = context.problem
    others = [_VALUE] if problem.order else []
    # What is returned instead is read by the Frobenius inner product, and along one direction only.
    if problem.weight is None and not (problem.directions and len(problem.wrt) > 1):
        others += _INSTEAD.get(problem.ask, ())

    other = next((other for other in others if _all_are(context, other)), None)
    if other is None:
        return None
    names = {
        "input": problem.wrt[context.part],
        "direction": problem.directions_of_order(0).get(problem.wrt[0]),
        "cotangent": problem.cotangent,
    }
    return relation(other.id, other.lead.format(**names), other.step.format(**names))


def _all_are(context: PartContext, other: OtherObject) -> bool:
    """Are all answers to real, ordinary cases this, and some not what was asked for?"""
    ordinary = context.part_answers.where(lambda answer: not answer.is_delicate and not answer.is_complex)
    decisive: list[PartAnswer] = []
    for answer in ordinary:
        raw = _raw(context, answer)
        value = _evaluate(context, other, answer, raw) if raw is not None else None
        if raw is None or value is None or value.shape != raw.shape:
            return False

        allowed = other.close * norm(value)
        if not norm(raw - value) <= allowed:
            return False
        if value.shape != answer.truth.shape or norm(value - answer.truth) > 100 * allowed:
            decisive.append(answer)
    return is_conclusive(decisive, ordinary)


def _raw(context: PartContext, answer: PartAnswer) -> Array | None:
    """The part as it was returned, if all is finite."""
    raw = answer.judged.raw
    is_usable = len(raw) == context.problem.parts and are_finite([raw[context.part]])
    return raw[context.part] if is_usable else None


def _evaluate(context: PartContext, other: OtherObject, answer: PartAnswer, raw: Array) -> Array | None:
    try:
        with np.errstate(all="ignore"):
            return other.value(context, answer, raw)
    except (np.linalg.LinAlgError, ExpressionError, ValueError):
        return None


def _argument(answer: PartAnswer, name: str | None) -> Any:
    return np.asarray(answer.case.values[name or ""])


def _direction(context: PartContext, answer: PartAnswer) -> Any:
    return _argument(answer, context.problem.directions_of_order(0)[context.problem.wrt[0]])


def _f(context: PartContext, answer: PartAnswer, raw: Array) -> Array:
    """f(A)."""
    return np.asarray(in_doubles(context.problem, answer.case).value)


def _along_input(context: PartContext, answer: PartAnswer, raw: Array) -> Array:
    """⟨A, ∇f⟩."""
    return np.asarray(inner(_argument(answer, context.problem.wrt[context.part]), answer.truth))


def _along_ones(context: PartContext, answer: PartAnswer, raw: Array) -> Array:
    """The sum of all entries of ∇f."""
    return np.asarray(np.sum(answer.truth))


def _along_identity(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The trace of ∇f."""
    return np.asarray(np.trace(answer.truth)) if answer.truth.ndim == 2 else None


def _pushed(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """f′(A)[G] for the cotangent G, where it has the shape of the input."""
    G = _argument(answer, context.problem.cotangent)
    if len(context.problem.wrt) > 1 or G.shape != _argument(answer, context.problem.wrt[0]).shape:
        return None
    return _derivative(context, answer, G)


def _pulled(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """f′(A)*[V] for the direction V, where it has the shape of f."""
    V, A = _direction(context, answer), _argument(answer, context.problem.wrt[0])
    if V.shape != answer.truth.shape:
        return None
    entries = [inner(V, _derivative(context, answer, E)) for E in unit_arrays(A.shape)]
    return np.reshape(np.asarray(entries), V.shape)


def _derivative(context: PartContext, answer: PartAnswer, V: Array) -> Array:
    """f′(A)[V] along the only input, good to about 1e-10."""
    name = context.problem.wrt[0]
    h = FINE * norm(_argument(answer, name)) / max(norm(V), 1e-9)
    asked = in_doubles(context.problem, answer.case)
    return np.asarray(fourth_order(on_line(asked.f, asked.point, {name: V}), h))


def _ambient_gradient(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The gradient in all arrays, where one in a tangent space is asked for."""
    name = context.problem.wrt[context.part]
    if not context.problem.input(name).is_curved:
        return None
    asked = in_doubles(context.problem, answer.case)
    phi = asked.reduced(lambda f, at, V: fourth_order(on_line(f, at, V), FINE))
    A = _argument(answer, name)
    slopes = [fourth_order(on_line(phi, asked.point, {name: E}), FINE) for E in unit_arrays(A.shape)]
    return np.reshape(np.asarray(slopes), A.shape)


def _gradient(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The answer itself, if ⟨answer, V⟩ is the truth for all V at one A."""
    V = _direction(context, answer)
    fits = answer.truth.ndim == 0 and raw.shape == V.shape
    return _if_true(context, answer, V, np.asarray(inner(raw, V))) if fits else None


def _jacobian(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The answer itself, if answer · vec V is the truth for all V at one A."""
    V, size = _direction(context, answer), answer.truth.size
    is_row = size <= 1 and V.size > 1  # which is a gradient
    fits = raw.shape == (size, V.size) and not is_row
    return _if_true(context, answer, V, raw @ np.ravel(V, order="F")) if fits else None


def _if_true(context: PartContext, answer: PartAnswer, V: Array, applied: Array) -> Array | None:
    """The answer itself, if it is the truth when it is applied to V, and the same for other V at this A."""
    first, raw = context.judged.first, answer.judged.raw[0]
    others = [first[k].raw for k in answer.case.combination_of or () if k in first]
    if not all(np.array_equal(raw, other[0]) for other in others if other):
        return None
    off = norm(np.ravel(applied) - np.ravel(answer.truth, order="F"))
    return raw if off <= 4 * answer.tolerance + _NEAR * norm(raw) * norm(V) else None


def _four_indices(context: PartContext, answer: PartAnswer, raw: Array) -> Array | None:
    """The answer itself, if it is the Jacobian with two indices for the output and two for the input."""
    if raw.ndim != 4 or raw.size != answer.truth.size:
        return None
    off = norm(raw.reshape(answer.truth.shape, order="F") - answer.truth)
    return raw if off <= _NEAR * norm(answer.truth) else None


_NO_NUMBER = "A gradient has the shape of its input: the differential along V is ⟨gradient, V⟩ for every V."

_VALUE = OtherObject(
    "function-value",
    _f,
    "you returned the value of f itself, not its derivative",
    "Differentiate it.",
)
_AMBIENT = OtherObject(
    "ambient-gradient",
    _ambient_gradient,
    "you returned the gradient for unconstrained inputs, not the one in the tangent space",
    "Project it onto the space: remove the part that points out of it.",
    _ROUGHLY,
)
_INSTEAD: Mapping[Ask, Sequence[OtherObject]] = {
    "gradient": (
        _AMBIENT,
        OtherObject(
            "differential-for-gradient",
            _along_input,
            "you returned a number, the differential along {input} itself",
            _NO_NUMBER,
        ),
        *(
            OtherObject(
                "differential-for-gradient",
                value,
                "you returned a number, the differential along one direction",
                _NO_NUMBER,
            )
            for value in (_along_ones, _along_identity)
        ),
    ),
    "differential": (
        OtherObject(
            "gradient-for-differential",
            _gradient,
            "you returned the gradient, but the problem asks for the differential",
            "Take its inner product with {direction}.",
        ),
        OtherObject(
            "jacobian-for-differential",
            _jacobian,
            "you returned the Jacobian, but the problem asks for the differential",
            "Apply it to {direction} and give the result the shape of f.",
        ),
        OtherObject(
            "pullback-for-differential",
            _pulled,
            "you applied the adjoint of the differential to {direction}, which is the pullback",
            "Look for a transpose that does not belong there.",
            _ROUGHLY,
        ),
    ),
    "pullback": (
        _AMBIENT,
        OtherObject(
            "differential-for-pullback",
            _pushed,
            "you applied the differential to {cotangent}, not its adjoint",
            "Move the map to the other side of ⟨ , ⟩ and read off the adjoint.",
            _ROUGHLY,
        ),
    ),
    "jacobian": (
        OtherObject(
            "four-indices",
            _four_indices,
            "you returned the right numbers as an array with four indices, ∂Fₖₗ/∂Aᵢⱼ",
            'Combine (k, l) into one index and (i, j) into another: reshape with order="F".',
        ),
    ),
}
