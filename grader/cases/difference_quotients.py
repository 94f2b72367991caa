"""Difference quotients: schemes for anything that can be added and scaled, and what they make of f in doubles.

In double precision a step is a compromise, and these are what a student who differences would return. In balls,
with a step far below double precision, the same quotients are the truth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from grader.cases.asked_map import AskedMap, Map, Point, asked_map
from grader.cases.case import Case
from grader.cases.lines import SCHEMES, central, on_line
from grader.core.norms import UNIT, Array, norm
from grader.problems.algebras import NUMPY
from grader.problems.language import ExpressionError
from grader.problems.problem import Problem


def in_doubles(problem: Problem, case: Case) -> AskedMap[Any]:
    """The map of a problem at a case in double precision, as students compute it."""
    return asked_map(problem, case, NUMPY)


def central_difference(asked: AskedMap[Any], V: Mapping[str, Array]) -> tuple[Array | None, float]:
    """(φ(A + hV) − φ(A − hV)) / 2h with h = u^⅓ ‖A‖/‖V‖, as a student would; None where it fails.

    For a second differential φ is itself a central difference, and both steps are u^¼ ‖A‖/‖V‖.

    Returns:
        The difference and h.
    """
    root = 1 / (2 + asked.problem.order)

    def derive(f: Map[Any], at: Point, W: Point) -> Any:
        return central(on_line(f, at, W), _step_size(asked.point, W, root))

    h = _step_size(asked.point, V, root)
    try:
        with np.errstate(all="ignore"):
            return np.asarray(central(on_line(asked.reduced(derive), asked.point, V), h)), h
    except (np.linalg.LinAlgError, ExpressionError):
        return None, h


def _step_size(at: Point, V: Point, root: float) -> float:
    size = math.hypot(*(norm(np.asarray(at[name])) for name in V)) or 1.0
    length = math.hypot(*(norm(np.asarray(v)) for v in V.values())) or 1.0
    return float(UNIT**root * size / length)


def difference_quotient(asked: AskedMap[Any], part: int, scheme: str, h: float) -> Array:
    """Compute one part of an answer as a student would who differences f; for inputs without a space or weight.

    Args:
        scheme: one of `SCHEMES`; h: the step, the same for all differences.

    Raises:
        LinAlgError, ExpressionError: f is not defined at one of the points.
    """
    rule, problem = SCHEMES[scheme], asked.problem

    def derive(f: Map[Any], at: Point, V: Point) -> Any:
        return rule(on_line(f, at, V), h)

    phi = asked.reduced(derive)
    if problem.form == "along":
        return np.asarray(derive(phi, asked.point, asked.directions(0)))

    name = problem.wrt[part]
    order = "F" if problem.form == "matrix" else "C"
    slopes = [derive(phi, asked.point, {name: E}) for E in unit_arrays(np.shape(asked.point[name]), order)]
    if problem.form == "matrix":
        return np.stack(slopes, axis=1)
    return np.reshape(np.asarray(slopes), np.shape(asked.point[name]))


def unit_arrays(shape: tuple[int, ...], order: str = "C") -> Iterator[Array]:
    """The arrays with a single 1, in the order of their entries: row by row (C) or column by column (F)."""
    for E in np.eye(math.prod(shape)):
        yield E.reshape(shape, order="F" if order == "F" else "C")
