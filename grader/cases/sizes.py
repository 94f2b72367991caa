"""The sizes that families are drawn at: few combinations of the sizes listed that show all that they can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, cycle, product
from math import prod
from typing import Any

from grader.cases.families import Generator
from grader.problems.family_names import Family
from grader.problems.problem import Problem

Sizes = Mapping[str, int]

LARGER = 8
"""Sizes larger than those listed go up to this, or are one more than the largest."""
LEAST_LARGER = 6
"""Where no larger size is listed, they begin with this."""
MOST_ENTRIES = 1300
"""An answer of a larger case has no more entries than this."""
_CANDIDATES = 600
"""Combinations of sizes that are looked at; of more a random choice."""


def sizes_of(problem: Problem, family: Family, rng: Generator) -> list[dict[str, int]]:
    """The sizes at which a family is drawn: twice where the family leaves one only."""
    definition = family.definition
    if definition.size is not None:
        fixed = dict.fromkeys(problem.sizes, definition.size)
        listed = [fixed, fixed] if definition.size else [fixed]
        return [sizes for sizes in listed if problem.allows(sizes)]

    lists: dict[str, Sequence[int]] = {}
    for letter, values in problem.sizes.items():
        lists[letter] = [value for value in values if value >= definition.smallest] or values
        if family.name == "zero":
            lists[letter] = sorted({1, *values})
    covering = cover_sizes(problem, lists, rng)
    if family.name != "thin":
        return covering

    thin = ({**sizes, letter: 1} for letter, sizes in zip(lists, cycle(covering[::-1]), strict=False))
    return [sizes for sizes in thin if problem.allows(sizes)]


def cover_sizes(problem: Problem, lists: Mapping[str, Sequence[int]], rng: Generator) -> list[dict[str, int]]:
    """Choose combinations of sizes: each value of each letter, and for each two letters <, = and > where they can be.

    Returns:
        Few combinations, from small to large; which ones is up to the generator.
    """
    candidates = [(sizes, _features(sizes)) for sizes in _combinations(problem, lists, rng)]
    missing = {feature for _, features in candidates for feature in features}

    chosen: list[dict[str, int]] = []
    while missing or not chosen:
        sizes, features = max(candidates, key=lambda candidate: len(missing & candidate[1]))
        chosen.append(sizes)
        missing -= features
    return sorted(chosen, key=lambda sizes: (prod(sizes.values()), *sizes.values()))


def _combinations(
    problem: Problem, lists: Mapping[str, Sequence[int]], rng: Generator
) -> list[dict[str, int]]:
    """The combinations of sizes that the problem allows, in random order."""
    if prod(map(len, lists.values())) <= _CANDIDATES:
        everything = list(product(*lists.values()))
        values = [everything[k] for k in rng.permutation(len(everything))]
    else:
        values = [
            tuple(listed[int(rng.integers(len(listed)))] for listed in lists.values())
            for _ in range(_CANDIDATES)
        ]
    combined = (dict(zip(lists, chosen, strict=True)) for chosen in values)
    return [sizes for sizes in combined if problem.allows(sizes)]


def _features(sizes: Sizes) -> set[tuple[Any, ...]]:
    """What a combination of sizes shows: each value, and the order of each two."""
    pairs = combinations(sizes.items(), 2)
    orders = {(first, second, (m > n) - (m < n)) for (first, m), (second, n) in pairs}
    return {*sizes.items(), *orders}


def middle_sizes(problem: Problem) -> dict[str, int]:
    """The second size of each letter, or another that is allowed."""
    second = {letter: listed[min(1, len(listed) - 1)] for letter, listed in problem.sizes.items()}
    combined = (dict(zip(second, values, strict=True)) for values in product(*problem.sizes.values()))
    return next(sizes for sizes in (second, *combined) if problem.allows(sizes))


def larger_sizes(problem: Problem, rng: Generator) -> list[dict[str, int]]:
    """Sizes that are larger than all listed, in random order; none if the author wants none."""
    if problem.larger is False or not problem.sizes:
        return []

    lists: dict[str, Sequence[int]] = {}
    for letter, listed in problem.sizes.items():
        largest = max(listed)
        lists[letter] = range(max(largest + 1, LEAST_LARGER), max(largest + 1, LARGER) + 1)
        if problem.larger is not True:
            lists[letter] = [problem.larger]
    return [
        sizes
        for sizes in _combinations(problem, lists, rng)
        if _count_entries(problem, sizes) <= MOST_ENTRIES
    ]


def _count_entries(problem: Problem, sizes: Sizes) -> int:
    """An estimate of the length of an answer, as if f had the shape of its largest input."""
    shapes = [[sizes.get(str(side), side) for side in argument.shape] for argument in problem.inputs]
    lengths = [prod(int(side) for side in shape) for shape in shapes]
    if problem.form == "stacked":
        return sum(lengths) ** 2
    return max(lengths) ** 2 if problem.form == "matrix" else max(lengths)
