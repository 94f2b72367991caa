"""A claimed derivative at given inputs, in the forms that the checkers ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.cases.case import Case
from grader.cases.draw import draw_cases
from grader.cases.projections import nearest
from grader.problems.algebras import NUMPY
from grader.problems.asks import DERIVATIVES
from grader.problems.language import evaluate
from grader.problems.problem import Problem

Array = NDArray[Any]
Arrays = tuple[Array, ...]

SIZES = (2, 3, 5)
PLAIN: Mapping[str, int] = {"generic": 3, "complex": 1, "corank_1": 1}
"""Well-conditioned inputs, complex and singular ones where the problem has them; how many of each are drawn."""
HARD: Mapping[str, int] = {"ill_conditioned": 1, "scaled": 2}
"""Condition number 10⁶, and sizes 10³ and 10⁻³."""
COMPLEX_STEP = 2.0**-60
NOTHING = 1e-11
"""Rounding of a derivative that is 0, at matrices of small whole numbers."""


class NotExpressibleError(Exception):
    """The checker has no way to be asked this question."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A problem at one draw of its inputs: `f` as a function of the arrays that are differentiated.

    Args:
        case: the draw, from the families of the problem.
    """

    problem: Problem
    case: Case

    @property
    def at(self) -> Arrays:
        """The values of the inputs that are differentiated, as new arrays."""
        return tuple(np.array(self.case.values[name]) for name in self.problem.wrt)

    @property
    def is_hard(self) -> bool:
        """Whether the draw is ill-conditioned or badly scaled."""
        return self.case.family in HARD

    @property
    def is_complex(self) -> bool:
        """Whether the inputs are complex."""
        return self.case.family == "complex"

    @property
    def is_forward(self) -> bool:
        """Whether the claim is a differential; the others are gradients, Jacobians and pullbacks."""
        return self.problem.form == "along"

    def f(self, *xs: Array) -> Array:
        """The map; for a second differential, A ↦ f′(A)[W] by a complex step, which is exact to rounding.

        An input that lies in a subspace is projected into it first: then the gradient in the subspace is the usual
        gradient of the whole.
        """
        inside = {name: _project(x, self.problem, name) for name, x in zip(self.problem.wrt, xs, strict=True)}
        values: dict[str, Any] = {**self.case.values, **inside}
        if self.problem.order == 1:
            return self._value(values)
        W = self.problem.directions_of_order(1)
        moved = {name: values[name] + 1j * COMPLEX_STEP * values[word] for name, word in W.items()}
        return np.imag(self._value({**values, **moved})) / COMPLEX_STEP

    def _value(self, values: Mapping[str, Any]) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(evaluate(self.problem.f, {**self.case.sizes, **values}, NUMPY))


def places(problem: Problem, seed: int) -> tuple[Place, ...]:
    """The draws at which the checkers are asked about a problem, small sizes and few of each family."""
    if problem.ask not in DERIVATIVES or problem.functions:
        return ()
    # Of rectangular problems the sizes belong together: squares would hide mistakes.
    sizes = dict.fromkeys(problem.sizes, SIZES) if len(problem.sizes) == 1 else problem.sizes
    found: list[Place] = []
    left = {**PLAIN, **HARD}
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for case in draw_cases(replace(problem, sizes=sizes), seed, 24):
        key = (case.family, tuple(case.sizes.values()))
        place = Place(problem, case)
        # A second differential of complex inputs would need a first one, and only a complex step gives that.
        if left.get(case.family, 0) and key not in seen and not (place.is_complex and problem.order == 2):
            left[case.family] -= 1
            seen.add(key)
            found.append(place)
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What a function says the derivative of `place.f` is, as an operator in either direction.

    Args:
        function: the student's, with the signature of the problem.
    """

    place: Place
    function: Callable[..., Any]

    def jvp(self, xs: Sequence[Array], vs: Sequence[Array]) -> Array:
        """f′(x)[v]: what was returned for a differential."""
        problem = self.place.problem
        words = problem.directions_of_order(0)
        along = {words[name]: v for name, v in zip(problem.wrt, vs, strict=True)}
        return self._ask(xs, along)[0]

    def vjp(self, xs: Sequence[Array], g: Array) -> Arrays:
        """f′(x)*[g] under Re tr(PᴴQ): what was returned for a pullback, or read off a gradient or Jacobian."""
        problem = self.place.problem
        if problem.cotangent is not None:
            return self._ask(xs, {problem.cotangent: g if g.ndim else g.item()})
        parts = self._ask(xs, {})
        if problem.weight is not None:
            # ⟨P, Q⟩ = tr(PᵀWQ) is the usual inner product of WP and Q.
            parts = tuple(self.place.case.values[problem.weight] @ part for part in parts)
        if problem.ask == "gradient":
            return tuple(np.asarray(part * g) for part in parts)
        pulled = parts[0].conj().T @ np.ravel(g, order="F")
        return (pulled.reshape(xs[0].shape, order="F"),)

    def jacobian(self, xs: Sequence[Array], unit: complex = 1.0) -> Array:
        """The whole derivative as one matrix, from all directions or cotangents; rows and columns in C order.

        Args:
            unit: what to multiply these with; a complex one tells maps that conjugate from others.
        """
        if self.place.is_forward:
            return np.stack([np.ravel(self.jvp(xs, vs)) for vs in _units(xs, unit)], axis=1)
        units = _units((self.place.f(*xs),), unit)
        return np.stack([flatten(self.vjp(xs, g)) for (g,) in units])

    def is_wrong(self, right: Claim, least: float) -> bool:
        """Whether it differs from the right claim by more than `least`, relatively, or gives nothing to compare."""
        unit = 0.6 + 0.8j if self.place.is_complex else 1.0
        J = right.jacobian(self.place.at, unit)
        try:
            off = np.max(np.abs(self.jacobian(self.place.at, unit) - J))
        except Exception:  # a claim may fail in any way
            return True
        # At singular matrices of small whole numbers the derivative may be 0, and all that differs is rounding.
        floor = NOTHING if self.place.case.family == "corank_1" else 0.0
        return not off <= max(least * np.max(np.abs(J)), floor)

    def _ask(self, xs: Sequence[Array], others: Mapping[str, Any]) -> Arrays:
        """Inputs are passed on as the checker has them, so that whoever changes them changes the checker's."""
        problem = self.place.problem
        fixed = {name: _copy(value) for name, value in self.place.case.values.items()}
        values = {**fixed, **dict(zip(problem.wrt, map(_scalar, xs), strict=True)), **others}
        arguments = [values[name] for name in problem.arguments]
        with np.errstate(all="ignore"):
            result = self.function(*arguments)
        return tuple(np.asarray(part) for part in (result if isinstance(result, tuple) else (result,)))


def _project(x: Array, problem: Problem, name: str) -> Array:
    return nearest(x, problem.input(name).ambient)


def _copy(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value


def _scalar(x: Array) -> Any:
    return x if np.ndim(x) else np.asarray(x).item()


def _units(xs: Sequence[Array], unit: complex) -> Iterator[Arrays]:
    for k, x in enumerate(xs):
        for place in np.ndindex(x.shape):
            vs = [np.zeros(y.shape, np.result_type(unit)) for y in xs]
            vs[k][place] = unit
            yield tuple(vs)


def flatten(xs: Sequence[Array]) -> Array:
    """All entries of all arrays in one vector."""
    return np.concatenate([np.ravel(x) for x in xs])


def unflatten(x: Array, like: Sequence[Array]) -> Arrays:
    """The opposite of `flatten`."""
    parts, start = [], 0
    for y in like:
        parts.append(np.reshape(x[start : start + y.size], y.shape))
        start += y.size
    return tuple(parts)
