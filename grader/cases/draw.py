"""Draw the cases of a problem: random inputs, the same for the same seed on any machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from grader.cases.case import Case, Value
from grader.cases.draw_in_space import draw_in_space, draw_tangent
from grader.cases.families import (
    GENERIC,
    Generator,
    dense,
    draw_dense_singular,
    draw_low_rank,
    draw_square,
    factor_of,
    generator,
    scale_rows,
    small_integers,
)
from grader.cases.formula import CallableFormula
from grader.cases.plan import Plan, plan_cases
from grader.core.norms import Array
from grader.problems.family_names import Family
from grader.problems.problem import Input, Problem
from grader.problems.relation import measure
from grader.problems.shapes import evaluate_shape, stacked_shape
from grader.problems.sides import as_sizes, is_square, with_sizes

COMBINATION = (2, -3)
"""V, W and 2V − 3W: multiples of 2⁻³² stay exact in this combination, so linearity can be judged exactly."""
CORANK = {"corank_1": 1, "corank_2": 2}
_EIGENVALUES = {"eigenvalue": Family("corank_1"), "multiple_eigenvalue": Family("corank_2")}
"""Families that tie a scalar x to a matrix A, and the family of xI − A."""


def draw_cases(problem: Problem, seed: int, count: int) -> tuple[Case, ...]:
    """Draw all cases of a problem from a counter-based generator keyed by seed, problem, family and index.

    Args:
        count: at least so many; every family and size listed is drawn in any case.

    Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (Philox).
    """
    plans = plan_cases(problem, seed, count)
    return tuple(draw_case(problem, plans, index, seed) for index in range(len(plans)))


def draw_case(problem: Problem, plans: Sequence[Plan], index: int, seed: int, attempt: int = 0) -> Case:
    """Draw one of the planned cases.

    Args:
        attempt: another draw of the same plan, for a case that turned out undecided or shows too little.
    """
    case = draw_planned(problem, plans[index], index, f"{seed}/{problem.id}/{attempt}")
    combined = plans[index].combination_of
    if combined is None:
        return case
    V, W = (draw_case(problem, plans, k, seed, attempt) for k in combined)
    return _combine(problem, case, V, W)


def draw_planned(problem: Problem, plan: Plan, index: int, key: str) -> Case:
    """Draw a case as it is planned, from a generator with a key; its number in the plans says nothing more."""
    point = generator(f"{key}/{plan.point}")
    plan = _in_closed_families(problem, plan, point)
    line = generator(f"{key}/{plan.line}/linear")
    drawn = _draw_inputs(problem, plan, point)

    for word, name in problem.directions.items():
        # Linearity is judged in the first directions, while the second ones stay as they are.
        rng = line if word in first_directions(problem) else point
        direction = _draw_direction(problem.input(name), drawn[name], plan.family, rng)
        drawn[word] = _as_value(_scaled(direction, plan.exponent))
    drawn |= _choose_parameters(problem, plan, drawn)

    if problem.cotangent is not None:
        cotangent = _draw_cotangent(problem, plan, drawn, line)
        drawn[problem.cotangent] = _as_value(_scaled(cotangent, plan.exponent))
    drawn |= {name: _as_value(np.zeros_like(drawn[name])) for name in plan.zero}
    values = {name: _without_signed_zeros(drawn[name]) for name in problem.arguments}
    return Case(index, plan.family.name, dict(plan.sizes), values)


def _draw_inputs(problem: Problem, plan: Plan, rng: Generator) -> dict[str, Value]:
    sign = plan.sign or int(rng.choice((-1, 1)))
    drawn = {argument.name: _draw_input(argument, plan, rng, sign) for argument in problem.inputs}
    if plan.family.name in _EIGENVALUES:
        drawn |= _draw_eigenvalue(problem, plan, rng)
    return drawn


def _draw_cotangent(problem: Problem, plan: Plan, drawn: Mapping[str, Value], rng: Generator) -> Array:
    """Draw normal entries or small whole numbers, complex ones where an input is complex."""
    shape = output_shape(problem, plan.sizes, drawn)
    is_complex = any(np.iscomplexobj(np.asarray(drawn[argument.name])) for argument in problem.inputs)
    return _draw_linear(shape, plan.family, rng, is_complex)


def _without_signed_zeros(value: Value) -> Value:
    """The same with 0 for −0: a function that computes `A += 0` changes no bit of it."""
    if isinstance(value, float | complex):
        return value + type(value)(0)
    if isinstance(value, np.ndarray) and value.dtype.kind in "fc":
        return value + np.zeros((), value.dtype)
    return value


def _choose_parameters(problem: Problem, plan: Plan, drawn: Mapping[str, Value]) -> dict[str, Value]:
    """Parameters, and functions over the inputs that were drawn."""
    chosen: dict[str, Value] = dict(plan.values)
    bound: dict[str, Any] = {**drawn, **chosen, **plan.sizes}
    for function in problem.functions:
        expression = function.choices[plan.choice % len(function.choices)]
        chosen[function.name] = CallableFormula(function.argument, expression, bound)
    return chosen


def _in_closed_families(problem: Problem, plan: Plan, rng: Generator) -> Plan:
    """The same plan with a family of the first input that is drawn from its own families alone."""
    closed = next((argument for argument in problem.inputs if argument.is_closed), None)
    if closed is None or plan.family in closed.families:
        return plan
    smallest = min(with_sizes(closed.shape, plan.sizes), default=1)
    large_enough = [family for family in closed.families if family.definition.smallest <= smallest]
    fitting = [family for family in large_enough if family.definition.size in (None, smallest)]
    chosen = fitting or closed.families
    return replace(plan, family=chosen[int(rng.integers(len(chosen)))])


def _draw_input(argument: Input, plan: Plan, rng: Generator, sign: int) -> Value:
    """Draw from the planned family where the input lists it, or where it fits any input; else a generic one."""
    if argument.definition.is_discrete:
        return _draw_integers(argument, plan.sizes, rng)

    shape, family = with_sizes(argument.shape, plan.sizes), _fitting_family(argument, plan.family)
    if argument.space != "general":
        return _as_value(draw_in_space(argument.space, family, rng, shape, sign))
    if is_square(shape):
        A = draw_square(family, rng, shape[0], sign)
        return np.ascontiguousarray(A.T) if plan.transposed else A
    if len(shape) == 2 and family.name in _RECTANGULAR:
        return _RECTANGULAR[family.name](rng, shape)

    if family.name == "zero":
        return _as_value(np.zeros(shape))
    if family.name == "integer":
        return _as_value(small_integers(rng, shape))
    return _as_value(_draw_linear(shape, family, rng, family.name == "complex")) * factor_of(family)


def _fitting_family(argument: Input, planned: Family) -> Family:
    """The planned family, if the input lists it or it fits any input; else one that the input may have."""
    if any(listed.name == planned.name for listed in argument.families):
        return planned
    if argument.is_closed:
        return argument.families[0]

    fits_any = planned.name == "integer" or _makes_complex(planned, argument)
    return planned if fits_any else GENERIC


def _makes_complex(family: Family, argument: Input) -> bool:
    """Are the entries of an input complex in this family, whether the input lists it or not?"""
    return family.name == "complex" and argument.space == "general"


_RECTANGULAR: Mapping[str, Callable[[Generator, tuple[int, ...]], Array]] = {
    **{name: partial(draw_low_rank, corank=corank) for name, corank in CORANK.items()},
    "dense_singular": draw_dense_singular,
    "badly_scaled_rows": lambda rng, shape: scale_rows(rng, dense(rng, shape)),
}
"""How matrices that are not square are drawn from a family; from the others like any array."""


def _draw_integers(argument: Input, sizes: Mapping[str, int], rng: Generator) -> Value:
    """Labels that are all likely, or small integers; with the dtype of integers, as students get them."""
    shape, index = with_sizes(argument.shape, sizes), argument.index
    if index is None:
        return _as_value(small_integers(rng, shape).astype(np.int64))
    labels = sizes[index] if isinstance(index, str) else index
    return _as_value(rng.integers(0, max(labels, 1), shape))


def _draw_eigenvalue(problem: Problem, plan: Plan, rng: Generator) -> dict[str, Value]:
    """A square matrix A and its eigenvalue x, both of whole numbers: xI − A has rank n − 1, exactly."""
    x, singular = small_integers(rng, ()).item(), _EIGENVALUES[plan.family.name]
    drawn: dict[str, Value] = {}
    for argument in problem.inputs:
        shape = with_sizes(argument.shape, plan.sizes)
        if not shape:
            drawn[argument.name] = x
        elif is_square(shape):
            drawn[argument.name] = x * np.eye(shape[0]) - draw_square(singular, rng, shape[0], 1)
    return drawn


def _draw_direction(argument: Input, at: Value, family: Family, rng: Generator) -> Array:
    """Draw normal entries (small whole numbers where the inputs are), tangent to the space of an input."""
    is_complex = argument.definition.is_complex or _makes_complex(family, argument)
    x = _draw_linear(np.shape(np.asarray(at)), family, rng, is_complex)
    return draw_tangent(argument.space, np.asarray(at), x)


def _draw_linear(shape: tuple[int, ...], family: Family, rng: Generator, is_complex: bool) -> Array:
    def draw() -> Array:
        if family.definition.is_whole:
            return small_integers(rng, shape, 2)
        return dense(rng, shape)

    real = draw()
    return real + 1j * draw() if is_complex else real


def _scaled(x: Array, exponent: int | None) -> Array:
    """A multiple by a power of 2, so that whole numbers stay exact, with an exponent for the largest entry."""
    largest = max(np.abs(x.real).max(initial=0.0), np.abs(x.imag).max(initial=0.0))
    if exponent is None or largest == 0:
        return x
    return np.asarray(x * 2.0 ** (exponent - int(np.frexp(largest)[1])))


def _as_value(x: Array) -> Array | float | complex:
    if x.ndim:
        return x
    number: float | complex = x.item()
    return number


def _combine(problem: Problem, case: Case, V: Case, W: Case) -> Case:
    """The case with 2V − 3W in its linear arguments."""
    a, b = COMBINATION
    first: Mapping[str, Any] = V.values
    second: Mapping[str, Any] = W.values
    linear = {*first_directions(problem), problem.cotangent}
    combined = {name: a * first[name] + b * second[name] for name in case.values if name in linear}
    return replace(case, values={**case.values, **combined}, combination_of=(V.index, W.index))


def first_directions(problem: Problem) -> frozenset[str]:
    """The arguments in which linearity is judged, besides a cotangent."""
    return frozenset(problem.directions_of_order(0).values())


def output_shape(problem: Problem, sizes: Mapping[str, int], values: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of `f` for given sizes; `values` are those of a case, whose functions count."""
    parameters = {parameter.name: values[parameter.name] for parameter in problem.parameters}
    shapes = {argument.name: measure(argument.labelled_shape, sizes) for argument in problem.inputs}
    names = {**as_sizes({**sizes, **parameters}), **shapes}
    formulas = {function.name: values[function.name] for function in problem.functions}
    functions = {name: (formula.argument, formula.expression) for name, formula in formulas.items()}

    output: Any = evaluate_shape(problem.f, names, functions)
    shape = output if problem.outputs == 1 else stacked_shape(output)
    return tuple(map(int, shape))
