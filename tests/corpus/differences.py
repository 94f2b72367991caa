"""What students hand in who difference `f` in double precision instead of deriving its derivative."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.cases.projections import project
from grader.problems.algebras import NUMPY
from grader.problems.asks import DERIVATIVES
from grader.problems.language import evaluate
from grader.problems.problem import Problem
from tests.corpus.variant import Array, Function

Curve = Callable[[Any], Any]
"""t ↦ f(A + tV)."""
Quotient = Callable[[Curve, float], Any]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A difference quotient for the derivative of a curve at 0.

    Args:
        step: h for a first difference; relative: whether in units of ‖A‖/‖V‖.
    """

    quotient: Quotient
    step: float
    relative: bool = False


def forward(curve: Curve, h: float) -> Any:
    """Good to h, or u/h."""
    return (curve(h) - curve(0.0)) / h


def central(curve: Curve, h: float) -> Any:
    """Good to h², or u/h."""
    return (curve(h) - curve(-h)) / (2 * h)


def richardson(curve: Curve, h: float) -> Any:
    """Good to h⁴, or u/h: (4D(h/2) − D(h)) / 3."""
    return (4 * central(curve, h / 2) - central(curve, h)) / 3


def complex_step(curve: Curve, h: float) -> Any:
    """Im f(A + ihV) / h: exact where A and V are real and f is holomorphic."""
    return np.imag(curve(1j * h)) / h


SCHEMES: Mapping[str, Scheme] = {
    "forward-difference": Scheme(forward, 1e-7),
    "forward-difference-scaled": Scheme(forward, 2.0**-26, relative=True),
    "central-difference": Scheme(central, 1e-6),
    "central-difference-scaled": Scheme(central, 2.0**-17, relative=True),
    "richardson-difference": Scheme(richardson, 1e-2),
    "richardson-difference-scaled": Scheme(richardson, 2.0**-8, relative=True),
}
COMPLEX_STEP = Scheme(complex_step, 2.0**-60, relative=True)
"""No smaller: numpy forms a determinant from its logarithm, and at a singular A that of det(A + ihV) is ln h."""


def can_difference(problem: Problem) -> bool:
    """Whether a derivative is asked for, of an expression that holds no given function."""
    return problem.ask in DERIVATIVES and not problem.functions


def is_holomorphic(problem: Problem) -> bool:
    """Whether `f` is, by its spelling: no conjugate, absolute value or norm."""
    return not any(word in problem.f.text for word in ("abs", "norm", ".H", "logdet"))


def differenced(problem: Problem, scheme: Scheme) -> Function:
    """The function that a student would write with the scheme, for what the problem asks."""

    def answer(*arguments: Any) -> Any:
        values = dict(zip(problem.arguments, arguments, strict=True))
        if problem.form == "along":
            return _directional(problem, scheme, values)
        parts = [_by_entries(problem, scheme, values, name) for name in problem.wrt]
        return parts[0] if problem.parts == 1 else tuple(parts)

    return answer


def value(problem: Problem, values: Mapping[str, Any]) -> Any:
    """f in double precision; ⟨G, f⟩ for a pullback of G, the vector vec f for a Jacobian."""
    sizes = {
        letter: side
        for item in problem.inputs
        for letter, side in zip(item.shape, np.shape(values[item.name]), strict=True)
        if isinstance(letter, str)
    }
    y = evaluate(problem.f, {**sizes, **values}, NUMPY)
    if problem.cotangent is not None:
        return np.sum(np.conj(values[problem.cotangent]) * y)
    return np.ravel(y, order="F") if problem.ask == "jacobian" else y


def _directional(problem: Problem, scheme: Scheme, values: Mapping[str, Any]) -> Any:
    V = {name: values[word] for name, word in problem.directions_of_order(0).items()}
    if problem.order == 1:
        return scheme.quotient(lambda t: value(problem, _moved(values, V, t)), _step(scheme, values, V))
    W = {name: values[word] for name, word in problem.directions_of_order(1).items()}
    h, k = (_step(scheme, values, X) ** (1.0 if scheme.relative else 0.75) for X in (V, W))
    return scheme.quotient(
        lambda s: scheme.quotient(lambda t: value(problem, _moved(_moved(values, V, s), W, t)), k), h
    )


def _by_entries(problem: Problem, scheme: Scheme, values: Mapping[str, Any], name: str) -> Array:
    A = np.asarray(values[name])
    columns = []
    for place in _places(A):
        columns.append(_partial(problem, scheme, values, name, place, 1.0))
        if A.dtype.kind == "c":
            columns[-1] = columns[-1] + 1j * _partial(problem, scheme, values, name, place, 1j)
    if problem.ask == "jacobian":
        return np.stack(columns, axis=1)
    G = np.array(columns).reshape(A.shape, order="F")
    return G if problem.weight is None else np.linalg.solve(values[problem.weight], G)


def _places(A: Array) -> list[tuple[int, ...]]:
    """Column by column."""
    return [place[::-1] for place in np.ndindex(A.shape[::-1])]


def _partial(
    problem: Problem, scheme: Scheme, values: Mapping[str, Any], name: str, place: tuple[int, ...], factor: complex
) -> Any:  # fmt: skip
    """Along a unit matrix, or along what is left of it in the input's space: twice an entry, if symmetric."""
    E = np.zeros(np.shape(values[name]), complex if isinstance(factor, complex) else float)
    E[place] = factor
    space = problem.input(name).space
    V = {name: project(E, space)}
    result = scheme.quotient(lambda t: value(problem, _moved(values, V, t)), _step(scheme, values, V))
    if problem.ask == "jacobian":
        return result
    return np.real(result) / (2 if space in ("symmetric", "positive_definite") else 1)


def _moved(values: Mapping[str, Any], V: Mapping[str, Any], t: Any) -> dict[str, Any]:
    return {**values, **{name: values[name] + t * v for name, v in V.items()}}


def _step(scheme: Scheme, values: Mapping[str, Any], V: Mapping[str, Any]) -> float:
    if not scheme.relative:
        return scheme.step
    size = math.hypot(*(float(np.linalg.norm(values[name])) for name in V))
    length = math.hypot(*(float(np.linalg.norm(v)) for v in V.values()))
    return scheme.step * (size or 1.0) / (length or 1.0)
