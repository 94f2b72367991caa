"""Students who share rare wrong numbers in several problems: a reason to look, never a proof of anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

PROBLEMS = 2
"""In so many problems, at least, must the same rare numbers be found."""


@dataclass(frozen=True, slots=True)
class SharedErrors:
    """Students, and the problems in which they have the same rare wrong numbers."""

    students: tuple[str, ...]
    problems: tuple[str, ...]


def rare_limit(students: int) -> int:
    """The number of students of a class up to which the same wrong numbers are rare; below 2 nothing is."""
    return min(max(3, min(6, students // 50)), students // 4)


def find_shared_errors(rare: Mapping[tuple[str, str], Sequence[str]]) -> tuple[SharedErrors, ...]:
    """Find groups of students, each linked by pairs who share at least two.

    Args:
        rare: (problem, numbers) → the few students who have them.
    """
    problems_by_pair: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (problem, _), students in rare.items():
        for pair in combinations(sorted(students), 2):
            problems_by_pair[pair].append(problem)

    linked = {pair: problems for pair, problems in problems_by_pair.items() if len(problems) >= PROBLEMS}
    groups = []
    for group in _connect(linked):
        inside = [problems for pair, problems in linked.items() if group.issuperset(pair)]
        shared = dict.fromkeys(chain.from_iterable(inside))
        groups.append(SharedErrors(tuple(sorted(group)), tuple(shared)))
    return tuple(sorted(groups, key=lambda group: (-len(group.problems), group.students)))


def _connect(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """The students that pairs connect, in groups."""
    group_of: dict[str, set[str]] = {}
    for pair in pairs:
        merged = set().union(*(group_of.get(student, {student}) for student in pair))
        group_of.update(dict.fromkeys(merged, merged))
    return list({id(group): group for group in group_of.values()}.values())
