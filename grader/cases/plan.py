"""The plan of a problem's cases: which family, sizes and parameters each of them has, before a number is drawn."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.problems.family_names import Family, FamilyName
from grader.problems.problem import Problem

DIRECTIONS = 8
"""Generic cases with a direction or cotangent, at least: so many that no error 10 tolerances large hides from them."""
GENERIC = Family("generic")
_SMALL: Mapping[FamilyName, tuple[int, int]] = {
    "integer": (0, 0),
    "corank_1": (0, 1),
    "eigenvalue": (0, 1),
    "complex": (0, 1),
    "corank_2": (1, 1),
}
"""Families that people look at: which of the sizes above 1 the first case has, and how much larger the next one is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A case before it is drawn.

    Args:
        point: keys the random numbers of the inputs; line: those of the linear arguments.
        parameter_index: which of their values the parameters and functions take.
        combination_of: the cases whose linear arguments this one combines.
        sign: that of the determinant where the family leaves it free; 0 leaves it to chance.
    """

    family: Family
    sizes: Mapping[str, int]
    point: str
    line: str
    parameter_index: int
    combination_of: tuple[int, int] | None = None
    sign: int = 0


def plan_cases(problem: Problem, count: int) -> list[Plan]:
    """Two cases of every family listed, three that test linearity where that is checked, the rest generic.

    Args:
        count: how many cases there are at least.
    """
    plans = _special(problem)
    if any(check.name == "linear" for check in problem.checks):
        plans += _combination(problem, len(plans))
    return plans + _generic(problem, count - len(plans))


def _special(problem: Problem) -> list[Plan]:
    """Cases of the families listed, with determinants of both signs in turn."""
    families = list(dict.fromkeys(family for argument in problem.inputs for family in argument.families))
    plans: list[Plan] = []
    for position, family in enumerate(families):
        if family != GENERIC:
            for k in range(_repeats(problem, family)):
                sizes = _sizes(problem, family, position, k)
                plans.append(_plan(family, k, sizes, position + k, -1 if k % 2 else 1))
    return plans


def _repeats(problem: Problem, family: Family) -> int:
    """Two; but whole numbers, which people are shown, for every value of the parameters."""
    if family.name == "integer":
        return max(2, most_values(problem))
    return 1 if family.name == "empty" else 2


def _sizes(problem: Problem, family: Family, position: int, k: int) -> dict[str, int]:
    """Small for what people will look at, different for the two cases, 1 only where the family asks for it."""
    if family.definition.size is not None:
        return dict.fromkeys(problem.sizes, family.definition.size)

    sizes: dict[str, int] = {}
    for letter, values in problem.sizes.items():
        larger = [value for value in values if value > 1] or list(values)
        index = (position + 2 * k) % len(larger)
        if family.name in _SMALL:
            first, step = _SMALL[family.name]
            index = min(first + step * k, len(larger) - 1)
        sizes[letter] = larger[index]
    return sizes


def _combination(problem: Problem, start: int) -> list[Plan]:
    """Three cases at one point, with the linear arguments V, W and a combination of both."""
    sizes = {letter: values[min(1, len(values) - 1)] for letter, values in problem.sizes.items()}
    point = "generic/line"
    first, second, both = (Plan(GENERIC, sizes, point, f"{point}/{k}", 0) for k in "VWZ")
    return [first, second, replace(both, combination_of=(start, start + 1))]


def _generic(problem: Problem, wanted: int) -> list[Plan]:
    """Generic cases: all sizes, every value of the parameters twice, and both signs of the determinant at each."""
    sizes = max((len(listed) for listed in problem.sizes.values()), default=1)
    values = most_values(problem)
    least = DIRECTIONS if problem.definition.is_linear else 1
    if values > 1:
        least = max(least, 2 * values)

    used: Counter[tuple[Any, int]] = Counter()
    plans = []
    for k in range(max(least, wanted, sizes)):
        at = {letter: listed[size_index(k, values, len(listed))] for letter, listed in problem.sizes.items()}
        sign = _rarer_sign(used, (tuple(at.values()), k % values, None))
        plans.append(_plan(GENERIC, k, at, k, sign))
    return plans


def _plan(family: Family, k: int, sizes: Mapping[str, int], parameter_index: int, sign: int) -> Plan:
    if family.name == "scaled" and family.parameter is None:
        family = Family("scaled", 1e3 if k % 2 == 0 else 1e-3)
    key = f"{family.name}/{family.parameter}/{k}"
    return Plan(family, sizes, key, key, parameter_index, sign=sign)


def size_index(k: int, values: int, sizes: int) -> int:
    """The position of the k-th case's size, such that every value of a parameter meets all sizes in time.

    Both take turns until they are back where they began; then sizes go one further.

    Args:
        values, sizes: how many there are.
    """
    return (k + k // math.lcm(values, sizes) if values > 1 else k) % sizes


def value_indices(index: int, counts: Iterable[int]) -> list[int]:
    """The positions of several parameters' values, such that all combinations occur in time.

    Args:
        counts: how many values each of them has.
    """
    indices = []
    for count in counts:
        indices.append(index % count)
        index += index // count
    return indices


def most_values(problem: Problem) -> int:
    """The largest number of values of any parameter or function."""
    lengths = [len(parameter.values) for parameter in problem.parameters]
    return max(lengths + [len(function.choices) for function in problem.functions], default=1)


def _rarer_sign(used: Counter[tuple[Any, int]], keys: tuple[Any, ...]) -> int:
    """The sign that has been used less with these keys; counts it."""
    sign = min((-1, 1), key=lambda s: sum(used[key, s] for key in keys))
    used.update((key, sign) for key in keys)
    return sign
