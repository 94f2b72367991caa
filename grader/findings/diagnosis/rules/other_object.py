"""Another object: f itself, the gradient for the differential, the adjoint for the map and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.cases.asked_map import in_doubles
from grader.cases.differences import fourth_order, on_line, unit_arrays
from grader.core.norms import Array, inner, norm
from grader.findings.diagnosis.agreement import DELICATE, PartAnswer
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


def name_other(view: PartContext) -> Diagnosis | None:
    """Something else than was asked for, if the answers are that in every ordinary case."""
    if view.problem.order and _all(view, _value, NEAR):
        return relation(
            "function-value", "you returned the value of f itself, not its derivative", "Differentiate it."
        )
    instead = _INSTEAD.get(view.problem.ask)
    return instead(view) if instead is not None else None


def _instead_of_gradient(view: PartContext) -> Diagnosis | None:
    if view.problem.weight is not None:
        return None  # what follows reads gradients by the Frobenius inner product
    if _all(view, _along("inputs"), NEAR):
        along = f"{view.problem.wrt[view.part]} itself"
    elif _all(view, _along("ones"), NEAR) or _all(view, _along("eye"), NEAR):
        along = "one direction"
    else:
        return None
    lead = f"you returned a number, the differential along {along}"
    return relation("differential-for-gradient", lead, _WANTED)


def _instead_of_pullback(view: PartContext) -> Diagnosis | None:
    if not _all(view, _pushed, ROUGHLY):
        return None
    lead = f"you applied the differential to {view.problem.cotangent}, not its adjoint"
    step = "Move the map to the other side of ⟨ , ⟩ and read off what it becomes there."
    return relation("differential-for-pullback", lead, step)


_WANTED = "A gradient has the shape of its input: the differential along V is ⟨gradient, V⟩ for every V."


def _instead_of_differential(view: PartContext) -> Diagnosis | None:
    problem = view.problem
    if len(problem.wrt) != 1:
        return None
    word = problem.directions_of_order(0)[problem.wrt[0]]
    if _is_gradient(view, word):
        lead = "you returned the gradient, and the differential was asked for"
        return relation("gradient-for-differential", lead, f"Take its inner product with {word}.")
    if _is_jacobian(view, word):
        lead = "you returned the Jacobian, and the differential was asked for"
        return relation(
            "jacobian-for-differential", lead, f"Apply it to {word} and give the result the shape of f."
        )
    if _all(view, _pulled, ROUGHLY):
        lead = f"you applied the adjoint of the differential to {word}, which is the pullback"
        return relation(
            "pullback-for-differential", lead, "Look where a transpose came in that does not belong."
        )
    return None


_INSTEAD: Mapping[Ask, Callable[[PartContext], Diagnosis | None]] = {
    "differential": _instead_of_differential,
    "gradient": _instead_of_gradient,
    "pullback": _instead_of_pullback,
}

Other = Callable[[PartContext, PartAnswer], "Array | None"]


def _all(view: PartContext, other: Other, close: float) -> bool:
    """Whether all answers to real, ordinary cases are this, and some are not what was asked for."""
    told, sizes = 0, set()
    chosen = [item for item in view.seen if item.case.family not in DELICATE and not item.is_complex]
    for item in chosen:
        raw = _raw(view, item)
        if raw is None:
            return False
        try:
            with np.errstate(all="ignore"):
                value = other(view, item)
        except (np.linalg.LinAlgError, ExpressionError, ValueError):
            return False
        if value is None or value.shape != raw.shape or not norm(raw - value) <= close * norm(value):
            return False
        if value.shape != item.truth.shape or norm(value - item.truth) > 100 * close * norm(value):
            told += 1
            sizes.add(item.sizes)
    return told >= 3 and (len(sizes) > 1 or len({item.sizes for item in chosen}) == 1)


def _raw(view: PartContext, item: PartAnswer) -> Any:
    """The answer as it came, if it is one array."""
    raw = item.judged.raw
    usable = (
        item.judged.failure is None and len(raw) == view.problem.parts and np.all(np.isfinite(raw[view.part]))
    )
    return raw[view.part] if usable else None


def _value(view: PartContext, item: PartAnswer) -> Array:
    return np.asarray(in_doubles(view.problem, item.case).value)


def _along(which: str) -> Other:
    def number(view: PartContext, item: PartAnswer) -> Array | None:
        T = item.truth
        if which == "eye":
            return np.asarray(np.trace(T)) if T.ndim == 2 else None
        V = (
            np.asarray(item.case.values[view.problem.wrt[view.part]])
            if which == "inputs"
            else np.ones(T.shape)
        )
        return np.asarray(inner(V, T))

    return number


def _derivative(view: PartContext, item: PartAnswer, name: str, V: Array) -> Array:
    """f′(A)[V] along one input, good to about 1e-10."""
    h = FINE * norm(np.asarray(item.case.values[name])) / max(norm(V), 1e-9)
    asked = in_doubles(view.problem, item.case)
    return np.asarray(fourth_order(on_line(asked.f, asked.point, {name: V}), h))


def _pushed(view: PartContext, item: PartAnswer) -> Array | None:
    """f′(A)[G] for the cotangent G, where it has the shape of the input."""
    name, G = view.problem.wrt[view.part], np.asarray(item.case.values[view.problem.cotangent or ""])
    if G.shape != np.asarray(item.case.values[name]).shape or len(view.problem.wrt) > 1:
        return None
    return _derivative(view, item, name, G)


def _pulled(view: PartContext, item: PartAnswer) -> Array | None:
    """f′(A)*[V] for the direction V, where it has the shape of f."""
    name = view.problem.wrt[0]
    V = np.asarray(item.case.values[view.problem.directions_of_order(0)[name]])
    if V.shape != item.truth.shape:
        return None
    shape = np.asarray(item.case.values[name]).shape
    entries = [inner(V, _derivative(view, item, name, E)) for E in unit_arrays(shape)]
    return np.reshape(np.asarray(entries), V.shape)


def _is_gradient(view: PartContext, word: str) -> bool:
    """⟨answer, V⟩ is the truth in every case, and at one A the answer is one for all V."""

    def paired(view: PartContext, item: PartAnswer) -> Array | None:
        raw, V = _raw(view, item), np.asarray(item.case.values[word])
        if item.truth.ndim > 0 or raw.shape != V.shape:
            return None
        off = abs(inner(raw, V) - item.truth)
        return np.asarray(raw) if off <= 4 * item.tolerance + NEAR * norm(raw) * norm(V) else None

    return _all(view, paired, NEAR) and _same_at_one_point(view)


def _is_jacobian(view: PartContext, word: str) -> bool:
    def applied(view: PartContext, item: PartAnswer) -> Array | None:
        raw, V = _raw(view, item), np.asarray(item.case.values[word])
        if raw.shape != (item.truth.size, V.size) or (item.truth.size < 2 and V.size > 1):
            return None
        off = norm(raw @ np.ravel(V, order="F") - np.ravel(item.truth, order="F"))
        return raw if off <= 4 * item.tolerance + NEAR * norm(raw) * norm(V) else None

    return _all(view, applied, NEAR) and _same_at_one_point(view)


def _same_at_one_point(view: PartContext) -> bool:
    by_index = view.evidence.first
    for judged in by_index.values():
        if judged.posed.case.combination_of is not None:
            others = [by_index[k] for k in judged.posed.case.combination_of if k in by_index]
            if any(not np.array_equal(judged.raw[0], other.raw[0]) for other in others if other.raw):
                return False
    return True


def name_four_indices(view: PartContext) -> Diagnosis | None:
    """The Jacobian as an array with two indices for the output and two for the input."""
    if view.problem.form != "matrix":
        return None

    def unfolded(view: PartContext, item: PartAnswer) -> Array | None:
        raw = _raw(view, item)
        fits = raw.ndim == 4 and raw.size == item.truth.size
        if not fits or norm(raw.reshape(item.truth.shape, order="F") - item.truth) > NEAR * norm(item.truth):
            return None
        return np.asarray(raw)

    if not _all(view, unfolded, NEAR):
        return None
    lead = "you returned the right numbers as an array with four indices, ∂Fₖₗ/∂Aᵢⱼ"
    step = 'Make one index of (k, l) and one of (i, j): reshape with order="F".'
    return relation("four-indices", lead, step)
