"""The algebra that evaluates expressions on balls: numpy's operations, with enclosures of the exact results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from grader.problems.language import Algebra, Closure
from grader.truths.ball_arrangements import ARRANGED
from grader.truths.ball_matrices import NORMS, total
from grader.truths.balls import Ball, from_scalar
from grader.truths.core_algebra import CORE
from grader.truths.functions.analytic import analytic
from grader.truths.functions.ode import ode
from grader.truths.functions.root import root
from grader.truths.functions.table import MATRIX_BALLS
from grader.truths.singular_values import largest_singular_value, singular_values


def _norm(A: Ball, kind: str = "fro") -> Ball:
    return from_scalar(_NORMS[kind](A))


_NORMS: Mapping[str, Callable[[Ball], Any]] = {
    **NORMS,
    "2": largest_singular_value,
    "nuc": lambda A: total(singular_values(A)),
}


def _of_time(g: Closure) -> Callable[[Ball, Ball], Ball]:
    """The right side of a differential equation as a function of y and t."""
    return g if g.arity > 1 else lambda y, t: g(y)


BALLS: Algebra[Ball] = replace(
    CORE,
    operations={
        **CORE.operations,
        **ARRANGED,
        "norm": _norm,
        **MATRIX_BALLS,
        "root": lambda F, start: root(F.over(BALLS), F.over(ANALYTIC), start),
        "ode": lambda g, start, end: ode(_of_time(g.over(BALLS)), _of_time(g.over(ANALYTIC)), start, end),
    },
)
"""Exact evaluation: every result contains the true value."""

ANALYTIC: Algebra[Ball] = replace(BALLS, operations=analytic(BALLS.operations))
"""The same operations continued to complex arguments, for functions of real ones that are solved for."""
