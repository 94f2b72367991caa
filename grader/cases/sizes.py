"""The sizes that families are drawn at: few combinations of the sizes listed that show all that they can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, combinations, cycle, islice, product
from math import prod
from typing import Any

from grader.cases.families import Generator
from grader.problems.family_names import Family
from grader.problems.language import ExpressionError
from grader.problems.problem import Problem
from grader.problems.relation import measure
from grader.problems.shapes import evaluate_shape
from grader.problems.sides import as_sizes, combinations_of, with_sizes

Sizes = Mapping[str, int]

LARGER = 8
"""Sizes larger than those listed go up to this, or are one more than the largest."""
LEAST_LARGER = 6
"""Where no larger size is listed, they begin with this."""
_MOST_ENTRIES = 1300
"""An answer of a larger case has no more entries than this."""
MOST_LARGER = 2
"""So many larger sizes are drawn."""
_CANDIDATES = 600
"""Combinations of sizes that are looked at; of more a random choice."""


def sizes_of(problem: Problem, family: Family, rng: Generator) -> list[dict[str, int]]:
    """The sizes at which a family is drawn: twice where the family leaves one only."""
    definition = family.definition
    if definition.size is not None:
        fixed = dict.fromkeys(problem.sizes, definition.size)
        listed = [fixed, fixed] if definition.size else [fixed]
        return list(filter(problem.allows, listed))

    covering = cover_sizes(problem, _fitting_values(problem, family), rng)
    if family.name != "thin":
        return covering

    from_large = cycle(covering[::-1])
    thin = [{**next(from_large), letter: 1} for letter in problem.sizes]
    return list(filter(problem.allows, thin))


def _fitting_values(problem: Problem, family: Family) -> dict[str, Sequence[int]]:
    """The values of each letter that are large enough for a family, all if none is; also 1 for inputs that are 0."""
    if family.name == "zero":
        return {letter: sorted({1, *values}) for letter, values in problem.sizes.items()}

    fitting: dict[str, Sequence[int]] = {}
    for letter, values in problem.sizes.items():
        large_enough = [value for value in values if value >= family.definition.smallest]
        fitting[letter] = large_enough or values
    return fitting


def cover_sizes(problem: Problem, lists: Mapping[str, Sequence[int]], rng: Generator) -> list[dict[str, int]]:
    """Choose combinations of sizes: each value of each letter, and for each two letters <, = and > where they can be.

    Returns:
        Few combinations, from small to large; which ones is up to the generator.
    """
    candidates = _combinations(problem, lists, rng)
    features = [_features(sizes) for sizes in candidates]
    missing: set[tuple[Any, ...]] = set().union(*features)

    chosen: list[dict[str, int]] = []
    while missing or not chosen:
        shown = [len(missing & each) for each in features]
        best = shown.index(max(shown))
        chosen.append(candidates[best])
        missing -= features[best]
    return sorted(chosen, key=lambda sizes: (prod(sizes.values()), *sizes.values()))


def _combinations(
    problem: Problem, lists: Mapping[str, Sequence[int]], rng: Generator
) -> list[dict[str, int]]:
    """The combinations of sizes that the problem allows, in random order."""
    if prod(map(len, lists.values())) <= _CANDIDATES:
        everything = list(product(*lists.values()))
        values = [everything[k] for k in rng.permutation(len(everything))]
    else:
        values = [_draw_one_of_each(lists.values(), rng) for _ in range(_CANDIDATES)]

    combined = [dict(zip(lists, chosen, strict=True)) for chosen in values]
    return list(filter(problem.allows, combined))


def _draw_one_of_each(lists: Iterable[Sequence[int]], rng: Generator) -> tuple[int, ...]:
    return tuple(listed[int(rng.integers(len(listed)))] for listed in lists)


def _order(m: int, n: int) -> int:
    """−1 if the first is smaller, 0 if they are equal, 1 if it is larger."""
    return (m > n) - (m < n)


def _features(sizes: Sizes) -> set[tuple[Any, ...]]:
    """What a combination of sizes shows: each value, and the order of each two."""
    return {*sizes.items(), *_orders(sizes)}


def _orders(sizes: Sizes) -> list[tuple[str, str, int]]:
    """The order of each two sizes."""
    pairs = combinations(sizes.items(), 2)
    return [(first, second, _order(m, n)) for (first, m), (second, n) in pairs]


def _listed_orders(problem: Problem) -> set[tuple[str, str, int]]:
    """The orders of each two sizes that the combinations listed have."""
    orders: set[tuple[str, str, int]] = set()
    for (one, listed), (other, others) in combinations(problem.sizes.items(), 2):
        orders |= {(one, other, _order(m, n)) for m, n in product(listed, others)}
    return orders


def middle_sizes(problem: Problem) -> dict[str, int]:
    """The second size of each letter, or the only one; where that is not allowed, the first combination that is."""
    second = {letter: listed[:2][-1] for letter, listed in problem.sizes.items()}
    candidates = chain([second], combinations_of(problem.sizes))
    return next(filter(problem.allows, candidates))


def larger_sizes(problem: Problem, rng: Generator) -> list[dict[str, int]]:
    """Two combinations of sizes that are larger than all listed, at random; none if the author wants none."""
    if problem.larger is False or not problem.sizes:
        return []

    lists = {letter: _larger_than(max(listed), problem.larger) for letter, listed in problem.sizes.items()}
    combined = _combinations(problem, lists, rng)
    larger = [sizes for sizes in combined if _count_entries(problem, sizes) <= _MOST_ENTRIES]

    # Whoever lists m: [3, 4] and n: [2, 3] means m ≥ n: XᵀX of a wide X is singular.
    orders = _listed_orders(problem)
    ordered = [sizes for sizes in larger if orders.issuperset(_orders(sizes))]
    fitting = filter(partial(_has_shape, problem), ordered or larger)
    return list(islice(fitting, MOST_LARGER))


def _larger_than(largest: int, wanted: bool | int) -> Sequence[int]:
    """Larger sizes of a letter, or the one that the author wants."""
    if wanted is not True:
        return [wanted]
    return range(max(largest + 1, LEAST_LARGER), max(largest + 1, LARGER) + 1)


def _has_shape(problem: Problem, sizes: Sizes) -> bool:
    """Does f fit its inputs at sizes that nobody listed? Not where it takes every other entry, and n is odd."""
    if not problem.has_map:
        return True

    numbers: dict[str, Any] = {parameter.name: parameter.values[0] for parameter in problem.parameters}
    numbers |= sizes
    shapes = {argument.name: measure(argument.labelled_shape, numbers) for argument in problem.inputs}
    try:
        evaluate_shape(problem.f, {**as_sizes(numbers), **shapes}, problem.first_choices)
    except ExpressionError:
        return False
    return True


def _count_entries(problem: Problem, sizes: Sizes) -> int:
    """An estimate of the length of an answer, as if f had the shape of its largest input."""
    lengths = [prod(with_sizes(argument.shape, sizes)) for argument in problem.inputs]
    if problem.form == "stacked":
        return sum(lengths) ** 2
    if problem.form == "matrix":
        return max(lengths) ** 2
    return max(lengths)
