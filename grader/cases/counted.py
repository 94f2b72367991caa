"""The cases at which it is counted what a function computes: generic ones of growing sizes, which need no truth."""

from __future__ import annotations

from grader.cases.case import Case
from grader.cases.draw import draw_planned
from grader.cases.families import GENERIC, generator
from grader.cases.plan import Plan
from grader.cases.sizes import Sizes, middle_sizes
from grader.problems.problem import Parameter, Problem

SIZES = (12, 24, 48)
"""Between the last two a polynomial grows like its leading term, or nearly."""
SMALL_SIZES = (4, 8, 12)
"""The same for Jacobians and Hessians, whose entries are many."""


def draw_counted(problem: Problem, seed: int) -> tuple[Case, ...]:
    """Draw cases for the budget of a problem: one, or one for each size if its order of growth counts."""
    if not problem.budget:
        return ()
    sides = SMALL_SIZES if problem.form in ("matrix", "stacked") else SIZES
    wanted = len(sides) if problem.budget.order is not None else 1
    return tuple(_draw(problem, seed, _sizes(problem, side), -1 - k) for k, side in enumerate(sides[:wanted]))


def _sizes(problem: Problem, side: int) -> Sizes:
    """The letter whose growth counts has that side; all have it where no growth counts, or sizes must be in order."""
    order, everywhere = problem.budget.order, dict.fromkeys(problem.sizes, side)
    if order is None:
        return everywhere
    sizes = {**middle_sizes(problem), order.letter: side}
    return sizes if problem.allows(sizes) else everywhere


def _draw(problem: Problem, seed: int, sizes: Sizes, index: int) -> Case:
    key = f"counted/{index}"
    values = {parameter.name: _value(parameter, seed) for parameter in problem.parameters}
    plan = Plan(GENERIC, sizes, key, key, values, sign=1)
    return draw_planned(problem, plan, index, f"{seed}/{problem.id}/{key}")


def _value(parameter: Parameter, seed: int) -> int | float | str:
    rng = generator(f"{seed}/{parameter.name}/counted")
    return parameter.values[int(rng.integers(len(parameter.values)))]
