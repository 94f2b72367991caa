"""Cases: random inputs for a problem, the same for the same seed on any machine."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.cases.case import Case, Formula, Value
from grader.cases.families import Generator, dense, draw_low_rank, draw_square, project, small_integers
from grader.problems.algebras import SHAPES, Size
from grader.problems.expression import evaluate
from grader.problems.problem import FEWEST, Family, Input, Problem

DIRECTIONS = 8
"""Generic cases with a direction or cotangent, at least: so many that no error 10 tolerances large hides from them."""
COMBINATION = (2, -3)
"""V, W and 2V − 3W: multiples of 2⁻³² stay exact in this combination, so linearity can be judged exactly."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be drawn.

    Args:
        point: keys the inputs; line: keys the linear arguments.
        turn: which of their values the parameters and functions take.
        sign: that of the determinant where the family leaves it free; 0 leaves it to chance.
    """

    family: Family
    sizes: Mapping[str, int]
    point: str
    line: str
    turn: int
    of: tuple[int, int] | None = None
    sign: int = 0


def draw_cases(problem: Problem, seed: int, count: int, attempt: int = 0) -> tuple[Case, ...]:
    """All cases of a problem, from a counter-based generator keyed by seed, problem, family and index.

    Args:
        count: at least so many; every family and size listed is drawn in any case.
        attempt: another draw of the same plan, for cases that turned out undecidable.

    Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (Philox).
    """
    cases: list[Case] = []
    for index, plan in enumerate(plan_cases(problem, count)):
        case = _draw(problem, plan, index, f"{seed}/{problem.id}/{attempt}")
        if plan.of is not None:
            case = replace(
                case, values=_combined(problem, case, cases[plan.of[0]], cases[plan.of[1]]), of=plan.of
            )
        cases.append(case)
    return tuple(cases)


def plan_cases(problem: Problem, count: int) -> list[Plan]:
    """Two cases of every family listed, three that test linearity where that is checked, the rest generic.

    Generic cases go through the sizes and through the values of the parameters, each of them twice at least, and
    meet both signs of the determinant at each of them.
    """
    families = list(dict.fromkeys(family for item in problem.inputs for family in item.families))
    plans: list[Plan] = []
    for position, family in enumerate(families):
        if family.name != "generic":
            plans += [
                _plan(family, k, _sizes(problem, family, position, k), position + k, -1 if k % 2 else 1)
                for k in range(_repeats(problem, family))
            ]
    if any(check.name == "linear" for check in problem.checks):
        plans += _line(problem, len(plans))
    sizes = max((len(listed) for listed in problem.sizes.values()), default=1)
    values = choices(problem)
    least = max(DIRECTIONS if problem.definition.is_linear else 1, 2 * values if values > 1 else 1)
    wanted = max(least, count - len(plans), sizes)
    used: Counter[tuple[Any, int]] = Counter()
    for k in range(wanted):
        at = {letter: listed[size_index(k, values, len(listed))] for letter, listed in problem.sizes.items()}
        sign = _rarer_sign(used, (tuple(at.values()), k % values, None))
        plans.append(_plan(Family("generic"), k, at, k, sign))
    return plans


def size_index(k: int, values: int, sizes: int) -> int:
    """Which size the k-th case has, so that every value of a parameter meets all sizes in time.

    Both take turns until they are back where they began; then sizes go one further.
    """
    return (k + k // math.lcm(values, sizes) if values > 1 else k) % sizes


def _rarer_sign(used: Counter[tuple[Any, int]], keys: Iterable[Any]) -> int:
    """The sign that has been used less with these keys; counts it."""
    sign = min((-1, 1), key=lambda s: sum(used[key, s] for key in keys))
    used.update((key, sign) for key in keys)
    return sign


def choices(problem: Problem) -> int:
    """The largest number of values of any parameter or function."""
    lengths = [len(item.values) for item in problem.parameters]
    return max(lengths + [len(item.choices) for item in problem.functions], default=1)


def _repeats(problem: Problem, family: Family) -> int:
    """Two; but whole numbers, which people are shown, for every value of the parameters."""
    if family.name == "integer":
        return max(2, choices(problem))
    return 1 if family.name == "empty" else 2


def _plan(family: Family, k: int, sizes: Mapping[str, int], turn: int, sign: int) -> Plan:
    if family.name == "scaled" and family.parameter is None:
        family = Family("scaled", 1e3 if k % 2 == 0 else 1e-3)
    key = f"{family.name}/{family.parameter}/{k}"
    return Plan(family, sizes, key, key, turn, sign=sign)


def _line(problem: Problem, start: int) -> list[Plan]:
    sizes = {letter: values[min(1, len(values) - 1)] for letter, values in problem.sizes.items()}
    point = "generic/line"
    first, second, both = (Plan(Family("generic"), sizes, point, f"{point}/{k}", 0) for k in "VWZ")
    return [first, second, replace(both, of=(start, start + 1))]


def _sizes(problem: Problem, family: Family, position: int, k: int) -> dict[str, int]:
    """Small for what people will look at, different for the two cases, 1 only where the family asks for it."""
    if family.name in FEWEST:
        return dict.fromkeys(problem.sizes, FEWEST[family.name])
    sizes: dict[str, int] = {}
    for letter, values in problem.sizes.items():
        larger = [value for value in values if value > 1] or list(values)
        if family.name == "integer":
            choice = larger[0]
        elif family.name == "corank_2":
            choice = larger[min(1 + k, len(larger) - 1)]
        elif family.name in ("corank_1", "eigenvalue", "complex"):
            choice = larger[min(k, len(larger) - 1)]
        else:
            choice = larger[(position + 2 * k) % len(larger)]
        sizes[letter] = choice
    return sizes


def _draw(problem: Problem, plan: Plan, index: int, key: str) -> Case:
    point = generator(f"{key}/{plan.point}")
    line = generator(f"{key}/{plan.line}/linear")
    sign = plan.sign or int(point.choice((-1, 1)))
    drawn: dict[str, Value] = {item.name: _draw_input(item, plan, point, sign) for item in problem.inputs}
    if plan.family.name == "eigenvalue":
        drawn |= _draw_eigenvalue(problem, plan, point)
    for argument, name in problem.directions.items():
        # Linearity is judged in the first directions, while the second ones stay as they are.
        rng = line if argument in first_directions(problem) else point
        drawn[argument] = draw_direction(problem.input(name), plan.sizes, plan.family, rng)
    drawn |= _draw_given(problem, plan, drawn)
    if problem.cotangent is not None:
        shape = output_shape(problem, plan.sizes, drawn)
        drawn[problem.cotangent] = _draw_linear(shape, plan.family, line)
    return Case(index, plan.family.name, dict(plan.sizes), {name: drawn[name] for name in problem.arguments})


def _draw_given(problem: Problem, plan: Plan, drawn: Mapping[str, Value]) -> dict[str, Value]:
    """Parameters and functions; the values of several parameters are combined at different paces."""
    given: dict[str, Value] = {}
    turn = plan.turn
    for parameter in problem.parameters:
        given[parameter.name] = parameter.values[turn % len(parameter.values)]
        turn += turn // len(parameter.values)
    bound = {
        name: value
        for name, value in {**drawn, **given, **plan.sizes}.items()
        if not isinstance(value, Formula)
    }
    for item in problem.functions:
        expression = item.choices[plan.turn % len(item.choices)]
        given[item.name] = Formula(item.argument, expression, bound)
    return given


def _draw_eigenvalue(problem: Problem, plan: Plan, rng: Generator) -> dict[str, Value]:
    """A square matrix A and its eigenvalue x, both of whole numbers: xI − A has rank n − 1, exactly."""
    x = small_integers(rng, ()).item()
    drawn: dict[str, Value] = {}
    for item in problem.inputs:
        shape = _shape(item, plan.sizes)
        if not shape:
            drawn[item.name] = x
        elif len(shape) == 2 and shape[0] == shape[1]:
            drawn[item.name] = x * np.eye(shape[0]) - draw_square(Family("corank_1"), rng, shape[0], 1)
    return drawn


def generator(key: str) -> Generator:
    """Random numbers that depend on a text alone."""
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def _shape(item: Input, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[side] if isinstance(side, str) else side for side in item.shape)


def output_shape(problem: Problem, sizes: Mapping[str, int], values: Mapping[str, Value]) -> tuple[int, ...]:
    """The shape of `f` for given sizes; `values` are those of a case, whose functions count."""
    names: dict[str, Any] = {letter: Size.of(side) for letter, side in sizes.items()}
    names |= {item.name: () for item in problem.parameters}
    names |= {item.name: _shape(item, sizes) for item in problem.inputs}
    for item in problem.functions:
        names[item.name] = _shape_function(values[item.name], names)
    return tuple(int(side) for side in evaluate(problem.f, names, SHAPES))


def _shape_function(formula: Any, names: Mapping[str, Any]) -> Any:
    return lambda X: evaluate(formula.expression, {**names, formula.argument: X}, SHAPES)


def _draw_input(item: Input, plan: Plan, rng: Generator, sign: int) -> Value:
    shape = _shape(item, plan.sizes)
    name = plan.family.name
    listed = any(family.name == name for family in item.families)
    everywhere = name == "integer" or (name == "complex" and item.space == "general")
    family = plan.family if listed or everywhere else Family("generic")
    if len(shape) == 2 and shape[0] == shape[1]:
        return draw_square(family, rng, shape[0], sign, item.space)
    if len(shape) == 2 and family.name in ("corank_1", "corank_2"):
        return draw_low_rank(rng, shape, 1 if family.name == "corank_1" else 2)
    if family.name == "integer":
        numbers = small_integers(rng, shape)
        return numbers if shape else numbers.item()
    x = _draw_linear(shape, family, rng)
    return x * (family.parameter or 1e3) if family.name == "scaled" else x


def draw_direction(item: Input, sizes: Mapping[str, int], family: Family, rng: Generator) -> Value:
    """Normal entries (small whole numbers where the inputs are), of the shape and in the space of an input."""
    if item.space != "general" and family.name == "complex":
        family = Family("generic")
    x = _draw_linear(_shape(item, sizes), family, rng)
    return project(x, item.space) if isinstance(x, np.ndarray) else x


def _draw_linear(shape: tuple[int, ...], family: Family, rng: Generator) -> NDArray[Any] | float | complex:
    if family.name in ("integer", "corank_1", "corank_2", "eigenvalue"):
        x: NDArray[Any] = small_integers(rng, shape, 2)
    else:
        x = dense(rng, shape)
    if family.name == "complex":
        x = x + 1j * dense(rng, shape)
    return x if shape else x.item()


def first_directions(problem: Problem) -> frozenset[str]:
    """The arguments in which linearity is judged, besides a cotangent."""
    return frozenset(problem.directions_of_order(0).values())


def _combined(problem: Problem, case: Case, V: Case, W: Case) -> dict[str, Value]:
    linear = {*first_directions(problem), problem.cotangent}
    return {
        name: _combine(V.values[name], W.values[name]) if name in linear else value
        for name, value in case.values.items()
    }


def _combine(V: Any, W: Any) -> Any:
    a, b = COMBINATION
    return a * V + b * W
